use std::time::Duration;

use http_core::client::Operation;
use http_core::rental::Rental;
use http_core::{Error, RetryPolicy};

use crate::log::Log;
use crate::recovery::{ROW, create, rows};
use crate::server::{Act, Server};
use crate::{CREATE, LIST, client};

/// Logs everything until the guard is dropped.
pub(crate) fn logging() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

async fn spans(operation: &'static Operation, acts: impl IntoIterator<Item = Act>) -> String {
    let (log, _guard) = logging();
    let server = Server::start(acts).await;
    let _ = client(&server.url()).call(operation).list::<u8>().await;
    log.text()
}

#[tokio::test(start_paused = true)]
async fn a_span_has_the_field_names_of_opentelemetry() {
    let log = spans(&LIST, [Act::response(503, "", ""), Act::ok("[]")]).await;
    for field in [
        r#"hostkit.operation="thing.list""#,
        r#"http.request.method="GET""#,
        r#"url.template="/v1/things""#,
        r#"server.address="127.0.0.1""#,
        "http.response.status_code=200",
        "http.request.resend_count=1",
        "retrying",
    ] {
        assert!(log.contains(field), "{field} is not in {log}");
    }
    assert!(!log.lines().last().unwrap_or_default().contains("error.type="), "{log}");
    let log = spans(&LIST, [Act::ok("[]")]).await;
    assert!(log.contains("http.response.status_code=200") && !log.contains("resend_count"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_failed_call_has_its_error_type() {
    let log = spans(&CREATE, [Act::CloseAfterReading]).await;
    assert!(log.contains(r#"error.type="transport""#), "{log}");
    let log = spans(&CREATE, [Act::response(409, "", "no")]).await;
    assert!(
        log.contains(r#"error.type="error_response""#) && log.contains("http.response.status_code=409"),
        "{log}"
    );
}

http_core::wire::models! {
    struct Part {
        size: Option<u64>,
    }
}

#[tokio::test]
async fn a_value_that_is_left_out_is_logged_in_the_span_of_its_call() {
    let (log, _guard) = logging();
    let server = Server::start([Act::ok(r#"[{"size": []}]"#)]).await;
    let parts = client(&server.url()).call(&LIST).list::<Part>().await.unwrap();
    assert_eq!(parts[0].size, None);
    let log = log.text();
    let warning = log.lines().find(|line| line.contains("was left out")).unwrap();
    assert!(warning.contains("thing.list"), "{warning}");
}

/// A subscriber that logs only warnings disables the spans, so each event names its operation.
#[tokio::test(start_paused = true)]
async fn every_call_that_fails_is_logged_once_except_not_found() {
    let log = async |act: Act, level: tracing::Level| {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(log.clone())
            .with_ansi(false)
            .with_max_level(level)
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let server = Server::start([act]).await;
        let _ = client(&server.url()).call(&CREATE).json::<u64>().await;
        log.text()
    };
    for act in
        [Act::response(400, "", "no funds"), Act::ok("x"), Act::CloseAfterReading, Act::response(503, "", "")]
    {
        let log = log(act, tracing::Level::WARN).await;
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("the call failed: ")).collect();
        assert!(lines.len() == 1 && lines[0].contains(r#"hostkit.operation="thing.create""#), "{log}");
    }
    let missing = || Act::response(404, "", "no such thing");
    assert_eq!(log(missing(), tracing::Level::WARN).await, "");
    assert!(log(missing(), tracing::Level::DEBUG).await.contains("the call failed: no such thing"));
    let retried = spans(&LIST, [Act::response(503, "", ""), Act::ok("[]")]).await;
    let retry = retried.lines().find(|line| line.contains("retrying")).unwrap();
    assert_eq!(retry.matches("thing.list").count(), 2, "in the span and in the event: {retry}");
    assert!(!retried.contains("the call failed"), "{retried}");
}

#[tokio::test(start_paused = true)]
async fn the_log_line_of_a_failed_call_has_its_attempts_and_its_status() {
    let (log, _guard) = logging();
    let server = Server::start([Act::response(503, "", ""), Act::response(503, "", "")]).await;
    let call = client(&server.url()).call(&LIST).list::<u8>().retry(RetryPolicy::attempts(2));
    assert_eq!(call.await.unwrap_err().attempts(), 2);
    let log = log.text();
    let line = log.lines().find(|line| line.contains("the call failed: ")).unwrap();
    assert!(line.contains("attempts=2") && line.contains("http.response.status_code=503"), "{line}");
}

#[tokio::test]
async fn a_rental_that_could_not_be_ended_is_logged_as_an_error() {
    let (log, _guard) = logging();
    let rental = |ends: bool| {
        Rental::new(
            "thing 7",
            move || async move { if ends { Ok(()) } else { Err(Error::configuration("no")) } },
        )
    };
    rental(true).unwrap().end().await.unwrap();
    assert!(log.text().is_empty(), "{}", log.text());
    drop(rental(true).unwrap());
    let dropped = log.text();
    assert!(
        ["WARN", "thing 7", "ending it in the background"].iter().all(|part| dropped.contains(part)),
        "{dropped}"
    );
    rental(false).unwrap().end().await.unwrap_err();
    let log = log.text();
    assert!(["ERROR", "thing 7", "may still be billed"].iter().all(|part| log.contains(part)), "{log}");
}

#[tokio::test(start_paused = true)]
async fn the_log_of_a_lost_create_names_its_ticket() {
    let (log, _guard) = logging();
    for (lost, waits, expected) in [
        (Act::ok(ROW), true, None),
        (Act::CloseAfterReading, true, Some("the response was lost; searching for the result")),
        (Act::Stall, false, Some("the future of a create was dropped after the request was sent")),
    ] {
        let empty = Act::ok("[]");
        let read = [rows(), empty.clone()];
        let acts =
            [empty.clone(), empty, lost].into_iter().chain(read.clone()).chain(read).chain([Act::ok(ROW)]);
        let server = Server::start(acts).await;
        let noted = create(&client(&server.url())).note().await.unwrap();
        let name = noted.ticket().name();
        if waits {
            noted.await.unwrap();
        } else {
            tokio::time::timeout(Duration::from_secs(1), noted.into_future()).await.unwrap_err();
        }
        let log = log.text();
        let of_ticket: Vec<_> = log.lines().filter(|line| line.contains(&name)).collect();
        assert_eq!(of_ticket.len(), usize::from(expected.is_some()), "{log}");
        assert!(expected.is_none_or(|expected| of_ticket[0].contains(expected)), "{log}");
    }
}
