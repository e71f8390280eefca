//! A response that arrives in time, but takes too long to decode.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use http_core::client::{
    Builder, CallBuilder, Dialect, ErrorResponse, Operation, Request, Response, Transport, is_late,
    member_rows,
};
use http_core::wire::{Bytes, models};
use http_core::{Call, Error, ErrorKind};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny};

use crate::server::{Act, Server};
use crate::{CREATE, READ, STOP, client};

/// Much longer than a test takes until it lets this time pass.
const TIMEOUT: Duration = Duration::from_secs(600);
/// The number of rows that are decoded before the timeout expires.
const EARLY: usize = 1_000;
/// More rows than are decoded between two looks at the clock.
const LATE: usize = 1_000;

thread_local! {
    static DECODED: Cell<usize> = const { Cell::new(0) };
}

/// A row that is always valid.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
struct Row;

http_core::wire::wire_value!(Row);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        count();
        Ok(Self)
    }
}

/// A row that is always invalid.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
struct Invalid;

http_core::wire::wire_value!(Invalid);

impl<'de> Deserialize<'de> for Invalid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        count();
        Err(D::Error::custom("invalid"))
    }
}

/// Counts a row. The timeout expires with the `EARLY`th one.
fn count() {
    DECODED.set(DECODED.get() + 1);
    if DECODED.get() == EARLY {
        expire();
    }
}

/// Lets the timeout expire.
fn expire() {
    tokio::time::pause();
    let _ = pin!(tokio::time::advance(TIMEOUT)).poll(&mut Context::from_waker(Waker::noop()));
}

/// A dialect that reads a response until the timeout has expired, and then returns the response or an error.
struct Slow {
    succeeds: bool,
}

impl Dialect for Slow {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        expire();
        DECODED.set(usize::from(is_late()));
        if self.succeeds {
            Ok(response.body().clone())
        } else {
            Err(ErrorResponse::unrecognized(response.status(), "no"))
        }
    }
}

#[test]
fn a_dialect_that_reads_until_the_deadline_knows_nothing_about_a_long_response() {
    #[tokio::main(flavor = "current_thread")]
    async fn read(operation: &'static Operation, succeeds: bool, length: usize) -> Result<String, Error> {
        let server = Server::start([Act::ok(&format!("\"{}\"", "x".repeat(length)))]).await;
        let builder = Builder::new(&server.url(), "late", Ok(Slow { succeeds }), |it: Transport| it);
        let call = builder.no_proxy().build().unwrap().call(operation);
        let call = if operation.path().contains("{id}") { call.path("id", 1) } else { call };
        let result = call.json::<String>().timeout(TIMEOUT).await;
        assert_eq!(server.received().len(), 1);
        result
    }

    for operation in [&READ, &CREATE, &STOP] {
        for succeeds in [true, false] {
            let error = read(operation, succeeds, 2 * 1024 * 1024).unwrap_err();
            assert_eq!((error.kind(), DECODED.get()), (ErrorKind::Timeout, 1), "{error}");
            assert_eq!(error.is_outcome_unknown(), operation != &READ, "{error}");
            assert_eq!(read(operation, succeeds, 7).is_ok(), succeeds);
            assert_eq!(DECODED.get(), 0);
        }
    }
}

models! {
    struct Holder {
        #[required]
        rows: Vec<Row>,
        more: Option<Vec<Row>>,
        invalid: Vec<Invalid>,
    }
}

/// Returns the result of a call that receives `count` rows, and the number of rows that it has decoded.
#[tokio::main(flavor = "current_thread")]
async fn call<T: 'static>(
    operation: &'static Operation,
    count: usize,
    form: (&str, &str),
    decode: fn(CallBuilder) -> Call<T>,
) -> (Result<T, Error>, usize) {
    let body = format!("{}0{}{}", form.0, ",          0".repeat(count - 1), form.1);
    let server = Server::start([Act::ok(&body)]).await;
    DECODED.set(0);
    let call = client(&server.url()).call(operation);
    let call = if operation.path().contains("{id}") { call.path("id", 1) } else { call };
    let result = decode(call).timeout(TIMEOUT).await;
    assert_eq!(server.received().len(), 1);
    (result, DECODED.get())
}

#[test]
fn decoding_a_long_response_stops_at_the_deadline() {
    type Case = ((&'static str, &'static str), fn(CallBuilder) -> Call<usize>);
    let cases: &[Case] = &[
        (("[", "]"), |call| call.list::<Row>().map(|rows| rows.len())),
        (("[", "]"), |call| call.list::<Row>().tolerant().map(|list| list.items.len())),
        (("{\"rows\":[", "]}"), |call| call.json::<Holder>().map(|holder| holder.rows.len())),
        (("{\"rows\":[],\"more\":[", "]}"), |call| {
            call.json::<Holder>().map(|holder| holder.more.unwrap_or_default().len())
        }),
        (("{\"rows\":[],\"invalid\":[", "]}"), |call| {
            call.json::<Holder>().map(|holder| holder.invalid.len())
        }),
        (("{\"rows\":[", "]}"), |call| {
            let call = call.rows::<Row>(|body, each| member_rows(body, "rows", each));
            call.map(|rows| rows.len())
        }),
    ];
    for operation in [&READ, &CREATE, &STOP] {
        for (form, decode) in cases {
            let (result, decoded) = call(operation, 100_000, *form, *decode);
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{form:?}: {error}");
            assert_eq!(error.is_outcome_unknown(), operation != &READ, "{form:?}: {error}");
            assert!((EARLY..EARLY + LATE).contains(&decoded), "{form:?}: {decoded}");
            if form.0.contains("invalid") {
                continue;
            }
            // A short response is decoded, because its outcome is known.
            let (result, decoded) = call(operation, 10_000, *form, *decode);
            assert_eq!((result.unwrap(), decoded), (10_000, 10_000), "{form:?}");
        }
    }
}

const NAMED: Operation = Operation::post("thing.create", "/v1/things").returns_id("id");

#[test]
fn the_created_id_is_kept_if_the_decoding_stops_at_the_deadline() {
    let (result, _) = call(&NAMED, 100_000, ("{\"id\":\"a-1\",\"rows\":[", "]}"), |call| {
        call.json::<Holder>().map(|holder| holder.rows.len())
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.created_id()), (ErrorKind::Timeout, Some("a-1")), "{error}");
}
