use http_core::client::{Effect, Form, Method, Operation};
use http_core::http::HeaderValue;
use http_core::{Call, ErrorKind};

use crate::server::{Act, Server};
use crate::{CANARY, LIST, READ, STOP, client};

#[tokio::test]
async fn a_call_sends_what_prepare_shows() {
    let server = Server::start([Act::ok("[]")]).await;
    let call = client(&server.url()).call(&LIST).query("q", "a b/ä&=").location(Some("bus02")).list::<u8>();
    let prepared = call.prepare().unwrap();
    assert_eq!(prepared.uri().path(), "/v1/bus02/things");
    assert!(prepared.headers()["apikey"].is_sensitive());
    assert_eq!(prepared.headers()["user-agent"], "wire-test");
    call.await.unwrap();
    let received = server.received();
    assert!(
        received[0].starts_with("GET /v1/bus02/things?q=a%20b%2F%C3%A4%26%3D HTTP/1.1\r\n"),
        "{received:?}"
    );
    assert!(received[0].contains(&format!("apikey: {CANARY}\r\n")));
    assert!(received[0].contains("user-agent: wire-test\r\n"));
}

#[tokio::test]
async fn an_empty_value_in_the_query_is_an_error_as_in_a_form() {
    let server = Server::start([Act::ok("[]")]).await;
    let client = client(&server.url());
    for call in [
        client.call(&LIST).query("q", ""),
        client.call(&LIST).query("page", 2).query("q", String::new()).query("n", 1),
        client.call(&LIST).query_optional("q", Some("")),
        client.request(Method::Get, "/v1/things?page=2").query("q", ""),
        client.call(&LIST).form(Form::new().field("q", "")),
    ] {
        let error = call.list::<u8>().await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error}");
        assert!(error.to_string().starts_with("q must not be empty"), "{error}");
    }
    client.call(&LIST).query("q", "=").query_optional("none", None::<u8>).list::<u8>().await.unwrap();
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_header_of_the_call_replaces_that_of_the_client() {
    let call = client("http://127.0.0.1:1").call(&STOP).path("id", 1).form(Form::new().field("name", "a"));
    let call = call.json::<u8>().header("user-agent", "own").header("content-type", "text/plain");
    let headers = call.prepare().unwrap().into_parts().0.headers;
    for (name, own) in [("user-agent", "own"), ("content-type", "text/plain")] {
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [own], "{name}");
    }
}

#[tokio::test]
async fn the_last_value_of_a_header_is_sent() {
    let call = client("http://127.0.0.1:1").call(&READ).path("id", 1).json::<u8>();
    // A credential that equals that of the client is no attempt to replace it.
    let call = call.header("x-trace", "1").header("X-Trace", "2").header("apikey", CANARY);
    let headers = call.prepare().unwrap().into_parts().0.headers;
    for (name, sent) in [("x-trace", "2"), ("apikey", CANARY)] {
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [sent], "{name}");
    }
}

#[tokio::test]
async fn the_error_of_a_response_has_the_id_of_its_request() {
    for (status, body) in [(200, "not a number"), (400, "no")] {
        let server = Server::start([Act::response(status, "x-request-id: r-1\r\n", body)]).await;
        let error = client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
        assert_eq!((error.request_id(), error.attempts()), (Some("r-1"), 1), "{error}");
    }
}

#[tokio::test]
async fn finish_decodes_a_response_received_by_another_client() {
    let client = client("http://127.0.0.1:1");
    let response = |status: u16, body: &'static str| {
        http_core::http::Response::builder().status(status).body(body.into()).unwrap()
    };
    let value: u32 = client.call(&READ).path("id", 1).json().finish(response(200, "7")).unwrap();
    assert_eq!(value, 7);
    let error = client.call(&READ).path("id", 1).json::<u32>().finish(response(404, "gone")).unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.operation(), Some("thing.get"));
}

#[tokio::test]
async fn an_id_cannot_reach_another_endpoint() {
    let server = Server::start([Act::ok("1")]).await;
    for id in ["a/b", "a?b", "a#b", "..%2F..", "%2e%2e", "a\\b"] {
        client(&server.url()).call(&READ).path("id", id).json::<u8>().await.unwrap();
    }
    for line in server.received() {
        let target = line.split(' ').nth(1).unwrap().to_owned();
        assert_eq!(target.split('/').count(), 4, "{target}");
        assert!(target.starts_with("/v1/things/"), "{target}");
    }
    for id in ["", ".", ".."] {
        let error = client(&server.url()).call(&READ).path("id", id).json::<u8>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{id:?}");
    }
}

