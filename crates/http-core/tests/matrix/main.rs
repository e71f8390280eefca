//! Tests every network fault with every effect: how many times the request is sent, and what the error contains.
//! `rules.rs` contains the expected results of a fault; each test prints a table of the actual ones.
#![cfg(any(feature = "rustls", feature = "aws-lc"))]
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod connections;
mod fault;
mod http2;
mod responses;
mod rules;
mod server;

use std::error::Error as _;
use std::io::Write;
use std::time::Duration;

use http_core::client::{
    Builder, Dialect, Effect, ErrorResponse, Form, Operation, Request, Response, Transport,
    secret_header_value,
};
use http_core::http::HeaderName;
use http_core::wire::Bytes;
use http_core::{Error, ErrorKind, SecretString};
use peak_alloc::PeakAlloc;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::fault::{Fault, Place};
use crate::rules::{ATTEMPTS, Expected};
use crate::server::{EXPIRED, GOOD, OTHER_NAME, Server, Step};

/// The account's key, which every request also contains as a password.
const CANARY: &str = "CANARY-7f3a9c";

const OPERATIONS: [Operation; 3] = [
    Operation::get("thing.get", "/v1/things"),
    Operation::post("thing.stop", "/v1/things").idempotent(),
    Operation::post("thing.create", "/v1/things"),
];

const ATTEMPT_LIMIT: Duration = Duration::from_secs(20);
/// The longest `Retry-After` that is honoured, in seconds.
const MAX_RETRY_AFTER: u64 = 60;
const MAX_BODY: usize = 256 * 1024;
/// More bytes than both kernels can buffer between a server and a client that does not read.
const IN_FLIGHT: usize = 16 * 1024 * 1024;

/// More memory than the server and the client take for a flood, and far less than the flood.
const MEMORY: usize = 8 * 1024 * 1024;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

struct Things;

impl Dialect for Things {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let key = secret_header_value("the key", &SecretString::from(CANARY))?;
        request.set_header(HeaderName::from_static("apikey"), key);
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        if response.status().is_success() {
            return Ok(response.body().clone());
        }
        Err(ErrorResponse::from_response(response))
    }
}

fn client(url: &str) -> Transport {
    let mut builder = Builder::new(url, "matrix", Ok(Things), |transport| transport)
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(ATTEMPT_LIMIT)
        .write_timeout(ATTEMPT_LIMIT)
        .total_timeout(Duration::from_secs(600))
        .max_body(MAX_BODY);
    if url.starts_with("https") {
        for certificate in [&GOOD, &OTHER_NAME, &EXPIRED] {
            builder = builder.root_certificate(certificate.pem.clone());
        }
    }
    builder.build().unwrap()
}

/// The result of one call.
struct Seen {
    connections: Option<usize>,
    requests: Option<usize>,
    written: usize,
    elapsed: Duration,
    result: Result<u8, Error>,
}

async fn call(url: &str, operation: &'static Operation, server: Option<&Server>) -> Seen {
    let form = Form::new().field("name", "web").secret("password", &SecretString::from(CANARY));
    let start = Instant::now();
    let result = client(url).call(operation);
    let result =
        if operation.effect() == Effect::Read { result } else { result.form(form) }.json::<u8>().await;
    Seen {
        connections: server.map(Server::connections),
        requests: server.map(Server::requests),
        written: server.map_or(0, Server::written),
        elapsed: start.elapsed(),
        result,
    }
}

async fn ask(fault: &Fault, operation: &'static Operation) -> Seen {
    match &fault.place {
        Place::Http(script) | Place::Https(script) | Place::Http2(script) => {
            let server = Server::start(vec![script.clone()]).await;
            let url = format!("{}://localhost:{}", fault.place.scheme(), server.port);
            call(&url, operation, Some(&server)).await
        }
        Place::Nothing => {
            // The socket keeps other tests from listening on its port.
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let address = socket.local_addr().unwrap();
            call(&format!("http://{address}"), operation, None).await
        }
        Place::FullBacklog => {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(0).unwrap();
            let address = listener.local_addr().unwrap();
            let _waiting = TcpStream::connect(address).await.unwrap();
            call(&format!("http://{address}"), operation, None).await
        }
    }
}

