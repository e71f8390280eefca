//! Reads running text: digests, and lists of allowed values.

use crate::fixtures::page::{Curl, lenient_json, pairs, path_of};

use super::Sample;

/// Returns a short digest of `text` (FNV-1a, 64 bits). Line breaks and the number of blanks do not affect the digest.
pub(super) fn digest(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.split_whitespace().flat_map(|word| word.bytes().chain([b' '])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// Returns the digest of `text`, or `None` if `text` is blank.
pub(super) fn digest_of(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| digest(text))
}

/// Returns the digest of a description without its allowed values and default, which are compared separately.
pub(super) fn description(text: &str, values: &[String], default: Option<&str>) -> Option<String> {
    if values.is_empty() {
        return digest_of(text);
    }
    let is_compared = |word: &str| {
        let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        word == "default" || Some(word) == default || values.iter().any(|value| value == word)
    };
    digest_of(&text.split_whitespace().filter(|word| !is_compared(word)).collect::<Vec<_>>().join(" "))
}

/// Returns whether a string is an identifier.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Returns the allowed values in a description, and the default among them. Recognizes quoted words,
/// `One of A, B or C (default)` and `0 (…) or 1 (…)`.
pub(super) fn values_in(text: &str) -> (Vec<String>, Option<String>) {
    let quoted: Vec<String> = text.split(['\'', '"']).skip(1).step_by(2).map(str::to_owned).collect();
    if quoted.len() > 1 {
        return (quoted, None);
    }
    let clean = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    if let Some((_, list)) = text.split_once("One of ") {
        let words: Vec<&str> = list.split(['.', ';']).next().unwrap_or_default().split_whitespace().collect();
        let is_default = |word: &&str| clean(word) == "default";
        let default = words
            .iter()
            .position(is_default)
            .and_then(|at| words.get(at.checked_sub(1)?))
            .map(|word| clean(word));
        let named = words.iter().filter(|word| !is_default(word)).map(|word| clean(word));
        return (named.filter(|word| !matches!(word.as_str(), "" | "or" | "and")).collect(), default);
    }
    // Finds numbers before parentheses, at the start or after a word such as "or".
    let mut numbers = Vec::new();
    let mut outside = String::new();
    for (at, part) in text.split(['(', ')']).enumerate() {
        if at % 2 == 0 {
            outside.push_str(part);
            outside.push(' ');
        }
    }
    if text.contains('(') && text.trim_start().starts_with(|letter: char| letter.is_ascii_digit()) {
        numbers = outside
            .split_whitespace()
            .filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
            .map(str::to_owned)
            .collect();
    }
    (if numbers.len() > 1 { numbers } else { Vec::new() }, None)
}

/// Returns the keys of an object on a page, even if its values are placeholders.
pub(super) fn keys_in(json: &str) -> Vec<String> {
    let parts: Vec<&str> = json.split('"').collect();
    let keys = parts.windows(2).skip(1).step_by(2).filter(|pair| pair[1].trim_start().starts_with(':'));
    keys.map(|pair| pair[0].to_owned()).collect()
}

/// Reads a curl command as a sample.
pub(super) fn sample(command: &str) -> Sample {
    let curl = Curl::parse(command);
    let (path, query) = curl.path_and_query();
    let mut names: Vec<String> = query.iter().map(|(name, _)| format!("query {name}")).collect();
    for body in &curl.bodies {
        if body.trim_start().starts_with('{') {
            match lenient_json(body) {
                Ok(json) => names.extend(json.names().map(|name| format!("json {name}"))),
                Err(_) => names.push("json (unreadable)".to_owned()),
            }
        } else {
            names.extend(pairs(body).into_iter().map(|(name, _)| format!("form {name}")));
        }
    }
    let method = curl.method.as_deref().unwrap_or(if curl.bodies.is_empty() { "GET" } else { "POST" });
    Sample { request: format!("{method} {path}"), names, digest: digest(command) }
}

/// Returns `POST /v1/things` for `POST https://host/v1/things`, with the query if the URL has one.
pub(super) fn request_line(method: &str, url: &str) -> String {
    let query = url.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
    format!("{method} {}{query}", path_of(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_ignores_blanks() {
        assert_eq!(digest("one  two\nthree"), digest("one two three "));
        assert_ne!(digest("one two"), digest("onetwo"));
        assert_eq!(digest_of(" \n"), None);
    }

    #[test]
    fn a_description_is_compared_without_its_values() {
        let of = |text: &str| {
            let (values, default) = values_in(text);
            description(text, &values, default.as_deref())
        };
        assert_eq!(
            of("One of RED, BLUE or NONE (default). Its hue"),
            of("One of RED, BLUE, TEAL or NONE. Its hue")
        );
        assert_ne!(of("One of RED or NONE. Its hue"), of("One of RED or NONE. Its tint"));
        assert_eq!(of("the default"), digest_of("the default"));
    }

    #[test]
    fn keys_are_found_beside_placeholders() {
        assert_eq!(keys_in(r#"{"cid":YOUR_ID, "key" : "a: b", "n":0}"#), ["cid", "key", "n"]);
        assert!(keys_in("name=value").is_empty());
    }

    #[test]
    fn allowed_values_are_found_in_each_notation() {
        let values = |text: &str| values_in(text).0.join(",");
        assert_eq!(values("One of RED, BLUE or NONE (default). More words."), "RED,BLUE,NONE");
        assert_eq!(values_in("One of RED or NONE (default)").1.as_deref(), Some("NONE"));
        assert_eq!(values("Colour: 'red', 'blue'"), "red,blue");
        assert_eq!(values("0 (look only) or 1 (do it)"), "0,1");
        assert_eq!(values("the id of a thing, e.g. 777"), "");
        assert_eq!(values("It's plain"), "");
    }
}
