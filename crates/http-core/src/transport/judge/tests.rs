use http::StatusCode;

use super::*;
use crate::client::{Builder, Dialect, Method};
use crate::testing::PlainDialect;

const PLAIN: Operation = Operation::post("thing.create", "/things");
const HINTED: Operation = PLAIN.with_recovery_hint("check list()");
const RECOVERABLE: Operation = HINTED.recoverable();

/// Presumes every response to be a success.
struct Hasty;

impl Dialect for Hasty {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn presumes_success(&self, _: Effect, _: &Response) -> bool {
        true
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        Ok(response.body().clone())
    }
}

fn client(dialect: impl Dialect) -> Transport {
    let builder = Builder::new("http://127.0.0.1:1", "test", Ok(dialect), |transport: Transport| transport);
    builder.no_proxy().build().unwrap()
}

#[tokio::test]
async fn only_a_success_whose_error_would_not_be_retried_is_presumed() {
    use Effect::{Idempotent, NonIdempotent, Read};

    const GET: Operation = Operation::get("thing.get", "/things");
    const STOP: Operation = Operation::post("thing.stop", "/things").idempotent();
    const CONFIRMED: Operation = Operation::post("thing.move", "/things").confirmed();
    let client = client(Hasty);
    let untyped = client.request(Method::Get, "/things").json::<u8>().operation();
    for (operation, effect, presumed) in [
        (&GET, Read, Some(Read)),
        (&GET, NonIdempotent, Some(NonIdempotent)),
        (&GET, Idempotent, None),
        (&PLAIN, NonIdempotent, Some(NonIdempotent)),
        (&PLAIN, Read, Some(NonIdempotent)),
        (&STOP, Idempotent, None),
        (&STOP, Read, None),
        (&CONFIRMED, NonIdempotent, None),
        (untyped, Read, None),
    ] {
        let judged = client.judge(operation, effect, Response::new(Bytes::from_static(b"1"))).unwrap();
        assert_eq!(judged.presumed(), presumed, "{operation:?} {effect:?}");
    }
    let mut failed = Response::new(Bytes::from_static(b"1"));
    *failed.status_mut() = StatusCode::NOT_FOUND;
    assert!(client.judge(&GET, Read, failed).is_err());
}

#[tokio::test]
async fn the_advice_after_a_lost_response_depends_on_the_operation_and_on_the_effect() {
    let client =
        Builder::new("http://127.0.0.1:1", "test", Ok(PlainDialect), |transport: Transport| transport);
    let client = client.no_proxy().build().unwrap();
    let advice = |operation: &'static Operation, effect| {
        let request = Request::new(operation.method().into(), operation.path());
        let lost = Error::new(ErrorKind::Transport, "reset");
        let error = client.explain(lost, operation, effect, &request);
        assert_eq!(error.is_outcome_unknown(), effect != Effect::Read);
        error.to_string().split_once("anyway: ").map(|(_, advice)| advice.to_owned())
    };
    for (operation, effect, expected) in [
        (&PLAIN, Effect::NonIdempotent, "check the provider's state before sending it again"),
        (&PLAIN, Effect::Idempotent, "check the state, or send it again"),
        (&HINTED, Effect::NonIdempotent, "check list() before sending it again"),
        (&HINTED, Effect::Idempotent, "check list()"),
        (
            &RECOVERABLE,
            Effect::NonIdempotent,
            "check list() before sending it again; next time use .recover(), which searches for the result",
        ),
    ] {
        assert_eq!(advice(operation, effect).as_deref(), Some(expected), "{operation:?} {effect:?}");
        assert_eq!(advice(operation, Effect::Read), None);
    }
}

#[test]
fn only_a_recognized_lasting_client_error_is_a_rejection() {
    use ErrorResponseKind::{Conflict, RateLimited, Unavailable, Undecodable};
    let error = |status: u16, kind| {
        let status = StatusCode::from_u16(status).unwrap();
        (status, ErrorResponse::new(status, "no").with_kind(kind))
    };
    for (status, kind, expected) in [
        (409, Conflict, true),
        (400, Conflict, true),
        (500, Conflict, false),
        (200, Conflict, false),
        (409, Undecodable, false),
        (409, RateLimited, false),
        (409, Unavailable, false),
        (408, Conflict, false),
        (429, Conflict, false),
    ] {
        let (code, response) = error(status, kind);
        assert_eq!(is_rejection(code, &response), expected, "{status} {kind:?}");
    }
    let unrecognized = ErrorResponse::unrecognized(StatusCode::CONFLICT, "no").with_kind(Conflict);
    assert!(!is_rejection(StatusCode::CONFLICT, &unrecognized));
}
