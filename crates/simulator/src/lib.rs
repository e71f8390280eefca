#![doc = include_str!("../README.md")]

mod elastis;
mod faults;
mod ids;
mod inferno;
mod leaderssl;
mod log;
mod pending;
mod provider;
mod providers;
mod router;
mod server;
mod simulator;

pub use elastis::ElastisAccess;
pub use faults::{Fault, Sequence};
pub use inferno::{InfernoAccess, PhpHabits, PrintR};
pub use leaderssl::LeaderSslAccess;
pub use log::Received;
pub use pending::Boot;
pub use provider::{Clock, Route};
pub use providers::routes;
pub use simulator::{Account, Builder, Plan, Simulator};
