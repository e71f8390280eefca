//! The part of a `print_r` body that an error may show.

use std::fmt::Write;

use http_core::client::{mask_value, mask_words};

/// Describes `print_r` text that cannot be decoded, on one line or several: `Array ( [key] => value … )`. Shows only
/// the values that explain an error.
pub(crate) fn describe(text: &str) -> String {
    let mut shown = String::from("Array (");
    let mut key = None;
    for part in text.split("=>") {
        // The value ends at the next key, and may span several lines.
        let (value, next) = part.rsplit_once('[').unwrap_or((part, ""));
        if let Some(key) = key {
            let value = value.trim().trim_end_matches([')', ' ', '\n', '\r', '\t']);
            let value = match value {
                "" => String::new(),
                nested if nested.starts_with("Array") && nested.ends_with('(') => "Array (".to_owned(),
                value => mask_value(key, value),
            };
            let _ = write!(shown, " [{}] => {value}", mask_words(key));
        }
        key = next.trim_end().strip_suffix(']').or(Some(""));
    }
    shown.push_str(" )");
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_explain_an_error_are_shown() {
        let many = "Array\n(\n    [method] => createVPS\n    [result] => error\n    [retx] => Array\n        (\n            \
            [password] => hunter\ntwo\n            [message] => no money\n        )\n\n)\n";
        assert_eq!(
            describe(many),
            "Array ( [method] => … [result] => error [retx] => Array ( [password] => … [message] => no money )"
        );
        assert_eq!(
            describe("Array ( [password] => hunter [result] => error )"),
            "Array ( [password] => … [result] => error )"
        );
    }
}
