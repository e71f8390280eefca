//! The control API, which exposes the methods of the handles over HTTP, below `/_simulator/`.
//!
//! Each control calls one method of a handle, so both offer the same features. Arguments come from the query, from a
//! JSON object in the body, or from both.

mod control;
mod controls;
mod openapi;
mod values;

use bytes::Bytes;
use http::request::Parts;
use serde_json::{Map, Value, json};

pub(crate) use self::control::PREFIX;
use self::controls::{CONTROLS, directory};
use self::values::Arguments;
use crate::base::{Response, pairs};
use crate::control::Simulator;

/// Answers a request to the control API.
pub(crate) fn answer(simulator: &Simulator, path: &str, request: &Parts, body: &Bytes) -> Response {
    let path = path.trim_end_matches('/');
    let at_path: Vec<_> = CONTROLS.iter().filter(|control| control.path == path).collect();
    let control = at_path.iter().find(|control| request.method == control.method);
    let Some(control) = control else {
        let allowed: Vec<_> = at_path.iter().map(|control| control.method).collect();
        if allowed.is_empty() {
            return Response::json(404, &json!({"error": "no such control", "controls": directory()}));
        }
        let mut response = Response::json(405, &json!({"error": "wrong method", "controls": directory()}));
        response.headers.push(("allow", allowed.join(", ")));
        return response;
    };
    let given = arguments(request.uri.query().unwrap_or_default(), body);
    let outcome = given.and_then(|given| {
        let known = |name: &String| control.arguments.iter().any(|(of, ..)| of == name);
        match given.names().find(|name| !known(name)) {
            Some(unknown) => Err(format!("unknown argument '{unknown}'")),
            None => (control.run)(simulator, &given),
        }
    });
    match outcome {
        Ok(value) => Response::json(200, &value),
        Err(error) => Response::json(400, &json!({"error": error})),
    }
}

fn arguments(query: &str, body: &[u8]) -> Result<Arguments, String> {
    let mut all = match body {
        b"" => Map::new(),
        body => {
            serde_json::from_slice(body).map_err(|error| format!("the body is not a JSON object: {error}"))?
        }
    };
    all.extend(pairs(query).into_iter().map(|(name, value)| (name, Value::String(value))));
    Ok(Arguments::new(all))
}
