//! Writes human-readable JSON: keys are sorted, and a value that fits on one line is written on one line.

use std::collections::BTreeMap;

use serde_json::Value;

const WIDTH: usize = 110;

/// Returns a document as JSON.
pub(super) fn write(value: &Value) -> String {
    let mut out = String::new();
    lines(value, 0, 0, &mut out);
    out.push('\n');
    out
}

fn lines(value: &Value, indent: usize, used: usize, out: &mut String) {
    let flat = flat(value);
    if indent + used + flat.chars().count() <= WIDTH {
        out.push_str(&flat);
        return;
    }
    let (open, close, members): (char, char, Vec<(String, &Value)>) = match value {
        Value::Object(map) => {
            ('{', '}', sorted(map).map(|(name, value)| (format!("{}: ", Value::from(name)), value)).collect())
        }
        Value::Array(items) => ('[', ']', items.iter().map(|item| (String::new(), item)).collect()),
        _ => return out.push_str(&flat),
    };
    out.push(open);
    let count = members.len();
    for (at, (name, value)) in members.into_iter().enumerate() {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent + 2));
        out.push_str(&name);
        lines(value, indent + 2, name.chars().count() + 1, out);
        if at + 1 < count {
            out.push(',');
        }
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(close);
}

fn flat(value: &Value) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let members = sorted(map).map(|(name, value)| format!("{}: {}", Value::from(name), flat(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// Returns the members in the same order, whatever features of serde_json are enabled.
fn sorted(map: &serde_json::Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    map.iter().map(|(name, value)| (name.as_str(), value)).collect::<BTreeMap<_, _>>().into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_values_are_on_one_line_and_nothing_is_lost() {
        let long = "x".repeat(80);
        let value = json!({"b": {"c": [1, 2.5, null], "d": {}}, "a": [long, long], "text": "\"\u{1}ü"});
        let text = write(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.contains("\n  \"b\": {\"c\": [1, 2.5, null], \"d\": {}},\n"), "{text}");
        assert_eq!(text.lines().count(), 8, "{text}");
    }
}
