//! `cargo xtask simulate`: the three providers on this machine.

use std::io;

use hostkit_simulator::{Credentials, Simulator};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::out::say;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask simulate --port 4010
  cargo xtask simulate --json

Each line it prints is: provider, base URL, user, secret. With them:
  curl -d 'login=USER&password=SECRET' URL/api/v1/users/signin                              (leaderssl-gpu)
  curl -H 'X-Key: SECRET' -H 'Content-Type: application/json' -d '{\"cid\": USER}' 'URL/api_client.php?action=balance'
  curl -H 'apikey: SECRET' URL/v1/user-resource/vm/list                                     (elastis)")]
pub(crate) struct Arguments {
    /// The port on 127.0.0.1; a free one is taken where none is given.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Prints one JSON line for each provider.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(format_args!("no runtime: {error}"), "free some memory or threads"))?;
    let started = runtime.block_on(serve(arguments));
    started.map_err(|error| {
        let what = format_args!("port {}: {error}", arguments.port);
        Failure::new(what, "cargo xtask simulate --port 0")
    })
}

async fn serve(arguments: &Arguments) -> io::Result<()> {
    let simulator = Simulator::builder().port(arguments.port).start().await?;
    for account in simulator.credentials() {
        say(line(&account, arguments.json));
    }
    tokio::signal::ctrl_c().await
}

/// `name url user secret`; a dash where a provider knows no user.
fn line(account: &Credentials, as_json: bool) -> String {
    let Credentials { name, url, user, secret, .. } = account;
    if as_json {
        return json!({"name": name, "url": url, "user": user, "secret": secret}).to_string();
    }
    let user = if user.is_empty() { "-" } else { user };
    format!("{name} {url} {user} {secret}")
}
