//! The input of a handler: the request, the caller and the state.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::base::{Clock, Ids, Parameters, Request, Response, Route};
use crate::elastis::billing::Billing;
use crate::elastis::state::customer::Customer;
use crate::elastis::state::site::Site;
use crate::elastis::wire::caller::{Caller, may_use};
use crate::elastis::wire::errors;
use crate::elastis::wire::fields::{Fields, as_uuid};

/// A success response or an error response.
pub(crate) type Answer = Result<Response, Response>;

/// A route and the function that answers it.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) route: Route,
    pub(crate) answer: fn(&mut Context<'_>) -> Answer,
}

impl Endpoint {
    /// Creates an endpoint without a location.
    pub(crate) const fn global(
        operation: &'static str,
        method: &'static str,
        path: &'static str,
        answer: fn(&mut Context<'_>) -> Answer,
    ) -> Self {
        Self { route: Route { operation, method, path, location_scoped: false }, answer }
    }

    /// Creates an endpoint that exists in every location.
    pub(crate) const fn located(
        operation: &'static str,
        method: &'static str,
        path: &'static str,
        answer: fn(&mut Context<'_>) -> Answer,
    ) -> Self {
        Self { route: Route { operation, method, path, location_scoped: true }, answer }
    }
}

/// The input of a handler. The state is split so that a resource can be borrowed while an id is generated.
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

    /// Returns the parameters in the query and the form, for the endpoints below `storage/disks`.
    pub(crate) fn form(&self) -> Fields {
        Fields::form(self.request)
    }

    /// Returns the UUID of the VM, which is the only parameter of many calls.
    pub(crate) fn vm_uuid(&self) -> Result<String, Response> {
        self.fields().only(|fields| fields.need_uuid("uuid"))
    }

    /// Returns a UUID from the path.
    pub(crate) fn path_uuid(&self, name: &str) -> Result<String, Response> {
        let invalid = || errors::parameters(&json!({name: "Invalid UUID provided"}));
        as_uuid(self.parameters.get(name)).ok_or_else(invalid)
    }

    /// Returns the UUIDs of a VM and of one of its disks.
    pub(crate) fn vm_and_disk(&self) -> Result<(String, String), Response> {
        self.fields().only(|fields| (fields.need_uuid("uuid"), fields.need_uuid("storage_uuid")))
    }

    /// Returns a VM in its current state, which is the response to nearly every operation on a VM.
    pub(crate) fn show_vm(&mut self, uuid: &str) -> Answer {
        self.site.show_vm(uuid, self.caller, self.clock).map(|body| Response::json(200, &body))
    }

    /// Returns the billing account to charge. A request with a restricted token need not name one.
    pub(crate) fn payer(&self, fields: &mut Fields) -> u64 {
        let named = fields.whole("billing_account_id").filter(|id| *id != 0);
        fields.need("billing_account_id", named.or(self.caller.restricted_to))
    }

    /// Rejects a caller who may not use this billing account.
    pub(crate) fn may_charge(&self, billing_account: u64) -> Result<(), Response> {
        if !self.billing.account_exists(billing_account) {
            return Err(errors::incorrect_account());
        }
        if may_use(self.caller, billing_account) { Ok(()) } else { Err(errors::forbidden()) }
    }
}
