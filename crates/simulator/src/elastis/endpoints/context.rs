//! What a handler reads and changes: the request, the caller and the state.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::base::{Clock, Ids, Parameters, Request, Response, Route};
use crate::elastis::billing::Billing;
use crate::elastis::state::customer::Customer;
use crate::elastis::state::site::Site;
use crate::elastis::wire::caller::{Caller, may_use};
use crate::elastis::wire::fields::{Fields, as_uuid};
use crate::elastis::wire::refusals;

/// A success, or else a refusal.
pub(crate) type Answer = Result<Response, Response>;

/// A route and the function that answers it.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) route: Route,
    pub(crate) answer: fn(&mut Context<'_>) -> Answer,
}

impl Endpoint {
    /// An endpoint of the whole account.
    pub(crate) const fn global(
        operation: &'static str,
        method: &'static str,
        path: &'static str,
        answer: fn(&mut Context<'_>) -> Answer,
    ) -> Self {
        Self { route: Route { operation, method, path, location_scoped: false }, answer }
    }

    /// An endpoint that every location has for itself.
    pub(crate) const fn located(
        operation: &'static str,
        method: &'static str,
        path: &'static str,
        answer: fn(&mut Context<'_>) -> Answer,
    ) -> Self {
        Self { route: Route { operation, method, path, location_scoped: true }, answer }
    }
}

/// What a handler reads and changes. The state is split so that a resource can be held while an id is drawn.
pub(crate) struct Context<'a> {
    pub(crate) customer: &'a mut Customer,
    pub(crate) site: &'a mut Site,
    pub(crate) billing: &'a Billing,
    pub(crate) ids: &'a mut Ids,
    pub(crate) clock: &'a Clock,
    pub(crate) now: DateTime<Utc>,
    pub(crate) caller: Caller,
    pub(crate) parameters: &'a Parameters,
    pub(crate) request: &'a Request,
}

impl Context<'_> {
    pub(crate) fn fields(&self) -> Fields {
        Fields::any(self.request)
    }

    /// As the part behind `storage/disks` reads them.
    pub(crate) fn form(&self) -> Fields {
        Fields::form(self.request)
    }

    /// The only parameter of many calls: which VM.
    pub(crate) fn vm_uuid(&self) -> Result<String, Response> {
        self.fields().only(|fields| fields.need_uuid("uuid"))
    }

    /// A UUID in the path.
    pub(crate) fn path_uuid(&self, name: &str) -> Result<String, Response> {
        let invalid = || refusals::parameters(&json!({name: "Invalid UUID provided"}));
        as_uuid(self.parameters.get(name)).ok_or_else(invalid)
    }

    /// The two UUIDs that say which disk of which VM.
    pub(crate) fn vm_and_disk(&self) -> Result<(String, String), Response> {
        self.fields().only(|fields| (fields.need_uuid("uuid"), fields.need_uuid("storage_uuid")))
    }

    /// The response of nearly every operation on a VM: the VM as it is now.
    pub(crate) fn show_vm(&mut self, uuid: &str) -> Answer {
        self.site.show_vm(uuid, self.caller, self.clock).map(|body| Response::json(200, &body))
    }

    /// The billing account named as payer; a restricted token need not name one.
    pub(crate) fn payer(&self, fields: &mut Fields) -> u64 {
        let named = fields.whole("billing_account_id").filter(|id| *id != 0);
        fields.need("billing_account_id", named.or(self.caller.restricted_to))
    }

    /// Whether the caller may let this billing account pay.
    pub(crate) fn may_charge(&self, billing_account: u64) -> Result<(), Response> {
        if !self.billing.account_exists(billing_account) {
            return Err(refusals::incorrect_account());
        }
        if may_use(self.caller, billing_account) { Ok(()) } else { Err(refusals::forbidden()) }
    }
}
