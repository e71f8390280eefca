//! Responses that are not from the provider, or that no provider should send.

use http_core::ErrorKind;

use crate::server::{Act, Server};
use crate::{CREATE, READ, STOP, builder, client};

#[tokio::test(start_paused = true)]
async fn an_undefined_status_leaves_the_outcome_of_a_change_unknown() {
    for status in [101, 600, 700, 999] {
        for operation in [&READ, &STOP, &CREATE] {
            let server = Server::start([Act::response(status, "", "1")]).await;
            let call = client(&server.url()).call(operation);
            let call = if operation.path().contains("{id}") { call.path("id", 1) } else { call };
            let error = call.json::<u8>().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{status}: {error:?}");
            assert_eq!(error.is_outcome_unknown(), operation != &READ, "{status}: {error:?}");
            assert_eq!(server.received().len(), 1, "{status}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_for_unrequested_compression_names_the_encoding() {
    for encoding in ["gzip", "br", "zstd"] {
        let headers = format!("content-encoding: {encoding}\r\n");
        let server = Server::start([Act::response(200, &headers, "\u{1f}\u{8b}")]).await;
        let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
        assert!(error.to_string().contains(encoding) && error.is_outcome_unknown(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn compression_is_found_in_every_header_and_named_whatever_the_status() {
    for (headers, encoding) in [
        ("content-encoding: GZip", Some("gzip")),
        ("content-encoding: identity\r\ncontent-encoding: gzip", Some("gzip")),
        ("content-encoding: identity, br", Some("br")),
        ("content-encoding: secret\u{e9}", Some("an unknown encoding")),
        ("transfer-encoding: gzip, chunked", Some("gzip")),
        ("content-encoding: Identity", None),
        ("content-encoding: ", None),
        ("transfer-encoding: chunked", None),
    ] {
        for status in [200, 400] {
            let body = if headers.contains("chunked") { "1\r\n1\r\n0\r\n\r\n" } else { "1" };
            let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}\r\n\r\n{body}");
            let server = Server::start([Act::Write(head.into_bytes())]).await;
            let result = client(&server.url()).call(&CREATE).json::<u8>().await;
            match encoding {
                Some(encoding) => {
                    let error = result.unwrap_err();
                    let named = format!("the response is compressed ({encoding})");
                    assert!(error.to_string().contains(&named), "{headers}: {error}");
                    assert_eq!(error.is_outcome_unknown(), status == 200, "{headers}: {error:?}");
                }
                None => assert_eq!(result.is_ok(), status == 200, "{headers} {status}: {result:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_compressed_error_response_is_judged_by_its_status() {
    for (operation, status) in [(&READ, 503), (&READ, 429), (&CREATE, 429)] {
        let limited = Act::response(status, "content-encoding: gzip\r\nretry-after: 1\r\n", "\u{1f}\u{8b}");
        let server = Server::start([limited, Act::ok("1")]).await;
        let call = client(&server.url()).call(operation);
        let call = if operation == &READ { call.path("id", 1) } else { call };
        assert_eq!(call.json::<u8>().await.unwrap(), 1, "{} {status}", operation.name());
        assert_eq!(server.received().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_early_response_to_a_large_body_is_read() {
    let server = Server::start([Act::EarlyResponse(413, "too much".into())]).await;
    let error = client(&server.url())
        .call(&CREATE)
        .form(http_core::client::Form::new().field("text", "x".repeat(8 * 1024 * 1024)))
        .json::<u8>()
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 413, "{error:?}");
    assert!(error.to_string().starts_with("too much"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_advice_about_the_size_is_kept_along_with_the_recovery_hint() {
    let server = Server::start([Act::ok(&"1".repeat(64))]).await;
    let client = builder(&server.url()).max_body(32).build().unwrap();
    let error = client.call(&CREATE).json::<u8>().await.unwrap_err().to_string();
    assert!(error.contains("max_body()") && error.contains("things().list()"), "{error}");
}

#[tokio::test]
async fn a_huge_concurrency_limit_does_not_panic() {
    let server = Server::start([Act::ok("1")]).await;
    let client = builder(&server.url()).concurrency(usize::MAX).build().unwrap();
    client.call(&READ).path("id", 1).json::<u8>().await.unwrap();
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    for operation in [&READ, &CREATE] {
        let call = client.call(operation);
        let call = if operation.path().contains("{id}") { call.path("id", 1) } else { call };
        let mut call = std::pin::pin!(call.json::<u8>().into_future());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else { panic!() };
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    }
}
