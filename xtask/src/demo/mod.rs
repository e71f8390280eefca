//! `cargo xtask demo`: what the clients do, as a story that is told while it happens.
mod elastis;
mod inferno;
mod leaderssl;
mod teller;

use std::time::Duration;

use clap::ValueEnum;
use elastis_core::Elastis;
use hostkit_simulator::{Boot, Simulator};
use http_core::Error;

use crate::failure::{Failure, Result};
use crate::out::say;
use teller::Teller;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask demo
  cargo xtask demo leaderssl-gpu
  LEADERSSL_LOGIN=… LEADERSSL_PASSWORD=… cargo xtask demo --live leaderssl-gpu
  INFERNO_CID=… INFERNO_API_KEY=… cargo xtask demo --live inferno-vps
  ELASTIS_API_KEY=… cargo xtask demo --live elastis

LEADERSSL_BASE_URL, INFERNO_BASE_URL and ELASTIS_BASE_URL name other addresses.")]
pub(crate) struct Arguments {
    /// The stories to tell; all of them where none is named.
    #[arg(value_enum, conflicts_with = "live")]
    stories: Vec<Story>,
    /// Talks to the real provider, with credentials from the environment. It only looks, unless --spend is given.
    #[arg(long, value_enum, value_name = "PROVIDER")]
    live: Option<Story>,
    /// With --live: orders and changes things for real. THIS COSTS MONEY.
    #[arg(long, requires = "live")]
    spend: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Story {
    /// A GPU server is rented, started, suspended, resumed and stopped.
    LeadersslGpu,
    /// A VPS is ordered, installed with an SSH key, watched, rebooted and reinstalled.
    InfernoVps,
    /// A small site is built in the cloud, billed and removed.
    Elastis,
}

/// How far a story may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Everything that the provider answers to questions.
    Look,
    /// Orders, changes and removals too.
    Spend,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(format_args!("no runtime: {error}"), "free some memory or threads"))?;
    runtime.block_on(tell(arguments)).map_err(|error| {
        let help = match arguments.live {
            Some(_) => "check the credentials in the environment: cargo xtask demo --help",
            None => "cargo xtask test",
        };
        Failure::new(error, help)
    })
}

async fn tell(arguments: &Arguments) -> Result<(), Error> {
    if let Some(story) = arguments.live {
        let depth = if arguments.spend { Depth::Spend } else { Depth::Look };
        return story.live(depth).await;
    }
    let stories = if arguments.stories.is_empty() { Story::value_variants() } else { &arguments.stories };
    let simulator = Simulator::builder()
        .strict()
        .boot(Boot::After(Duration::from_millis(1500)))
        .start()
        .await
        .map_err(|error| Error::configuration(format!("the simulator cannot be started: {error}")))?;
    say("hostkit demo: the public clients, over real HTTP, against the simulator on this computer.");
    say("Nothing leaves this computer and nothing is paid.");
    for story in stories {
        simulator.clear_requests();
        story.simulated(&simulator).await?;
    }
    say("\nThe same against a real provider: cargo xtask demo --help");
    Ok(())
}

impl Story {
    async fn simulated(self, simulator: &Simulator) -> Result<(), Error> {
        match self {
            Self::LeadersslGpu => {
                let account = simulator.leaderssl();
                let builder = leaderssl_gpu::Client::builder(&account.login, account.password.as_str())
                    .base_url(&account.base_url);
                let mut teller = Teller::new("LeaderSSL GPU servers", &account.base_url);
                leaderssl::tell(&builder.no_proxy().build()?, Depth::Spend, &mut teller).await?;
                teller.summary(simulator);
            }
            Self::InfernoVps => {
                let account = simulator.inferno();
                let builder = inferno_vps::Client::builder(account.cid, account.key.as_str());
                let client = builder.base_url(&account.base_url).no_proxy().build()?;
                let mut teller = Teller::new("Inferno VPS", &account.base_url);
                let pay = |order: inferno_vps::OrderId| {
                    account.pay_order(order.get());
                };
                inferno::tell(&client, Depth::Spend, &mut teller, pay).await?;
                teller.summary(simulator);
            }
            Self::Elastis => {
                let account = simulator.elastis();
                let builder = Elastis::builder(account.key.as_str()).base_url(&account.base_url).no_proxy();
                let mut teller = Teller::new("elastis.id", &account.base_url);
                elastis::tell(&builder.build()?, Depth::Spend, &mut teller).await?;
                teller.summary(simulator);
            }
        }
        Ok(())
    }

    async fn live(self, depth: Depth) -> Result<(), Error> {
        match self {
            Self::LeadersslGpu => {
                let client = leaderssl_gpu::Client::from_env()?;
                leaderssl::tell(
                    &client,
                    depth,
                    &mut Teller::new("LeaderSSL GPU servers", "the real provider"),
                )
                .await
            }
            Self::InfernoVps => {
                let client = inferno_vps::Client::from_env()?;
                let mut teller = Teller::new("Inferno VPS", "the real provider");
                let unpaid =
                    |order| say(format_args!("  · pay order {order} in your account; this waits for it"));
                inferno::tell(&client, depth, &mut teller, unpaid).await
            }
            Self::Elastis => {
                let elastis = Elastis::from_env()?;
                elastis::tell(&elastis, depth, &mut Teller::new("elastis.id", "the real provider")).await
            }
        }
    }
}
