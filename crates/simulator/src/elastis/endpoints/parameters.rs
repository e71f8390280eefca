//! The parameters of a new VM, in a table that is used both to list the parameters and to check them.
use serde_json::{Value, json};

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::image::{self, IMAGES};
use crate::elastis::wire::fields::Fields;

pub(crate) const ENDPOINTS: &[Endpoint] =
    &[Endpoint::global("parameters.vm", "GET", "/v1/api/parameters/vm", list)];

const WINDOWS: &str = "windows";

struct Range {
    parameter: &'static str,
    description: &'static str,
    min: u64,
    max: u64,
    /// The higher minimum for Windows, if any.
    windows_min: Option<u64>,
}

const RANGES: [Range; 3] = [
    Range {
        parameter: "disks",
        description: "Size of main storage in gigabytes.",
        min: 20,
        max: 240,
        windows_min: None,
    },
    Range { parameter: "ram", description: "Amount of RAM.", min: 512, max: 65_536, windows_min: Some(1024) },
    Range { parameter: "vcpu", description: "Number of CPUs.", min: 1, max: 16, windows_min: Some(2) },
];

struct Pattern {
    parameter: &'static str,
    description: &'static str,
    expression: &'static str,
    /// The expression as a function, which avoids a dependency on a regex engine.
    matches: fn(&str) -> bool,
}

const PATTERNS: [Pattern; 3] = [
    Pattern {
        parameter: "name",
        description: "Name of the VM",
        expression: "^[0-9a-zA-Z][-0-9a-zA-Z]{2,}[0-9a-zA-Z]$",
        matches: |text| {
            let ends = text.starts_with(alphanumeric) && text.ends_with(alphanumeric);
            ends && text.len() >= 4 && text.chars().all(|char| char == '-' || alphanumeric(char))
        },
    },
    Pattern {
        parameter: "password",
        description: "Password for logging in to the VM.",
        expression: "^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$",
        matches: |text| {
            let has = |kind: fn(&char) -> bool| text.chars().any(|char| kind(&char));
            let kinds = [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit];
            kinds.into_iter().all(has) && text.chars().count() >= 8 && !text.contains('\n')
        },
    },
    Pattern {
        parameter: "username",
        description: "Username for logging in to the VM.",
        expression: "^(?=.{1,30}$)[a-zA-Z_][0-9a-zA-Z_-]*$",
        matches: |text| {
            let first = text.starts_with(|char: char| char == '_' || char.is_ascii_alphabetic());
            first && text.len() <= 30 && text.chars().all(|char| "_-".contains(char) || alphanumeric(char))
        },
    },
];

fn alphanumeric(char: char) -> bool {
    char.is_ascii_alphanumeric()
}

pub(crate) fn is_windows(os_name: &str) -> bool {
    os_name == WINDOWS
}

/// Rejects a number outside the range for this operating system.
pub(crate) fn check_range(fields: &mut Fields, parameter: &str, value: Option<u64>, os_name: &str) {
    let Some(range) = RANGES.iter().find(|range| range.parameter == parameter) else { return };
    let min = range.windows_min.filter(|_| is_windows(os_name)).unwrap_or(range.min);
    fields.within(parameter, value, min..=range.max);
}

/// Rejects a string that does not match the parameter's expression.
pub(crate) fn check_pattern(fields: &mut Fields, parameter: &str) {
    let Some(pattern) = PATTERNS.iter().find(|pattern| pattern.parameter == parameter) else { return };
    if fields.text(parameter).is_some_and(|text| !(pattern.matches)(&text)) {
        fields.refuse(parameter, format!("Value does not match {}", pattern.expression));
    }
}

/// Rejects an operating system or a version that is not offered.
pub(crate) fn check_os(fields: &mut Fields, os_name: &str, os_version: &str) {
    match image::find(os_name) {
        None if os_name.is_empty() => {}
        None => fields.refuse("os_name", "Value is not one of those allowed"),
        Some(image) if os_version.is_empty() || image.published().any(|version| version == os_version) => {}
        Some(_) => fields.refuse("os_version", "Value is not one of those allowed"),
    }
}

fn list(_: &mut Context<'_>) -> Answer {
    let mut rows: Vec<Value> = RANGES.iter().map(range).chain(PATTERNS.iter().map(pattern)).collect();
    rows.push(json!({
        "constraint": "enum",
        "description": "OS name of VM base image.",
        "mandatory": true,
        "parameter": "os_name",
        "type": "string",
        "values": IMAGES.iter().map(|image| image.os_name).collect::<Value>(),
    }));
    let versions = IMAGES
        .iter()
        .map(|image| json!({"os_name": image.os_name, "values": image.published().collect::<Value>()}));
    rows.push(json!({
        "constraint": "enum",
        "description": "OS version of VM base image.",
        "limited_by": "os_name",
        "limits": versions.collect::<Value>(),
        "mandatory": true,
        "parameter": "os_version",
        "type": "string",
    }));
    rows.sort_by_key(|row| row["parameter"].to_string());
    Ok(Response::json(200, &rows.into()))
}

fn range(range: &Range) -> Value {
    let mut row = json!({
        "constraint": "range",
        "description": range.description,
        "mandatory": true,
        "max": range.max,
        "min": range.min,
        "parameter": range.parameter,
        "type": "integer",
    });
    if let Some(min) = range.windows_min {
        row["limited_by"] = json!("os_name");
        row["limits"] = json!([{"min": min, "os_name": WINDOWS}]);
    }
    row
}

fn pattern(pattern: &Pattern) -> Value {
    let mut row = json!({
        "constraint": "regexp",
        "description": pattern.description,
        "expression": pattern.expression,
        "mandatory": true,
        "parameter": pattern.parameter,
        "type": "string",
    });
    if pattern.parameter == "username" {
        row["limited_by"] = json!("os_name");
        row["limits"] = json!([{"mandatory": false, "os_name": WINDOWS}]);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elastis::testing::Lab;

    fn fits(parameter: &str, text: &str) -> bool {
        (PATTERNS.iter().find(|pattern| pattern.parameter == parameter).unwrap().matches)(text)
    }

    #[test]
    fn the_pattern_functions_agree_with_their_expressions() {
        for (parameter, good, bad) in [
            ("name", &["abcd", "0-a0", "Ubuntu-16-04"][..], &["abc", "-abc", "abc-", "a b c", "täst"][..]),
            (
                "password",
                &["Password123", "aA3aA3aA", "ä Ü aB3 x"],
                &["password1", "PASSWORD1", "Password", "aA3"],
            ),
            (
                "username",
                &["a", "_x-1", "example"],
                &["1a", "-a", "", "a.b", "abcdefghijabcdefghijabcdefghijk"],
            ),
        ] {
            for text in good {
                assert!(fits(parameter, text), "{parameter}: {text}");
            }
            for text in bad {
                assert!(!fits(parameter, text), "{parameter}: {text}");
            }
        }
    }

    #[test]
    fn the_list_names_each_parameter_once_with_its_windows_minimum() {
        let list = Lab::new().ok("GET", "/v1/api/parameters/vm", "");
        let names: Vec<_> =
            list.as_array().unwrap().iter().map(|row| row["parameter"].as_str().unwrap()).collect();
        let expected = ["disks", "name", "os_name", "os_version", "password", "ram", "username", "vcpu"];
        assert_eq!(names, expected);
        assert_eq!(list[5]["limits"], json!([{"min": 1024, "os_name": "windows"}]));
        assert_eq!(list[7]["limits"], json!([{"min": 2, "os_name": "windows"}]));
    }
}
