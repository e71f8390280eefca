//! Code shared by all providers: time, ids, delayed states, requests and responses.

mod books;
mod clock;
mod documented;
mod exchange;
mod ids;
mod kept;
mod pending;
mod provider;
pub(crate) mod router;
pub(crate) mod strict;

pub use self::books::{Billed, Books};
pub use self::clock::{Boot, Clock};
pub use self::exchange::Route;
pub(crate) use self::exchange::{Parameters, Request, Response, pairs};
pub(crate) use self::ids::Ids;
pub(crate) use self::kept::Kept;
pub(crate) use self::pending::Pending;
pub(crate) use self::provider::{Identity, Provider};
