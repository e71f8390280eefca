//! LeaderSSL GPU servers, Inferno VPS and elastis.id as one stateful server on loopback.
mod provider;

pub use provider::{Clock, Parameters, Provider, Reply, Request, Route};
