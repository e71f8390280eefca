use std::{borrow::Cow, fmt::Write};

use crate::form::Encoder;

/// Longer excerpts tell no more; in characters.
const LIMIT: usize = 240;
/// The longest text of a provider that is passed on; in characters.
const LONGEST_WORDS: usize = 1024;
/// What lies behind this many bytes never reaches an excerpt.
const WINDOW: usize = 16 * 1024;
/// One character, so that it cannot hold a secret by itself.
const MARK: &str = "…";
/// Shorter ones are left: cutting every "a" would leave no text, and would give the secret away.
const SHORTEST_SECRET: usize = 4;

/// Keys whose values say what went wrong.
const TELLING: &[&str] =
    &["error", "errors", "message", "msg", "result", "status", "title", "detail", "success", "code", "type"];

/// One line about a body that could not be read, with nothing in it that is not known to be safe.
///
/// What was sent may come back, and what comes back may hold passwords, so a value is shown only
/// where its key or its form says that it is harmless.
pub(crate) fn excerpt(body: &[u8], secrets: &[&str]) -> String {
    let longest = secrets.iter().map(|secret| secret.len() * 3).max().unwrap_or(0);
    let window = &body[..body.len().min(WINDOW + longest)];
    let mut text = cut(&String::from_utf8_lossy(window), secrets);
    if window.len() < body.len() {
        // The window may end within a secret, which then was not found.
        let keep = text.chars().count().saturating_sub(longest + 1);
        text = text.chars().take(keep).collect();
    }
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let lower = text.to_ascii_lowercase();
    let described = if text.is_empty() {
        "empty body".to_owned()
    } else if json_start(text) == Some(0) {
        json(text)
    } else if ["<!doctype html", "<html", "<title", "<h1"].iter().any(|tag| lower.contains(tag)) {
        html(text, &lower)
    } else if lower.contains("] =>") {
        print_r(text)
    } else if let Some(start) = json_start(text) {
        format!("{} {}", plain(&without_tags(&text[..start])), json(&text[start..]))
    } else {
        plain(&without_tags(text))
    };
    cut(&shorten(&described, LIMIT), secrets)
}

/// A provider's own words without the secrets, in one line of bounded length.
pub(crate) fn tidy(text: &str, secrets: &[&str]) -> String {
    cut(&shorten(&cut(text, secrets), LONGEST_WORDS), secrets)
}

/// The text without the secrets, also where they are percent-encoded or escaped for JSON.
///
/// Secrets of fewer than 4 characters stay.
pub(crate) fn cut(text: &str, secrets: &[&str]) -> String {
    let mut forms: Vec<Cow<'_, str>> = Vec::new();
    for secret in secrets.iter().filter(|secret| secret.chars().nth(SHORTEST_SECRET - 1).is_some()) {
        let mut encoded = String::new();
        let _ = Encoder(&mut encoded).write_str(secret);
        if encoded != **secret {
            forms.push(lowercase_escapes(&encoded).into());
            forms.push(encoded.replace("%20", "+").into());
            forms.push(encoded.into());
            let json = serde_json::to_string(secret).unwrap_or_default();
            let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(&json);
            forms.push(json.replace('/', "\\/").into());
            forms.push(json.to_owned().into());
        }
        forms.push((*secret).into());
    }
    forms.retain(|form| !form.is_empty());

    let mut text = text.to_owned();
    // Again until nothing is found: a secret may appear where another one was cut. Each round
    // shortens the text.
    loop {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for form in &forms {
            let mut from = 0;
            while let Some(at) = text[from..].find(&**form) {
                let start = from + at;
                spans.push((start, start + form.len()));
                from = start + text[start..].chars().next().map_or(1, char::len_utf8);
            }
        }
        if spans.is_empty() {
            return text;
        }
        spans.sort_unstable();
        let mut left = String::with_capacity(text.len());
        let mut end = 0;
        for (start, stop) in spans {
            // Spans that overlap or touch become one mark.
            if start > end || left.is_empty() {
                left.push_str(&text[end..start]);
                left.push_str(MARK);
            }
            end = end.max(stop);
        }
        left.push_str(&text[end..]);
        text = left;
    }
}

