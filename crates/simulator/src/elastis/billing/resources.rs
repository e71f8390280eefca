//! The assignment of resources to billing accounts.
use serde_json::json;

use super::ledger::{Billing, BillingCall, BillingResponse, JsonAnswer, payment_error};
use super::state::resource::Resource;
use crate::base::Response;
use crate::elastis::wire::errors::incorrect_account;
use crate::elastis::wire::fields::Fields;

/// The location of a request whose path has no slug.
const DEFAULT_LOCATION: &str = "cyc01";

const KINDS: [&str; 5] = ["vm", "disk", "bucket", "ip", "load_balancer"];

impl Billing {
    pub(super) fn list_resources(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let id = fields.need_whole("id");
        let kind = fields.resource_type();
        fields.finish()?;
        self.known(id, call.caller)?;
        let own = call.here().filter(|resource| resource.kind == kind && resource.billing_account_id == id);
        Ok(own.map(|resource| resource.json.clone()).collect())
    }

    /// Assigns a resource to an account. Looks up the resource before the account, as in the documented error response.
    pub(super) fn assign_resource(&self, call: &BillingCall<'_>) -> Result<BillingResponse, Response> {
        let mut fields = call.fields();
        let billing_account_id = fields.need_whole("billing_account_id");
        let kind = fields.resource_type();
        // A bucket has a name instead of a UUID.
        let uuid = if kind == "bucket" { fields.need_text("uuid") } else { fields.need_uuid("uuid") };
        fields.finish()?;
        let mut here = call.here();
        let resource =
            here.find(|resource| resource.kind == kind && resource.uuid.eq_ignore_ascii_case(&uuid));
        let resource = resource.ok_or_else(|| unknown_resource(&kind, &uuid))?;
        self.visible(resource.billing_account_id, call.caller)?;
        if self.known(billing_account_id, call.caller)?.is_deleted {
            return Err(incorrect_account());
        }
        Ok(BillingResponse::Assign { uuid: resource.uuid.clone(), kind, billing_account_id })
    }
}

impl<'a> BillingCall<'a> {
    /// Returns the resources of the requested location, and all buckets, which belong to no location.
    fn here(&self) -> impl Iterator<Item = &'a Resource> {
        let location = Some(self.parameters.get("location")).filter(|slug| !slug.is_empty());
        let location = location.unwrap_or(DEFAULT_LOCATION);
        self.resources
            .iter()
            .filter(move |resource| resource.kind == "bucket" || resource.location == location)
    }
}

impl Fields {
    fn resource_type(&mut self) -> String {
        let kind = self.text("resource_type").unwrap_or_else(|| "vm".to_owned());
        if !KINDS.contains(&kind.as_str()) {
            self.refuse("resource_type", format!("Unknown resource type '{kind}'"));
        }
        kind
    }
}

fn unknown_resource(kind: &str, uuid: &str) -> Response {
    let not_found = |message: String| Response::json(404, &json!({"message": message}));
    match kind {
        "vm" => payment_error(&format!("No such virtual machine exists: {uuid}")),
        "disk" => not_found("Disk not found".to_owned()),
        "ip" => not_found(format!("Ip address {uuid} was not found.")),
        "bucket" => not_found("Bucket not found".to_owned()),
        _ => not_found("Load balancer not found".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Simulated, body, disk, errors, vm};
    use super::super::{BillingResponse, Resource};
    use serde_json::json;

    #[test]
    fn an_account_lists_its_vms_unless_another_type_is_requested() {
        let elsewhere = Resource { billing_account_id: 129_072, ..vm("other") };
        let mut simulated = Simulated::with([vm("web"), elsewhere, disk()]);
        assert_eq!(simulated.ok("billing_resource.list", "id=6"), json!([vm("web").json]));
        assert_eq!(simulated.ok("billing_resource.list", "id=6&resource_type=disk"), json!([disk().json]));
        let refused = simulated.call("billing_resource.list", "id=6&resource_type=planet");
        assert_eq!((refused.status, errors(&refused)["resource_type"].is_string()), (400, true));
        let missing = simulated.call("billing_resource.list", "");
        assert_eq!(errors(&missing)["id"], "Required parameter 'id' not supplied");
    }

    #[test]
    fn a_location_lists_its_own_resources_and_all_buckets() {
        let far = Resource { location: "bus02".to_owned(), ..vm("far") };
        let bucket =
            Resource { kind: "bucket", uuid: "photos".to_owned(), location: String::new(), ..disk() };
        let mut simulated = Simulated::with([vm("web"), far.clone(), bucket.clone()]);
        assert_eq!(simulated.ok("billing_resource.list", "id=6"), json!([vm("web").json]));
        assert_eq!(simulated.at("bus02").ok("billing_resource.list", "id=6"), json!([far.json]));
        let buckets = simulated.ok("billing_resource.list", "id=6&resource_type=bucket");
        assert_eq!(buckets, json!([bucket.json]));
    }

    #[test]
    fn assigning_leaves_the_move_to_the_caller() {
        let mut simulated = Simulated::with([vm("web")]);
        let form = format!("billing_account_id=129072&uuid={}", vm("web").uuid);
        let BillingResponse::Assign { uuid, kind, billing_account_id } =
            simulated.raw("billing_resource.assign", &form)
        else {
            panic!("not assigned");
        };
        assert_eq!((uuid, kind.as_str(), billing_account_id), (vm("web").uuid, "vm", 129_072));
    }

    #[test]
    fn assigning_needs_a_known_resource_and_an_account_of_the_user() {
        let mut simulated = Simulated::with([vm("web")]);
        let unknown = "aaaaaaaa-0000-bbbb-1111-cccccccccccc";
        let response =
            simulated.call("billing_resource.assign", &format!("billing_account_id=0&uuid={unknown}"));
        assert_eq!(errors(&response)["Error"], format!("No such virtual machine exists: {unknown}"));
        let form = format!("billing_account_id=6&resource_type=disk&uuid={unknown}");
        let response = simulated.call("billing_resource.assign", &form);
        assert_eq!((response.status, body(&response)), (404, json!({"message": "Disk not found"})));
        let mut assign = |account: u64| {
            let form = format!("billing_account_id={account}&uuid={}", vm("web").uuid);
            simulated.call("billing_resource.assign", &form).status
        };
        assert_eq!((assign(7), assign(5100)), (400, 403));
        let response = simulated.call("billing_resource.assign", "billing_account_id=6&uuid=web");
        assert_eq!(errors(&response)["uuid"], "Invalid UUID provided");
    }
}
