//! Calls to the simulated Inferno.

use hostkit_simulator::InfernoAccess;
use reqwest::RequestBuilder;
use serde_json::Value;

use super::{http, sent};

pub(crate) fn post(access: &InfernoAccess, action: &str, body: &Value) -> RequestBuilder {
    http()
        .post(format!("{}/api_client.php?action={action}", access.base_url))
        .header("content-type", "application/json")
        .header("x-key", &access.key)
        .body(body.to_string())
}

pub(crate) async fn call(access: &InfernoAccess, action: &str, body: Value) -> Value {
    let (status, body) = sent(post(access, action, &body)).await;
    assert_eq!(status, 200, "{body}");
    body
}
