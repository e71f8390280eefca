//! An account at a provider or at the simulator, whose operations can be called by name.

mod exchange;
mod raw;
mod read;

use std::collections::BTreeMap;
use std::str::FromStr;

use elastis_core::Elastis;
use hostkit_simulator::Simulator;
use http_core::Error;

use crate::failure::{Failure, Result};
use crate::fixtures::Provider;

pub(crate) use exchange::Exchange;

/// A client with credentials.
pub(crate) enum Account {
    LeaderSsl(leaderssl_gpu::Client),
    Inferno(inferno_vps::Client),
    Elastis(Elastis),
}

impl Account {
    /// Creates a client from the credentials and the base URL in the environment.
    pub(crate) fn from_env(provider: Provider) -> Result<Self, Error> {
        Ok(match provider {
            Provider::LeadersslGpu => Self::LeaderSsl(leaderssl_gpu::Client::from_env()?),
            Provider::InfernoVps => Self::Inferno(inferno_vps::Client::from_env()?),
            Provider::Elastis => Self::Elastis(Elastis::from_env()?),
        })
    }

    /// Creates a client for the simulator's account.
    pub(crate) fn simulated(provider: Provider, simulator: &Simulator) -> Result<Self, Error> {
        Ok(match provider {
            Provider::LeadersslGpu => {
                let access = simulator.leaderssl();
                let builder = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
                Self::LeaderSsl(builder.base_url(&access.base_url).no_proxy().build()?)
            }
            Provider::InfernoVps => {
                let access = simulator.inferno();
                let builder = inferno_vps::Client::builder(access.cid, access.key.as_str());
                Self::Inferno(builder.base_url(&access.base_url).no_proxy().build()?)
            }
            Provider::Elastis => {
                let access = simulator.elastis();
                let builder = Elastis::builder(access.key.as_str()).base_url(&access.base_url);
                Self::Elastis(builder.no_proxy().build()?)
            }
        })
    }

    /// Returns the same account in another location.
    pub(crate) fn at(self, location: &str) -> Result<Self> {
        match self {
            Self::Elastis(elastis) => Ok(Self::Elastis(elastis.at(location))),
            _ => Err(Failure::new("only elastis has locations", "remove --location")),
        }
    }
}

/// The arguments of an operation, named as in the provider's API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments(pub(crate) BTreeMap<String, String>);

impl Arguments {
    /// Parses `name=value` pairs.
    pub(crate) fn parse(pairs: &[String]) -> Result<Self> {
        let pair = |pair: &String| {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Failure::new(
                    format_args!("`{pair}` is not of the form name=value"),
                    "cargo xtask call --help",
                )
            })?;
            Ok((name.to_owned(), value.to_owned()))
        };
        pairs.iter().map(pair).collect::<Result<_>>().map(Self)
    }

    /// Returns a required argument.
    fn get<T: FromStr>(&self, name: &str) -> Result<T> {
        let missing =
            || Failure::new(format_args!("{name} is missing"), format!("add {name}=… to the command"));
        self.optional(name)?.ok_or_else(missing)
    }

    fn optional<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        let read = |text: &String| {
            text.parse()
                .map_err(|_| Failure::new(format_args!("{name} has an invalid value"), "correct the command"))
        };
        self.0.get(name).map(read).transpose()
    }
}
