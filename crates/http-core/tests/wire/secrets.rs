//! A canary is put wherever a secret can be, and looked for wherever text comes out.

use std::error::Error as _;
use std::fmt::Debug;
use std::time::Duration;

use http_core::http::{HeaderName, HeaderValue};
use http_core::{Error, Form, RetryPolicy, SecretString};

use crate::log::Log;
use crate::server::{Act, Server};
use crate::{CANARY, CREATE, builder};

/// Everything that an error can be made to say.
fn words(error: &Error) -> String {
    let mut words = format!("{error} {error:?} {error:#?} {:?} {:?}", error.message(), error.code());
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words} {cause} {cause:?}");
        source = cause.source();
    }
    words
}

fn assert_silent(what: impl Debug, words: &str) {
    assert!(!words.contains("CANARY"), "{what:?} shows the canary: {words}");
}

/// Replies that hand the secrets back in every way that is known.
fn echoes() -> Vec<Act> {
    let echo = [
        format!("key {CANARY} is wrong"),
        format!(r#"{{"error": "bad key {CANARY}", "password": "{CANARY}"}}"#),
        format!("<html><title>{CANARY}</title><h1>{CANARY}</h1></html>"),
        format!("{{\"unfinished\": \"{CANARY}"),
        format!("Array\n(\n    [password] => {CANARY}\n)\n"),
    ];
    let mut acts = vec![Act::CloseUnread, Act::CloseAfterReading, Act::Stall];
    for body in echo {
        for status in [200, 302, 400, 401, 403, 404, 409, 429, 500, 503] {
            let headers = format!("location: /{CANARY}\r\nx-request-id: {CANARY}\r\n");
            acts.push(Act::reply(status, &headers, &body));
        }
        acts.push(Act::Write(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{body}").into_bytes()));
        acts.push(Act::Write(format!("HTTP/9.9 {body}\r\n\r\n").into_bytes()));
    }
    acts
}

#[tokio::test(start_paused = true)]
async fn a_canary_is_in_no_error_debug_or_log_line_for_any_kind_of_failure() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(tracing::Level::TRACE).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let policy = RetryPolicy { attempts: 2, ..RetryPolicy::default() };
    for act in echoes() {
        let server = Server::start([act.clone()]).await;
        let client =
            builder(&server.url()).retry(policy).read_timeout(Duration::from_secs(2)).build().unwrap();
        let form = Form::new().field("name", "web").secret("password", &SecretString::from(CANARY));
        let call = client
            .call(&CREATE)
            .form(form)
            .reply::<u64>()
            .header(HeaderName::from_static("x-extra"), HeaderValue::from_static(CANARY));
        assert_silent(&act, &format!("{client:?} {call:?} {:?}", call.prepare().unwrap().headers()));
        let error = call.await.unwrap_err();
        assert_silent(&act, &words(&error));
    }
    let log = log.text();
    assert!(log.contains("thing.create"), "the log is not empty");
    assert_silent("the log", &log);
}
