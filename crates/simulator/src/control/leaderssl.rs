//! The handle for the simulated LeaderSSL.

use std::sync::Arc;

use crate::leaderssl::{LOGIN, LeaderSsl, PASSWORD};
use crate::world::Shared;

/// The base URL and credentials of the simulated LeaderSSL, and its settings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeaderSslAccess {
    /// The base URL, to use instead of `https://api.leaderssl.com`.
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

    /// Ends every session as if it had expired. The next call with an old token gets a 401 response.
    pub fn expire_sessions(&self) {
        self.shared.state().providers.leaderssl.sessions.clear();
    }

    /// Sets whether new orders wait for payment and have no server until they are paid; off by default.
    pub fn set_awaits_payment(&self, awaits: bool) {
        self.shared.state().providers.leaderssl.awaits_payment = awaits;
    }

    /// Pays an order that is awaiting payment, as a customer does on the website. Returns false if there is no such
    /// order.
    pub fn pay_order(&self, order_id: u64) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.leaderssl.pay(order_id, clock)
    }

    /// Sets the HTTP status of `{"success": "false"}` responses, 200 by default. The provider does not document the
    /// status.
    pub fn set_failure_status(&self, status: u16) {
        self.shared.state().providers.leaderssl.failure_status = status;
    }
}
