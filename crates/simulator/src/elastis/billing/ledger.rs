//! The state of all billing accounts, and a call to a billing endpoint.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::state::account::{self, BillingAccount};
use super::state::credit_record::CreditRecord;
use super::state::invoice::Invoice;
use super::state::payment_object::{self, PaymentObject};
use super::state::resource::Resource;
use super::state::span::Span;
use crate::base::{Parameters, Request, Response};
use crate::elastis::wire::caller::Caller;
use crate::elastis::wire::errors;
use crate::elastis::wire::fields::Fields;

/// A request with everything that is needed to answer it.
pub(crate) struct BillingCall<'a> {
    pub(crate) parameters: &'a Parameters,
    pub(crate) request: &'a Request,
    pub(crate) resources: &'a [Resource],
    pub(crate) caller: Caller,
    pub(crate) now: DateTime<Utc>,
}

impl BillingCall<'_> {
    pub(crate) fn fields(&self) -> Fields {
        Fields::any(self.request)
    }

    /// Reads a whole number, which is the only parameter of many calls.
    pub(crate) fn whole(&self, name: &str) -> Result<u64, Response> {
        let mut fields = self.fields();
        let number = fields.need_whole(name);
        fields.finish().map(|()| number)
    }
}

/// The body of a success response, or an error response.
pub(crate) type JsonAnswer = Result<Value, Response>;

/// The result of a billing call, which the rest of the provider must act on.
#[derive(Debug)]
pub(crate) enum BillingResponse {
    /// Send this response.
    Response(Response),
    /// Move the resource to this account, then respond.
    Assign { uuid: String, kind: String, billing_account_id: u64 },
}

/// The state of all billing accounts.
#[derive(Debug)]
pub(crate) struct Billing {
    pub(crate) accounts: BTreeMap<u64, BillingAccount>,
    pub(crate) default_account: u64,
    pub(crate) payment_objects: BTreeMap<u64, PaymentObject>,
    pub(crate) credit: Vec<CreditRecord>,
    pub(crate) invoices: BTreeMap<u64, Invoice>,
    pub(crate) spans: Vec<Span>,
}

impl Billing {
    /// Creates two accounts for user 8 (the default account 6, and 129072 without a card) and one for another user.
    /// There are four invoices for the months before `now`, two of which are unpaid.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let mut billing = Self {
            accounts: account::seed(),
            default_account: account::DEFAULT,
            payment_objects: payment_object::seed(now),
            credit: Vec::new(),
            invoices: BTreeMap::new(),
            spans: Vec::new(),
        };
        billing.seed_credit();
        billing.seed_invoices(now);
        billing
    }

    /// Returns whether new resources may be billed to this account.
    pub(crate) fn account_exists(&self, id: u64) -> bool {
        self.accounts.get(&id).is_some_and(|account| account.user_id == account::USER && !account.is_deleted)
    }

    /// Returns the account that is billed if a request names none.
    pub(crate) fn default_account(&self) -> u64 {
        self.default_account
    }

    /// Returns an account for a call about the account's money. The response to a caller without access does not reveal
    /// whether the account exists.
    pub(crate) fn visible(&self, id: u64, caller: Caller) -> Result<&BillingAccount, Response> {
        self.accounts.get(&id).filter(|account| account.is_open_to(caller)).ok_or_else(errors::forbidden)
    }

    /// Returns an account for a call about the account itself. If the id is unknown, the error response differs from
    /// that of [`visible`](Self::visible).
    pub(crate) fn known(&self, id: u64, caller: Caller) -> Result<&BillingAccount, Response> {
        if self.accounts.contains_key(&id) {
            self.visible(id, caller)
        } else {
            Err(errors::incorrect_account())
        }
    }
}

/// Returns the next free id, which is one above the highest.
pub(crate) fn next_id<T>(rows: &BTreeMap<u64, T>) -> u64 {
    rows.last_key_value().map_or(1, |(id, _)| id + 1)
}

pub(crate) fn success() -> Value {
    json!({"success": true})
}

/// Creates an error response in the form that the endpoints below `payment` use.
pub(crate) fn payment_error(message: &str) -> Response {
    errors::error(400, message)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Simulated, errors};

    #[test]
    fn one_error_names_all_missing_and_malformed_parameters() {
        let response = Simulated::new().call("credit.buy", "payment_object_id=six&amount=-1");
        assert_eq!(response.status, 400);
        let errors = errors(&response);
        assert_eq!(errors["billing_account_id"], "Required parameter 'billing_account_id' not supplied");
        assert_eq!(errors["payment_object_id"], "Invalid whole number provided");
        assert_eq!(errors["amount"], "Value must be between 0.01 and 1000000000 with two decimals");
    }

    #[test]
    fn an_empty_value_counts_as_not_sent() {
        let response = Simulated::new().call("invoice.get", "invoice_id=");
        assert_eq!(errors(&response)["invoice_id"], "Required parameter 'invoice_id' not supplied");
    }

    #[test]
    fn fractions_of_a_cent_and_huge_amounts_are_rejected() {
        for amount in ["0.001", "0", "-1", "79228162514264337593543950335"] {
            let response = Simulated::new()
                .call("credit.request_invoice", &format!("billing_account_id=6&amount={amount}"));
            let between = "Value must be between 0.01 and 1000000000 with two decimals";
            assert_eq!(errors(&response)["amount"], between, "{amount}");
        }
        let response = Simulated::new().call("credit.request_invoice", "billing_account_id=6&amount=much");
        assert_eq!(errors(&response)["amount"], "Invalid decimal number provided");
    }

    #[test]
    fn a_parameter_is_accepted_in_the_query_and_in_the_form() {
        let mut simulated = Simulated::new();
        let by_query = simulated.query("credit.list", "billing_account_id=6");
        let by_form = simulated.call("credit.list", "billing_account_id=6");
        assert_eq!(by_query.status, 200);
        assert_eq!(by_query.body, by_form.body);
    }
}