/// Returns everything that an error and its sources show.
fn texts(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string(), format!("{error:?}"), error.message().to_owned()];
    texts.extend(
        [error.code(), error.request_id(), error.created_id()].into_iter().flatten().map(str::to_owned),
    );
    let mut source = error.source();
    while let Some(cause) = source {
        texts.extend([cause.to_string(), format!("{cause:?}"), format!("{cause:#?}")]);
        source = cause.source();
    }
    texts
}

/// Returns the rules that a call broke.
fn broken(fault: &Fault, effect: Effect, seen: &Seen) -> Vec<String> {
    let expected = fault.cause.expected(effect);
    let mut broken = Vec::new();
    let mut expect = |what: &str, is: &dyn std::fmt::Debug, should_be: &dyn std::fmt::Debug| {
        let (is, should_be) = (format!("{is:?}"), format!("{should_be:?}"));
        if is != should_be {
            broken.push(format!("{what} is {is}, not {should_be}"));
        }
    };
    expect("connections", &seen.connections.unwrap_or(expected.attempts), &expected.attempts);
    if let Some(requests) = seen.requests {
        let reads = |step: &Step| matches!(step, Step::ReadHead | Step::ReadRequest | Step::ReadStream);
        let is_read = fault.place.script().is_some_and(|script| script.iter().any(reads));
        expect("requests", &requests, &if is_read { expected.attempts } else { 0 });
    }
    let is = match &seen.result {
        Ok(_) => Expected {
            kind: None,
            attempts: expected.attempts,
            may_have_been_sent: true,
            is_outcome_unknown: false,
        },
        Err(error) => Expected {
            attempts: error.attempts() as usize,
            kind: Some(error.kind()),
            may_have_been_sent: error.may_have_been_sent(),
            is_outcome_unknown: error.is_outcome_unknown(),
        },
    };
    expect("the result", &is, &expected);
    if seen.result.as_ref().is_ok_and(|value| *value != 7) {
        expect("the value", &seen.result.as_ref().ok(), &Some(7));
    }
    if let Err(error) = &seen.result {
        let kind = error.kind();
        expect("is_timeout()", &error.is_timeout(), &(kind == ErrorKind::Timeout));
        expect("is_challenge()", &error.is_challenge(), &(kind == ErrorKind::Challenge));
        expect("the message in Debug", &format!("{error:?}").contains(&error.to_string()), &true);
    }
    let retry_after = Duration::from_secs(fault.retry_after.unwrap_or(0).min(MAX_RETRY_AFTER));
    let repeats = u32::try_from(expected.attempts - 1).unwrap();
    let backoff = Duration::from_millis(3_500);
    let longest = (ATTEMPT_LIMIT + retry_after) * repeats + ATTEMPT_LIMIT + backoff;
    if seen.elapsed < retry_after * repeats || seen.elapsed > longest {
        expect("the elapsed time", &seen.elapsed, &(retry_after * repeats, longest));
    }
    if seen.written > IN_FLIGHT * expected.attempts {
        expect("the written bytes", &seen.written, &(IN_FLIGHT * expected.attempts));
    }
    for text in seen.result.as_ref().err().map(texts).unwrap_or_default() {
        let is_loud = text.contains(|c: char| c.is_control() && c != '\n') || text.contains("\n2026");
        if text.contains("CANARY") || is_loud || text.len() > 4096 {
            expect(
                "the output",
                &text.chars().take(300).collect::<String>(),
                &"short, without control characters and without a secret",
            );
        }
    }
    broken
}

/// Returns a cell of the table.
fn cell(seen: &Seen, expected: Expected) -> String {
    let outcome = match &seen.result {
        Ok(_) => return format!("{} ok", seen.requests.unwrap_or(1)),
        Err(error) if !error.may_have_been_sent() => "not sent",
        Err(error) if error.is_outcome_unknown() => "unknown",
        Err(_) => "known",
    };
    let kind = seen.result.as_ref().err().map_or("", |error| error.kind().as_str());
    format!("{} {kind}, {outcome}", seen.connections.unwrap_or(expected.attempts))
}

