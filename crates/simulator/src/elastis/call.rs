//! One request with all that its answer may look at and change.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::account::Account;
use super::billing::{Billing, Caller};
use super::fields::{Fields, as_uuid};
use super::refusals;
use super::site::Site;
use crate::ids::Ids;
use crate::provider::{Clock, Parameters, Reply, Request, Route};

/// A success, or else a refusal.
pub(super) type Answer = Result<Reply, Reply>;

/// A route and the function that answers it.
#[derive(Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) route: Route,
    pub(super) answer: fn(&mut Call<'_>) -> Answer,
}

impl Endpoint {
    /// An endpoint of the whole account.
    pub(super) const fn global(
        operation: &'static str,
        method: &'static str,
        path: &'static str,
        answer: fn(&mut Call<'_>) -> Answer,
    ) -> Self {
        Self { route: Route { operation, method, path, location_scoped: false }, answer }
    }

    /// An endpoint that every location has for itself.
    pub(super) const fn located(
        operation: &'static str,
        method: &'static str,
        path: &'static str,
        answer: fn(&mut Call<'_>) -> Answer,
    ) -> Self {
        Self { route: Route { operation, method, path, location_scoped: true }, answer }
    }
}

/// The state is split so that a resource can be held while an id is drawn.
pub(super) struct Call<'a> {
    pub(super) account: &'a mut Account,
    pub(super) site: &'a mut Site,
    pub(super) billing: &'a Billing,
    pub(super) ids: &'a mut Ids,
    pub(super) clock: &'a Clock,
    pub(super) now: DateTime<Utc>,
    pub(super) caller: Caller,
    pub(super) parameters: &'a Parameters,
    pub(super) request: &'a Request,
}

impl Call<'_> {
    pub(super) fn form(&self) -> Fields {
        Fields::form(self.request)
    }

    /// The only parameter of many calls: which VM.
    pub(super) fn vm_uuid(&self) -> Result<String, Reply> {
        let mut fields = self.form();
        let uuid = fields.need_uuid("uuid");
        fields.finish().map(|()| uuid)
    }

    /// A UUID in the path.
    pub(super) fn path_uuid(&self, name: &str) -> Result<String, Reply> {
        let invalid = || refusals::parameters(&json!({name: "Invalid UUID provided"}));
        as_uuid(self.parameters.get(name)).ok_or_else(invalid)
    }

    /// The billing account named as payer; a restricted token need not name one.
    pub(super) fn payer(&self, fields: &mut Fields) -> u64 {
        let named = fields.whole("billing_account_id").filter(|id| *id != 0);
        fields.need("billing_account_id", named.or(self.caller.restricted_to))
    }

    /// Whether the caller may let this billing account pay.
    pub(super) fn may_charge(&self, billing_account: u64) -> Result<(), Reply> {
        if !self.billing.account_exists(billing_account) {
            return Err(refusals::incorrect_account());
        }
        if may_use(self.caller, billing_account) { Ok(()) } else { Err(refusals::forbidden()) }
    }
}

/// Whether the caller's token reaches what this billing account pays for.
pub(super) fn may_use(caller: Caller, billing_account: u64) -> bool {
    caller.restricted_to.is_none_or(|only| only == billing_account)
}

/// Passes a resource on if there is one and the caller's token reaches it.
pub(super) fn reachable<T>(
    found: Option<T>,
    caller: Caller,
    payer: impl Fn(&T) -> u64,
    unknown: impl FnOnce() -> Reply,
) -> Result<T, Reply> {
    let found = found.ok_or_else(unknown)?;
    if may_use(caller, payer(&found)) { Ok(found) } else { Err(refusals::forbidden()) }
}
