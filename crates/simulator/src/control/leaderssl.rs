//! What tests and demos hold of the simulated LeaderSSL.

use std::sync::Arc;

use crate::leaderssl::{LOGIN, LeaderSsl, PASSWORD};
use crate::world::Shared;

/// LeaderSSL's base URL and credentials, and the switches of its imitation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeaderSslAccess {
    /// Takes the place of `https://api.leaderssl.com`.
    pub base_url: String,
    /// The login that signs in.
    pub login: String,
    /// Its password.
    pub password: String,
    shared: Arc<Shared>,
}

impl LeaderSslAccess {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let base_url = shared.addresses.base_url(LeaderSsl::NAME);
        Self { base_url, login: LOGIN.to_owned(), password: PASSWORD.to_owned(), shared }
    }

    /// Ends every session, as time does: the next call with an old token is answered 401.
    pub fn expire_sessions(&self) {
        self.shared.state().providers.leaderssl.sessions.clear();
    }

    /// Whether new orders wait for their payment, without a server meanwhile; not so at first.
    pub fn set_awaits_payment(&self, awaits: bool) {
        self.shared.state().providers.leaderssl.awaits_payment = awaits;
    }

    /// Pays an order that waits for it, as its owner would on the website; false where there is none.
    pub fn pay_order(&self, order_id: u64) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.leaderssl.pay(order_id, clock)
    }

    /// The HTTP status of `{"success": "false"}`, which the documentation does not say; 200 at first.
    pub fn set_failure_status(&self, status: u16) {
        self.shared.state().providers.leaderssl.failure_status = status;
    }
}
