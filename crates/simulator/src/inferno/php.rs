//! PHP values, and their possible forms in responses.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::base::Response;

/// A warning that PHP prints if warnings are enabled.
pub(crate) const PHP_WARNING: &str = "<br />\n<b>Warning</b>:  Undefined array key \"ip\" in \
     <b>/var/www/html/api_client.php</b> on line <b>217</b><br />\n";

/// The changes that PHP may make to a response. The default is the documented and observed form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, which are set by name")]
pub struct PhpQuirks {
    /// A byte-order mark before the rest of the response.
    pub bom: bool,
    /// Blank lines before and after the body.
    pub blank_lines: bool,
    /// A warning in HTML before the body.
    pub warning_before: bool,
    /// A warning in HTML after the body.
    pub warning_after: bool,
    /// Ids and money as strings, even where the documentation has numbers.
    pub numbers_as_strings: bool,
    /// Ids and money as numbers, even where the documentation has strings; `"5.00"` becomes `5`.
    pub strings_as_numbers: bool,
    /// `1` and `""` for true and false.
    pub php_booleans: bool,
    /// `0000-00-00` for a missing date, instead of an empty string.
    pub zero_dates: bool,
    /// `{}` for an empty map, instead of PHP's `[]`.
    pub empty_map_as_object: bool,
    /// `\/` and `\uXXXX`, the defaults of `json_encode`.
    pub escapes: bool,
    /// `text/html` as the content type of JSON.
    pub html_content_type: bool,
    /// Templates as a list of their names, instead of a map from names to titles.
    pub templates_as_list: bool,
    /// When install and reinstall respond with `print_r` output.
    pub print_r: PrintR,
    /// `print_r` output on one line, as a browser shows it.
    pub print_r_on_one_line: bool,
}

/// When install and reinstall respond with PHP's `print_r` output instead of JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrintR {
    /// If the content type of the request is not JSON.
    #[default]
    WithoutJson,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A PHP value. Maps keep the order of their entries.
#[derive(Clone, Debug)]
pub(super) enum Php {
    Text(String),
    Bool(bool),
    /// A decimal number, and whether the documentation quotes it.
    Number(String, Quoted),
    Date(Option<DateTime<Utc>>),
    List(Vec<Php>),
    Map(Vec<(String, Php)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoted {
    Yes,
    No,
}

/// Creates a map with these fields.
pub(super) fn map<const N: usize>(fields: [(&str, Php); N]) -> Php {
    Php::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Creates a string.
pub(super) fn text(text: impl Into<String>) -> Php {
    Php::Text(text.into())
}

/// Creates a number that the documentation shows without quotes.
pub(super) fn number(number: impl Into<u64>) -> Php {
    Php::Number(number.into().to_string(), Quoted::No)
}

/// Creates a number that the documentation shows in quotes.
pub(super) fn quoted(number: u64) -> Php {
    Php::Number(number.to_string(), Quoted::Yes)
}

/// Creates an amount of money, which the documentation shows in quotes.
pub(super) fn amount(amount: impl Into<String>) -> Php {
    Php::Number(amount.into(), Quoted::Yes)
}

impl Php {
    fn write_json(&self, quirks: &PhpQuirks, out: &mut String) {
        match self {
            Self::Text(text) => write_text(text, quirks, out),
            Self::Bool(true) if quirks.php_booleans => out.push('1'),
            Self::Bool(false) if quirks.php_booleans => out.push_str("\"\""),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number, quoted) => {
                let as_text =
                    quirks.numbers_as_strings || (*quoted == Quoted::Yes && !quirks.strings_as_numbers);
                if as_text {
                    write_text(number, quirks, out);
                } else {
                    // A PHP float has no trailing zeros.
                    let fraction = number.contains('.');
                    let bare =
                        if fraction { number.trim_end_matches('0').trim_end_matches('.') } else { number };
                    out.push_str(bare);
                }
            }
            Self::Date(_) => write_text(&self.plain(quirks), quirks, out),
            Self::List(rows) => {
                out.push('[');
                for (index, row) in rows.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    row.write_json(quirks, out);
                }
                out.push(']');
            }
            Self::Map(fields) if fields.is_empty() && !quirks.empty_map_as_object => out.push_str("[]"),
            Self::Map(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    write_text(name, quirks, out);
                    out.push(':');
                    value.write_json(quirks, out);
                }
                out.push('}');
            }
        }
    }

    fn plain(&self, quirks: &PhpQuirks) -> String {
        match self {
            Self::Text(text) | Self::Number(text, _) => text.clone(),
            Self::Bool(value) => if *value { "1" } else { "" }.to_owned(),
            Self::Date(Some(date)) => date.format("%F").to_string(),
            Self::Date(None) if quirks.zero_dates => "0000-00-00".to_owned(),
            Self::Date(None) | Self::List(_) | Self::Map(_) => String::new(),
        }
    }

