//! The addresses of the providers.

use std::net::{Ipv4Addr, SocketAddr};

/// The provider that is served without a prefix.
pub(crate) type Root = Option<&'static str>;

/// Returns the address at which a server can be reached. If the server listens on all addresses, the loopback address
/// is returned.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = if address.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { address.ip() };
    SocketAddr::new(host, address.port())
}

/// One address for all providers, and optionally one for each.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The address that serves every provider under its name.
    pub(crate) main: SocketAddr,
    /// The provider that this address also serves without a prefix.
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
