//! The addresses of the providers.

use std::net::{Ipv4Addr, SocketAddr};

/// The provider that is served without a prefix.
pub(crate) type Root = Option<&'static str>;

/// Returns an address at which a server can be reached: the loopback address for one on all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = if address.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { address.ip() };
    SocketAddr::new(host, address.port())
}

/// One address for all providers, and optionally one for each.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The address of every provider, below its name.
    pub(crate) main: SocketAddr,
    /// The provider that is served there without a prefix too.
    pub(crate) root: Root,
    /// The providers with an address of their own.
    pub(crate) own: Vec<(&'static str, SocketAddr)>,
}

impl Addresses {
    pub(crate) fn base_url(&self, provider: &str) -> String {
        let own = self.own.iter().find(|(name, _)| *name == provider);
        match own {
            Some((_, address)) => format!("http://{}", reachable(*address)),
            None if self.root == Some(provider) => format!("http://{}", reachable(self.main)),
            None => format!("http://{}/{provider}", reachable(self.main)),
        }
    }

    /// Returns the address of the control API.
    pub(crate) fn control_url(&self) -> String {
        format!("http://{}/_simulator", reachable(self.main))
    }
}
