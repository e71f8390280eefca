//! Uses a canary as every secret, and checks that it appears in no output.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt::Debug;
use std::time::Duration;

use http_core::client::{Builder, Form, WaitBuilder};
use http_core::http::Response;
use http_core::wire::Bytes;
use http_core::{Error, RetryPolicy, SecretString};

use crate::log::Log;
use crate::server::{Act, Server};
use crate::{CANARY, CREATE, READ, Things, builder};

/// Returns everything that an error and its sources show.
fn words(error: &Error) -> String {
    let mut words = format!("{error} {error:?} {error:#?} {:?} {:?}", error.message(), error.code());
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words} {cause} {cause:?}");
        source = cause.source();
    }
    words
}

/// Asserts that some output contains neither the canary nor a recognizable part of it.
fn assert_silent(what: impl Debug, canary: &str, words: &str) {
    let part = &canary[..canary.len().min(9)];
    assert!(!words.contains(part), "{what:?} shows {canary}: {words}");
}

/// Returns responses that echo a secret in every known way.
fn echoes(canary: &str) -> Vec<Act> {
    let filler = "lorem ipsum ".repeat(19);
    let echo = [
        format!("key {canary} is wrong"),
        format!("{filler} {canary}"),
        format!(r#"{{"error": "bad key {canary}", "password": "{canary}"}}"#),
        format!("<html><title>{canary}</title><h1>{canary}</h1></html>"),
        format!("{{\"unfinished\": \"{canary}"),
        format!("Array\n(\n    [password] => {canary}\n)\n"),
    ];
    let mut acts = vec![Act::CloseUnread, Act::CloseAfterReading, Act::Stall];
    for body in echo {
        for status in [200, 302, 400, 401, 403, 404, 409, 429, 500, 503] {
            let headers = format!("location: /{canary}\r\nx-request-id: {canary}\r\n");
            acts.push(Act::response(status, &headers, &body));
        }
        acts.push(Act::Write(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{body}").into_bytes()));
        acts.push(Act::Write(format!("HTTP/9.9 {body}\r\n\r\n").into_bytes()));
    }
    acts
}

#[tokio::test(start_paused = true)]
async fn no_kind_of_failure_shows_a_canary_in_error_debug_or_log() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(tracing::Level::TRACE).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // One of them looks like a token, one like a word, and one like a sentence.
    let canaries = [CANARY, "hunterkey", "correcthorse  batterystaple"];
    for (canary, act) in
        canaries.into_iter().flat_map(|canary| echoes(canary).into_iter().map(move |act| (canary, act)))
    {
        let server = Server::start([act.clone()]).await;
        let client = Builder::new(server.url(), "test", Ok(Things { key: canary }), |transport| transport)
            .no_proxy()
            .retry(RetryPolicy::attempts(2))
            .read_timeout(Duration::from_secs(2))
            .build()
            .unwrap();
        let form = Form::new().field("name", "web").secret("password", &SecretString::from(canary));
        let call = || client.call(&CREATE).form(form.clone()).json::<u64>().header("x-extra", canary);
        let prepared = call().prepare().unwrap();
        assert_silent(&act, canary, &format!("{client:?} {:?} {prepared:?}", call()));
        let mut response = Response::builder().header("retry-after", "7");
        for name in ["set-cookie", "x-auth-token", "location", "x-anything"] {
            response = response.header(name, canary).header(name, format!("/{canary}"));
        }
        let response = response.body(Bytes::from(format!("\"{canary}\""))).unwrap();
        let raw = format!("{:?}", call().raw().finish(response).unwrap());
        assert_silent("raw", canary, &raw);
        assert!(raw.contains(r#""retry-after": "7""#), "{raw}");
        let error = call().await.unwrap_err();
        assert_silent(&act, canary, &words(&error));
        let response =
            Response::builder().status(200).body(Bytes::from(format!("{{\"error\": \"{canary}\"}}")));
        assert_silent("finish", canary, &words(&call().finish(response.unwrap()).unwrap_err()));
    }
    let log = log.text();
    assert!(log.contains("thing.create"), "the log is not empty");
    for canary in canaries {
        assert_silent("the log", canary, &log);
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_wait_shows_a_state_without_secrets_in_one_short_line() {
    let loud = format!(r#""<{CANARY}>\u202e\u0000 {}""#, "x".repeat(15_000));
    let server = Server::start([Act::ok(&loud)]).await;
    let client = builder(&server.url()).build().unwrap();
    let wait = || {
        let client = client.clone();
        WaitBuilder::new(move || client.call(&READ).path("id", 1).json::<String>()).describe(String::clone)
    };
    let timed_out = wait().until(|_| false).timeout(Duration::ZERO).await.unwrap_err();
    let failed = wait().fail_on(|_| true).until(|_| false).await.unwrap_err();
    for error in [timed_out, failed] {
        assert!(error.last().unwrap().len() > 15_000);
        let texts = format!("{error} {error:?}");
        let error = Error::from(error);
        for text in [texts, words(&error)] {
            assert_silent("wait", CANARY, &text);
            assert!(text.contains("last state: <…>") && text.len() < 6_000, "{text}");
            assert!(!text.contains(['\u{202e}', '\0']), "{text:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_errors_of_single_rows_show_no_secret() {
    let server = Server::start([Act::ok(&format!(r#"[{{"size": 7}}, {{"{CANARY}": "x"}}]"#))]).await;
    let client = builder(&server.url()).build().unwrap();
    let list = client.call(&READ).path("id", 1).list::<BTreeMap<String, u64>>().tolerant().await.unwrap();
    assert_eq!((list.items.len(), list.failed), (1, 1));
    assert_silent("a row", CANARY, &format!("{} {:?}", list.errors[0], list.errors));
}
