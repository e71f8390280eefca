//! `cargo xtask call`: calls one operation by name.

use hostkit_simulator::Simulator;
use http_core::Error;
use http_core::client::{Effect, Operation};
use http_core::wire::Bytes;
use serde_json::Value;

use crate::account::{Account, Arguments as Given, Exchange};
use crate::failure::{Failure, Result};
use crate::fixtures::Provider;
use crate::operations::{self, Endpoint};
use crate::out::{complain, say};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask call elastis location.list
  cargo xtask call elastis network.create name=backend --spend
  cargo xtask call --live --typed elastis vm.get uuid=<id>

Without --live, a new simulator responds. With --live, set the credentials and,
if it is not the default, the base URL in the environment: LEADERSSL_LOGIN,
LEADERSSL_PASSWORD, LEADERSSL_BASE_URL; INFERNO_CID, INFERNO_API_KEY,
INFERNO_BASE_URL; ELASTIS_API_KEY, ELASTIS_BASE_URL, ELASTIS_LOCATION.
`cargo xtask operations` lists the operations.")]
pub(crate) struct Arguments {
    provider: Provider,
    /// The operation, e.g. `vm.get`.
    operation: String,
    /// The operation's arguments, named as in the provider's API.
    #[arg(value_name = "NAME=VALUE")]
    given: Vec<String>,
    /// Calls the real provider instead of a simulator.
    #[arg(long)]
    live: bool,
    /// Allows operations that change something. WITH --live, THIS MAY COST MONEY.
    #[arg(long)]
    spend: bool,
    /// Prints the value that the typed method returns, instead of the response. Only for read operations.
    #[arg(long)]
    typed: bool,
    /// The elastis location.
    #[arg(long, value_name = "SLUG")]
    location: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(
            format_args!("failed to build the runtime: {error}"),
            "close other programs to free memory and threads",
        )
    })?;
    let json = runtime.block_on(async {
        // The simulator stops when it goes out of scope.
        let simulator = if arguments.live { None } else { Some(simulator().await?) };
        let account = match &simulator {
            Some(simulator) => Account::simulated(arguments.provider, simulator),
            None => Account::from_env(arguments.provider),
        };
        answer(account.map_err(failed)?, arguments).await
    })?;
    say(serde_json::to_string_pretty(&json).unwrap_or_default());
    Ok(())
}

pub(crate) async fn simulator() -> Result<Simulator> {
    let started = Simulator::builder().strict().start().await;
    started.map_err(|error| {
        Failure::new(format_args!("failed to start the simulator: {error}"), "cargo xtask simulate")
    })
}

async fn answer(account: Account, arguments: &Arguments) -> Result<Value> {
    let (endpoint, operation) = find(arguments.provider, &arguments.operation)?;
    if operation.effect() != Effect::Read && !arguments.spend {
        return Err(Failure::new(
            format_args!("{} changes something and may cost money", endpoint.name),
            "add --spend to allow it",
        ));
    }
    let account = match &arguments.location {
        Some(slug) => account.at(slug)?,
        None => account,
    };
    let given = Given::parse(&arguments.given)?;
    if arguments.typed {
        let call = account.read(endpoint.name, &given)?.ok_or_else(|| {
            Failure::new(format_args!("{} is not a read operation", endpoint.name), "remove --typed")
        })?;
        return call.await.map_err(failed);
    }
    let call = || Ok(account.call(endpoint.package, operation, &given)?.json::<Value>());
    let response = call()?.raw().await.map_err(failed)?.map(Bytes::from);
    let request = call()?.prepare().map_err(failed)?.map(Bytes::from);
    shown(&Exchange { endpoint, request, response })
}

/// Returns the response body, with placeholders for secrets.
fn shown(exchange: &Exchange) -> Result<Value> {
    let response = exchange.fixture().response;
    if let Some(json) = &response.json {
        return serde_json::to_value(json).map_err(|error| Failure::new(error, "report this error"));
    }
    complain(format_args!("status {}, not JSON\n", response.status));
    Ok(response.text.map_or(Value::Null, Value::String))
}

fn failed(error: Error) -> Failure {
    Failure::new(error, "cargo xtask call --help")
}

