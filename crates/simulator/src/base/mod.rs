//! What all providers share: time, ids, states that arrive later, requests and replies.

mod clock;
mod exchange;
mod ids;
mod pending;
mod provider;
pub(crate) mod router;

pub use self::clock::{Boot, Clock};
pub use self::exchange::Route;
pub(crate) use self::exchange::{Parameters, Reply, Request, pairs};
pub(crate) use self::ids::Ids;
pub(crate) use self::pending::Pending;
pub(crate) use self::provider::Provider;
