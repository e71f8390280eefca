//! Calls to an [`Elastis`] without a socket.

use std::time::Duration;

use chrono::{TimeZone, Utc};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::{API_KEY, Elastis, ROUTER};
use crate::base::Ids;
use crate::base::{Clock, Provider, Request, Response};

/// The form for a VM from an image, without a billing account.
pub(super) const NEW_VM: &str = "name=web-1&os_name=ubuntu&os_version=20.04&disks=20&vcpu=2&ram=2048\
                                 &username=example&password=Password123";

const FORM: &str = "application/x-www-form-urlencoded";

/// A simulated account whose clock is stopped at the beginning of 2026.
pub(super) struct Lab {
    pub(super) elastis: Elastis,
    pub(super) clock: Clock,
    pub(super) key: String,
}

impl Lab {
    pub(super) fn new() -> Self {
        let clock = Clock::frozen(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap());
        Self { elastis: Elastis::new(Ids::new(0, 3), &clock), clock, key: API_KEY.to_owned() }
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) fn send(
        &mut self,
        method: &str,
        target: &str,
        kind: Option<&'static str>,
        body: &str,
    ) -> Response {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        headers.insert("apikey", self.key.parse().unwrap());
        if let Some(kind) = kind {
            headers.insert("content-type", HeaderValue::from_static(kind));
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::new(method, path, query, headers, body.to_owned().into());
        match ROUTER.find(&request.method, path, &request.query) {
            Ok(found) => self.elastis.answer(found.route, &found.parameters, &request, &self.clock),
            Err(miss) => self.elastis.unknown(&request, &miss),
        }
    }

    /// Sends a form; returns the status, and the body or null.
    pub(super) fn form(&mut self, method: &str, target: &str, form: &str) -> (u16, Value) {
        read(&self.send(method, target, Some(FORM), form))
    }

    pub(super) fn json(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        read(&self.send(method, target, Some("application/json"), &body.to_string()))
    }

    pub(super) fn status(&mut self, method: &str, target: &str, form: &str) -> u16 {
        self.form(method, target, form).0
    }

    /// Sends a form in a request that must succeed, and returns the body of the response.
    #[track_caller]
    pub(super) fn ok(&mut self, method: &str, target: &str, form: &str) -> Value {
        succeeded(target, self.form(method, target, form))
    }

    /// Sends JSON in a request that must succeed, and returns the body of the response.
    #[track_caller]
    pub(super) fn ok_json(&mut self, method: &str, target: &str, body: &Value) -> Value {
        succeeded(target, self.json(method, target, body))
    }

    /// Creates a VM and returns its UUID.
    #[track_caller]
    pub(super) fn new_vm(&mut self, more: &str) -> String {
        let vm = self.ok("POST", "/v1/user-resource/vm", &format!("{NEW_VM}&{more}"));
        vm["uuid"].as_str().unwrap().to_owned()
    }

    /// Returns a VM in its current state.
    #[track_caller]
    pub(super) fn vm(&mut self, uuid: &str) -> Value {
        self.ok("GET", &format!("/v1/user-resource/vm?uuid={uuid}"), "")
    }
}

#[track_caller]
fn succeeded(target: &str, (status, body): (u16, Value)) -> Value {
    assert!((200..300).contains(&status), "{target}: {status} {body}");
    body
}

fn read(response: &Response) -> (u16, Value) {
    let body =
        if response.body.is_empty() { Value::Null } else { serde_json::from_slice(&response.body).unwrap() };
    (response.status, body)
}
