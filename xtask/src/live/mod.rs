//! `cargo xtask live`: checks whether a provider's responses match the contract.

mod report;
mod simulated;

use std::collections::BTreeMap;
use std::path::PathBuf;

use hostkit_tests::contract::Contract;
use hostkit_tests::fixture::Fixture;
use hostkit_tests::json::Json;
use http_core::Error;
use http_core::wire::Bytes;

use crate::account::{Account, Arguments as Given, Exchange};
use crate::call;
use crate::contract::strict::Strict;
use crate::failure::{Failure, Result};
use crate::fixtures::{self, Provider};
use crate::operations::Endpoint;
use crate::out::say;
use report::{Report, Verdict};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ELASTIS_API_KEY=… cargo xtask live elastis
  ELASTIS_API_KEY=… cargo xtask live elastis --record target/recorded
  cargo xtask live inferno-vps --simulated --changed

Runs every read operation once. Nothing is changed, and nothing costs money.
The report names fields and types, never values, so it can be pasted into an
issue.")]
pub(crate) struct Arguments {
    provider: Provider,
    /// Calls a simulator that has one of every resource, instead of the real provider.
    #[arg(long)]
    simulated: bool,
    /// Makes the simulator respond with PHP's quirks and with undocumented values.
    #[arg(long, requires = "simulated")]
    changed: bool,
    /// Writes the responses as fixtures, one folder per crate, with placeholders for secrets.
    #[arg(long, value_name = "FOLDER")]
    record: Option<PathBuf>,
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
    let (report, recorded) = runtime.block_on(check(arguments))?;
    say(&report);
    let Some(folder) = &arguments.record else {
        if !recorded.is_empty() {
            say("\nTo keep the responses as fixtures, including values: --record target/recorded");
        }
        return report.outcome();
    };
    fixtures::write(&crate::root().join(folder), &recorded)?;
    say(
        "Review them, add the missing ones to fixtures/ with \"source\": \"recorded\", then run: cargo xtask fixtures format",
    );
    report.outcome()
}