/// Finds an operation of a provider by its name.
pub(crate) fn find(provider: Provider, name: &str) -> Result<(Endpoint, &'static Operation)> {
    let endpoints = provider.endpoints();
    let endpoint = endpoints.iter().find(|endpoint| endpoint.name == name);
    let found = endpoint.and_then(|endpoint| {
        let (_, operations) = operations::CRATES.iter().find(|(package, _)| *package == endpoint.package)?;
        Some((*endpoint, operations.iter().find(|operation| operation.name() == name)?))
    });
    found.ok_or_else(|| {
        let part = name.split('.').next().unwrap_or_default();
        let near: Vec<_> =
            endpoints.iter().map(|endpoint| endpoint.name).filter(|known| known.starts_with(part)).collect();
        let help = if near.is_empty() { "cargo xtask operations".to_owned() } else { near.join(", ") };
        Failure::new(format_args!("{} has no operation {name}", provider.name()), help)
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    /// Runs the command with these arguments on one simulator.
    async fn call(simulator: &Simulator, line: &str) -> Result<Value> {
        let Line { arguments } = Line::parse_from(std::iter::once("call").chain(line.split_whitespace()));
        answer(Account::simulated(arguments.provider, simulator).unwrap(), &arguments).await
    }

    #[tokio::test]
    async fn arguments_are_sent_where_the_contract_places_them() {
        let simulator = simulator().await.unwrap();
        let network = call(&simulator, "elastis network.create name=backend --spend").await.unwrap();
        let uuid = network["uuid"].as_str().unwrap();
        let renamed =
            call(&simulator, &format!("elastis network.rename network_uuid={uuid} name=front --spend")).await;
        assert_eq!(renamed.unwrap()["name"], "front");
        let disk = "elastis disk.create size_gb=5 billing_account_id=6 --spend --location bus02";
        assert_eq!(call(&simulator, disk).await.unwrap()["size_gb"], 5);
        let order = call(&simulator, "inferno-vps order.create cid=777 pid=303 --spend").await.unwrap();
        let typed = format!("inferno-vps vps.info orderid={} --typed", order["orderid"]);
        assert_eq!(call(&simulator, &typed).await.unwrap()["orderid"], order["orderid"]);
        let order = "leaderssl-gpu order.create nomenclature_id=534 os=ubuntu period_count=1 --spend";
        assert!(call(&simulator, order).await.unwrap()["order_id"].is_number());
    }

    #[tokio::test]
    async fn a_change_is_sent_only_with_spend() {
        let simulator = simulator().await.unwrap();
        for endpoint in operations::all().iter().filter(|endpoint| endpoint.effect != "read") {
            let provider = Provider::ALL.into_iter().find(|one| one.endpoints().contains(endpoint)).unwrap();
            let refused =
                call(&simulator, &format!("{} {}", provider.name(), endpoint.name)).await.unwrap_err();
            assert!(refused.to_string().contains("add --spend"), "{refused}");
        }
        assert_eq!(simulator.count("*"), 0);
    }

    #[tokio::test]
    async fn no_secret_is_printed() {
        let simulator = simulator().await.unwrap();
        let login = simulator.leaderssl();
        let line = format!("leaderssl-gpu auth.sign_in login={} password={}", login.login, login.password);
        let signed_in = call(&simulator, &line).await.unwrap().to_string();
        assert!(signed_in.contains("\"auth_token\":\"<auth-token:"), "{signed_in}");
        let token = call(&simulator, "elastis token.create description=job --spend").await.unwrap();
        assert!(token.to_string().contains("\"token\":\"<api-key:"), "{token}");
        let bucket = "elastis bucket.create name=backups billing_account_id=6 --spend";
        call(&simulator, bucket).await.unwrap();
        let keys = call(&simulator, "elastis s3_key.create --spend").await.unwrap().to_string();
        assert!(keys.contains("<secret-key:"), "{keys}");
        let key = simulator.inferno();
        let line = "inferno-vps api_key.get email=e@example.org pass=wrong-password-of-mine generate=0";
        let failed = call(&simulator, line).await.unwrap_err().to_string();
        assert!(!failed.contains("wrong-password-of-mine") && !failed.contains(&key.key), "{failed}");
    }

    #[tokio::test]
    async fn errors_list_the_available_names() {
        let simulator = simulator().await.unwrap();
        for (line, help) in [
            ("elastis vm.gte", "vm.get"),
            ("elastis vm.get id=7", "it has: uuid"),
            ("elastis vm.get uuid", "is not of the form name=value"),
            ("elastis vm.get --typed", "uuid is missing"),
            ("inferno-vps order.list --location bus02", "only elastis has locations"),
            ("elastis vm.create --spend --typed", "remove --typed"),
        ] {
            let failure = call(&simulator, line).await.unwrap_err().to_string();
            assert!(failure.contains(help), "{line}: {failure}");
        }
    }
}
