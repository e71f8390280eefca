//! The `hostkit-simulator` program.

use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::builder::Builder;
use crate::control::Simulator;
use crate::world::log::Received;
use crate::world::providers::NAMES;

const HELP: &str = "\
Simulates LeaderSSL GPU servers, Inferno VPS and elastis.id on this computer,
for tests and demos.

Usage: hostkit-simulator [OPTIONS]

Addresses:
  --port PORT         The port to listen on; a free one by default
  --ports             Also serves each provider on a port of its own, without
                      a prefix: the three ports after --port, or free ones
  --root PROVIDER     Also serves this provider without a prefix:
                      leaderssl-gpu, inferno-vps or elastis
  --host ADDRESS      The address to listen on; 127.0.0.1 by default. Anyone
                      who can reach it can control the simulator

Behaviour:
  --strict            Rejects requests that differ from the documentation,
                      e.g. a parameter in the body instead of the query
  --boot TIME         How long a VM takes to boot: immediately, a time such as
                      40s, or a number of reads such as 3reads; immediately by
                      default
  --pay-from-balance  Pays new Inferno orders from the balance
  --seed NUMBER       The seed for ids and tokens; 0 by default
  --clock KIND        real, or frozen at 2026-01-01 00:00:00 UTC until it is
                      advanced; real by default

Output, once the simulator is ready:
  --env               Prints addresses and credentials as export lines
  --json              Prints addresses and credentials as one line of JSON
  --log               Prints a line for each request

  -h, --help          Prints this help
  -V, --version       Prints the version

In a shell:
  hostkit-simulator --env >simulator.env &
  until [ -s simulator.env ]; do sleep 1; done; . ./simulator.env

To inspect and control the simulator:
  curl http://127.0.0.1:PORT/_simulator/
";

/// The parsed arguments of the program.
#[derive(Debug, Default)]
struct Options {
    builder: Builder,
    print: Print,
    log: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Print {
    #[default]
    Text,
    Env,
    Json,
}

/// Runs the program until it is killed. `arguments` does not include the program's name.
pub async fn run(arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let has = |wanted: [&str; 2]| arguments.iter().any(|argument| wanted.contains(&argument.as_str()));
    if has(["--help", "-h"]) {
        return print(HELP);
    }
    if has(["--version", "-V"]) {
        return print(concat!("hostkit-simulator ", env!("CARGO_PKG_VERSION"), "\n"));
    }
    let options = match parse(&arguments) {
        Ok(options) => options,
        Err(error) => return fail(&format!("{error}; see hostkit-simulator --help")),
    };
    let options = Options { builder: options.builder.impatient(), ..options };
    let builder = if options.log { options.builder.printer(print_request) } else { options.builder };
    match builder.start().await {
        Ok(simulator) => {
            print(&introduction(&simulator, options.print));
            std::future::pending().await
        }
        Err(error) => fail(&format!("cannot listen: {error}; choose another --port")),
    }
}

fn parse(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let (name, attached) =
            argument.split_once('=').map_or((argument.as_str(), None), |(name, value)| (name, Some(value)));
        let mut value = || {
            let value = attached.or_else(|| arguments.next().map(String::as_str));
            value.ok_or_else(|| format!("{name} needs a value"))
        };
        let wrong = |value: &str| format!("invalid value '{value}' for {name}");
        let builder = options.builder;
        options.builder = match name {
            "--port" => {
                let text = value()?;
                builder.port(text.parse().map_err(|_| wrong(text))?)
            }
            "--host" => {
                let text = value()?;
                builder.host(text.parse::<IpAddr>().map_err(|_| wrong(text))?)
            }
            "--seed" => {
                let text = value()?;
                builder.seed(text.parse().map_err(|_| wrong(text))?)
            }
            "--boot" => builder.boot(value()?.parse().map_err(|error| format!("--boot: {error}"))?),
            "--root" => {
                let text = value()?;
                builder.root(NAMES.into_iter().find(|provider| *provider == text).ok_or_else(|| wrong(text))?)
            }
            "--clock" => match value()? {
                "real" => builder,
                "frozen" => {
                    builder.frozen_at(DateTime::<Utc>::from_timestamp(1_767_225_600, 0).unwrap_or_default())
                }
                other => return Err(wrong(other)),
            },
            _ if attached.is_some() => return Err(format!("option {name} is unknown or takes no value")),
            "--ports" => builder.ports(),
            "--strict" => builder.strict(),
            "--pay-from-balance" => builder.pay_from_balance(),
            "--env" => {
                options.print = Print::Env;
                builder
            }
            "--json" => {
                options.print = Print::Json;
                builder
            }
            "--log" => {
                options.log = true;
                builder
            }
            unknown => return Err(format!("unknown option {unknown}")),
        };
    }
    Ok(options)
}

