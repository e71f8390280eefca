//! Error responses from proxies, and whether the calls are retried.

use http_core::ErrorKind;

use crate::server::{Act, ClosedPort, Server};
use crate::{CANARY, CREATE, READ, builder};

/// Calls a server that only the proxy can reach. Returns the error and the number of requests that the proxy received.
async fn through(act: Act, base_url: &str) -> (http_core::Error, usize) {
    let proxy = Server::start([act]).await;
    let url = proxy.url().replace("http://", &format!("http://me:{CANARY}@"));
    let client = builder(base_url).proxy(url).allow_plain_http().build().unwrap();
    let error = client.call(&CREATE).json::<u8>().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
    (error, proxy.received().len())
}

#[tokio::test(start_paused = true)]
async fn the_credentials_for_a_proxy_are_not_shown_if_its_response_contains_them() {
    for (user, body, hidden) in [
        ("me:Se%20same", r#"{"message": "me:Se same may not use this host"}"#, "Se same"),
        ("me:Sesame", "denied: Basic bWU6U2VzYW1l", "bWU6U2VzYW1l"),
        ("me:pw", "denied: Basic bWU6cHc=", "bWU6cHc"),
        ("me:pw", "me:pw may not use this host", "me:pw"),
        ("token-5", "token-5 may not use this host", "token-5"),
    ] {
        let proxy = Server::start([Act::response(403, "", body)]).await;
        let url = proxy.url().replace("http://", &format!("http://{user}@"));
        let client = builder("http://api.example.com").proxy(url).allow_plain_http().build().unwrap();
        let error = client.call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(403), "{error}");
        assert!(!format!("{error} {error:?}").contains(hidden), "{error:?}");
    }
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
#[tokio::test(start_paused = true)]
async fn a_failed_tunnel_names_the_proxy_and_proves_that_nothing_was_sent() {
    let refused = "the proxy refused to open a tunnel";
    for (act, words) in [
        (Act::response(403, "", "no"), refused),
        (Act::response(502, "", "no"), refused),
        (Act::Write(b"garbage\r\n\r\n".to_vec()), refused),
        (Act::CloseAfterReading, "the proxy closed the connection"),
    ] {
        let (error, _) = through(act, "https://api.example.com").await;
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!error.may_have_been_sent(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_cannot_be_reached_is_named() {
    let base_urls: &[&str] = if cfg!(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")) {
        &["http://api.example.com", "https://api.example.com"]
    } else {
        &["http://api.example.com"]
    };
    for base_url in base_urls {
        let closed = ClosedPort::new();
        let client = builder(base_url).proxy(closed.url()).allow_plain_http().build().unwrap();
        let error = client.call(&CREATE).json::<u8>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
        assert!(error.message().starts_with("no connection to the proxy: "), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_proxy_password_is_not_retried() {
    let base_urls: &[&str] = if cfg!(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")) {
        &["http://api.example.com", "https://api.example.com"]
    } else {
        &["http://api.example.com"]
    };
    for base_url in base_urls {
        let (error, requests) = through(Act::response(407, "", ""), base_url).await;
        assert_eq!((error.kind(), requests), (ErrorKind::Connect, 1), "{error:?}");
        assert!(error.to_string().contains("the proxy rejected the user or password"), "{error}");
        assert!(!error.may_have_been_sent() && !error.is_retryable(), "{error:?}");
    }
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
#[tokio::test(start_paused = true)]
async fn a_server_without_tls_is_not_retried() {
    let server = Server::start([Act::EarlyResponse(400, "1".into())]).await;
    let client = builder(&server.url().replace("http://", "https://")).build().unwrap();
    let error = client.call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error:?}");
}
