//! The handle for the simulated Inferno.
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::inferno::{CLIENT_ID, EMAIL, Inferno, PASSWORD, PhpQuirks};
use crate::world::Shared;

/// The base URL and credentials of the simulated Inferno, and its settings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InfernoAccess {
    /// The base URL, to use instead of `https://cp.inferno.name`.
    pub base_url: String,
    /// The client's id.
    pub cid: u64,
    /// The API key at the time when this handle was created; `getApiKey` may have replaced it since.
    pub key: String,
    /// The email address for `getApiKey`.
    pub email: String,
    /// The password for `getApiKey`.
    pub password: String,
    shared: Arc<Shared>,
}

impl InfernoAccess {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let key = shared.state().providers.inferno.key.clone();
        Self {
            base_url: shared.addresses.base_url(Inferno::NAME),
            cid: CLIENT_ID,
            key,
            email: EMAIL.to_owned(),
            password: PASSWORD.to_owned(),
            shared,
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inferno) -> T) -> T {
        change(&mut self.shared.state().providers.inferno)
    }

    /// Pays the invoice of a pending order, as a customer does on the website. Returns false if no such order is
    /// pending.
    pub fn pay_order(&self, order_id: u64) -> bool {
        let clock = &self.shared.clock;
        self.change(|inferno| inferno.pay(order_id, clock))
    }

    /// Sets whether new orders are paid from the balance immediately if it is sufficient; off by default.
    pub fn set_pays_from_balance(&self, pays: bool) {
        self.change(|inferno| inferno.pays_from_balance = pays);
    }

    /// Sets the balance in EUR, 100.00 by default. Responses show all digits of the balance, as PHP does for floats.
    pub fn set_balance(&self, balance: Decimal) {
        self.change(|inferno| inferno.balance = balance);
    }

    /// Sets which changes PHP makes to the form of responses.
    pub fn set_quirks(&self, quirks: PhpQuirks) {
        self.change(|inferno| inferno.quirks = quirks);
    }

    /// Sets whether every call is rejected because the client's address is not on the whitelist.
    pub fn set_address_refused(&self, refused: bool) {
        self.change(|inferno| inferno.address_refused = refused);
    }
}
