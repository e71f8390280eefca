//! Helpers for all tests of the simulator, such as a client without a proxy.
#![allow(dead_code, reason = "each test file uses only some of the helpers")]
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

pub(crate) mod inferno;

use chrono::DateTime;
use hostkit_simulator::Simulator;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

pub(crate) fn http() -> Client {
    // In a build together with the client crates, reqwest needs a crypto provider even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// Starts a simulator whose clock is stopped at 2025-06-15 15:06:40 UTC.
pub(crate) async fn frozen() -> Simulator {
    Simulator::builder().frozen_at(DateTime::from_timestamp(1_750_000_000, 0).unwrap()).start().await.unwrap()
}

pub(crate) async fn sent(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into()))
}

/// A client signed in to the simulated LeaderSSL.
pub(crate) struct LeaderSsl {
    pub(crate) http: Client,
    pub(crate) users: String,
    pub(crate) token: String,
}

impl LeaderSsl {
    pub(crate) async fn sign_in(simulator: &Simulator) -> Self {
        let (http, access) = (http(), simulator.leaderssl());
        let users = format!("{}/api/v1/users", access.base_url);
        let form = format!("login={}&password={}", access.login.replace('@', "%40"), access.password);
        let (status, session) = sent(http.post(format!("{users}/signin")).body(form)).await;
        assert_eq!((status, &session["id"]), (200, &json!(1703)));
        Self { http, users, token: session["auth_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/1703/{path}", self.users)).header("X-AUTH-TOKEN", &self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        sent(self.request(Method::GET, path)).await.1
    }

    pub(crate) async fn post(&self, path: &str) -> Value {
        sent(self.request(Method::POST, path)).await.1
    }

    pub(crate) async fn order(&self, form: &'static str) -> (u16, Value) {
        let url = format!("{}/servers/order", self.users.trim_end_matches("/users"));
        sent(self.http.post(url).header("X-AUTH-TOKEN", &self.token).body(form)).await
    }

    pub(crate) async fn server(&self, id: u64) -> Value {
        let servers = self.get("servers").await;
        servers.as_array().unwrap().iter().find(|server| server["id"] == id).unwrap().clone()
    }
}

/// Creates a request to the simulated elastis. A body that begins like JSON is sent as JSON, any other one as a form.
pub(crate) fn elastis_request(
    simulator: &Simulator,
    method: Method,
    path: &str,
    body: &str,
) -> RequestBuilder {
    let access = simulator.elastis();
    let request =
        http().request(method, format!("{}/v1/{path}", access.base_url)).header("apikey", access.key);
    let form = "application/x-www-form-urlencoded";
    let kind = if body.starts_with('{') { "application/json" } else { form };
    request.header("content-type", kind).body(body.to_owned())
}

pub(crate) async fn elastis(simulator: &Simulator, method: Method, path: &str, body: &str) -> (u16, Value) {
    sent(elastis_request(simulator, method, path, body)).await
}
