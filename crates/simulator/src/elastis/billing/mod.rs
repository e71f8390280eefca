//! What elastis.id charges: accounts, payment objects, credit, invoices, prices and usage.
//!
//! Not imitated: no invoice is issued when a month ends, nobody verifies "paying by invoice", a
//! promotion counts what was topped up and never pays out. An invoice is settled by the verified primary
//! card, or else by credit at face value.

mod accounts;
mod arguments;
mod cards;
mod credit;
mod invoices;
mod money;
mod pricing;
mod resources;
#[cfg(test)]
mod testing;
mod usage;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use self::accounts::Account;
use self::arguments::Arguments;
use self::cards::PaymentObject;
use self::credit::CreditRecord;
use self::invoices::Invoice;
use self::usage::Span;
use crate::provider::{Parameters, Reply, Request, Route};

/// The accounts of the simulator's user.
pub(crate) const BILLING_ACCOUNTS: [u64; 2] = [accounts::DEFAULT, accounts::SECOND];

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// The user whom the token belongs to.
    pub user_id: u64,
    /// The one billing account that a restricted token may touch.
    pub restricted_to: Option<u64>,
}

impl Caller {
    fn may_use(&self, account: &Account) -> bool {
        account.user_id == self.user_id && self.restricted_to.is_none_or(|only| only == account.id)
    }
}

/// Something that costs money, as the rest of the provider keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Its UUID, or a bucket's name.
    pub uuid: String,
    /// `vm`, `disk`, `bucket`, `ip` or `load_balancer`.
    pub kind: &'static str,
    /// The account that pays for it.
    pub billing_account_id: u64,
    /// What the usage list calls it.
    pub description: String,
    /// The object that `billing_resources` lists.
    pub json: Value,
    /// The slug of its location.
    pub location: String,
    /// CPUs of a VM.
    pub vcpu: u32,
    /// Memory of a VM in MiB.
    pub ram_mib: u64,
    /// Storage in GiB.
    pub storage_gib: u64,
    /// Whether a VM runs; a stopped one pays for its storage only.
    pub running: bool,
    /// The operating system; Windows pays a licence per core.
    pub os_name: String,
    /// Since when it costs.
    pub since: DateTime<Utc>,
}

/// What the rest of the provider has to do.
#[derive(Debug)]
pub(crate) enum BillingReply {
    /// Answer with this.
    Reply(Reply),
    /// Move the resource to this account, then answer.
    Assign { uuid: String, kind: String, billing_account_id: u64 },
}

/// An endpoint; those of the resources themselves belong to a location.
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

/// One request with all that is needed to answer it.
struct Call<'a> {
    parameters: &'a Parameters,
    request: &'a Request,
    resources: &'a [Resource],
    caller: Caller,
    now: DateTime<Utc>,
}

impl<'a> Call<'a> {
    fn arguments(&self) -> Arguments<'a> {
        Arguments::new(self.request)
    }

    /// The only parameter of many calls.
    fn whole(&self, name: &str) -> Result<u64, Reply> {
        let mut arguments = self.arguments();
        let number = arguments.whole(name);
        arguments.finish().map(|()| number)
    }
}

/// The body of a success, or else a refusal.
type Answer = Result<Value, Reply>;

/// The state of all billing accounts.
#[derive(Debug)]
pub(crate) struct Billing {
    accounts: BTreeMap<u64, Account>,
    default_account: u64,
    payment_objects: BTreeMap<u64, PaymentObject>,
    credit: Vec<CreditRecord>,
    invoices: BTreeMap<u64, Invoice>,
    spans: Vec<Span>,
}

impl Billing {
    /// Two accounts of user 8 (6 by default, 129072 without a card) and one of somebody else, with
    /// four invoices for the months before `now`, two of them unpaid.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let mut billing = Self {
            accounts: accounts::seed(),
            default_account: accounts::DEFAULT,
            payment_objects: cards::seed(now),
            credit: Vec::new(),
            invoices: BTreeMap::new(),
            spans: Vec::new(),
        };
        billing.seed_credit();
        billing.seed_invoices(now);
        billing
    }

    /// Answers one of [`ROUTES`]; `resources` are all that exist, in every location.
    pub(crate) fn answer(
        &mut self,
        route: &Route,
        parameters: &Parameters,
        request: &Request,
        resources: &[Resource],
        caller: Caller,
        now: DateTime<Utc>,
    ) -> BillingReply {
        let call = Call { parameters, request, resources, caller, now };
        self.meter(resources, now);
        self.top_up_where_due(now);
        let answer = match route.operation {
            "billing_resource.list" => self.list_resources(&call),
            "billing_resource.assign" => match self.assign_resource(&call) {
                Ok(assign) => return assign,
                Err(refusal) => Err(refusal),
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
            _ => Err(Reply::json(404, &json!({"message": "no route and no API found with those values"}))),
        };
        BillingReply::Reply(answer.map_or_else(|refusal| refusal, |body| Reply::json(200, &body)))
    }

    /// Whether new resources may be charged to this account.
    pub(crate) fn account_exists(&self, id: u64) -> bool {
        self.accounts.get(&id).is_some_and(|account| account.user_id == accounts::USER && !account.is_deleted)
    }

    /// The account that pays where none is named.
    pub(crate) fn default_account(&self) -> u64 {
        self.default_account
    }

    /// An account for a call about its money: who may not see it does not learn whether it exists.
    fn visible(&self, id: u64, caller: Caller) -> Result<&Account, Reply> {
        self.accounts.get(&id).filter(|account| caller.may_use(account)).ok_or_else(forbidden)
    }

    /// An account for a call about the account itself.
    fn known(&self, id: u64, caller: Caller) -> Result<&Account, Reply> {
        if self.accounts.contains_key(&id) { self.visible(id, caller) } else { Err(incorrect_account()) }
    }
}

/// The id after the highest one.
fn next_id<T>(rows: &BTreeMap<u64, T>) -> u64 {
    rows.last_key_value().map_or(1, |(id, _)| id + 1)
}

fn success() -> Value {
    json!({"success": true})
}

fn refusal(message: &str) -> Reply {
    Reply::json(400, &json!({"errors": {"Error": message}}))
}

fn incorrect_account() -> Reply {
    refusal("Provided billing account is incorrect.")
}

fn forbidden() -> Reply {
    let error = json!({
        "msg": "Consumer not allowed to access resource.",
        "subtype": "resource_forbidden",
        "type": "consumer",
    });
    Reply::json(403, &json!({"errors": {"consumer::resource_forbidden": error}}))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::testing::{Simulated, body};
    use super::*;

    #[test]
    fn every_route_is_answered_and_none_twice() {
        let mut simulated = Simulated::new();
        for route in ROUTES {
            let reply = simulated.call(route.operation, "");
            assert_ne!(reply.status, 404, "{}: {}", route.operation, body(&reply));
        }
        let endpoints: BTreeSet<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        assert_eq!((endpoints.len(), ROUTES.len()), (26, 26));
    }

    #[test]
    fn only_the_users_own_accounts_exist_for_new_resources() {
        let billing = Simulated::new().billing;
        let exists = [6, 129_072, 5100, 0].map(|id| billing.account_exists(id));
        assert_eq!(exists, [true, true, false, false]);
        assert_eq!(billing.default_account(), 6);
    }
}
