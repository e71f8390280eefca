#![doc = include_str!("../README.md")]

mod api;
mod base;
mod builder;
mod control;
mod elastis;
mod http;
mod inferno;
mod leaderssl;
pub mod program;
mod world;

pub use base::{Billed, Books, Boot, Clock, Route};
pub use builder::Builder;
pub use control::elastis::ElastisAccess;
pub use control::inferno::InfernoAccess;
pub use control::leaderssl::LeaderSslAccess;
pub use control::{Credentials, Plan, Simulator};
pub use inferno::{PhpQuirks, PrintR};
pub use world::disguises::Disguise;
pub use world::faults::{Fault, Sequence};
pub use world::injections::Moment;
pub use world::log::Received;
pub use world::providers::routes;
