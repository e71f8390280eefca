//! The handle of the simulated LeaderSSL.

use std::sync::Arc;

use crate::leaderssl::{LOGIN, LeaderSsl, PASSWORD};
use crate::world::Shared;

/// LeaderSSL's base URL and credentials, and the settings of its simulation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeaderSslAccess {
    /// The base URL, instead of `https://api.leaderssl.com`.
    pub base_url: String,
    /// The login name.
    pub login: String,
    /// The password.
    pub password: String,
    shared: Arc<Shared>,
}

impl LeaderSslAccess {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let base_url = shared.addresses.base_url(LeaderSsl::NAME);
        Self { base_url, login: LOGIN.to_owned(), password: PASSWORD.to_owned(), shared }
    }

    /// Ends every session, as if it had expired: the next call with an old token is answered with 401.
    pub fn expire_sessions(&self) {
        self.shared.state().providers.leaderssl.sessions.clear();
    }

    /// Sets whether new orders wait for their payment and have no server until then; off by default.
    pub fn set_awaits_payment(&self, awaits: bool) {
        self.shared.state().providers.leaderssl.awaits_payment = awaits;
    }

    /// Pays an order that waits for it, as its owner does on the website. Returns false if no such order waits.
    pub fn pay_order(&self, order_id: u64) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.leaderssl.pay(order_id, clock)
    }

    /// Sets the HTTP status of `{"success": "false"}`, which is not documented; 200 by default.
    pub fn set_failure_status(&self, status: u16) {
        self.shared.state().providers.leaderssl.failure_status = status;
    }
}
