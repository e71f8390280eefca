//! Public addresses that can be moved from one VM to another.
use chrono::{DateTime, Utc};
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::{Ids, Response};
use crate::elastis::state::floating_ip::{Assignment, FloatingIp};
use crate::elastis::state::site::Site;
use crate::elastis::wire::caller::{Caller, may_use, reachable};
use crate::elastis::wire::errors;
use crate::elastis::wire::fields::Fields;

const LIST: &str = "/v1/network/ip_addresses";
const ONE: &str = "/v1/network/ip_addresses/{public_ipv4_address}";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("floating_ip.create", "POST", LIST, create),
    Endpoint::located("floating_ip.list", "GET", LIST, list),
    Endpoint::located("floating_ip.get", "GET", ONE, get),
    Endpoint::located("floating_ip.update", "PATCH", ONE, update),
    Endpoint::located("floating_ip.delete", "DELETE", ONE, delete),
    Endpoint::located(
        "floating_ip.assign",
        "POST",
        "/v1/network/ip_addresses/{public_ipv4_address}/assign",
        assign,
    ),
    Endpoint::located(
        "floating_ip.unassign",
        "POST",
        "/v1/network/ip_addresses/{public_ipv4_address}/unassign",
        unassign,
    ),
];

impl Site {
    fn floating_ip(&mut self, address: &str, caller: Caller) -> Result<&mut FloatingIp, Response> {
        let found = self.floating_ips.iter_mut().find(|ip| ip.address == address);
        reachable(found, caller, |ip| ip.billing_account, || errors::unknown_address(address))
    }

