//! Compares the samples of two pages.

use hostkit_tests::fixture::{Fixture, Source};
use hostkit_tests::json::Json;

/// A difference between the samples of two pages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SampleDifference {
    pub(super) operation: String,
    pub(super) what: String,
    /// Whether the sample request differs, rather than the response.
    pub(super) is_request: bool,
    /// Whether names or types differ, rather than only values.
    pub(super) is_structure: bool,
}

/// Lists the differences between a page's fixtures and the stored ones. Stored fixtures that are not from a page are
/// ignored, as are those of operations that the page no longer has.
pub(crate) fn samples(new: &[(&str, Fixture)], held: &[(String, Fixture)]) -> Vec<SampleDifference> {
    let mut differences = Vec::new();
    let of = |package: &str, fixture: &Fixture| (package.to_owned(), fixture.name());
    for (package, fixture) in new {
        let name = fixture.name();
        let old = held.iter().find(|(other, old)| of(other, old) == of(package, fixture)).map(|(_, old)| old);
        let mut add = |path: &str, change: &str, is_structure: bool| {
            let difference = SampleDifference {
                operation: fixture.operation.clone(),
                what: format!("sample {name}, {path}: {change}"),
                is_request: path.starts_with("request"),
                is_structure,
            };
            if !differences.contains(&difference) {
                differences.push(difference);
            }
        };
        let Some(old) = old else {
            add("response", "sample added", true);
            continue;
        };
        let json = |part: serde_json::Result<String>| part.ok().and_then(|text| Json::parse(&text).ok());
        let both =
            |part: fn(&Fixture) -> serde_json::Result<String>| Some((json(part(old))?, json(part(fixture))?));
        if let Some((old, new)) = both(|fixture| serde_json::to_string(&fixture.request)) {
            compare("request", Some(&old), Some(&new), &mut add);
        }
        // Responses that the page does not show are derived, so they are not compared.
        if fixture.source == Source::Documented
            && let Some((old, new)) = both(|fixture| serde_json::to_string(&fixture.response))
        {
            compare("response", Some(&old), Some(&new), &mut add);
        }
    }
    for (package, old) in held.iter().filter(|(_, old)| old.source == Source::Documented) {
        let is_same =
            |(other, fixture): &&(&str, Fixture)| other == package && fixture.operation == old.operation;
        let described = new.iter().any(|pair| is_same(&pair));
        if described && !new.iter().any(|(other, fixture)| of(other, fixture) == of(package, old)) {
            let what = format!("sample {} removed", old.name());
            differences.push(SampleDifference {
                operation: old.operation.clone(),
                what,
                is_request: false,
                is_structure: true,
            });
        }
    }
    differences
}

fn compare(path: &str, old: Option<&Json>, new: Option<&Json>, add: &mut impl FnMut(&str, &str, bool)) {
    match (old, new) {
        (Some(old), Some(new)) if old == new => {}
        (Some(Json::Object(_)), Some(Json::Object(_))) => {
            let (Some(old), Some(new)) = (old, new) else { return };
            let names = old.names().chain(new.names().filter(|name| old.get(name).is_none()));
            for name in names {
                compare(&format!("{path}.{name}"), old.get(name), new.get(name), add);
            }
        }
        (Some(Json::List(old)), Some(Json::List(new))) => {
            let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
            let (old, new) = (&old[start..], &new[start..]);
            let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
            let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
            for at in 0..old.len().max(new.len()) {
                compare(&format!("{path}[{}]", start + at), old.get(at), new.get(at), add);
            }
        }
        (Some(old), Some(new)) if kind(old) != kind(new) => {
            add(path, &format!("type changed: {} → {}", kind(old), kind(new)), true);
        }
        (Some(old), Some(new)) => {
            add(path, &format!("value changed: {} → {}", short(old), short(new)), false);
        }
        (Some(_), None) => add(path, "removed", true),
        (None, Some(_)) => add(path, "added", true),
        (None, None) => {}
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::Text(_) => "string",
        Json::List(_) => "list",
        Json::Object(_) => "object",
    }
}

fn short(json: &Json) -> String {
    let text = json.to_string();
    if text.chars().count() > 60 { text.chars().take(60).chain(['…']).collect() } else { text }
}
