//! Tests that no secret is shown, whatever the response contains.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

use std::error::Error as _;
use std::fmt::{Debug, Write};

use http_core::http::{Response, StatusCode};
use http_core::wire::Bytes;
use http_core::{Call, ErrorKind, ExposeSecret};
use inferno_vps::{Client, Install, VpsInfo};
use serde::Serialize;
use serde_json::{Value, json};

const KEY: &str = "CANARY-key-1b2c/3d";
const PASSWORD: &str = "CANARY pass\"word 1%";
const VPS_PASSWORD: &str = "CANARY-vps-4711";

fn client() -> Client {
    Client::builder(777, KEY).base_url("http://127.0.0.1:1").no_proxy().build().unwrap()
}

/// Returns possible responses. They contain every secret in every field that may contain it, and the secrets of the
/// request in messages as well.
fn responses(sent: &[&str]) -> Vec<(u16, String)> {
    let success = json!({
        "result": "success", "message": "ok", "method": "createVPS", "msg": "ok",
        "cid": 777, "key": KEY, "balance": "1", "currency": "EUR",
        "orderid": 1, "invoiceid": 2, "productids": "3", "ostpls": {"a": "b"},
        "products": [{"pid": 1, "password": VPS_PASSWORD}],
        "orders": [{"id": 1, "status": "Active", "password": VPS_PASSWORD}],
        "list": [{"id": 1, "name": "laptop"}],
        "services": [{"id": 1, "password": VPS_PASSWORD, "username": "root"}],
        "service": {"id": 1, "password": VPS_PASSWORD},
        "vps_info": {"result": "success", "ip": "37.1.0.111", "vps_password": VPS_PASSWORD},
        "secret": VPS_PASSWORD,
    });
    let mut responses = vec![(200, success.to_string())];
    // The same response: truncated, with a wrong type, without a result, and as an error response.
    let text = success.to_string();
    responses.push((200, text[..text.len() - 20].to_owned()));
    responses.push((200, text.replace(":1,", r#":"CANARY-vps-4711","#)));
    responses.push((200, text.replace(r#""result":"success","#, "")));
    responses.push((500, text));
    for secret in sent {
        for status in [200, 401, 403, 429, 500] {
            let words = format!("no such thing: {secret}!");
            responses.push((
                status,
                json!({"result": "fail", "message": words, "error_code": secret}).to_string(),
            ));
            responses.push((status, format!("Array ( [result] => fail [msg] => {secret} )")));
            responses.push((status, format!("<html><title>{secret}</title><h1>x {secret}</h1></html>")));
        }
        responses.push((302, String::new()));
    }
    for secret in [KEY, PASSWORD, VPS_PASSWORD] {
        responses.push((200, format!("password={secret}")));
        responses.push((200, format!(r#"{{"vps_password": "{secret}"#)));
        responses.push((200, format!("Array ( [vps_password] => {secret}")));
        responses.push((200, json!([secret]).to_string()));
    }
    responses
}

/// Returns a result in every form in which a program could print it.
fn seen<T: Debug + Serialize>(result: Result<T, http_core::Error>) -> String {
    let mut seen = String::new();
    match result {
        Ok(value) => {
            let json = serde_json::to_string(&value).unwrap();
            let _ = write!(seen, "{value:?} {value:#?} {json}");
        }
        Err(error) => {
            let _ = write!(seen, "{error} {error:?} {error:#?}");
            let mut source = error.source();
            while let Some(cause) = source {
                let _ = write!(seen, "{cause} {cause:?}");
                source = cause.source();
            }
        }
    }
    seen
}

fn check<T: Debug + Serialize + 'static>(sent: &[&str], call: impl Fn(&Client) -> Call<T>) {
    let client = client();
    let name = call(&client).operation().name();
    let request = call(&client).prepare().unwrap();
    let line = format!("{} {:?} {:?}", request.uri(), request.headers(), call(&client));
    assert!(!line.contains("CANARY"), "{name}: {line}");
    assert!(!String::from_utf8_lossy(request.body()).contains(KEY), "{name}");
    for (status, body) in responses(sent) {
        let mut response = Response::new(Bytes::from(body.clone()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let seen = seen(call(&client).finish(response));
        assert!(!seen.contains("CANARY"), "{name}, {status} {body}:\n{seen}");
    }
}

#[test]
fn no_response_reveals_a_secret() {
    let install = Install::new(1.into(), "a").with_ssh_keys([1.into()]);
    check(&[PASSWORD], |client| client.api_key("me@example.com", PASSWORD));
    check(&[PASSWORD], |client| client.generate_api_key("me@example.com", PASSWORD));
    check(&[], Client::catalog);
    check(&[KEY], Client::balance);
    check(&[KEY], |client| client.orders().create(1.into()).into());
    check(&[KEY], |client| client.orders().list().into());
    check(&[KEY], |client| client.orders().cancel(1.into()));
    check(&[KEY], |client| client.vps().install(&install).into());
    check(&[KEY], |client| client.vps().check_reinstall(&install));
    check(&[KEY], |client| client.vps().get(1.into()));
    check(&[KEY], |client| client.vps().find([127, 0, 0, 1].into()));
    check(&[KEY], |client| client.vps().reboot(1.into()));
    check(&[KEY], |client| client.vps().stop(1.into()));
    check(&[KEY], |client| client.vps().boot(1.into()));
    check(&[KEY], |client| client.ssh_keys().add("ssh-ed25519 AAAA x").into());
    check(&[KEY], |client| client.ssh_keys().list().into());
    check(&[KEY], |client| client.ssh_keys().remove(1.into()));
    check(&[KEY], |client| client.services().list().into());
    check(&[KEY], |client| client.services().get(1.into()));
    check(&[KEY], |client| client.request("other", Value::Null).json::<()>());
}

#[test]
fn the_secrets_of_a_response_can_be_exposed() {
    let response = || Response::new(Bytes::from(responses(&[])[0].1.clone()));
    let client = client();
    let key = client.api_key("me@example.com", PASSWORD).finish(response()).unwrap();
    assert_eq!(key.key.expose_secret(), KEY);
    let vps: VpsInfo = client.vps().get(1.into()).finish(response()).unwrap();
    assert_eq!(vps.vps.unwrap().password.unwrap().expose_secret(), VPS_PASSWORD);
    let service = client.services().list().finish(response()).unwrap().remove(0);
    assert_eq!(service.raw.expose()["password"], VPS_PASSWORD);
}

#[test]
fn neither_clients_nor_handles_nor_builders_show_the_key() {
    let client = client();
    let shown = format!(
        "{client:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        client.orders(),
        client.vps(),
        client.ssh_keys(),
        client.services(),
        client.request("other", json!({"password": PASSWORD})),
        Client::builder(777, KEY),
    );
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[test]
fn a_key_that_no_header_can_carry_is_rejected_and_not_shown() {
    for key in ["", "CANARY\n"] {
        let error = Client::new(777, key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{key:?}");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}