    /// Reserves an address. An address is never reserved again, not even after its deletion.
    fn reserve(
        &mut self,
        billing_account: u64,
        name: Option<String>,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<&mut FloatingIp, Response> {
        let next = u16::try_from(self.floating_ips.ever() + 1).ok();
        let Some(next) = next.filter(|next| *next < u16::MAX) else {
            return Err(errors::message(400, "No free IP addresses."));
        };
        // 198.18.0.0/15 is reserved for benchmarks, so nothing can be reached at these addresses.
        let address = format!("198.{}.{}.{}", 18 + self.octet / 128, next / 256, next % 256);
        self.floating_ips.push(FloatingIp {
            id: ids.number(0),
            uuid: ids.uuid(),
            address,
            billing_account,
            name,
            created_at: now,
            updated_at: now,
            assigned: None,
            unassigned_at: None,
        });
        self.floating_ips.last_mut().ok_or_else(|| errors::message(400, "No free IP addresses."))
    }

    /// Creates a public address for a VM.
    pub(crate) fn reserve_for_vm(
        &mut self,
        vm: &str,
        billing_account: u64,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<(), Response> {
        let private_ip = self.vms.iter().find(|row| row.uuid == vm).map(|vm| vm.private_ipv4.clone());
        let private_ip = private_ip.ok_or_else(|| errors::unknown_vm(vm))?;
        self.reserve(billing_account, None, ids, now)?.assigned =
            Some(Assignment { uuid: vm.to_owned(), resource_type: "virtual_machine", private_ip });
        Ok(())
    }

    /// Creates a public address for a load balancer.
    pub(crate) fn reserve_for_load_balancer(
        &mut self,
        uuid: &str,
        private_ip: &str,
        billing_account: u64,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<(), Response> {
        let (uuid, private_ip) = (uuid.to_owned(), private_ip.to_owned());
        self.reserve(billing_account, None, ids, now)?.assigned =
            Some(Assignment { uuid, resource_type: "load_balancer", private_ip });
        Ok(())
    }

    /// Unassigns the addresses of a deleted resource; they stay reserved and billed.
    pub(crate) fn unassign_all(&mut self, uuid: &str, now: DateTime<Utc>) {
        for ip in self.floating_ips.iter_mut().filter(|ip| ip.is_assigned_to(uuid)) {
            ip.unassign(now);
        }
    }
}

fn create(context: &mut Context<'_>) -> Answer {
    let mut fields = Fields::json(context.request)?;
    let payer = context.payer(&mut fields);
    let name = fields.text("name");
    fields.finish()?;
    context.may_charge(payer)?;
    let ip = context.site.reserve(payer, name, context.ids, context.now)?;
    Ok(Response::json(200, &ip.json()))
}

fn list(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let (payer, vm) = (fields.whole("billing_account_id"), fields.uuid("vm_uuid"));
    fields.finish()?;
    let own = context.site.floating_ips.iter().filter(|ip| may_use(context.caller, ip.billing_account));
    let rows = own
        .filter(|ip| payer.is_none_or(|payer| ip.billing_account == payer))
        .filter(|ip| vm.as_ref().is_none_or(|vm| ip.is_assigned_to(vm)));
    Ok(Response::json(200, &rows.map(FloatingIp::json).collect()))
}

fn get(context: &mut Context<'_>) -> Answer {
    let address = context.parameters.get("public_ipv4_address");
    Ok(Response::json(200, &context.site.floating_ip(address, context.caller)?.json()))
}

fn update(context: &mut Context<'_>) -> Answer {
    let mut fields = Fields::json(context.request)?;
    let (payer, name) = (fields.whole("billing_account_id"), fields.text("name"));
    fields.finish()?;
    let address = context.parameters.get("public_ipv4_address");
    context.site.floating_ip(address, context.caller)?;
    if let Some(payer) = payer {
        context.may_charge(payer)?;
    }
    let ip = context.site.floating_ip(address, context.caller)?;
    ip.billing_account = payer.unwrap_or(ip.billing_account);
    if name.is_some() {
        ip.name = name;
    }
    ip.updated_at = context.now;
    Ok(Response::json(200, &ip.json()))
}

fn delete(context: &mut Context<'_>) -> Answer {
    let address = context.parameters.get("public_ipv4_address");
    context.site.floating_ip(address, context.caller)?;
    context.site.floating_ips.retain(|ip| ip.address != address);
    Ok(Response::json(200, &json!(true)))
}

fn assign(context: &mut Context<'_>) -> Answer {
    let mut fields = Fields::json(context.request)?;
    // Instead of `vm_uuid`, a request may contain the fields with which responses identify the resource.
    let other = fields.uuid("assigned_to");
    let kind = fields.text("assigned_to_resource_type").filter(|_| other.is_some());
    let vm = fields.uuid("vm_uuid").or(other);
    let uuid = fields.need("vm_uuid", vm);
    fields.finish()?;
    let address = context.parameters.get("public_ipv4_address");
    context.site.floating_ip(address, context.caller)?;
    let (private_ip, resource_type) = match kind.as_deref() {
        Some("load_balancer") => {
            (context.site.load_balancer(&uuid, context.caller)?.private_address.clone(), "load_balancer")
        }
        _ => (context.site.vm(&uuid, context.caller)?.private_ipv4.clone(), "virtual_machine"),
    };
    let ip = context.site.floating_ip(address, context.caller)?;
    // Assumed: an address must be unassigned before it is assigned to another VM.
    if ip.assigned.is_some() && !ip.is_assigned_to(&uuid) {
        return Err(errors::message(400, &format!("Ip address {address} is assigned already.")));
    }
    ip.assigned = Some(Assignment { uuid, resource_type, private_ip });
    ip.updated_at = context.now;
    Ok(Response::json(200, &ip.json()))
}

fn unassign(context: &mut Context<'_>) -> Answer {
    let address = context.parameters.get("public_ipv4_address");
    let ip = context.site.floating_ip(address, context.caller)?;
    ip.unassign(context.now);
    Ok(Response::json(200, &ip.json()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::elastis::testing::Lab;
    use serde_json::{Value, json};

    const IPS: &str = "/v1/network/ip_addresses";

    fn create(lab: &mut Lab, body: &Value) -> String {
        lab.ok_json("POST", IPS, body)["address"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_new_address_is_unassigned_and_unique() {
        let mut lab = Lab::new();
        let ip = lab.ok_json("POST", IPS, &json!({"name": "my_ip", "billing_account_id": 6}));
        let expected = json!({
            "id": ip["id"], "address": "198.18.0.1", "user_id": 8, "billing_account_id": 6, "type": "public",
            "network_id": null, "name": "my_ip", "enabled": true, "created_at": "2026-01-01 00:00:00",
            "updated_at": "2026-01-01 00:00:00", "is_deleted": false, "is_virtual": false,
            "assigned_to": null, "uuid": ip["uuid"], "is_ipv6": false,
        });
        assert_eq!(ip, expected);
        let unnamed = lab.ok_json("POST", IPS, &json!({"billing_account_id": 6}));
        assert_eq!((&unnamed["address"], &unnamed["name"]), (&json!("198.18.0.2"), &json!(null)));
        let there = lab.ok_json("POST", "/v1/bus02/network/ip_addresses", &json!({"billing_account_id": 6}));
        assert_eq!(there["address"], "198.19.0.1");
        let (status, body) = lab.json("POST", IPS, &json!({"name": "nobody pays"}));
        assert_eq!(status, 400);
        assert_eq!(
            body["errors"]["billing_account_id"],
            "Required parameter 'billing_account_id' not supplied"
        );
    }

    #[test]
    fn an_address_is_unassigned_before_another_vm_gets_it() {
        let mut lab = Lab::new();
        let vm = |lab: &mut Lab| lab.new_vm("billing_account_id=6&reserve_public_ip=false");
        let (vm, other) = (vm(&mut lab), vm(&mut lab));
        let address = create(&mut lab, &json!({"billing_account_id": 6}));
        let (assign, unassign) = (format!("{IPS}/{address}/assign"), format!("{IPS}/{address}/unassign"));
        let assigned = lab.ok_json("POST", &assign, &json!({"vm_uuid": vm}));
        assert_eq!(
            (&assigned["assigned_to"], &assigned["assigned_to_resource_type"]),
            (&json!(vm), &json!("virtual_machine"))
        );
        assert_eq!(assigned["assigned_to_private_ip"], lab.vm(&vm)["private_ipv4"]);
        assert_eq!(lab.json("POST", &assign, &json!({"vm_uuid": vm})).0, 200, "repeating it changes nothing");
        let named = json!({"assigned_to": vm, "assigned_to_resource_type": "virtual_machine"});
        assert_eq!(lab.json("POST", &assign, &named).0, 200, "in the form that responses use");
        assert_eq!(lab.json("POST", &assign, &json!({"vm_uuid": other})).0, 400);
        lab.pass(5);
        let free = lab.ok("POST", &unassign, "");
        assert_eq!(
            (&free["assigned_to"], &free["unassigned_at"]),
            (&json!(null), &json!("2026-01-01 00:00:05"))
        );
        assert!(free["uuid"].is_string() && free.get("assigned_to_resource_type").is_none());
        assert_eq!(lab.ok_json("POST", &assign, &json!({"vm_uuid": other}))["assigned_to"], other.as_str());
        let unknown = json!({"vm_uuid": "aaaaaaaa-0000-bbbb-1111-cccccccccccc"});
        assert!(
            lab.json("POST", &assign, &unknown).1["errors"]["Error"]
                .as_str()
                .unwrap()
                .starts_with("No such virtual")
        );
    }

    #[test]
    fn the_list_is_filtered_by_payer_and_by_vm() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        create(&mut lab, &json!({"billing_account_id": 6}));
        create(&mut lab, &json!({"billing_account_id": 129_072}));
        for (query, count) in [
            (String::new(), 3),
            ("?billing_account_id=6".to_owned(), 2),
            (format!("?vm_uuid={vm}"), 1),
            (format!("?billing_account_id=129072&vm_uuid={vm}"), 0),
        ] {
            let list = lab.ok("GET", &format!("{IPS}{query}"), "");
            assert_eq!(list.as_array().unwrap().len(), count, "{query}");
        }
        assert_eq!(lab.status("GET", &format!("{IPS}?vm_uuid=7"), ""), 400);
    }

    #[test]
    fn addresses_do_not_repeat_when_the_last_octet_does() {
        let mut lab = Lab::new();
        let all: BTreeSet<_> =
            (0..520).map(|_| create(&mut lab, &json!({"billing_account_id": 6}))).collect();
        assert_eq!(all.len(), 520);
        assert!(all.iter().all(|address| address.parse::<std::net::Ipv4Addr>().is_ok()));
    }

    #[test]
    fn an_update_keeps_fields_that_are_not_sent() {
        let mut lab = Lab::new();
        let one = format!("{IPS}/{}", create(&mut lab, &json!({"billing_account_id": 6, "name": "old"})));
        assert_eq!(lab.ok_json("PATCH", &one, &json!({"billing_account_id": 129_072}))["name"], "old");
        let renamed = lab.ok_json("PATCH", &one, &json!({"name": "new"}));
        assert_eq!((&renamed["name"], &renamed["billing_account_id"]), (&json!("new"), &json!(129_072)));
        assert_eq!(lab.json("PATCH", &one, &json!({"billing_account_id": 1})).0, 400);
        assert_eq!(lab.ok("GET", &one, ""), renamed);
    }

    #[test]
    fn deleting_an_address_returns_true_and_then_not_found() {
        let mut lab = Lab::new();
        let one = format!("{IPS}/{}", create(&mut lab, &json!({"billing_account_id": 6})));
        assert_eq!(lab.form("DELETE", &one, ""), (200, json!(true)));
        let gone = (404, json!({"message": "Ip address 198.18.0.1 was not found."}));
        assert_eq!(lab.form("DELETE", &one, ""), gone);
        assert_eq!(lab.form("GET", &one, ""), gone);
        assert_eq!(create(&mut lab, &json!({"billing_account_id": 6})), "198.18.0.2", "not assigned again");
    }
}
