//! Tests the built program only over HTTP, as a client in another language uses it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy recognizes only functions with `#[test]` as tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use reqwest::Method;
use serde_json::{Value, json};
use support::{http, sent};

const README: &str = include_str!("../README.md");

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_hostkit-simulator"))
}

/// A running program with the variables that it printed.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    variables: BTreeMap<String, String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(options: &[&str]) -> Self {
        let mut child = program().args(options).arg("--env").stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut variables = BTreeMap::new();
        while !variables.contains_key("ELASTIS_LOCATION") {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "the program ended");
            let (name, value) = line.trim_end().strip_prefix("export ").unwrap().split_once('=').unwrap();
            variables.insert(name.to_owned(), value.trim_matches('\'').to_owned());
        }
        Self { child, out, variables }
    }

    fn expand(&self, text: &str) -> String {
        // In reverse order, a name precedes its own prefixes, so that no prefix is replaced within a longer name.
        self.variables
            .iter()
            .rev()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
    }

    /// Sends the request of a curl command.
    async fn curl(&self, line: &str) -> (u16, Value) {
        let (mut method, mut url, mut headers, mut data) = (None, None, Vec::new(), Vec::new());
        let mut words = words(line).into_iter().map(|word| self.expand(&word)).skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap();
            match word.as_str() {
                "-X" => method = Some(value()),
                "-H" => headers.push(value()),
                "-d" => data.push(value()),
                "--json" => {
                    headers.push("content-type: application/json".to_owned());
                    data.push(value());
                }
                option if option.starts_with('-') => panic!("{option} in {line}"),
                target => url = Some(target.to_owned()),
            }
        }
        let method = method.unwrap_or_else(|| if data.is_empty() { "GET" } else { "POST" }.to_owned());
        let mut request = http().request(method.parse::<Method>().unwrap(), url.unwrap());
        if !data.is_empty() && !headers.iter().any(|header| header.to_lowercase().starts_with("content-type"))
        {
            headers.push("content-type: application/x-www-form-urlencoded".to_owned());
        }
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        sent(if data.is_empty() { request } else { request.body(data.join("&")) }).await
    }

    /// Returns the printed lines, up to one that contains `last`.
    fn printed_until(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains(last)) {
            let mut line = String::new();
            assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "no line has {last}: {lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}

/// Splits a line into words as a shell does, up to a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for char in line.chars() {
        match (char, quote) {
            (_, Some(open)) if char == open => quote = None,
            ('\'' | '"', None) => (quote, word) = (Some(char), Some(word.unwrap_or_default())),
            ('#', None) if word.is_none() => break,
            (' ', None) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words
}

fn ran(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

#[tokio::test]
async fn every_curl_command_in_the_readme_works() {
    let running = Running::start(&["--seed", "0"]);
    let lines: Vec<_> = README.lines().filter(|line| line.starts_with("curl ")).collect();
    assert!(lines.len() > 40, "{}", lines.len());
    for line in lines {
        let expected = line.rsplit_once("# ").map_or(200, |(_, status)| status.parse().unwrap());
        let (status, body) = running.curl(line).await;
        assert_eq!(status, expected, "{line}\n{body}");
        assert_ne!(body["result"], "fail", "{line}\n{body}");
    }
}

/// Returns the code blocks of the README in this language.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let blocks =
        README.split("\n```").filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'));
    assert_ne!(blocks.clone().count(), 0, "{language}");
    blocks
}

/// Runs a script of the README, for which the simulator is an installed program, and returns its output.
fn script(interpreter: &str, code: &str) -> Option<String> {
    let programs = Path::new(env!("CARGO_BIN_EXE_hostkit-simulator")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("readme-{interpreter}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(interpreter);
    command.current_dir(&folder).env("PATH", format!("{}:{path}", programs.display())).args(["-c", code]);
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{code}\n{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            println!("skipped: {interpreter} cannot be started: {error}");
            None
        }
    }
}

#[cfg(unix)]
#[test]
fn the_python_programs_of_the_readme_work() {
    for code in blocks("python") {
        if let Some(printed) = script("python3", code) {
            assert_eq!(printed, "['web-1']\n");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_shell_lines_of_the_readme_start_the_simulator_and_set_the_variables() {
    let lines = blocks("sh").find(|lines| lines.contains("--env")).unwrap();
    let code = lines.replace("--port 4010 ", "") + "\nkill $!; echo $SIMULATOR $ELASTIS_BILLING_ACCOUNT";
    let printed = script("sh", &code).unwrap();
    assert!(printed.starts_with("http://127.0.0.1:") && printed.ends_with("/_simulator 6\n"), "{printed}");
}

#[tokio::test]
async fn a_typical_workflow_of_each_provider_works_with_plain_requests() {
    let mut running = Running::start(&["--boot", "3reads", "--log"]);
    // LeaderSSL: order a server, start it, poll it and stop it.
    let signed_in = running
        .curl("curl -d login=$LEADERSSL_LOGIN -d password=$LEADERSSL_PASSWORD $LEADERSSL_BASE_URL/api/v1/users/signin")
        .await;
    running.variables.insert("TOKEN".to_owned(), signed_in.1["auth_token"].as_str().unwrap().to_owned());
    let order = "curl -H 'X-AUTH-TOKEN: $TOKEN' -d nomenclature_id=534 -d os=ubuntu -d period_count=1 \
                 $LEADERSSL_BASE_URL/api/v1/servers/order";
    assert!(running.curl(order).await.1["order_id"].is_u64());
    let servers = "curl -H 'X-AUTH-TOKEN: $TOKEN' $LEADERSSL_BASE_URL/api/v1/users/1703/servers";
    let id = running.curl(servers).await.1[3]["id"].to_string();
    let act = |action: &str| {
        format!(
            "curl -X POST -H 'X-AUTH-TOKEN: $TOKEN' $LEADERSSL_BASE_URL/api/v1/users/1703/servers/{id}/{action}"
        )
    };
    assert_eq!(running.curl(&act("start")).await.1, json!({"success": true}));
    let mut states = Vec::new();
    for _ in 0..4 {
        states.push(running.curl(servers).await.1[3]["status"].clone());
    }
    assert_eq!(states, ["booting", "booting", "booting", "up"]);
    assert_eq!(running.curl(&act("stop")).await.1, json!({"success": true}));

    // Inferno: pay for an order, install its VPS, and read the VPS's address.
    let act = |action: &str, more: &str| {
        format!(
            "curl -H 'X-Key: $INFERNO_API_KEY' --json '{{\"cid\": 777{more}}}' \
             '$INFERNO_BASE_URL/api_client.php?action={action}'"
        )
    };
    let order = running.curl(&act("create", ", \"pid\": 303")).await.1["orderid"].clone();
    let install =
        act("install", &format!(", \"orderid\": {order}, \"ostpl\": \"debian12-64-default\", \"run\": 1"));
    assert_eq!(running.curl(&install).await.1["result"], "fail", "the order is not paid");
    let pay = format!("curl --json '{{\"order_id\": {order}}}' $SIMULATOR/payments/inferno");
    assert_eq!(running.curl(&pay).await.0, 200);
    assert_eq!(running.curl(&pay).await.0, 400, "once");
    assert_eq!(running.curl(&install).await.1["result"], "success");
    let mut infos = Vec::new();
    for _ in 0..4 {
        infos.push(
            running.curl(&act("getinfo", &format!(", \"orderid\": {order}"))).await.1["vps_info"].clone(),
        );
    }
    assert_eq!(infos[0], json!([]));
    assert!(infos[3]["ip"].is_string(), "{infos:?}");

    // elastis: create a VM whose response is lost, find it and delete it. Its address is still billed.
    running
        .curl("curl --json '{\"operation\": \"vm.create\", \"kind\": \"html-after\", \"status\": 504}' $SIMULATOR/faults")
        .await;
    let create = "curl -H 'apikey: $ELASTIS_API_KEY' -d name=web-1 -d os_name=ubuntu -d os_version=20.04 -d disks=20 \
                  -d vcpu=2 -d ram=2048 -d username=example -d password=Password123 -d billing_account_id=6 \
                  $ELASTIS_BASE_URL/v1/user-resource/vm";
    assert_eq!(running.curl(create).await.0, 504);
    let list = "curl -H 'apikey: $ELASTIS_API_KEY' $ELASTIS_BASE_URL/v1/user-resource/vm/list";
    let uuid = running.curl(list).await.1[0]["uuid"].as_str().unwrap().to_owned();
    let delete = "curl -X DELETE -H 'apikey: $ELASTIS_API_KEY' -d uuid=";
    running.curl(&format!("{delete}{uuid} $ELASTIS_BASE_URL/v1/user-resource/vm")).await;
    let books = running.curl("curl $SIMULATOR/books").await.1;
    assert_eq!(books["created"]["elastis/vm"], 1);
    let billed: Vec<_> = books["billed"].as_array().unwrap().iter().map(|row| row["kind"].clone()).collect();
    assert!(billed.contains(&json!("ip")) && !billed.contains(&json!("vm")), "{billed:?}");

    // Read the log, then reset the simulator, which works even after the only key was deleted.
    let count = running.curl("curl '$SIMULATOR/requests/count?operation=vm.create'").await.1;
    assert_eq!(count, json!({"count": 1}));
    let first = running.curl("curl '$SIMULATOR/requests?operation=auth.sign_in'").await.1[0].clone();
    assert_eq!((&first["status"], &first["method"]), (&json!(200), &json!("POST")));
    running.curl(&format!("{delete}x -d token_id=1 $ELASTIS_BASE_URL/v1/user-resource/token")).await;
    assert_eq!(running.curl(list).await.0, 403);
    assert_eq!(running.curl("curl -X POST $SIMULATOR/reset").await.0, 200);
    assert_eq!(running.curl(list).await, (200, json!([])));
    let printed = running.printed_until("vm.delete");
    assert!(
        printed[0].contains("200 POST /api/v1/users/signin leaderssl-gpu/auth.sign_in"),
        "{}",
        printed[0]
    );
    assert!(printed.iter().any(|line| line.starts_with("504 POST /v1/user-resource/vm elastis/vm.create")));
}

#[tokio::test]
async fn the_control_api_describes_itself_and_its_errors_name_the_cause() {
    let running = Running::start(&["--strict", "--root", "elastis", "--ports", "--clock", "frozen"]);
    let document = running.curl("curl $SIMULATOR/openapi.json").await.1;
    let list = running.curl("curl $SIMULATOR/").await.1["controls"].clone();
    let operations =
        document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len());
    assert_eq!(operations.sum::<usize>(), list.as_array().unwrap().len());
    for line in list.as_array().unwrap() {
        let (method, path) = line.as_str().unwrap().split_once(": ").unwrap().0.split_once(' ').unwrap();
        let path = if path == "/_simulator" { "/_simulator/" } else { path };
        let operation = &document["paths"][path][method.to_lowercase()];
        assert!(operation["operationId"].is_string(), "{line}");
        let shown = format!(
            "{}{}",
            if method == "GET" { "" } else { method },
            path.trim_start_matches("/_simulator")
        );
        assert!(
            README.contains(path.trim_start_matches("/_simulator")),
            "the README does not mention {shown}"
        );
    }
    for (line, status, error) in [
        ("curl $SIMULATOR/nowhere", 404, "no such control"),
        ("curl -X PUT $SIMULATOR/reset", 405, "wrong method"),
        ("curl --json '{}' $SIMULATOR/faults", 400, "'operation' is missing"),
        ("curl --json '[]' $SIMULATOR/faults", 400, "the body is not a JSON object"),
        (
            "curl --json '{\"operation\": \"elastis/vm.craete\", \"kind\": \"html\"}' $SIMULATOR/faults",
            400,
            "no operation is named 'elastis/vm.craete'; the nearest is vm.create",
        ),
        (
            "curl --json '{\"operation\": \"*\", \"knd\": \"html\"}' $SIMULATOR/faults",
            400,
            "unknown argument 'knd'",
        ),
        (
            "curl --json '{\"bucket\": \"b\", \"objects\": 1, \"bytes\": 1}' $SIMULATOR/objects",
            400,
            "no bucket has this name",
        ),
        ("curl -X PUT --json '{\"quirks\": {\"bomb\": true}}' $SIMULATOR/php", 400, "unknown field `bomb`"),
    ] {
        let (found, body) = running.curl(line).await;
        assert_eq!(found, status, "{line}");
        assert!(body["error"].as_str().unwrap().starts_with(error), "{line}: {body}");
    }
    assert_eq!(running.curl("curl $SIMULATOR/clock").await.1["now"], "2026-01-01T00:00:00Z");
    let (status, body) =
        running.curl("curl -H 'apikey: $ELASTIS_API_KEY' $ELASTIS_BASE_URL/v1/config/locations/").await;
    assert_eq!(status, 400, "{body}");
    assert!(!running.variables["ELASTIS_BASE_URL"].ends_with("/elastis"));
}

#[test]
fn help_and_version_go_to_stdout_and_errors_to_stderr() {
    let help = ran(&["--help"]);
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(
        help.status.success() && text.contains("--pay-from-balance") && text.contains("/_simulator/"),
        "{text}"
    );
    assert!(String::from_utf8(ran(&["-V"]).stdout).unwrap().starts_with("hostkit-simulator 0."));
    let wrong = ran(&["--prot", "1"]);
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
    let error = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(error, "error: unknown option --prot; see hostkit-simulator --help\n");
}
