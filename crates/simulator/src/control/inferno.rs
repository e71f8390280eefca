//! What tests and demos hold of the simulated Inferno.
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::inferno::{CLIENT_ID, EMAIL, Inferno, PASSWORD, PhpHabits};
use crate::world::Shared;

/// Inferno's base URL and credentials, and the switches of its imitation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InfernoAccess {
    /// Takes the place of `https://cp.inferno.name`.
    pub base_url: String,
    /// The client's id.
    pub cid: u64,
    /// The API key, as it was when this was asked for: `getApiKey` may replace it.
    pub key: String,
    /// The email with which `getApiKey` is called.
    pub email: String,
    /// Its password.
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

    /// Pays a pending order's invoice as its owner would on the website; false where there is none.
    pub fn pay_order(&self, order_id: u64) -> bool {
        let clock = &self.shared.clock;
        self.change(|inferno| inferno.pay(order_id, clock))
    }

    /// Whether new orders are paid from the balance at once, as far as it reaches; not so at first.
    pub fn set_pays_from_balance(&self, pays: bool) {
        self.change(|inferno| inferno.pays_from_balance = pays);
    }

    /// The balance in EUR; 100.00 at first. All its digits are shown, as PHP shows a sum of floats.
    pub fn set_balance(&self, balance: Decimal) {
        self.change(|inferno| inferno.balance = balance);
    }

    /// How responses look from now on.
    pub fn set_habits(&self, habits: PhpHabits) {
        self.change(|inferno| inferno.habits = habits);
    }

    /// Whether every call is refused because its address is not on the whitelist.
    pub fn set_address_refused(&self, refused: bool) {
        self.change(|inferno| inferno.address_refused = refused);
    }
}
