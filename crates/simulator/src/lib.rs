//! LeaderSSL GPU servers, Inferno VPS and elastis.id as one stateful server on loopback.
#![allow(dead_code)]
mod ids;
mod pending;
mod provider;

pub use pending::Boot;
pub use provider::{Clock, Parameters, Provider, Reply, Request, Route};