async fn check(arguments: &Arguments) -> Result<(Report, Vec<(&'static str, Fixture)>)> {
    let failed = |error: Error| Failure::new(error, "cargo xtask live --help");
    // The simulator stops when it goes out of scope.
    let simulator = if arguments.simulated {
        let simulator = call::simulator().await?;
        simulated::fill(&simulator, arguments.changed);
        Some(simulator)
    } else {
        None
    };
    let account = match &simulator {
        Some(simulator) => Account::simulated(arguments.provider, simulator),
        None => Account::from_env(arguments.provider),
    };
    let account = account.map_err(failed)?;
    let account = match &arguments.location {
        Some(slug) => account.at(slug)?,
        None => account,
    };
    Check {
        account,
        provider: arguments.provider,
        strict: Strict::of(arguments.provider)?,
        answers: BTreeMap::new(),
    }
    .run()
    .await
}

/// The sources of arguments: operation, parameter, and the operation and field that provide the value.
const SOURCES: [(&str, &str, &str, &str); 18] = [
    ("vps.info", "orderid", "order.list", "id"),
    ("service.get", "serviceid", "service.list", "id"),
    ("vm.get", "uuid", "vm.list", "uuid"),
    ("replica.list", "uuid", "vm.list", "uuid"),
    ("disk.get", "disk_uuid", "disk.list", "uuid"),
    ("bucket.get", "name", "bucket.list", "name"),
    ("network.get", "network_uuid", "network.list", "uuid"),
    ("floating_ip.get", "public_ipv4_address", "floating_ip.list", "address"),
    ("load_balancer.get", "load_balancer_uuid", "load_balancer.list", "uuid"),
    ("billing_account.get", "billing_account_id", "billing_account.list", "id"),
    ("billing_account.unpaid_amount", "billing_account_id", "billing_account.list", "id"),
    ("billing_resource.list", "id", "billing_account.list", "id"),
    ("card.list", "billing_account_id", "billing_account.list", "id"),
    ("credit.list", "billing_account_id", "billing_account.list", "id"),
    ("invoice.list", "billing_account_id", "billing_account.list", "id"),
    ("usage.list", "billing_account_id", "billing_account.list", "id"),
    ("card.get", "payment_object_id", "card.list", "id"),
    ("invoice.get", "invoice_id", "invoice.list", "id"),
];

struct Check {
    account: Account,
    provider: Provider,
    strict: Strict,
    /// The responses so far, by operation.
    answers: BTreeMap<&'static str, Json>,
}

impl Check {
    async fn run(mut self) -> Result<(Report, Vec<(&'static str, Fixture)>)> {
        let mut report = Report::new(self.provider);
        let mut recorded = Vec::new();
        // Lists run before the operations that need their values.
        let (followers, sources): (Vec<_>, Vec<_>) = self
            .provider
            .endpoints()
            .into_iter()
            .filter(|endpoint| endpoint.effect == "read")
            .partition(|endpoint| SOURCES.iter().any(|(name, ..)| *name == endpoint.name));
        let (last, next): (Vec<_>, Vec<_>) =
            followers.into_iter().partition(|endpoint| endpoint.name.rsplit('.').next() == Some("get"));
        for endpoint in sources.into_iter().chain(next).chain(last) {
            let verdict = match self.given(&endpoint) {
                Err(reason) => Verdict::NotRun(reason),
                Ok(given) => match self.ask(endpoint, &given).await? {
                    Err(error) => Verdict::Failed(summary(&error)),
                    Ok((exchange, differences)) => {
                        recorded.push((endpoint.package, exchange.fixture()));
                        Verdict::of(differences)
                    }
                },
            };
            report.add(endpoint.name, verdict);
        }
        Ok((report, recorded))
    }

    /// Returns the arguments of an operation, or the reason why it cannot run.
    fn given(&self, endpoint: &Endpoint) -> Result<Given, String> {
        if matches!(endpoint.name, "auth.sign_in" | "api_key.get") {
            return Err("it needs a password".to_owned());
        }
        let mut given = Given::default();
        for (_, parameter, source, field) in SOURCES.iter().filter(|(name, ..)| *name == endpoint.name) {
            let found = self.answers.get(source).and_then(|answer| first(answer, field));
            let value = found.ok_or_else(|| format!("{source} returned nothing to read"))?;
            given.0.insert((*parameter).to_owned(), value);
        }
        Ok(given)
    }

    /// Sends one request, and compares the response with the contract, the samples and the model.
    async fn ask(
        &mut self,
        endpoint: Endpoint,
        given: &Given,
    ) -> Result<Result<(Exchange, Vec<String>), Error>> {
        let call = || {
            let missing =
                || Failure::new(format_args!("{} has no method", endpoint.name), "add it to account/read.rs");
            self.account.read(endpoint.name, given)?.ok_or_else(missing)
        };
        let response = match call()?.raw().await {
            Ok(response) => response.map(Bytes::from),
            Err(error) => return Ok(Err(error)),
        };
        let again = call()?;
        let request = match again.prepare() {
            Ok(request) => request.map(Bytes::from),
            Err(error) => return Ok(Err(error)),
        };
        let mut differences = Vec::new();
        let status = response.status().as_u16();
        let outside = Contract::of(endpoint.package).check_response(endpoint.name, status, response.body());
        // The comparison with the samples reports all other problems, without values.
        differences.extend(outside.into_iter().filter(|problem| problem.starts_with("status ")));
        match Json::parse(&String::from_utf8_lossy(response.body())) {
            Ok(json) => {
                differences.extend(self.strict.differences(endpoint.name, &json));
                self.answers.insert(endpoint.name, json);
            }
            Err(_) => differences.push("the body is not JSON".to_owned()),
        }
        if again.finish(response.clone()).is_err() {
            differences.push("the client cannot decode the body".to_owned());
        }
        Ok(Ok((Exchange { endpoint, request, response }, differences)))
    }
}

/// Returns the first value of a field, at any depth.
fn first(json: &Json, field: &str) -> Option<String> {
    match json {
        Json::Object(members) => {
            let own = members.iter().find(|(name, _)| name == field).and_then(|(_, value)| match value {
                Json::Text(text) | Json::Number(text) => Some(text.clone()),
                _ => None,
            });
            own.or_else(|| members.iter().find_map(|(_, value)| first(value, field)))
        }
        Json::List(items) => items.iter().find_map(|item| first(item, field)),
        _ => None,
    }
}

/// Describes an error without the provider's message, which may contain values.
fn summary(error: &Error) -> String {
    let status = error.status().map_or(String::new(), |status| format!(", status {status}"));
    format!("{:?}{status}", error.kind())
}

#[cfg(test)]
mod tests;
