//! Responses shaped like an operation's own samples, but with far more values: in each response, one list or object of
//! a sample is filled with the shortest possible values.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::lenient::{paths, without};

/// Marks the position of the filling in a body.
const PLACE: &str = "<here>";
const SHORTEST: [&str; 5] = ["0", "{}", "[]", "\"\"", "\"a\""];

/// A body in two parts, with a filling that is repeated between them.
pub(crate) struct Dense {
    pub(crate) name: String,
    start: String,
    end: String,
    pub(crate) filling: String,
    is_object: bool,
    /// Whether the filling is an unchanged item of the sample.
    pub(crate) is_sample: bool,
}

impl Dense {
    /// Returns a body of up to `size` bytes.
    pub(crate) fn body(&self, size: usize) -> String {
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

/// Returns the dense bodies made from a sample. `is_read` returns whether the operation can decode a body.
pub(crate) fn bodies(fixture: &Fixture, is_read: impl Fn(&Value) -> bool) -> Vec<Dense> {
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
        let whole = item.filter(|_| has_rows(container) && is_read(&sample));
        let whole = whole.and_then(|(_, item)| filled(&sample, &pointer, item.to_string()));
        dense.extend(whole.map(|whole| Dense { is_sample: true, ..whole }));
    }
    dense
}

/// Returns JSON pointers to the lists and objects in a value, descending only into the first item of each list.
pub(crate) fn containers(value: &Value, pointer: &str) -> Vec<String> {
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

/// Returns whether a list or object contains rows: an object may contain them by their ids.
pub(crate) fn has_rows(container: &Value) -> bool {
    match container {
        Value::Object(members) => members.values().all(Value::is_object),
        container => container.is_array(),
    }
}

fn first(container: &Value) -> Option<(String, &Value)> {
    match container {
        Value::Array(items) => items.first().map(|item| ("0".to_owned(), item)),
        Value::Object(members) => members.iter().next().map(|(key, value)| (key.clone(), value)),
        _ => None,
    }
}

/// Returns the value at a path, without the members that the operation does not need to decode the sample.
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

/// Returns the sample with `filling` in the list or object at `pointer`.
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
