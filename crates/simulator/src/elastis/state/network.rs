//! A private network.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};

/// The number of address bits that identify a host. They leave 1,021 addresses for the members of a network.
const HOST_BITS: u32 = 10;

pub(crate) struct Network {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) vlan_id: u16,
    /// The network's first address, e.g. `10.1.4.0`.
    pub(crate) first: Ipv4Addr,
    pub(crate) is_default: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Network {
    /// Returns the first address of the network with this index. The network with index 0 begins at `10.octet.0.0`.
    pub(crate) fn first(octet: u8, index: u16) -> Ipv4Addr {
        let start = Ipv4Addr::new(10, octet, 0, 0).to_bits();
        Ipv4Addr::from_bits(start + (u32::from(index) << HOST_BITS))
    }

    pub(crate) fn subnet(&self) -> String {
        format!("{}/{}", self.first, 32 - HOST_BITS)
    }

    /// Returns the addresses of the network's members. The first host address is that of the router.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (String, String)> + use<> {
        let (first, vlan) = (self.first.to_bits(), self.vlan_id);
        let both = move |host| {
            (Ipv4Addr::from_bits(first + host).to_string(), format!("2a05:1cc0:10:30::{vlan:x}:{host:x}"))
        };
        (2..(1 << HOST_BITS) - 1).map(both)
    }
}
