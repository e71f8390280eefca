//! Checks that a response and its values use at most three times the memory of the response, whatever it contains; the
//! values of a small response may use `VALUES`. Also checks that no call takes longer than `SLOW`.
//!
//! The environment variable `MIB` sets the size of the responses in MiB, up to a client's limit. If `CELLS` is set,
//! every call is printed. Large responses need a release build:
//!
//! ```sh
//! MIB=32 cargo test --release -p leaderssl-gpu --test replay -- --nocapture every_operation_takes_little_memory
//! ```

pub(crate) mod dense;

use std::env;
use std::future::Future;
use std::io::{self, Write};
use std::time::Duration;

use http_core::wire::Bytes;
use http_core::{Call, Error, http};
pub use peak_alloc::PeakAlloc;

use serde_json::Value;

use crate::fixture::{Fixture, all_fixtures, first_fixtures};
use crate::promises::{finish, poll, texts};
use crate::replay::{Exchange, Replayed, Seen, response};

const KIB: usize = 1024;
/// The number of bytes that any error may use, however small the response is.
const ERROR: usize = 1024 * KIB;
/// The number of bytes that decoded values may use, however small the response is.
const VALUES: usize = 8 * 1024 * KIB;
/// Lists with rows of up to this many bytes are skipped, because no account has a megabyte of such rows.
const SMALL: usize = 64;
/// The size of a long response, whose list gets room for its rows before they are decoded.
const LONG: usize = 2 * 1024 * KIB;

/// More CPU time than any call takes, and less than one whose time is quadratic in the size of a small response.
pub(crate) const SLOW: Duration = Duration::from_secs(10);

/// The memory and time that a call used, including the memory of its response.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    bytes: usize,
    time: Duration,
}

impl Taken {
    /// Measures a call that gets a copy of this response, including the formatting of its error.
    pub(crate) fn by<T>(
        response: &http::Response<Bytes>,
        call: impl FnOnce(http::Response<Bytes>) -> Result<T, Error>,
    ) -> (Self, Result<T, Error>) {
        let before = PeakAlloc.current_usage();
        let copy = response.clone().map(|body| Bytes::copy_from_slice(&body));
        PeakAlloc.reset_peak_usage();
        let start = cpu_time();
        let result = call(copy);
        if let Err(error) = &result {
            let _ = texts(error);
        }
        let time = cpu_time().saturating_sub(start);
        (Self { bytes: PeakAlloc.peak_usage().saturating_sub(before), time }, result)
    }
}

/// Returns the CPU time of this thread, or zero if the system does not report it. Other programs do not affect this
/// time.
pub(crate) fn cpu_time() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(
        times.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or(0),
    )
}

/// The kind of content that a body has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Of {
    /// Documented rows, which must never be rejected.
    Rows,
    /// Values that take more memory than their text.
    Values,
    /// Text that a call need not keep in memory.
    Text,
}

