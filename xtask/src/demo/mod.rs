//! `cargo xtask demo`: runs a typical program with each client, and prints each step.
mod elastis;
mod inferno;
mod leaderssl;
mod printer;

use std::time::Duration;

use clap::ValueEnum;
use elastis_core::Elastis;
use hostkit_simulator::{Boot, Simulator};
use http_core::Error;

use crate::failure::{Failure, Result};
use crate::out::say;
use printer::Printer;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask demo
  cargo xtask demo leaderssl-gpu
  LEADERSSL_LOGIN=… LEADERSSL_PASSWORD=… \\
    cargo xtask demo --live leaderssl-gpu
  INFERNO_CID=… INFERNO_API_KEY=… cargo xtask demo --live inferno-vps
  ELASTIS_API_KEY=… cargo xtask demo --live elastis

LEADERSSL_BASE_URL, INFERNO_BASE_URL and ELASTIS_BASE_URL set other base URLs.")]
pub(crate) struct Arguments {
    /// The demos to run (default: all).
    #[arg(value_enum, conflicts_with = "live")]
    demos: Vec<Demo>,
    /// Calls the real provider, with credentials from the environment. Only reads, unless --spend is given.
    #[arg(long, value_enum, value_name = "PROVIDER")]
    live: Option<Demo>,
    /// With --live, orders and changes resources for real. THIS COSTS MONEY.
    #[arg(long, requires = "live")]
    spend: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Demo {
    /// Rents, starts, suspends, resumes and stops a GPU server.
    LeadersslGpu,
    /// Orders a VPS, installs it with an SSH key, watches, reboots and reinstalls it.
    InfernoVps,
    /// Builds a small site in the cloud, shows the bill and removes the site.
    Elastis,
}

/// What a demo may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Only read.
    Look,
    /// Also order, change and delete.
    Spend,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(
            format_args!("failed to build the runtime: {error}"),
            "close other programs to free memory and threads",
        )
    })?;
    runtime.block_on(demo(arguments)).map_err(|error| {
        let help = match arguments.live {
            Some(_) => "check the credentials in the environment: cargo xtask demo --help",
            None => "cargo xtask test",
        };
        Failure::new(error, help)
    })
}

async fn demo(arguments: &Arguments) -> Result<(), Error> {
    if let Some(demo) = arguments.live {
        let depth = if arguments.spend { Depth::Spend } else { Depth::Look };
        return demo.live(depth).await;
    }
    let demos = if arguments.demos.is_empty() { Demo::value_variants() } else { &arguments.demos };
    let simulator = Simulator::builder()
        .strict()
        .boot(Boot::After(Duration::from_millis(1500)))
        .start()
        .await
        .map_err(|error| Error::configuration(format!("the simulator cannot be started: {error}")))?;
    say("hostkit demo: the public clients, over real HTTP, against the simulator on this computer.");
    say("Nothing leaves this computer and nothing costs money.");
    for demo in demos {
        simulator.clear_requests();
        demo.simulated(&simulator).await?;
    }
    say("\nTo run a demo against a real provider: cargo xtask demo --help");
    Ok(())
}

impl Demo {
    async fn simulated(self, simulator: &Simulator) -> Result<(), Error> {
        match self {
            Self::LeadersslGpu => {
                let account = simulator.leaderssl();
                let builder = leaderssl_gpu::Client::builder(&account.login, account.password.as_str())
                    .base_url(&account.base_url);
                let mut printer = Printer::new("LeaderSSL GPU servers", &account.base_url);
                leaderssl::run(&builder.no_proxy().build()?, Depth::Spend, &mut printer).await?;
                printer.summary(simulator);
            }
            Self::InfernoVps => {
                let account = simulator.inferno();
                let builder = inferno_vps::Client::builder(account.cid, account.key.as_str());
                let client = builder.base_url(&account.base_url).no_proxy().build()?;
                let mut printer = Printer::new("Inferno VPS", &account.base_url);
                let pay = |order: inferno_vps::OrderId| {
                    account.pay_order(order.get());
                };
                inferno::run(&client, Depth::Spend, &mut printer, pay).await?;
                printer.summary(simulator);
            }
            Self::Elastis => {
                let account = simulator.elastis();
                let builder = Elastis::builder(account.key.as_str()).base_url(&account.base_url).no_proxy();
                let mut printer = Printer::new("elastis.id", &account.base_url);
                elastis::run(&builder.build()?, Depth::Spend, &mut printer).await?;
                printer.summary(simulator);
            }
        }
        Ok(())
    }

    async fn live(self, depth: Depth) -> Result<(), Error> {
        match self {
            Self::LeadersslGpu => {
                let client = leaderssl_gpu::Client::from_env()?;
                leaderssl::run(
                    &client,
                    depth,
                    &mut Printer::new("LeaderSSL GPU servers", "the real provider"),
                )
                .await
            }
            Self::InfernoVps => {
                let client = inferno_vps::Client::from_env()?;
                let mut printer = Printer::new("Inferno VPS", "the real provider");
                let unpaid = |order| {
                    say(format_args!(
                        "  · pay order {order} in your account; the demo waits for the payment"
                    ));
                };
                inferno::run(&client, depth, &mut printer, unpaid).await
            }
            Self::Elastis => {
                let elastis = Elastis::from_env()?;
                elastis::run(&elastis, depth, &mut Printer::new("elastis.id", "the real provider")).await
            }
        }
    }
}
