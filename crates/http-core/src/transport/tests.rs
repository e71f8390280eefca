use std::collections::HashSet;
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;

use super::*;
use crate::client::Builder;
use crate::testing::PlainDialect;
use crate::transport::plan::Limits;
use crate::wire::allowance::LONG;

const CREATE: Operation = Operation::post("thing.create", "/things");

/// Returns the timeouts of a whole call and of an attempt, in seconds, of a client with these timeouts for writes
/// and for whole calls.
fn limits(write: u64, whole: Option<u64>, total: Option<u64>, at_most: Option<u64>) -> (u64, u64) {
    let seconds = Duration::from_secs;
    let builder =
        Builder::new("http://127.0.0.1:1", "test", Ok(PlainDialect), |transport: Transport| transport);
    let builder = builder.write_timeout(seconds(write));
    let builder = whole.map(seconds).into_iter().fold(builder, Builder::total_timeout);
    let options = Options { total: total.map(seconds), at_most: at_most.map(seconds), ..Options::default() };
    let plan = builder.build().unwrap().plan(&CREATE, Effect::NonIdempotent, &options);
    let limits = plan.limits;
    (limits.total.as_secs(), limits.attempt.as_secs())
}

#[tokio::test]
async fn the_time_left_for_a_call_shortens_it_and_never_extends_it() {
    assert_eq!(limits(600, None, None, None), (1200, 600));
    assert_eq!(limits(600, None, None, Some(7140)), (1200, 600));
    assert_eq!(limits(600, Some(30), None, Some(7140)), (30, 600));
    assert_eq!(limits(600, None, Some(90), Some(7140)), (90, 90));
    assert_eq!(limits(600, None, Some(7200), Some(7140)), (7140, 7200));
    assert_eq!(limits(600, None, None, Some(5)).0, 5);
}

/// A different value shows that a ticket belongs to another account, so keys that differ in one byte must have
/// different ones.
#[test]
fn accounts_with_similar_keys_have_different_check_values() {
    for salt in [0, 1, u64::MAX] {
        let keys = (0..=u8::MAX).flat_map(|byte| [vec![b'k', byte, b'1'], vec![b'k', b'1', byte]]);
        let keys: HashSet<Vec<u8>> = keys.collect();
        let values: HashSet<u32> = keys.iter().map(|key| check_value(salt, key)).collect();
        assert_eq!(values.len(), keys.len(), "{salt}");
    }
    assert_ne!(check_value(0, b"key"), check_value(1, b"key"));
}

#[tokio::test]
async fn a_provider_has_no_locations_and_one_account_by_default() {
    const LIST: Operation = Operation::get("thing.list", "/things").location_scoped();
    let client =
        Builder::new("http://127.0.0.1:1", "test", Ok(PlainDialect), |transport: Transport| transport);
    let client = client.build().unwrap();
    let error = client.call(&LIST).location(Some("x")).json::<u8>().prepare().unwrap_err();
    assert!(error.is_invalid_argument() && error.message() == "this provider has no locations", "{error}");
    assert_eq!(client.account(7), check_value(7, b""));
}

#[test]
fn the_debug_output_of_a_request_names_its_headers_without_their_values() {
    let mut request = Request::new(http::Method::GET, "/things");
    request.set_header(USER_AGENT, HeaderValue::from_static("CANARY"));
    let shown = format!("{request:?}");
    assert!(
        shown.contains("/things") && shown.contains("user-agent") && !shown.contains("CANARY"),
        "{shown}"
    );
}

#[tokio::test]
async fn only_the_work_on_a_long_response_stops_at_the_deadline() {
    let limits = Limits { deadline: Instant::now(), total: Duration::ZERO, attempt: Duration::ZERO };
    for (length, end) in [(LONG, None), (LONG + 1, Some(limits.deadline))] {
        assert_eq!(limits.end(&Response::new(vec![b' '; length].into())), end, "{length}");
    }
}
