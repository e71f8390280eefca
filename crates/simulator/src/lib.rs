#![doc = include_str!("../README.md")]

mod base;
mod elastis;
mod handle;
mod inferno;
mod leaderssl;
mod server;

pub use base::{Boot, Clock, Route};
pub use handle::elastis::ElastisAccess;
pub use handle::inferno::InfernoAccess;
pub use handle::leaderssl::LeaderSslAccess;
pub use handle::{Builder, Credentials, Plan, Simulator};
pub use inferno::{PhpHabits, PrintR};
pub use server::faults::{Fault, Sequence};
pub use server::log::Received;
pub use server::providers::routes;
