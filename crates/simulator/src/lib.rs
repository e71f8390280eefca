#![doc = include_str!("../README.md")]

mod base;
mod control;
mod elastis;
mod http;
mod inferno;
mod leaderssl;
mod world;

pub use base::{Billed, Books, Boot, Clock, Route};
pub use control::elastis::ElastisAccess;
pub use control::inferno::InfernoAccess;
pub use control::leaderssl::LeaderSslAccess;
pub use control::{Builder, Credentials, Plan, Simulator};
pub use inferno::{PhpHabits, PrintR};
pub use world::disguises::Disguise;
pub use world::faults::{Fault, Sequence};
pub use world::injections::Moment;
pub use world::log::Received;
pub use world::providers::routes;