/// The status, start, repeated part and end of each body. The bodies take more memory when decoded than as text, or
/// could make an error message arbitrarily long.
const BODIES: &[(u16, &str, &str, &str, Of)] = &[
    (400, r#"{"errors":[0"#, ",0", "]}", Of::Text),
    (400, r#"{"errors":[{"a":0}"#, r#",{"a":0}"#, "]}", Of::Text),
    (400, r#"{"errors":{"a":0"#, r#","a":{"b":"c"}"#, "}}", Of::Text),
    (400, r#"{"error":["no""#, r#","no""#, r#"],"result":"fail"}"#, Of::Text),
    (400, r#"{"message":""#, "no ", r#"","result":"fail"}"#, Of::Text),
    (400, r#"{"message":""#, r"\u0001", r#"","result":"fail"}"#, Of::Text),
    (400, r#"{""#, r"\u0001", r#"":{"result":"fail"}}"#, Of::Text),
    (400, "", "[", "", Of::Text),
    (400, "", "{\"error\":", "", Of::Text),
    (500, "<html>", "<b>", "</html>", Of::Text),
    (200, r#"{"result":"fail","success":false,"errors":[0"#, ",0", "]}", Of::Text),
    (200, r#"{"result":"success","a":0"#, r#","a":0"#, "}", Of::Values),
    (200, r#"{"result":"success","retx":[0"#, ",0", "]}", Of::Values),
    (200, r#"{"result":"success","orders":[0"#, ",0", "]}", Of::Values),
    (200, r#"{"result":"success","orders":[{}"#, ",{}", "]}", Of::Values),
    (200, r#"{"result":"success","products":{"a":{}"#, r#","a":{}"#, "}}", Of::Values),
    (200, r#"{"result":"success","services":{"service":[{}"#, ",{}", "]}}", Of::Values),
    (200, "[0", ",0", "]", Of::Values),
    (200, "[1", "1", "]", Of::Text),
    (200, r#"{"id":0."#, "1", "}", Of::Text),
    (200, "[{}", ",{}", "]", Of::Values),
    (200, "[[0", ",0", "]]", Of::Text),
    (200, r#"[{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64","storage":[{}"#, ",{}", "]}]", Of::Values),
    (200, r#"[{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64"}"#, ROW, "]", Of::Values),
    (200, r#"{"result":"success","orders":[{"orderid":1}"#, r#",{"orderid":1}"#, "]}", Of::Values),
    (200, r#"{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64","storage":[{}"#, ",{}", "]}", Of::Values),
    (200, r#"[{"id":1,"nomenclature_ids":[1"#, ",1", "]}]", Of::Values),
    (200, r#"{"result":"success","uuid":[0"#, ",0", r#"],"orderid":[0]}"#, Of::Values),
    (200, r#"{"result":"success","orderid":[0"#, ",0", r#"],"uuid":[0]}"#, Of::Values),
    (200, r#"{"result":"success","success":true,"":0"#, r#","":0"#, "}", Of::Values),
    (200, r#"{"id":0"#, r#","id":0"#, "}", Of::Values),
    (200, r#"{"uuid":0"#, r#","uuid":0"#, "}", Of::Values),
    (200, r#"{"result":"success","orderid":1"#, r#","orderid":1"#, "}", Of::Values),
    (200, r#"{""#, "key", r#"": nope}"#, Of::Text),
    (200, r#"{""#, "key", r#"": {}}"#, Of::Text),
    (200, r#"[{""#, "key", r#"": nope}]"#, Of::Text),
    (200, r#"[{""#, r"\u0001", r#"": {}}]"#, Of::Text),
    (200, r#"""#, "text", r#"""#, Of::Text),
    (200, r#"""#, r"\u0001", r#"""#, Of::Text),
    (200, r#"["text""#, r#","text""#, "]", Of::Values),
    (200, r#"[{"uuid":""#, "\u{7f}", r#""}]"#, Of::Text),
    (200, r#"[{"storage":""#, "\u{7f}", r#""}]"#, Of::Text),
    (200, r#"{"name":""#, "\u{7f}", r#""}"#, Of::Text),
    (200, r#"{"a\u":""#, "\\u0001", r#""}"#, Of::Text),
    (200, "Array\n(\n", "    [0] => 0\n", ")\n", Of::Values),
    (200, "Array ( ", "[a] => 0 ", ")", Of::Values),
    (200, "", "[a] => ", "", Of::Values),
    (200, "", "Array ( [a] => ", "", Of::Values),
    (200, "<html>", "<b>", "</html>", Of::Text),
    (200, "", "text ", "", Of::Text),
    (200, "", "[", "", Of::Text),
    (200, "", "{\"retx\":", "", Of::Text),
    (200, "", "{\n", "", Of::Text),
];

const ROW: &str = r#",{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64"}"#;

/// Returns all `BODIES`, some bodies that are not valid UTF-8, and an object with many keys.
pub(crate) fn bodies(size: usize) -> impl Iterator<Item = (u16, String, Bytes, Of)> {
    let texts = BODIES.iter().map(move |(status, start, middle, end, of)| {
        let name = format!("{start}{middle}…");
        (*status, name, body(size, start.as_bytes(), middle.as_bytes(), end.as_bytes()), *of)
    });
    let frames = [(&b"["[..], &b"]"[..]), (b"{\"a\":\"", b"\"}"), (b"[{\"name\":\"", b"\"}]")];
    let bytes = [&b"\xff"[..], b"\x80", b"a\x80", b"abc\x80"];
    let broken = frames.into_iter().flat_map(move |frame| bytes.into_iter().map(move |bytes| (frame, bytes)));
    let broken = broken.map(move |((start, end), bytes)| {
        let name = format!("{} and {bytes:?}", String::from_utf8_lossy(start));
        (200, name, body(size, start, bytes, end), Of::Text)
    });
    let keys: Vec<_> = (0..size / 10).map(|key| format!("\"{key:x}\":0")).collect();
    let keys = Bytes::from(format!(r#"{{{},"success":true,"result":"success"}}"#, keys.join(",")));
    texts.chain(broken).chain([(200, "an object of many keys".to_owned(), keys, Of::Values)])
}

fn body(size: usize, start: &[u8], middle: &[u8], end: &[u8]) -> Bytes {
    let times = size.saturating_sub(start.len() + end.len()) / middle.len();
    Bytes::from([start, &middle.repeat(times), end].concat())
}

/// Passes every body to every operation of `package`. Nothing else may run in this process, because the allocator
/// counts all of its memory.
///
/// # Panics
/// Panics if a call uses too much memory or time. The message lists all calls that do.
pub fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let fixtures = first_fixtures(package);
    // To save time, each operation gets only a quarter of the small responses.
    let turns = if mib().is_some() { 1 } else { 4 };
    let measured = |fixture: &Fixture, response: &http::Response<Bytes>| {
        let exchange = Exchange::measuring(fixture.clone(), response.clone());
        poll(ask(exchange)).and_then(|replayed| replayed.seen().ok())
    };
    let mut cells = Cells::new(package);
    for (row, (status, name, body, of)) in bodies(size()).enumerate() {
        let response = response(status, body);
        for fixture in fixtures.iter().skip(row % turns).step_by(turns) {
            if let Some(seen) = measured(fixture, &response) {
                cells.look(&format!("{} {name}", fixture.operation), &response, of, seen.taken);
            }
        }
    }
    for fixture in &all_fixtures(package) {
        let status = fixture.response.status;
        // Every documented row is used, but only one response of each operation is filled with other values.
        let is_first = fixtures.iter().any(|first| first.name() == fixture.name());
        let is_read = |body: &Value| {
            let seen = finish(fixture, &response(status, body.to_string()), ask);
            seen.is_ok_and(|seen| seen.is_some_and(|seen| seen.result.is_ok()))
        };
        for dense in dense::bodies(fixture, is_read) {
            // No resource contains a thousand others, and nobody has ten thousand of the smallest resources.
            let is_list = fixture.operation.rsplit('.').next() == Some("list");
            if dense.is_sample && !(is_list && dense.filling.len() > SMALL) {
                continue;
            }
            if dense.is_sample {
                for size in [450 * KIB, 700 * KIB, size().max(LONG)] {
                    let cell = format!("{} {}, {size} bytes", fixture.operation, dense.name);
                    let response = response(status, dense.body(size));
                    let Some(Seen { result, taken, .. }) = measured(fixture, &response) else { continue };
                    cells.look(&cell, &response, if size < LONG { Of::Values } else { Of::Rows }, taken);
                    if let Err(error) = result {
                        cells.refused(&cell, &error);
                    }
                }
                continue;
            }
            let response = response(status, dense.body(size()));
            if is_first && let Some(seen) = measured(fixture, &response) {
                let cell = format!("{} {}", fixture.operation, dense.name);
                cells.look(&cell, &response, Of::Values, seen.taken);
            }
        }
    }
    cells.finish();
}

/// Passes every body to a call. Nothing else may run in this process.
///
/// # Panics
/// Panics if the call uses too much memory or time. The message lists all bodies for which it does.
pub fn every_body<T: 'static>(name: &str, call: impl Fn() -> Call<T>) {
    let mut cells = Cells::new(name);
    for (status, name, body, of) in bodies(size()) {
        let (call, response) = (call(), response(status, body));
        let (taken, _) = Taken::by(&response, |response| call.finish(response));
        cells.look(&name, &response, of, taken);
    }
    cells.finish();
}

/// Passes a long body that repeats an id to a call. What a call takes for each id shows only in a long body, because the
/// values of any body may use `VALUES`. Nothing else may run in this process.
///
/// # Panics
/// Panics if the call uses too much memory or time.
pub fn repeated_id<T: 'static>(id: &str, call: impl Into<Call<T>>) {
    let start = format!(r#"{{"result":"success",{id}"#);
    let body = body(VALUES, start.as_bytes(), format!(",{id}").as_bytes(), b"}");
    let (call, response) = (call.into(), response(200, body));
    let mut cells = Cells::new(call.operation().name());
    let (taken, _) = Taken::by(&response, |response| call.finish(response));
    cells.look(id, &response, Of::Text, taken);
    cells.finish();
}

fn mib() -> Option<usize> {
    env::var("MIB").ok()?.parse().ok()
}

/// The size of the responses in bytes.
fn size() -> usize {
    mib().map_or(128 * KIB, |mib| mib * 1024 * KIB)
}

/// The results of all calls.
struct Cells<'a> {
    subject: &'a str,
    broken: Vec<String>,
    most: (f64, String),
    longest: (Duration, String),
}

impl<'a> Cells<'a> {
    fn new(subject: &'a str) -> Self {
        Self {
            subject,
            broken: Vec::new(),
            most: (0.0, String::new()),
            longest: (Duration::ZERO, String::new()),
        }
    }

    fn look(&mut self, cell: &str, response: &http::Response<Bytes>, of: Of, taken: Taken) {
        let Taken { bytes, time } = taken;
        let body = response.body();
        let allowed = match of {
            Of::Values => (body.len() + VALUES).max(3 * body.len()),
            Of::Rows | Of::Text => 3 * body.len(),
        };
        let allowed = allowed + ERROR;
        let cell = format!("{} {cell}", response.status().as_u16());
        #[expect(clippy::cast_precision_loss, reason = "shown only")]
        let ratio = bytes as f64 / body.len() as f64;
        if env::var_os("CELLS").is_some() {
            drop(writeln!(io::stdout(), "{ratio:.2}\t{}\t{cell}", time.as_millis()));
        }
        if bytes > allowed {
            self.broken.push(format!("{cell}: {bytes} bytes for {}", body.len()));
        }
        if time > SLOW && mib().is_none() {
            self.broken.push(format!("{cell}: {time:?} for {} bytes", body.len()));
        }
        if ratio > self.most.0 {
            self.most = (ratio, cell.clone());
        }
        if time > self.longest.0 {
            self.longest = (time, cell);
        }
    }

    fn refused(&mut self, cell: &str, error: &Error) {
        self.broken.push(format!("{cell}: a long list of samples is rejected: {error}"));
    }

    fn finish(self) {
        let Self { subject, broken, most: (ratio, largest), longest: (time, longest) } = self;
        drop(writeln!(
            io::stdout(),
            "{subject}: at most {ratio:.2} × the body ({largest}), and {time:?} ({longest})"
        ));
        assert!(
            broken.is_empty(),
            "{subject}: {} calls use too much memory or time:\n{}",
            broken.len(),
            broken.join("\n")
        );
    }
}
