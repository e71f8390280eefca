mod observed;

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};

use crate::client::{
    Builder, CallBuilder, Dialect, Effect, ErrorResponse, ErrorResponseKind, Method, Operation, Request,
    Response, Transport, is_presumed,
};
use crate::error::{Error, ErrorKind};

const GET: Operation = Operation::get("number.list", "/numbers");
const CREATE: Operation = Operation::post("number.create", "/numbers").returns_id("id");

/// Presumes every response to be a success, although only one with a note is.
struct Hasty;

impl Dialect for Hasty {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn presumes_success(&self, _: Effect, _: &Response) -> bool {
        true
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        let body = response.body().strip_prefix(b"note: ");
        body.map(Bytes::copy_from_slice).ok_or_else(|| {
            if response.body().is_empty() {
                return ErrorResponse::unrecognized(response.status(), "denied")
                    .with_kind(ErrorResponseKind::NotFound);
            }
            ErrorResponse::new(response.status(), format!("denied {:?}", operation.effect()))
        })
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        headers.get("x-request-id")?.to_str().ok().map(str::to_owned)
    }
}

fn call() -> CallBuilder {
    call_to(&GET)
}

fn call_to(operation: &'static Operation) -> CallBuilder {
    client().call(operation)
}

fn client() -> Transport {
    let builder = Builder::new("http://127.0.0.1:9", "test", Ok(Hasty), |transport: Transport| transport);
    builder.no_proxy().build().unwrap()
}

fn response(body: &'static str) -> Response {
    Response::new(Bytes::from_static(body.as_bytes()))
}

fn assert_denied<T>(result: Result<T, Error>) {
    let error = result.err().unwrap();
    assert!(error.kind() == ErrorKind::ErrorResponse && error.to_string().starts_with("denied"), "{error}");
}