    fn write_print_r(&self, indent: usize, quirks: &PhpQuirks, out: &mut String) {
        let rows: Vec<(String, &Self)> = match self {
            Self::List(rows) => {
                rows.iter().enumerate().map(|(index, row)| (index.to_string(), row)).collect()
            }
            Self::Map(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
            scalar => return out.push_str(&scalar.plain(quirks)),
        };
        let margin = " ".repeat(indent);
        let _ = write!(out, "Array\n{margin}(\n");
        for (name, value) in rows {
            let _ = write!(out, "{margin}    [{name}] => ");
            value.write_print_r(indent + 8, quirks, out);
            out.push('\n');
        }
        let _ = writeln!(out, "{margin})");
    }

    /// Returns a response that contains this value.
    pub(super) fn response(&self, status: u16, print_r: bool, quirks: &PhpQuirks) -> Response {
        let mut body = String::new();
        body.push_str(if quirks.bom { "\u{feff}" } else { "" });
        body.push_str(if quirks.blank_lines { "\r\n\n" } else { "" });
        body.push_str(if quirks.warning_before { PHP_WARNING } else { "" });
        if print_r {
            let mut printed = String::new();
            self.write_print_r(0, quirks, &mut printed);
            if quirks.print_r_on_one_line {
                printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            body.push_str(&printed);
        } else {
            self.write_json(quirks, &mut body);
        }
        body.push_str(if quirks.warning_after { PHP_WARNING } else { "" });
        body.push_str(if quirks.blank_lines { "\n\n" } else { "" });
        let html = print_r || quirks.html_content_type;
        let kind = if html { "text/html; charset=UTF-8" } else { "application/json" };
        let mut response = Response::with_type(status, kind, body);
        response.altered = *quirks != PhpQuirks::default();
        response
    }
}

fn write_text(text: &str, quirks: &PhpQuirks, out: &mut String) {
    let json = serde_json::Value::from(text).to_string();
    if !quirks.escapes {
        return out.push_str(&json);
    }
    for unit in json.replace('/', "\\/").encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(ascii) => out.push(char::from(ascii)),
            None => {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Php {
        let nested = map([("result", text("success")), ("error_code", number(0u8))]);
        map([("method", text("createVPS")), ("retx", nested), ("msg", text("ok"))])
    }

    fn json(value: &Php, quirks: PhpQuirks) -> String {
        String::from_utf8(value.response(200, false, &quirks).body.to_vec()).unwrap()
    }

    #[test]
    fn print_r_has_the_line_breaks_and_indentation_of_php() {
        let body = sample().response(200, true, &PhpQuirks::default()).body;
        let expected = "Array\n(\n    [method] => createVPS\n    [retx] => Array\n        (\n            \
                        [result] => success\n            [error_code] => 0\n        )\n\n    [msg] => ok\n)\n";
        assert_eq!(body, expected);
    }

    #[test]
    fn print_r_can_be_on_one_line_as_a_browser_shows_it() {
        let body =
            sample().response(200, true, &PhpQuirks { print_r_on_one_line: true, ..Default::default() }).body;
        let expected = "Array ( [method] => createVPS [retx] => Array ( [result] => success [error_code] => 0 ) \
                        [msg] => ok )";
        assert_eq!(body, expected);
    }

    #[test]
    fn numbers_follow_the_documentation_or_become_all_strings_or_all_numbers() {
        let row = map([("orderid", number(47000u64)), ("id", quoted(47200)), ("amount", amount("5.00"))]);
        assert_eq!(json(&row, PhpQuirks::default()), r#"{"orderid":47000,"id":"47200","amount":"5.00"}"#);
        let strings = PhpQuirks { numbers_as_strings: true, ..Default::default() };
        assert_eq!(json(&row, strings), r#"{"orderid":"47000","id":"47200","amount":"5.00"}"#);
        let numbers = PhpQuirks { strings_as_numbers: true, ..Default::default() };
        assert_eq!(json(&row, numbers), r#"{"orderid":47000,"id":47200,"amount":5}"#);
    }

    #[test]
    fn booleans_dates_and_empty_maps_have_two_forms_each() {
        let row =
            map([("t", Php::Bool(true)), ("f", Php::Bool(false)), ("d", Php::Date(None)), ("m", map([]))]);
        assert_eq!(json(&row, PhpQuirks::default()), r#"{"t":true,"f":false,"d":"","m":[]}"#);
        let quirks = PhpQuirks {
            php_booleans: true,
            zero_dates: true,
            empty_map_as_object: true,
            ..Default::default()
        };
        assert_eq!(json(&row, quirks), r#"{"t":1,"f":"","d":"0000-00-00","m":{}}"#);
    }

    #[test]
    fn escapes_decode_to_the_same_string() {
        let value = text("a/\"b\" Включен 😀\n");
        let escaped = json(&value, PhpQuirks { escapes: true, ..Default::default() });
        assert!(escaped.is_ascii() && escaped.contains("\\/") && escaped.contains("\\u0412"), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "a/\"b\" Включен 😀\n");
    }

    #[test]
    fn output_before_and_after_the_json_has_the_order_of_php() {
        let quirks = PhpQuirks {
            bom: true,
            blank_lines: true,
            warning_before: true,
            warning_after: true,
            ..Default::default()
        };
        let body = json(&map([]), quirks);
        assert_eq!(body, format!("\u{feff}\r\n\n{PHP_WARNING}[]{PHP_WARNING}\n\n"));
    }
}