#[tokio::test]
async fn invalid_arguments_fail_on_await_and_nothing_is_sent() {
    let server = Server::start([Act::ok("1")]).await;
    let call: Call<u8> =
        client(&server.url()).call(&READ).path("id", 1).form(Form::new().field("name", "")).json();
    let error = call.await.unwrap_err();
    assert!(error.is_invalid_argument() && !error.may_have_been_sent());
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn an_untyped_request_has_credentials_and_is_non_idempotent_by_default() {
    let server = Server::start([
        Act::response(503, "", "later"),
        Act::response(503, "", "later"),
        Act::ok("{\"a\": 1}"),
    ])
    .await;
    let client = client(&server.url());
    client.request(Method::Post, "/v1/other").json::<serde_json::Value>().await.unwrap_err();
    assert_eq!(server.received().len(), 1);
    let value: serde_json::Value = client
        .request(Method::Post, "/v1/other?x=1")
        .effect(Effect::Read)
        .query("y", 2)
        .json()
        .await
        .unwrap();
    assert_eq!(value["a"], 1);
    assert!(server.received()[2].starts_with("POST /v1/other?x=1&y=2 "), "{:?}", server.received()[2]);
    assert!(server.received()[2].contains(CANARY));
    for path in ["", "v1", "/v1/../x", "/v1/%2e%2E/x", "//x#y", "/v1/.\t./x", "/v1/a b", "/v1/\u{fc}"] {
        assert!(client.request(Method::Get, path).empty().await.unwrap_err().is_invalid_argument(), "{path}");
    }
}

#[tokio::test]
async fn an_untyped_path_is_filled_with_encoded_values() {
    let server = Server::start([Act::ok("1")]).await;
    let client = client(&server.url());
    client.request(Method::Get, "/v1/vms/{id}?all=1").path("id", "a/../b").json::<u8>().await.unwrap();
    assert!(server.received()[0].starts_with("GET /v1/vms/a%2F..%2Fb?all=1 "), "{:?}", server.received());
    let misnamed = client.request(Method::Get, "/v1/vms/{id}").path("vm", "1").json::<u8>();
    assert!(misnamed.await.unwrap_err().is_invalid_argument());
}

#[tokio::test]
async fn raw_returns_status_headers_and_bytes() {
    let server = Server::start([Act::response(201, "x-thing: 1\r\n", "not json")]).await;
    let response = client(&server.url()).call(&READ).path("id", 1).json::<u8>().raw().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-thing"], &response.body()[..]),
        (201, &HeaderValue::from_static("1"), &b"not json"[..])
    );
}

#[tokio::test]
async fn a_header_can_be_set_unless_the_connection_or_the_client_sets_it() {
    let server = Server::start([Act::ok("1")]).await;
    let call = || client(&server.url()).call(&READ).path("id", 1).json::<u8>();
    call().header("x-trace", "t").await.unwrap();
    assert!(server.received()[0].contains("x-trace: t\r\n"));
    for (name, value) in [
        ("content-length", "5"),
        ("accept-encoding", "gzip"),
        ("Host", "elsewhere"),
        ("Connection", "close"),
        ("transfer-encoding", "chunked"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("ApiKey", "of another account"),
    ] {
        let error = call().header(name, value).await.unwrap_err();
        assert!(
            error.is_invalid_argument() && error.message().contains("is reserved for"),
            "{name}: {error}"
        );
        let (name, value) = (name.parse().unwrap(), HeaderValue::from_static(value));
        let builder = client(&server.url()).call(&READ).path("id", 1).header(name, value);
        let error = builder.json::<u8>().await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error:?}");
    }
    for (name, value) in [("a b", "c"), ("a", "b\n")] {
        assert!(call().header(name, value).await.unwrap_err().is_invalid_argument(), "{name}");
    }
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn not_found_is_none_for_an_optional_call() {
    let server =
        Server::start([Act::response(404, "", "gone"), Act::response(403, "", "no"), Act::ok("1")]).await;
    let client = client(&server.url());
    let get = || client.call(&READ).path("id", 1).json::<u8>().optional();
    assert_eq!(get().await.unwrap(), None);
    assert!(get().await.unwrap_err().is_forbidden());
    assert_eq!(get().await.unwrap(), Some(1));
}

#[tokio::test]
async fn content_length_0_is_sent_for_methods_with_a_body() {
    let server = Server::start([Act::ok("1")]).await;
    for (method, length) in
        [(Method::Post, true), (Method::Put, true), (Method::Patch, true), (Method::Get, false)]
    {
        client(&server.url()).request(method, "/v1/things").json::<u8>().await.unwrap();
        let received = server.received();
        assert_eq!(received.last().unwrap().contains("content-length: 0\r\n"), length, "{received:?}");
    }
}

#[tokio::test]
async fn a_call_has_a_confirming_read_if_and_only_if_it_is_declared() {
    const CONFIRMED: Operation = Operation::delete("thing.confirmed", "/v1/things/{id}").confirmed();
    for (operation, reads) in [(&CONFIRMED, false), (&STOP, true)] {
        let server = Server::start([Act::ok("")]).await;
        let call = client(&server.url()).call(operation).path("id", 1);
        let call = if reads { call.confirm_by("", || async { Ok(true) }) } else { call };
        let error = call.empty().await.unwrap_err();
        assert_eq!((error.kind(), server.received().len()), (ErrorKind::Configuration, 0), "{error}");
        assert!(error.to_string().contains("declared as .confirmed()"), "{error}");
    }
}
