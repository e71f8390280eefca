//! Calls to a [`Billing`] as user 8, without the rest of the provider.
use bytes::Bytes;
use chrono::{DateTime, TimeZone, Utc};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::ROUTES;
use super::ledger::{Billing, BillingResponse};
use super::state::resource::Resource;
use crate::base::{Parameters, Request, Response, pairs};
use crate::elastis::wire::caller::Caller;

pub(super) struct Simulated {
    pub(super) billing: Billing,
    pub(super) resources: Vec<Resource>,
    pub(super) caller: Caller,
    pub(super) now: DateTime<Utc>,
    parameters: Vec<(&'static str, String)>,
}

impl Simulated {
    pub(super) fn new() -> Self {
        Self::with([])
    }

    pub(super) fn with<const N: usize>(resources: [Resource; N]) -> Self {
        Self {
            billing: Billing::new(noon()),
            resources: resources.into(),
            caller: Caller { user_id: 8, restricted_to: None },
            now: noon(),
            parameters: Vec::new(),
        }
    }

    pub(super) fn at(&mut self, location: &str) -> &mut Self {
        self.parameters = vec![("location", location.to_owned())];
        self
    }

    pub(super) fn account(&mut self, id: &str) -> &mut Self {
        self.parameters = vec![("billing_account_id", id.to_owned())];
        self
    }

    /// Sends the parameters as a form, and returns the result without acting on it.
    pub(super) fn raw(&mut self, operation: &str, form: &str) -> BillingResponse {
        self.send(operation, Vec::new(), form)
    }

    pub(super) fn call(&mut self, operation: &str, form: &str) -> Response {
        response(self.raw(operation, form))
    }

    pub(super) fn query(&mut self, operation: &str, query: &str) -> Response {
        response(self.send(operation, pairs(query), ""))
    }

    /// Makes a call that must succeed, and returns the body of its response.
    pub(super) fn ok(&mut self, operation: &str, form: &str) -> Value {
        let response = self.call(operation, form);
        assert_eq!(response.status, 200, "{operation}: {:?}", response.body);
        body(&response)
    }

    /// Makes a call that must fail with 400, and returns its error message.
    pub(super) fn error(&mut self, operation: &str, form: &str) -> String {
        let response = self.call(operation, form);
        assert_eq!(response.status, 400, "{operation}: {:?}", response.body);
        errors(&response)["Error"].as_str().unwrap().to_owned()
    }

    fn send(&mut self, operation: &str, query: Vec<(String, String)>, form: &str) -> BillingResponse {
        let route = ROUTES.iter().find(|route| route.operation == operation).unwrap();
        let method = Method::from_bytes(route.method.as_bytes()).unwrap();
        let mut request =
            Request::new(method, route.path, "", HeaderMap::new(), Bytes::from(form.to_owned()));
        request.query = query;
        let parameters = Parameters(self.parameters.clone());
        self.billing.answer(route, &parameters, &request, &self.resources, self.caller, self.now)
    }
}

fn response(answer: BillingResponse) -> Response {
    match answer {
        BillingResponse::Response(response) => response,
        assign @ BillingResponse::Assign { .. } => panic!("{assign:?}"),
    }
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 10, 12, 0, 0).unwrap()
}

pub(super) fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

pub(super) fn errors(response: &Response) -> Value {
    body(response)["errors"].clone()
}

/// Creates a running VM of account 6 with 2 CPUs, 2 GiB of memory and a disk of 20 GiB.
pub(super) fn vm(name: &str) -> Resource {
    let uuid = "f80b1d62-ffe4-43ef-9210-60f05445456a";
    Resource {
        owner_uuid: uuid.to_owned(),
        uuid: uuid.to_owned(),
        kind: "vm",
        billing_account_id: 6,
        description: format!("{name}, 2 CPUs, 2 GB RAM, 20 GB disk"),
        json: json!({"uuid": uuid, "name": name}),
        location: "cyc01".to_owned(),
        vcpu: 2,
        memory_mib: 2048,
        storage_gib: 20,
        running: true,
        os_name: "ubuntu".to_owned(),
        since: noon(),
    }
}

/// Creates a disk of account 6.
pub(super) fn disk() -> Resource {
    let uuid = "d582f16a-013b-4a23-8463-c66bbbc96c43";
    Resource {
        owner_uuid: uuid.to_owned(),
        uuid: uuid.to_owned(),
        kind: "disk",
        description: "data".to_owned(),
        json: json!({"uuid": uuid}),
        ..vm("data")
    }
}
