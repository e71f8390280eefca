use std::net::SocketAddr;

use http_core::ErrorKind;
use http_core::client::Builder;

use crate::server::{Act, Server};
use crate::{CANARY, CREATE, LIST, READ, Things, builder};

#[tokio::test]
async fn requests_are_sent_through_the_proxy() {
    let proxy = Server::start([Act::ok("[]")]).await;
    let client = builder("http://things.test").allow_plain_http().proxy(proxy.url()).build().unwrap();
    client.call(&LIST).list::<u8>().await.unwrap();
    assert!(
        proxy.received()[0].starts_with("GET http://things.test/v1/things HTTP/1.1\r\n"),
        "{:?}",
        proxy.received()
    );
}

#[tokio::test]
async fn a_resolve_override_replaces_dns() {
    let server = Server::start([Act::ok("[]")]).await;
    let address: SocketAddr = server.url().trim_start_matches("http://").parse().unwrap();
    let url = format!("http://things.test:{}", address.port());
    let client = builder(&url).allow_plain_http().resolve("things.test", address).build().unwrap();
    client.call(&LIST).list::<u8>().await.unwrap();
    assert!(server.received()[0].contains("host: things.test"), "{:?}", server.received());
}

#[tokio::test]
async fn the_port_of_a_resolve_override_is_used_if_the_base_url_has_none() {
    let server = Server::start([Act::ok("[]")]).await;
    let address: SocketAddr = server.url().trim_start_matches("http://").parse().unwrap();
    let resolving = |url: &str, port| {
        let address = SocketAddr::new(address.ip(), port);
        builder(url).allow_plain_http().resolve("Things.test", address).build().unwrap()
    };
    let port = address.port();
    for (url, port) in [("http://things.test".to_owned(), port), (format!("http://things.test:{port}"), 0)] {
        resolving(&url, port).call(&LIST).list::<u8>().await.unwrap();
    }
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn requests_are_sent_from_the_configured_address() {
    let server = Server::start([Act::ok("[]")]).await;
    let client = builder(&server.url()).local_address("127.0.0.2".parse().unwrap()).build().unwrap();
    client.call(&LIST).list::<u8>().await.unwrap();
    assert_eq!(server.callers(), ["127.0.0.2"]);
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = Server::start([Act::ok("1")]).await;
    let client = builder(&format!("{}/brand/", server.url())).build().unwrap();
    client.call(&READ).path("id", 1).json::<u8>().await.unwrap();
    assert!(server.received()[0].starts_with("GET /brand/v1/things/1 "), "{:?}", server.received());
}

#[tokio::test]
async fn a_user_agent_that_is_not_a_valid_header_value_is_rejected() {
    let error = builder("http://127.0.0.1:1").user_agent("a\nb").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn no_proxy_ignores_the_proxies_of_the_environment() {
    const NAME: &str = "settings::no_proxy_ignores_the_proxies_of_the_environment";
    if !has_proxy(NAME, "") {
        return;
    }
    let server = Server::start([Act::ok("[]")]).await;
    let address: SocketAddr = server.url().trim_start_matches("http://").parse().unwrap();
    let url = format!("http://things.test:{}", address.port());
    let client = builder(&url).allow_plain_http().resolve("things.test", address).no_proxy().build().unwrap();
    client.call(&LIST).list::<u8>().await.unwrap();
}

#[tokio::test]
async fn the_environments_proxies_are_not_used_for_loopback() {
    const NAME: &str = "settings::the_environments_proxies_are_not_used_for_loopback";
    if !has_proxy(NAME, "") {
        return;
    }
    let server = Server::start([Act::ok("[]")]).await;
    let client = Builder::new(server.url(), "test", Ok(Things { key: CANARY }), |transport| transport)
        .build()
        .unwrap();
    client.call(&LIST).list::<u8>().await.unwrap();
}

#[tokio::test]
async fn status_407_of_a_server_that_is_exempt_from_the_proxy_is_its_response() {
    const NAME: &str = "settings::status_407_of_a_server_that_is_exempt_from_the_proxy_is_its_response";
    if !has_proxy(NAME, "things.test") {
        return;
    }
    let server = Server::start([Act::response(407, "", "no")]).await;
    let address: SocketAddr = server.url().trim_start_matches("http://").parse().unwrap();
    let url = format!("http://things.test:{}", address.port());
    let builder = Builder::new(url, "test", Ok(Things { key: CANARY }), |transport| transport);
    let client = builder.allow_plain_http().resolve("things.test", address).build().unwrap();
    let error = client.call(&CREATE).json::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ErrorResponse, "{error:?}");
    assert!(error.may_have_been_sent() && server.received().len() == 1, "{error:?}");
}

/// Runs this test again in a child process with a proxy in its environment, and `exempt` in `NO_PROXY`, because the
/// environment of this process cannot be changed safely. Returns whether this process is the child.
fn has_proxy(test: &str, exempt: &str) -> bool {
    const PROXY: &str = "http://127.0.0.1:1";
    if std::env::var_os("HTTP_PROXY").is_some_and(|proxy| proxy == PROXY) {
        return true;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", test]).env("HTTP_PROXY", PROXY).env("NO_PROXY", exempt);
    let child = child.output().unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
    false
}
