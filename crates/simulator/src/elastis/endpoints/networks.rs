//! Private networks and the addresses in them.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::context::{Answer, Context, Endpoint};
use crate::base::{Ids, Response};
use crate::elastis::state::network::Network;
use crate::elastis::state::site::Site;
use crate::elastis::wire::errors;
use crate::elastis::wire::fields::Fields;
use crate::elastis::wire::times::seconds;

const ONE: &str = "/v1/network/network/{network_uuid}";
const FIRST_VLAN: u16 = 100;
const LAST_VLAN: u16 = 4094;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("network.get", "GET", ONE, get),
    Endpoint::located("network.list", "GET", "/v1/network/networks", list),
    Endpoint::located("network.create", "POST", "/v1/network/network", create),
    Endpoint::located("network.delete", "DELETE", ONE, delete),
    Endpoint::located(
        "network.set_default",
        "PUT",
        "/v1/network/network/{network_uuid}/default",
        set_default,
    ),
    Endpoint::located("network.rename", "PATCH", ONE, rename),
];

impl Site {
    fn network(&mut self, uuid: &str) -> Result<&mut Network, Response> {
        self.networks.iter_mut().find(|network| network.uuid == uuid).ok_or_else(errors::unknown_network)
    }

    /// Returns the UUID of the given network, or else of the default network, which is created if it does not exist.
    pub(crate) fn network_or_default(
        &mut self,
        uuid: Option<&str>,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<String, Response> {
        if let Some(uuid) = uuid {
            return self.network(uuid).map(|network| network.uuid.clone());
        }
        match self.networks.iter().find(|network| network.is_default) {
            Some(network) => Ok(network.uuid.clone()),
            None => self.add_network("Default network".to_owned(), ids, now),
        }
    }

    fn add_network(&mut self, name: String, ids: &mut Ids, now: DateTime<Utc>) -> Result<String, Response> {
        let vlan_id = u16::try_from(self.networks.ever()).ok().and_then(|ever| FIRST_VLAN.checked_add(ever));
        let Some(vlan_id) = vlan_id.filter(|vlan| *vlan <= LAST_VLAN) else {
            return Err(errors::message(400, "No free VLAN."));
        };
        let uuid = ids.uuid();
        self.networks.push(Network {
            uuid: uuid.clone(),
            name,
            vlan_id,
            first: Network::first(self.octet, vlan_id - FIRST_VLAN),
            is_default: self.networks.is_empty(),
            created_at: now,
            updated_at: now,
        });
        Ok(uuid)
    }

    /// Returns a network's first free IPv4 address, with the matching IPv6 address.
    pub(crate) fn free_address(&mut self, network: &str) -> Result<(String, String), Response> {
        let mut addresses = self.network(network)?.addresses();
        let vms = self.vms.iter().filter(|vm| vm.deleted_at.is_none()).map(|vm| &vm.private_ipv4);
        let balancers = self.load_balancers.iter().filter(|balancer| balancer.deleted_at.is_none());
        let taken: BTreeSet<_> = vms.chain(balancers.map(|balancer| &balancer.private_address)).collect();
        let free = addresses.find(|(address, _)| !taken.contains(address));
        free.ok_or_else(|| errors::message(400, "No free address in the network."))
    }

    fn vms_in<'a>(&'a self, network: &'a str) -> impl Iterator<Item = &'a str> {
        let vms = self.vms.iter().filter(move |vm| vm.network == network && vm.deleted_at.is_none());
        vms.map(|vm| vm.uuid.as_str())
    }

    fn resources_in(&self, network: &str) -> usize {
        let balancers = self.load_balancers.iter();
        let here = balancers.filter(|balancer| balancer.network == network && balancer.deleted_at.is_none());
        self.vms_in(network).count() + here.count()
    }

    fn network_json(&self, network: &Network) -> Value {
        json!({
            "vlan_id": network.vlan_id,
            "subnet": network.subnet(),
            "subnet_ipv6": format!("2a05:1cc0:10:30::{:x}:0/112", network.vlan_id),
            "name": network.name,
            "created_at": seconds(network.created_at),
            "updated_at": seconds(network.updated_at),
            "uuid": network.uuid,
            "type": "private",
            "is_default": network.is_default,
            "vm_uuids": self.vms_in(&network.uuid).collect::<Value>(),
            "resources_count": self.resources_in(&network.uuid),
        })
    }
}

/// Returns the network's UUID from the path. An invalid UUID is rejected like an unknown one.
fn path(context: &Context<'_>) -> Result<String, Response> {
    context.path_uuid("network_uuid").map_err(|_| errors::unknown_network())
}

fn show(context: &Context<'_>, uuid: &str) -> Answer {
    let found = context.site.networks.iter().find(|network| network.uuid == uuid);
    let network = found.ok_or_else(errors::unknown_network)?;
    Ok(Response::json(200, &context.site.network_json(network)))
}

fn get(context: &mut Context<'_>) -> Answer {
    show(context, &path(context)?)
}

fn list(context: &mut Context<'_>) -> Answer {
    let site = &*context.site;
    Ok(Response::json(200, &site.networks.iter().map(|network| site.network_json(network)).collect()))
}

fn create(context: &mut Context<'_>) -> Answer {
    let name = context.fields().only(|fields| fields.text("name"))?;
    let uuid = match name {
        Some(name) => context.site.add_network(name, context.ids, context.now)?,
        None => context.site.network_or_default(None, context.ids, context.now)?,
    };
    show(context, &uuid)
}

fn delete(context: &mut Context<'_>) -> Answer {
    let uuid = path(context)?;
    if context.site.network(&uuid)?.is_default {
        return Err(errors::message(400, "Default network cannot be deleted."));
    }
    if context.site.resources_in(&uuid) > 0 {
        return Err(errors::message(400, "Network contains resources."));
    }
    context.site.networks.retain(|network| network.uuid != uuid);
    Ok(Response::empty(204))
}

fn set_default(context: &mut Context<'_>) -> Answer {
    let uuid = path(context)?;
    context.site.network(&uuid)?.updated_at = context.now;
    for network in context.site.networks.iter_mut() {
        network.is_default = network.uuid == uuid;
    }
    show(context, &uuid)
}

fn rename(context: &mut Context<'_>) -> Answer {
    let uuid = path(context)?;
    let mut fields = Fields::json(context.request)?;
    let name = fields.text("name");
    fields.finish()?;
    let network = context.site.network(&uuid)?;
    if let Some(name) = name {
        network.name = name;
        network.updated_at = context.now;
    }
    show(context, &uuid)
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::{Value, json};

    const NETWORK: &str = "/v1/network/network";

    fn create(lab: &mut Lab, query: &str) -> Value {
        lab.ok("POST", &format!("{NETWORK}{query}"), "")
    }

    fn path(network: &Value) -> String {
        format!("{NETWORK}/{}", network["uuid"].as_str().unwrap())
    }

    #[test]
    fn the_first_network_becomes_the_default_whatever_its_name() {
        let mut lab = Lab::new();
        let first = create(&mut lab, "?name=my%20net");
        let expected = json!({
            "vlan_id": 100, "subnet": "10.1.0.0/22", "subnet_ipv6": "2a05:1cc0:10:30::64:0/112",
            "name": "my net", "created_at": "2026-01-01 00:00:00", "updated_at": "2026-01-01 00:00:00",
            "uuid": first["uuid"], "type": "private", "is_default": true, "vm_uuids": [],
            "resources_count": 0,
        });
        assert_eq!(first, expected);
        assert_eq!(create(&mut lab, ""), first, "without a name the default is returned");
        assert_eq!(create(&mut lab, "?name="), first);
        let second = create(&mut lab, "?name=other");
        assert_eq!((&second["is_default"], &second["subnet"]), (&json!(false), &json!("10.1.4.0/22")));
        assert_eq!(lab.ok("GET", &path(&second), ""), second);
    }

    #[test]
    fn a_default_network_is_created_if_there_is_none() {
        let mut lab = Lab::new();
        let made = create(&mut lab, "");
        assert_eq!((&made["name"], &made["is_default"]), (&json!("Default network"), &json!(true)));
    }

    #[test]
    fn locations_do_not_share_subnets() {
        let mut lab = Lab::new();
        let here = create(&mut lab, "");
        let there = lab.ok("POST", "/v1/bus02/network/network", "");
        assert_ne!(here["subnet"], there["subnet"]);
    }

    #[test]
    fn only_a_network_that_is_empty_and_not_the_default_can_be_deleted() {
        let mut lab = Lab::new();
        let (first, second) = (create(&mut lab, "?name=a"), create(&mut lab, "?name=b"));
        let vm =
            lab.new_vm(&format!("billing_account_id=6&network_uuid={}", second["uuid"].as_str().unwrap()));
        assert_eq!(lab.ok("GET", &path(&second), "")["vm_uuids"], json!([vm]));
        assert_eq!(lab.status("DELETE", &path(&first), ""), 400);
        assert_eq!(lab.status("DELETE", &path(&second), ""), 400);
        lab.ok("DELETE", "/v1/user-resource/vm", &format!("uuid={vm}"));
        let balancer = json!({"network_uuid": second["uuid"], "targets": []});
        let balancer = lab.ok_json("POST", "/v1/network/load_balancers", &balancer);
        assert_eq!(lab.ok("GET", &path(&second), "")["resources_count"], 1);
        assert_eq!(lab.status("DELETE", &path(&second), ""), 400);
        let uuid = balancer["uuid"].as_str().unwrap();
        lab.ok("DELETE", &format!("/v1/network/load_balancers/{uuid}"), "");
        assert_eq!(lab.status("DELETE", &path(&second), ""), 204);
        let refused = (400, json!({"message": "Network UUID is invalid."}));
        assert_eq!(lab.form("GET", &path(&second), ""), refused);
        assert_eq!(lab.form("GET", &format!("{NETWORK}/seven"), ""), refused);
    }

    #[test]
    fn there_is_always_one_default_network_for_new_vms() {
        let mut lab = Lab::new();
        let (first, second) = (create(&mut lab, "?name=a"), create(&mut lab, "?name=b"));
        assert_eq!(lab.ok("PUT", &format!("{}/default", path(&second)), "")["is_default"], true);
        assert_eq!(lab.ok("GET", &path(&first), "")["is_default"], false);
        let vm = lab.new_vm("billing_account_id=6");
        assert_eq!(lab.ok("GET", &path(&second), "")["vm_uuids"], json!([vm]));
        assert_eq!(lab.status("DELETE", &path(&first), ""), 204);
        let unknown = format!("{NETWORK}/aaaaaaaa-0000-bbbb-1111-cccccccccccc/default");
        assert_eq!(lab.status("PUT", &unknown, ""), 400);
        assert_eq!(lab.ok("GET", &path(&second), "")["is_default"], true, "a rejected change has no effect");
    }

    #[test]
    fn a_network_is_renamed_with_json() {
        let mut lab = Lab::new();
        let network = create(&mut lab, "?name=a");
        lab.pass(60);
        let renamed = lab.ok_json("PATCH", &path(&network), &json!({"name": "My new network name"}));
        assert_eq!(renamed["name"], "My new network name");
        assert_eq!(renamed["updated_at"], "2026-01-01 00:01:00");
        assert_eq!(lab.status("PATCH", &path(&network), "name=b"), 415);
    }

    #[test]
    fn a_full_network_accepts_no_vm_until_one_is_deleted() {
        let mut lab = Lab::new();
        let balancer = |lab: &mut Lab| {
            lab.json(
                "POST",
                "/v1/network/load_balancers",
                &json!({"reserve_public_ip": false, "targets": []}),
            )
        };
        let all: Vec<_> = (2..1023).map(|_| balancer(&mut lab)).collect();
        assert!(all.iter().all(|(status, _)| *status == 200));
        assert_eq!(balancer(&mut lab).0, 400);
        let (_, tenth) = &all[9];
        let uuid = tenth["uuid"].as_str().unwrap();
        lab.ok("DELETE", &format!("/v1/network/load_balancers/{uuid}"), "");
        assert_eq!(balancer(&mut lab).1["private_address"], tenth["private_address"]);
    }
}
