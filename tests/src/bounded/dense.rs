//! Responses in the form of an operation's own samples that have far more values than text: each list and each object
//! of a sample in turn is filled with the shortest values there are.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::lenient::{paths, without};

/// Marks the place where a body is filled.
const PLACE: &str = "<here>";
const SHORTEST: [&str; 5] = ["0", "{}", "[]", "\"\"", "\"a\""];

/// A body in two parts, between which the filling is repeated.
pub(super) struct Dense {
    pub(super) name: String,
    start: String,
    end: String,
    pub(super) filling: String,
    is_object: bool,
    /// Whether it repeats an item of the sample as it is.
    pub(super) is_sample: bool,
}

impl Dense {
    /// Returns a body of this many bytes at most.
    pub(super) fn body(&self, size: usize) -> String {
        let mut body = self.start.clone();
        for number in 0.. {
            let before = body.len();
            if number > 0 {
                body.push(',');
            }
            if self.is_object {
                let _ = write!(body, "\"{number}\":");
            }
            body.push_str(&self.filling);
            if body.len() + self.end.len() > size {
                body.truncate(before);
                break;
            }
        }
        body + &self.end
    }
}

/// Returns the dense bodies after a sample. `is_read` says whether the operation decodes a body.
pub(super) fn bodies(fixture: &Fixture, is_read: impl Fn(&Value) -> bool) -> Vec<Dense> {
    let Ok(sample) = serde_json::from_str::<Value>(&fixture.response.body()) else { return Vec::new() };
    let mut dense = Vec::new();
    for pointer in containers(&sample, "") {
        let Some(container) = sample.pointer(&pointer) else { continue };
        let item = first(container);
        let smallest = item.as_ref().map(|(key, _)| {
            let path: Vec<&str> = pointer.split('/').skip(1).chain([key.as_str()]).collect();
            smallest(&sample, &path, &is_read).to_string()
        });
        let fillings = SHORTEST.map(str::to_owned).into_iter().chain(smallest);
        dense.extend(fillings.filter_map(|filling| filled(&sample, &pointer, filling)));
        let whole = item.filter(|_| container.is_array() && is_read(&sample));
        let whole = whole.and_then(|(_, item)| filled(&sample, &pointer, item.to_string()));
        dense.extend(whole.map(|whole| Dense { is_sample: true, ..whole }));
    }
    dense
}

/// The places of the lists and objects in a value, through the first member of each.
fn containers(value: &Value, pointer: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.first().map(|item| ("0".to_owned(), item)).into_iter().collect(),
        _ => return Vec::new(),
    };
    let mut found = vec![pointer.to_owned()];
    for (key, value) in inner {
        found.extend(containers(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))));
    }
    found
}

fn first(container: &Value) -> Option<(String, &Value)> {
    match container {
        Value::Array(items) => items.first().map(|item| ("0".to_owned(), item)),
        Value::Object(members) => members.iter().next().map(|(key, value)| (key.clone(), value)),
        _ => None,
    }
}

/// The value at a path without everything that the sample can be read without.
fn smallest(sample: &Value, path: &[&str], is_read: impl Fn(&Value) -> bool) -> Value {
    let mut sample = sample.clone();
    let below = |other: &Vec<String>| other.len() > path.len() && other.iter().zip(path).all(|(a, b)| a == b);
    for member in paths(&sample).into_iter().filter(below).rev() {
        let less = without(&sample, &member);
        if is_read(&less) {
            sample = less;
        }
    }
    sample.pointer(&format!("/{}", path.join("/"))).cloned().unwrap_or_default()
}

/// The sample with a place to fill in this list or object.
fn filled(sample: &Value, pointer: &str, filling: String) -> Option<Dense> {
    let mut sample = sample.clone();
    let container = sample.pointer_mut(pointer)?;
    let is_object = container.is_object();
    match container {
        Value::Object(members) => drop(members.insert(PLACE.to_owned(), json!(0))),
        other => *other = json!([PLACE]),
    }
    let text = sample.to_string();
    let place = if is_object { format!("\"{PLACE}\":0") } else { format!("\"{PLACE}\"") };
    let (start, end) = text.split_once(&place)?;
    let name = format!("{filling}… in {}", if pointer.is_empty() { "the response" } else { pointer });
    Some(Dense { name, start: start.to_owned(), end: end.to_owned(), filling, is_object, is_sample: false })
}