/// Returns the initial output: base URLs, credentials and the URL of the control API.
fn introduction(simulator: &Simulator, print: Print) -> String {
    let (gpu, inferno, elastis) = (simulator.leaderssl(), simulator.inferno(), simulator.elastis());
    let control = simulator.shared.addresses.control_url();
    match print {
        Print::Json => {
            let all = json!({
                "control": control,
                "leaderssl-gpu": {"url": gpu.base_url, "login": gpu.login, "password": gpu.password},
                "inferno-vps": {
                    "url": inferno.base_url, "cid": inferno.cid, "key": inferno.key, "email": inferno.email,
                    "password": inferno.password,
                },
                "elastis": {"url": elastis.base_url, "key": elastis.key, "billing_accounts": elastis.billing_accounts},
            });
            format!("{all}\n")
        }
        Print::Env => variables(simulator)
            .iter()
            .fold(String::new(), |lines, (name, value)| lines + "export " + name + "='" + value + "'\n"),
        Print::Text => format!(
            "leaderssl-gpu  {}\n  login     {}\n  password  {}\n\
             inferno-vps    {}\n  cid       {}\n  key       {}\n  email     {}\n  password  {}\n\
             elastis        {}\n  key       {}\n  accounts  {} (with a card), {} (with credit)\n\
             control        {control}/\n",
            gpu.base_url,
            gpu.login,
            gpu.password,
            inferno.base_url,
            inferno.cid,
            inferno.key,
            inferno.email,
            inferno.password,
            elastis.base_url,
            elastis.key,
            elastis.billing_accounts[0],
            elastis.billing_accounts[1],
        ),
    }
}

/// Returns the environment variables that clients read, and the URL of the control API.
fn variables(simulator: &Simulator) -> Vec<(&'static str, String)> {
    let (gpu, inferno, elastis) = (simulator.leaderssl(), simulator.inferno(), simulator.elastis());
    vec![
        ("SIMULATOR", simulator.shared.addresses.control_url()),
        ("LEADERSSL_BASE_URL", gpu.base_url),
        ("LEADERSSL_LOGIN", gpu.login),
        ("LEADERSSL_PASSWORD", gpu.password),
        ("INFERNO_BASE_URL", inferno.base_url),
        ("INFERNO_CID", inferno.cid.to_string()),
        ("INFERNO_API_KEY", inferno.key),
        ("INFERNO_EMAIL", inferno.email),
        ("INFERNO_PASSWORD", inferno.password),
        ("ELASTIS_BASE_URL", elastis.base_url),
        ("ELASTIS_API_KEY", elastis.key),
        ("ELASTIS_BILLING_ACCOUNT", elastis.billing_accounts[0].to_string()),
        ("ELASTIS_LOCATION", "cyc01".to_owned()),
    ]
}

fn print_request(received: &Received) {
    let status = received.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let processed = if received.processed { "" } else { " (not processed)" };
    let (method, path, provider) = (&received.method, &received.path, received.provider);
    let operation = received.operation.unwrap_or("-");
    print(&format!("{status} {method} {path} {provider}/{operation}{processed}\n"));
}

fn print(text: &str) -> ExitCode {
    // Writing fails only if the reader has closed the pipe.
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::SUCCESS
}

fn fail(text: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {text}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_help_fits_a_terminal_with_80_columns() {
        assert_eq!(HELP.lines().find(|line| line.chars().count() > 80), None);
    }

    #[test]
    fn every_option_in_the_help_exists() {
        let values = [
            ("--port", "4010"),
            ("--root", "elastis"),
            ("--host", "0.0.0.0"),
            ("--boot", "3reads"),
            ("--seed", "7"),
            ("--clock", "frozen"),
        ];
        let options = HELP.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
        for name in options.filter_map(|line| line.split(' ').next()) {
            let name = format!("--{name}");
            let value = values.iter().find(|(of, _)| *of == name).map_or("", |(_, value)| value);
            assert!(parsed(&format!("{name} {value}")).is_ok(), "{name}");
            if !value.is_empty() {
                assert!(parsed(&format!("{name}={value}")).is_ok(), "{name}");
                assert_eq!(parsed(&name).unwrap_err(), format!("{name} needs a value"));
            }
        }
    }

    #[test]
    fn errors_name_the_invalid_option() {
        for (line, complaint) in [
            ("--prot 1", "unknown option --prot"),
            ("4010", "unknown option 4010"),
            ("--port many", "invalid value 'many' for --port"),
            ("--root hetzner", "invalid value 'hetzner' for --root"),
            ("--boot soon", "--boot: 'soon' is not"),
            ("--strict=yes", "option --strict is unknown or takes no value"),
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.starts_with(complaint), "{line}: {error}");
        }
    }
}
