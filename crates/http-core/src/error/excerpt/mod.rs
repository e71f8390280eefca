//! Excerpts of untrusted text for error messages: a single line of limited length without secrets.

mod escapes;
mod redact;
mod views;

use std::borrow::Cow;
use std::fmt::Write;

pub(crate) use redact::Secrets;
use redact::WINDOW;

use crate::wire::glance::MARK;

/// The maximum length of an excerpt, in characters.
const LIMIT: usize = 240;
/// The maximum length of a provider's message, in characters.
const LONGEST_WORDS: usize = 1024;

/// JSON keys whose values explain an error.
const TELLING: &[&str] =
    &["error", "errors", "message", "msg", "result", "status", "title", "detail", "success", "code", "type"];

/// Describes a body in a format that only its provider uses.
pub(crate) type Describe<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Describes, in one line, a body that could not be decoded. The line contains only text that is known to be safe.
///
/// A response may echo the request and may contain passwords, so a value is shown only if its key or its format shows
/// that it is harmless.
pub(crate) fn excerpt(body: &[u8], secrets: &Secrets, describe: &Describe<'_>) -> String {
    let text = secrets.redact_window(body);
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let lower = text.to_ascii_lowercase();
    let described = if text.is_empty() {
        "empty body".to_owned()
    } else if json_start(text) == Some(0) {
        json(text)
    } else if ["<!doctype html", "<html", "<title", "<h1"].iter().any(|tag| lower.contains(tag)) {
        html(text, &lower)
    } else if let Some(described) = describe(text) {
        described
    } else if let Some(start) = json_start(text) {
        format!("{} {}", mask_words(&without_tags(&text[..start])), json(&text[start..]))
    } else {
        mask_words(&without_tags(text))
    };
    secrets.redact(&shorten(&described, LIMIT))
}

/// Returns the provider's message without the secrets, as one line of limited length.
pub(crate) fn sanitize(text: &str, secrets: &Secrets) -> String {
    secrets.redact(&shorten(&secrets.redact_window(text.as_bytes()), LONGEST_WORDS))
}

/// Returns whether an id contains only harmless text.
pub(crate) fn is_clean(id: &str, secrets: &Secrets) -> bool {
    !secrets.are_in(id) && shorten(id, LONGEST_WORDS) == id
}

/// Returns the text as one line of limited length, with control characters replaced by spaces. Secrets are not redacted
/// here, but can still be found and redacted later.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.len() <= WINDOW && !text.contains(char::is_control) {
        return text.into();
    }
    text.chars().take(WINDOW).map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into()
}

/// Returns the title and the first heading of an HTML page. The rest of the page is layout or user data.
fn html(text: &str, lower: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    for tag in ["title", "h1"] {
        let content = lower.find(&format!("<{tag}")).and_then(|start| {
            let start = start + lower[start..].find('>')? + 1;
            let length = lower[start..].find(&format!("</{tag}")).unwrap_or(0);
            Some(mask_words(&without_tags(&text[start..start + length])))
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

/// Shows the words of a value whose key explains an error, such as `message`, and masks any other value.
pub fn mask_value(key: &str, value: &str) -> String {
    if telling(key) { mask_words(value) } else { MARK.to_owned() }
}

/// Keeps words, and masks possible tokens: words of more than 20 characters, or of more than 5 characters that include
/// a digit. Anything after `=` is masked too.
pub fn mask_words(text: &str) -> String {
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

/// Returns whether `key` looks like a field name, such as `private_ipv4`: words of letters, each followed by up to
/// three digits.
fn is_name(key: &str) -> bool {
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        (1..=20).contains(&letters.len())
            && word.len() - letters.len() <= 3
            && letters.chars().all(|c| c.is_ascii_alphabetic())
    };
    key.len() <= 64 && key.split(['_', '-', '.']).all(is_word)
}

fn telling(key: &str) -> bool {
    TELLING.iter().any(|known| key.trim().eq_ignore_ascii_case(known))
}

/// Returns the position at which JSON begins: a brace, or a bracket that is followed by a JSON value. `[error]` in a
/// log line does not count.
fn json_start(text: &str) -> Option<usize> {
    let is_start =
        |at: &usize| text[*at..].starts_with('{') || text[at + 1..].trim_start().starts_with(['{', '[', '"']);
    text.match_indices(['{', '[']).map(|(at, _)| at).find(is_start)
}

/// Describes JSON token by token, because it may be malformed anywhere. Unknown tokens are masked.
fn json(text: &str) -> String {
    let mut shown = String::new();
    // For each enclosing value: whether it is a list, and whether strings in it are shown. A list inherits this from
    // its key.
    let mut around: Vec<(bool, bool)> = Vec::new();
    let mut show = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                let (content, after) = quoted(&rest[1..]);
                rest = after;
                if after.trim_start().starts_with(':') {
                    show = telling(content);
                    let key = if is_name(content) { content.into() } else { mask_words(content) };
                    let _ = write!(shown, "\"{key}\"");
                } else {
                    let content = if show { mask_words(content) } else { MARK.to_owned() };
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

/// Splits the text at its closing quote, if there is one.
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

/// Returns one line of at most `limit` characters, without control, bidirectional and invisible characters, in which runs
/// of marks and spaces are collapsed.
fn shorten(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let clean = text
        .chars()
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_invisible(*c));
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

/// Returns whether a character is bidirectional formatting, or is usually invisible.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