fn lowercase_escapes(encoded: &str) -> String {
    let mut escape = 0;
    encoded
        .chars()
        .map(|c| {
            escape = if c == '%' { 2 } else { i32::max(escape - 1, -1) };
            if escape >= 0 && c != '%' { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

/// Title and first heading; the rest of a page is decoration or somebody's data.
fn html(text: &str, lower: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    for tag in ["title", "h1"] {
        let content = lower.find(&format!("<{tag}")).and_then(|start| {
            let start = start + lower[start..].find('>')? + 1;
            let length = lower[start..].find(&format!("</{tag}")).unwrap_or(0);
            Some(plain(&without_tags(&text[start..start + length])))
        });
        shown.extend(content.filter(|content| !content.is_empty() && !shown.contains(content)));
    }
    if shown.is_empty() {
        "HTML page without title".to_owned()
    } else {
        format!("HTML page: {}", shown.join(" / "))
    }
}

fn without_tags(text: &str) -> String {
    let mut parts = text.split('<');
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        left.push(' ');
        left.push_str(part.split_once('>').map_or("", |(_, after)| after));
    }
    left
}

/// Shows words, masks what could be a token: over 20 characters, over 5 with a digit among them,
/// and whatever stands behind `=`.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let length = word.chars().count();
        if length > 20 || (length > 5 && word.chars().any(char::is_numeric)) {
            return MARK.to_owned();
        }
        match word.split_once('=') {
            Some((name, value)) if !value.is_empty() => format!("{name}={MARK}"),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn telling(key: &str) -> bool {
    TELLING.iter().any(|known| key.trim().eq_ignore_ascii_case(known))
}

/// A brace, or a bracket before something that JSON has in lists; a log line's `[error]` is none.
fn json_start(text: &str) -> Option<usize> {
    let is_start =
        |at: &usize| text[*at..].starts_with('{') || text[at + 1..].trim_start().starts_with(['{', '[', '"']);
    text.match_indices(['{', '[']).map(|(at, _)| at).find(is_start)
}

/// JSON by its tokens only, for it may be broken anywhere: what is not understood is masked.
fn json(text: &str) -> String {
    let mut shown = String::new();
    // Around this value: is it a list, and are texts shown there. A list takes that from its key.
    let mut around: Vec<(bool, bool)> = Vec::new();
    let mut show = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // The description is cut much earlier than a long body ends.
        if shown.len() > 4 * LIMIT {
            break;
        }
        match first {
            '"' => {
                let (content, after) = quoted(&rest[1..]);
                rest = after;
                if after.trim_start().starts_with(':') {
                    show = telling(content);
                    let _ = write!(shown, "\"{}\"", plain(content));
                } else {
                    let content = if show { plain(content) } else { MARK.to_owned() };
                    let _ = write!(shown, "\"{content}\"");
                }
                continue;
            }
            '{' => {
                around.push((false, show));
                show = false;
            }
            '[' => around.push((true, show)),
            '}' | ']' => show = around.pop().is_some_and(|(_, show)| show),
            ',' => show &= around.last().is_some_and(|(list, _)| *list),
            ':' => {}
            space if space.is_whitespace() => {}
            _ => {
                let end = rest
                    .find(|c: char| c.is_whitespace() || matches!(c, '"' | '{' | '}' | '[' | ']' | ',' | ':'))
                    .unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                let number = word.len() <= 7
                    && word.chars().filter(char::is_ascii_digit).count() <= 6
                    && word.parse::<f64>().is_ok_and(f64::is_finite);
                let safe = number || matches!(word, "true" | "false" | "null");
                shown.push_str(if safe { word } else { MARK });
                rest = after;
                continue;
            }
        }
        shown.push(first);
        rest = &rest[first.len_utf8()..];
    }
    shown
}

/// The text up to its closing quote, or all of it, and what follows.
fn quoted(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// PHP's `print_r`: `Array ( [key] => value … )`, on one line or many.
fn print_r(text: &str) -> String {
    let mut shown = String::from("Array (");
    let mut key = None;
    for part in text.split("=>") {
        // Up to the next key, however many lines the value has.
        let (value, next) = part.rsplit_once('[').unwrap_or((part, ""));
        if let Some(key) = key {
            let value = value.trim().trim_end_matches([')', ' ', '\n', '\r', '\t']);
            let value = match value {
                "" => String::new(),
                nested if nested.starts_with("Array") && nested.ends_with('(') => "Array (".to_owned(),
                value if telling(key) => plain(value),
                _ => MARK.to_owned(),
            };
            let _ = write!(shown, " [{}] => {value}", plain(key));
        }
        key = next.trim_end().strip_suffix(']').or(Some(""));
    }
    shown.push_str(" )");
    shown
}

/// One line of at most `limit` characters, free of control and direction characters, with runs of
/// marks and spaces made one.
fn shorten(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let clean = text
        .chars()
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'));
    let mut length = 0;
    for word in clean.collect::<String>().split_whitespace() {
        if word == MARK && (line == MARK || line.ends_with(" …")) {
            continue;
        }
        for c in (length > 0).then_some(' ').into_iter().chain(word.chars()) {
            if length == limit - 1 {
                line.push_str(MARK);
                return line;
            }
            line.push(c);
            length += 1;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(body: &str) -> String {
        excerpt(body.as_bytes(), &[])
    }

    #[test]
    fn of_a_page_only_title_and_heading_are_shown() {
        let page = "\u{feff}\n<!DOCTYPE html><html><head><TITLE>Just a moment...</title></head>\
            <body><h1 class=\"x\">Checking <b>your</b> browser</h1><p>hunter2</p></body></html>";
        assert_eq!(shown(page), "HTML page: Just a moment... / Checking your browser");
        assert_eq!(shown("<html><body>hunter</body></html>"), "HTML page without title");
    }

    #[test]
    fn of_json_only_telling_values_are_shown() {
        assert_eq!(
            shown(
                r#"{"message": "Disk not found", "password": "hunter", "errors": ["bad name", 1], "vcpu": 4}"#
            ),
            r#"{"message": "Disk not found", "password": "…", "errors": ["bad name", 1], "vcpu": 4}"#
        );
        assert_eq!(
            shown(r#"{"id": 1234567, "on": true, "result": {"pass": "hunter"}}"#),
            r#"{"id": …, "on": true, "result": {"pass": "…"}}"#
        );
        assert_eq!(
            shown(r#"{"error": "a", "stray", "errors": ["a", {"pass": "b"}, "c"], "d": ["e"]}"#),
            r#"{"error": "a", "…", "errors": ["a", {"pass": "…"}, "c"], "d": ["…"]}"#
        );
    }

    #[test]
    fn of_broken_json_nothing_loose_is_shown() {
        assert_eq!(shown(r#"{"a": "x" y", "password": "hunter"#), r#"{"a": "…" …"…"…"…"…"#);
        assert_eq!(shown(r#"{"password": "hunt"#), r#"{"password": "…""#);
    }

    #[test]
    fn a_token_in_a_telling_value_is_masked() {
        assert_eq!(shown(r#"{"error": "bad key a1b2c3d4"}"#), r#"{"error": "bad key …"}"#);
    }

    #[test]
    fn a_php_warning_before_json_is_shown_as_text() {
        assert_eq!(
            shown(
                "<br />\n<b>Warning</b>: no route in <b>/srv/hosting/secret/index.php</b><br />{\"result\": \"success\"}"
            ),
            r#"Warning : no route in … {"result": "success"}"#
        );
    }

    #[test]
    fn of_print_r_only_telling_values_are_shown() {
        let many = "Array\n(\n    [method] => createVPS\n    [result] => error\n    [retx] => Array\n        (\n            \
            [password] => hunter\ntwo\n            [message] => no money\n        )\n\n)\n";
        let expected = "Array ( [method] => … [result] => error [retx] => Array ( [password] => … [message] => no money )";
        assert_eq!(shown(many), expected);
        assert_eq!(
            shown("Array ( [password] => hunter [result] => error )"),
            "Array ( [password] => … [result] => error )"
        );
    }

    #[test]
    fn of_plain_text_long_and_numbered_words_are_masked() {
        assert_eq!(
            shown("upstream  error\r\n502 token=abc a1b2c3 aaaaaaaaaaaaaaaaaaaaa"),
            "upstream error 502 token=… …"
        );
        assert_eq!(shown(" \n"), "empty body");
        assert_eq!(excerpt(b"caf\xff \x1b[31m bad", &[]), "caf\u{fffd} [31m bad");
        assert_eq!(shown("[error] upstream"), "[error] upstream");
    }

    #[test]
    fn a_secret_is_cut_in_every_spelling() {
        let secret = "p ä/\"x";
        for text in
            [secret, "p%20%C3%A4%2F%22x", "p%20%c3%a4%2f%22x", "p+%C3%A4%2F%22x", r#"p ä/\"x"#, r#"p ä\/\"x"#]
        {
            assert_eq!(cut(&format!("<{text}>"), &[secret]), "<…>", "{text}");
        }
        assert_eq!(cut("abcabc", &["abc"]), "abcabc", "short ones stay");
        assert_eq!(cut("xabababay", &["abab"]), "x…ay");
        assert_eq!(cut("12345678", &["1234", "5678"]), "…");
    }

    #[test]
    fn a_secret_at_the_end_of_the_window_does_not_survive_in_part() {
        let secret = "zzzz-yyyy-xxxx";
        for shift in 0..60 {
            let body = format!("{}{secret}{}", " ".repeat(WINDOW + shift - 10), " ".repeat(200));
            assert!(!excerpt(body.as_bytes(), &[secret]).contains("zz"), "{shift}");
        }
    }

    fn any_secret() -> impl Strategy<Value = String> {
        prop_oneof![".{4,12}", "[ab]{4,6}", "[….eraymptb]{4,5}", "[ \"\\\\/%\n]{4,6}", "[a-zA-Z0-9]{8,40}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn no_given_secret_survives_in_any_body(
            secrets in prop::collection::vec(any_secret(), 1..3),
            shape in 0..6_usize,
            noise in "[ab{}\\[\\]\"<>=,: …%]{0,30}|.{0,60}",
        ) {
            let secret = &secrets[0];
            let mut encoded = String::new();
            Encoder(&mut encoded).write_str(secret).unwrap();
            let body = match shape {
                0 => format!("{noise}{secret}{noise}"),
                1 => format!(r#"{{"message": {}, "x": "{noise}"}}"#, serde_json::to_string(secret).unwrap()),
                2 => format!("<title>{secret}</title><h1>{noise}{encoded}"),
                3 => format!("Array ( [message] => {noise}{secret} [{secret}] => {secret} )"),
                4 => format!("{{\"error\": \"{noise}{encoded}{secret}"),
                _ => secret.repeat(3) + &noise,
            };
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            let shown = excerpt(body.as_bytes(), &secrets);
            for secret in &secrets {
                prop_assert!(!shown.contains(secret), "{shown:?}");
                prop_assert!(!cut(&body, &secrets).contains(secret));
            }
            prop_assert!(!shown.contains(&encoded));
            prop_assert!(shown.chars().count() <= LIMIT && !shown.chars().any(char::is_control));
        }

        #[test]
        fn no_bytes_make_it_panic(body in any::<Vec<u8>>(), text in any::<String>()) {
            excerpt(&body, &["secret"]);
            excerpt(text.as_bytes(), &[&text]);
        }
    }
}