/// Runs each fault with each effect, once on all connections and once on the first connection only.
async fn matrix(group: &str, faults: Vec<Fault>) {
    let (mut table, mut failures) = (Vec::new(), Vec::new());
    let mut line = |cells: [&str; 4]| {
        let [name, read, idempotent, once] = cells;
        writeln!(table, "{name:<46.46} {read:<28} {idempotent:<28} {once}").unwrap();
    };
    line([group, "read", "idempotent", "non-idempotent"]);
    for fault in &faults {
        let mut cells = Vec::new();
        for operation in &OPERATIONS {
            let effect = operation.effect();
            let seen = ask(fault, operation).await;
            let broken = broken(fault, effect, &seen).into_iter();
            failures
                .extend(broken.map(|rule| format!("{group}, {}, {}: {rule}", fault.name, effect.as_str())));
            cells.push(cell(&seen, fault.cause.expected(effect)));
            failures.extend(then_fine(fault, operation).await.map(|rule| {
                format!("{group}, {} on the first connection only, {}: {rule}", fault.name, effect.as_str())
            }));
        }
        line([&fault.name, &cells[0], &cells[1], &cells[2]]);
    }
    // Bypasses the test runner, which hides the output of passing tests.
    std::io::stdout().write_all(&table).unwrap();
    assert!(failures.is_empty(), "{} rules broken:\n{}", failures.len(), failures.join("\n"));
}

/// Checks that a fault on the first connection costs a repeatable call only one attempt. Returns the observed result if
/// the check fails.
async fn then_fine(fault: &Fault, operation: &'static Operation) -> Option<String> {
    let scripts = fault.once()?;
    let server = Server::start(scripts).await;
    let url = format!("{}://localhost:{}", fault.place.scheme(), server.port);
    let seen = call(&url, operation, Some(&server)).await;
    let is_repeated = fault.cause.is_repeated(operation.effect());
    let connections = if is_repeated { 2 } else { 1 };
    let is_ok = is_repeated || fault.cause.expected(operation.effect()).kind.is_none();
    (seen.connections != Some(connections) || seen.result.is_ok() != is_ok)
        .then(|| format!("{:?} connections, {:?}", seen.connections, seen.result))
}

macro_rules! groups {
    ($($test:ident: $group:literal, $faults:path;)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $test() {
                matrix($group, $faults()).await;
            }
        )*

        #[test]
        fn the_matrix_contains_no_fault_twice() {
            let groups = [$(($group, $faults())),*];
            let names: Vec<_> =
                groups.iter().flat_map(|(group, faults)| faults.iter().map(move |fault| (group, &fault.name))).collect();
            let distinct: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len());
            assert!(names.len() >= 100, "only {} faults", names.len());
            let cells = names.len() * OPERATIONS.len();
            writeln!(std::io::stdout(), "{} faults, {cells} cells, {ATTEMPTS} attempts", names.len()).unwrap();
        }
    };
}

groups! {
    a_call_without_a_connection_sends_nothing: "connect", connections::connect;
    a_failed_handshake_sends_nothing: "TLS", connections::tls;
    a_broken_connection_proves_nothing: "broken", connections::broken;
    an_http2_frame_proves_no_more_than_its_standard_guarantees: "HTTP/2", http2::http2;
    a_silent_connection_ends_at_its_timeout: "silent", connections::silent;
    a_message_that_contradicts_itself_is_not_a_response: "framing", responses::framing;
    a_flood_is_cut_off: "flood", responses::floods;
    a_status_means_the_same_in_every_call: "status", responses::statuses;
    a_requested_delay_is_honoured: "Retry-After", responses::retry_after;
    a_redirect_is_not_followed: "redirect", responses::redirects;
    a_body_is_a_value_or_an_error: "body", responses::bodies;
}

/// In a process of its own, because the allocator counts the memory of all tests.
#[test]
fn a_flood_takes_little_memory() {
    const CHILD: &str = "HOSTKIT_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return measure_floods();
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", "a_flood_takes_little_memory"]).env(CHILD, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[tokio::main(flavor = "current_thread")]
async fn measure_floods() {
    tokio::time::pause();
    for fault in responses::floods() {
        for operation in &OPERATIONS {
            let before = ALLOCATOR.current_usage();
            ALLOCATOR.reset_peak_usage();
            drop(ask(&fault, operation).await);
            let taken = ALLOCATOR.peak_usage() - before;
            assert!(taken < MEMORY, "{}, {}: {taken} bytes", fault.name, operation.name());
        }
    }
}
