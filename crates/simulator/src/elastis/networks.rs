//! Private networks and the addresses in them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::{Answer, Call, Endpoint};
use super::fields::Fields;
use super::refusals;
use super::site::Site;
use super::times::seconds;
use crate::ids::Ids;
use crate::provider::Reply;

const ONE: &str = "/v1/network/network/{network_uuid}";
const FIRST_VLAN: u16 = 100;
const LAST_VLAN: u16 = 4094;

pub(super) const ENDPOINTS: &[Endpoint] = &[
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

pub(super) struct Network {
    pub(super) uuid: String,
    name: String,
    vlan_id: u16,
    /// The first three numbers of its addresses, e.g. `10.1.104`.
    prefix: String,
    is_default: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Site {
    fn network(&mut self, uuid: &str) -> Result<&mut Network, Reply> {
        self.networks.iter_mut().find(|network| network.uuid == uuid).ok_or_else(refusals::unknown_network)
    }

    /// The network with this UUID, or else the default one, made if there is none.
    pub(super) fn network_or_default(
        &mut self,
        uuid: Option<&str>,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<String, Reply> {
        if let Some(uuid) = uuid {
            return self.network(uuid).map(|network| network.uuid.clone());
        }
        match self.networks.iter().find(|network| network.is_default) {
            Some(network) => Ok(network.uuid.clone()),
            None => self.add_network("Default network".to_owned(), ids, now),
        }
    }

    fn add_network(&mut self, name: String, ids: &mut Ids, now: DateTime<Utc>) -> Result<String, Reply> {
        let vlan_id = FIRST_VLAN + self.networks_ever;
        if vlan_id > LAST_VLAN {
            return Err(refusals::message(400, "No free VLAN."));
        }
        self.networks_ever += 1;
        let uuid = ids.uuid();
        self.networks.push(Network {
            uuid: uuid.clone(),
            name,
            vlan_id,
            prefix: format!("10.{}.{}", u16::from(self.octet) + vlan_id / 256, vlan_id % 256),
            is_default: self.networks.is_empty(),
            created_at: now,
            updated_at: now,
        });
        Ok(uuid)
    }

    /// The next address in a network that nothing has, of both kinds.
    pub(super) fn free_address(&mut self, network: &str) -> Result<(String, String), Reply> {
        let (prefix, vlan) = {
            let network = self.network(network)?;
            (network.prefix.clone(), network.vlan_id)
        };
        let vms = self.vms.iter().filter(|vm| vm.deleted_at.is_none()).map(|vm| &vm.private_ipv4);
        let balancers = self.load_balancers.iter().filter(|balancer| balancer.deleted_at.is_none());
        let taken: Vec<_> = vms.chain(balancers.map(|balancer| &balancer.private_address)).collect();
        (2..=254)
            .map(|host: u8| (format!("{prefix}.{host}"), format!("2a05:1cc0:10:30::{vlan:x}:{host:x}")))
            .find(|(address, _)| !taken.contains(&address))
            .ok_or_else(|| refusals::message(400, "No free address in the network."))
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
            "subnet": format!("{}.0/24", network.prefix),
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

/// A UUID that is none is refused like an unknown one.
fn path(call: &Call<'_>) -> Result<String, Reply> {
    call.path_uuid("network_uuid").map_err(|_| refusals::unknown_network())
}

fn show(call: &Call<'_>, uuid: &str) -> Answer {
    let found = call.site.networks.iter().find(|network| network.uuid == uuid);
    let network = found.ok_or_else(refusals::unknown_network)?;
    Ok(Reply::json(200, &call.site.network_json(network)))
}

fn get(call: &mut Call<'_>) -> Answer {
    show(call, &path(call)?)
}

fn list(call: &mut Call<'_>) -> Answer {
    let site = &*call.site;
    Ok(Reply::json(200, &site.networks.iter().map(|network| site.network_json(network)).collect()))
}

fn create(call: &mut Call<'_>) -> Answer {
    let name = call.request.query.iter().find(|(key, value)| key == "name" && !value.is_empty());
    let uuid = match name {
        Some((_, name)) => call.site.add_network(name.clone(), call.ids, call.now)?,
        None => call.site.network_or_default(None, call.ids, call.now)?,
    };
    show(call, &uuid)
}

fn delete(call: &mut Call<'_>) -> Answer {
    let uuid = path(call)?;
    if call.site.network(&uuid)?.is_default {
        return Err(refusals::message(400, "Default network cannot be deleted."));
    }
    if call.site.resources_in(&uuid) > 0 {
        return Err(refusals::message(400, "Network contains resources."));
    }
    call.site.networks.retain(|network| network.uuid != uuid);
    Ok(Reply::empty(204))
}

fn set_default(call: &mut Call<'_>) -> Answer {
    let uuid = path(call)?;
    call.site.network(&uuid)?.updated_at = call.now;
    for network in &mut call.site.networks {
        network.is_default = network.uuid == uuid;
    }
    show(call, &uuid)
}

fn rename(call: &mut Call<'_>) -> Answer {
    let uuid = path(call)?;
    let name = Fields::json(call.request)?.text("name");
    let network = call.site.network(&uuid)?;
    if let Some(name) = name {
        network.name = name;
        network.updated_at = call.now;
    }
    show(call, &uuid)
}