#[test]
fn a_presumed_success_is_judged_if_it_cannot_be_decoded() {
    for body in ["[1]", "note: [1]"] {
        assert_eq!(call().json::<Vec<u8>>().finish(response(body)).unwrap(), [1], "{body}");
        assert_eq!(call().list::<u8>().finish(response(body)).unwrap(), [1], "{body}");
        assert_eq!(call().list::<u8>().tolerant().finish(response(body)).unwrap().items, [1], "{body}");
    }
    for body in ["", "[1", "[300]", "{}", "[1] x"] {
        assert_denied(call().json::<[u8; 1]>().finish(response(body)));
    }
    assert_denied(call().list::<u8>().tolerant().finish(response("[300]")));
    let partial = call().list::<u8>().tolerant().finish(response("note: [1, 300]")).unwrap();
    assert_eq!((partial.items, partial.failed), (vec![1], 1));
    let error = call().json::<u8>().finish(response("note: 300")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

/// In an error response, the parts that report the error are the invalid ones.
#[test]
fn a_presumed_success_is_judged_if_values_were_left_out() {
    crate::wire::models! {
        struct Row {
            parts: Vec<Part>,
            first: Option<Part>,
            size: Option<u8>,
        }

        struct Part {
            size: u8,
        }
    }

    for (body, parts) in [
        (r#"note: {"parts": [{"size": 1}, {}]}"#, 1),
        (r#"note: {"first": {}}"#, 0),
        (r#"note: {"size": "x"}"#, 0),
    ] {
        let finish = |body| call().json::<Row>().finish(response(body));
        assert_eq!(finish(body).unwrap().parts.len(), parts, "{body}");
        assert_denied(finish(&body["note: ".len()..]));
    }
    let list = |body| call().list::<Row>().finish(response(body));
    assert_denied(list(r#"[{}, {"parts": [{}]}]"#));
    assert_eq!(list(r#"note: [{}, {"parts": [{}]}]"#).unwrap().len(), 2);
}

#[test]
fn a_response_that_is_not_decoded_is_always_judged() {
    assert_denied(call().json::<u8>().raw().finish(response("1")));
    let raw = call().json::<u8>().raw().finish(response("note: 1")).unwrap();
    assert_eq!(Bytes::from(raw.into_body()), "1");
}

#[test]
fn the_response_to_a_change_is_always_judged() {
    assert_denied(call_to(&CREATE).json::<u8>().finish(response("1")));
    assert_eq!(call_to(&CREATE).json::<u8>().finish(response("note: 1")).unwrap(), 1);
}

#[test]
fn a_created_id_of_zero_is_a_decode_error_with_an_unknown_outcome() {
    let finish = |operation, body| {
        call_to(operation).json::<std::collections::BTreeMap<String, u8>>().finish(response(body))
    };
    assert!(finish(&CREATE, r#"note: {"id": 7}"#).is_ok() && finish(&GET, r#"note: {"id": 0}"#).is_ok());
    let error = finish(&CREATE, r#"note: {"id": 0}"#).unwrap_err();
    assert_eq!((error.kind(), error.created_id()), (ErrorKind::Decode, None));
    assert!(error.is_outcome_unknown() && error.to_string().starts_with("`id` is zero or nil"), "{error}");
}

#[test]
fn a_response_is_judged_by_the_effect_of_its_call() {
    use Effect::{Idempotent, NonIdempotent, Read};
    let untyped = |method| client().request(method, "/numbers");
    for (call, effect, judged_by) in [
        (call(), Read, Read),
        (call(), Idempotent, Idempotent),
        (call(), NonIdempotent, NonIdempotent),
        (call_to(&CREATE), Read, NonIdempotent),
        (call_to(&CREATE), Idempotent, NonIdempotent),
        (untyped(Method::Get), Idempotent, Idempotent),
        (untyped(Method::Get), NonIdempotent, NonIdempotent),
        (untyped(Method::Post), Read, Read),
        (untyped(Method::Post), Idempotent, Idempotent),
    ] {
        let error = call.effect(effect).json::<u8>().finish(response("x")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("denied {judged_by:?} (")), "{effect:?}: {error}");
    }
}

#[test]
fn an_id_in_the_response_to_any_change_leaves_the_outcome_unknown() {
    let finish = |effect| {
        let call = client().request(Method::Get, "/numbers/renew").effect(effect);
        call.json::<u8>().finish(response(r#"{"id": 7}"#)).unwrap_err()
    };
    assert!(finish(Effect::NonIdempotent).is_outcome_unknown());
    assert!(!finish(Effect::Read).is_outcome_unknown());
}

/// An error often names the existing resource that prevents a change. That of a rate limit or a failing server does not.
#[test]
fn the_status_decides_whose_id_an_error_response_contains() {
    let (inside, beside) = (r#"{"errors": {"id": 7}}"#, r#"{"errors": "no", "id": 7}"#);
    for (status, body, is_unknown, is_named) in [
        (400, inside, false, false),
        (400, beside, true, false),
        (409, inside, false, false),
        (409, beside, true, false),
        (429, inside, true, false),
        (429, beside, true, true),
        (429, r#"{"errors": "no"}"#, false, false),
        (503, inside, true, false),
        (503, beside, true, true),
    ] {
        let mut response = response(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let error = call_to(&CREATE).json::<u8>().finish(response).unwrap_err();
        let found = (error.is_outcome_unknown(), error.created_id().is_some());
        assert_eq!(found, (is_unknown, is_named), "{status} {body}: {error}");
    }
}

#[test]
fn only_a_successful_response_of_the_provider_is_presumed_to_be_one() {
    let finish = |change: fn(&mut Response)| {
        let mut response = response("1");
        change(&mut response);
        call().json::<u8>().finish(response)
    };
    assert_eq!(finish(|_| ()).unwrap(), 1);
    assert_denied(finish(|response| *response.status_mut() = StatusCode::BAD_REQUEST));
    let compressed: [fn(&mut Response); 2] = [
        |response| drop(response.headers_mut().insert(CONTENT_ENCODING, "gzip".parse().unwrap())),
        |response| drop(response.headers_mut().insert(TRANSFER_ENCODING, "gzip, chunked".parse().unwrap())),
    ];
    for change in compressed {
        assert_eq!(finish(change).unwrap_err().kind(), ErrorKind::Decode);
    }
}

#[test]
fn a_decoder_knows_that_a_success_is_only_presumed() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let call = call().decode(|body| {
        RUNS.fetch_add(1, Ordering::Relaxed);
        if is_presumed() { Err(crate::wire::DecodeError::new("unusual")) } else { Ok(body.clone()) }
    });
    assert_eq!(call.finish(response("note: 1")).unwrap(), "1");
    assert!(RUNS.load(Ordering::Relaxed) == 2 && !is_presumed());
}

/// The type of a program, whose derived code also reads the items of a list as the fields.
#[test]
fn only_an_object_becomes_a_row_of_any_type() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Row {
        id: u8,
    }
    let list = || call_to(&GET).list::<Row>();
    assert_eq!(list().finish(response(r#"note: [{"id": 7}]"#)).unwrap(), [Row { id: 7 }]);
    for body in [r#"note: [{"id": 7}, [8]]"#, "note: {\"id\": 7}"] {
        assert_eq!(list().finish(response(body)).unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
    let many = list().tolerant().finish(response("note: [[8], {\"id\": 7}, [9]]")).unwrap();
    assert_eq!((many.items, many.failed), (vec![Row { id: 7 }], 2));
}

#[test]
fn rows_that_cannot_be_decoded_do_not_hide_the_row_that_is_searched_for() {
    let search = |body| {
        let rows = call_to(&GET).list::<u8>().first("there is no 7".to_owned(), |row| *row == 7);
        rows.finish(response(body))
    };
    assert_eq!(search(r#"note: [1, "x", 7, {}]"#).unwrap(), 7);
    let error = search(r#"note: [1, "x"]"#).unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && !error.is_not_found(), "{error}");
    assert!(error.message().starts_with("there is no 7"), "{error}");
    assert!(search("note: [1]").unwrap_err().is_not_found());
}

#[test]
fn only_a_known_error_response_of_the_provider_means_that_a_resource_is_absent() {
    let optional = |operation, body| {
        let mut response = response(body);
        *response.status_mut() = StatusCode::NOT_FOUND;
        call_to(operation).json::<u8>().optional().finish(response)
    };
    for operation in [&GET, &CREATE] {
        assert_eq!(optional(operation, "gone").unwrap(), None);
        assert!(optional(operation, "").unwrap_err().is_not_found());
    }
    let error = optional(&CREATE, r#"{"id": 7}"#).unwrap_err();
    assert!(error.is_not_found() && error.is_outcome_unknown(), "{error}");
}

#[test]
fn a_challenge_that_names_a_created_id_does_not_hide_it() {
    for (status, is_named) in [(StatusCode::CREATED, true), (StatusCode::FORBIDDEN, false)] {
        let mut response = response(r#"{"id": 7}"#);
        *response.status_mut() = status;
        response.headers_mut().insert("cf-mitigated", "challenge".parse().unwrap());
        let error = call_to(&CREATE).json::<u8>().finish(response).unwrap_err();
        assert!(error.is_challenge() && error.is_outcome_unknown() && error.may_have_been_sent(), "{error}");
        assert_eq!(error.created_id().is_some(), is_named, "{error}");
    }
}

#[test]
fn every_error_about_a_response_names_its_request() {
    for (body, status, encoding) in [
        ("note: 300", 200, ""),
        ("denied", 200, ""),
        ("note: 1", 302, ""),
        ("note: 1", 102, ""),
        ("note: 1", 200, "gzip"),
    ] {
        for operation in [&GET, &CREATE] {
            let mut response = response(body);
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            response.headers_mut().insert("content-encoding", encoding.parse().unwrap());
            response.headers_mut().insert("x-request-id", "r-7".parse().unwrap());
            let error = call_to(operation).json::<u8>().finish(response).unwrap_err();
            assert_eq!(error.request_id(), Some("r-7"), "{error}");
        }
    }
}

#[test]
fn a_response_may_take_memory_in_proportion_to_its_length() {
    let text = format!(r#""{}""#, "x".repeat(1024 * 1024));
    let body = format!("note: [{}]", vec![text; 9].join(","));
    assert_eq!(call().list::<String>().finish(Response::new(body.into())).unwrap().len(), 9);
}
