//! Billing of elastis.id: accounts, payment objects, credit, invoices, prices and usage.
//!
//! Not simulated: invoices at the end of a month, the verification of "paying by invoice", and the payout of
//! promotions. An invoice is charged to the verified primary card, or paid from credit at face value.

mod accounts;
mod cards;
mod credit;
mod invoices;
mod ledger;
mod money;
mod pricing;
mod resources;
mod state;
#[cfg(test)]
mod testing;
mod usage;

use chrono::{DateTime, Utc};

pub(crate) use self::ledger::{Billing, BillingResponse};
use self::ledger::{BillingCall, success};
use self::state::account;
pub(crate) use self::state::resource::Resource;
use super::wire::caller::Caller;
use super::wire::errors;
use crate::base::{Parameters, Request, Response, Route};

/// The accounts of the simulator's user.
pub(crate) const BILLING_ACCOUNTS: [u64; 2] = [account::DEFAULT, account::SECOND];

/// Creates an endpoint without a location. The endpoints for billed resources have one: see `located`.
const fn route(operation: &'static str, method: &'static str, path: &'static str) -> Route {
    Route { operation, method, path, location_scoped: false }
}

const fn located(operation: &'static str, method: &'static str, path: &'static str) -> Route {
    Route { location_scoped: true, ..route(operation, method, path) }
}

/// The endpoints that [`Billing`] answers.
pub(crate) const ROUTES: &[Route] = &[
    located("billing_resource.list", "GET", "/v1/user-resource/billing_resources"),
    located("billing_resource.assign", "POST", "/v1/user-resource/resource_billing"),
    route("billing_account.delete", "DELETE", "/v1/payment/billing_account"),
    route("billing_account.get", "GET", "/v1/payment/billing_account"),
    route("billing_account.update", "PUT", "/v1/payment/billing_account"),
    route(
        "billing_account.set_recurring_payment",
        "PUT",
        "/v1/payment/billing_account/{billing_account_id}/recurring_payment",
    ),
    route("billing_account.list", "GET", "/v1/payment/billing_account/list"),
    route("billing_account.set_default", "POST", "/v1/payment/billing_account/set_default"),
    route("billing_account.unpaid_amount", "GET", "/v1/payment/billing_account/unpaid_amount"),
    route("billing_account.apply_for_invoice_payment", "POST", "/v1/payment/apply_for_invoice_payment"),
    route("card.delete", "DELETE", "/v1/payment/card"),
    route("card.get", "GET", "/v1/payment/card"),
    route("card.add", "POST", "/v1/payment/card"),
    route("card.list", "GET", "/v1/payment/card/list"),
    route("card.set_primary", "PUT", "/v1/payment/card/set_primary"),
    route("credit.list", "GET", "/v1/payment/credit/list"),
    route("credit.buy", "POST", "/v1/payment/credit/buy"),
    route("credit.request_invoice", "POST", "/v1/payment/credit/request_invoice"),
    route("invoice.get", "GET", "/v1/payment/invoice"),
    route("invoice.list", "GET", "/v1/payment/invoice/list"),
    route("invoice.pay_all", "POST", "/v1/payment/pay_all"),
    route("invoice.pay_amount", "POST", "/v1/payment/pay_amount"),
    route("invoice.pay", "POST", "/v1/payment/pay_invoice"),
    route("campaign.has_active", "GET", "/v1/payment/has_active_campaigns"),
    route("pricing.policy", "GET", "/v1/pricing/policy"),
    route("usage.list", "GET", "/v1/charging/usage"),
];

impl Billing {
    /// Answers a request to one of [`ROUTES`]; `resources` contains the existing resources of all locations.
    pub(crate) fn answer(
        &mut self,
        route: &Route,
        parameters: &Parameters,
        request: &Request,
        resources: &[Resource],
        caller: Caller,
        now: DateTime<Utc>,
    ) -> BillingResponse {
        let call = BillingCall { parameters, request, resources, caller, now };
        self.meter(resources, now);
        self.top_up_where_due(now);
        let answer = match route.operation {
            "billing_resource.list" => self.list_resources(&call),
            "billing_resource.assign" => match self.assign_resource(&call) {
                Ok(assign) => return assign,
                Err(response) => Err(response),
            },
            "billing_account.delete" => self.delete_account(&call),
            "billing_account.get" => self.get_account(&call),
            "billing_account.update" => self.update_account(&call),
            "billing_account.set_recurring_payment" => self.set_recurring_payment(&call),
            "billing_account.list" => Ok(self.list_accounts(&call)),
            "billing_account.set_default" => self.set_default_account(&call),
            "billing_account.unpaid_amount" => self.unpaid_amount(&call),
            "billing_account.apply_for_invoice_payment" => self.apply_for_invoice_payment(&call),
            "card.delete" => self.delete_card(&call),
            "card.get" => self.get_card(&call),
            "card.add" => self.add_card(&call),
            "card.list" => self.list_cards(&call),
            "card.set_primary" => self.set_primary_card(&call),
            "credit.list" => self.list_credit(&call),
            "credit.buy" => self.buy_credit(&call),
            "credit.request_invoice" => self.request_credit_invoice(&call),
            "invoice.get" => self.get_invoice(&call),
            "invoice.list" => self.list_invoices(&call),
            "invoice.pay_all" => self.pay_all(&call),
            "invoice.pay_amount" => self.pay_amount(&call),
            "invoice.pay" => self.pay_invoice(&call),
            "campaign.has_active" => Ok(success()),
            "pricing.policy" => Ok(pricing::policy()),
            "usage.list" => self.list_usage(&call),
            _ => Err(errors::no_route()),
        };
        BillingResponse::Response(answer.map_or_else(|response| response, |body| Response::json(200, &body)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::testing::{Simulated, body};
    use super::*;

    #[test]
    fn every_route_is_answered_exactly_once() {
        let mut simulated = Simulated::new();
        for route in ROUTES {
            let response = simulated.call(route.operation, "");
            assert_ne!(response.status, 404, "{}: {}", route.operation, body(&response));
        }
        let endpoints: BTreeSet<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        assert_eq!((endpoints.len(), ROUTES.len()), (26, 26));
    }

    #[test]
    fn new_resources_can_be_billed_only_to_the_users_own_accounts() {
        let billing = Simulated::new().billing;
        let exists = [6, 129_072, 5100, 0].map(|id| billing.account_exists(id));
        assert_eq!(exists, [true, true, false, false]);
        assert_eq!(billing.default_account(), 6);
    }
}
