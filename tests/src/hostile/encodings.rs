//! Checks that secrets are redacted in every encoding.

use std::future::Future;

use http_core::http;
use http_core::wire::Bytes;

use crate::fixture::Fixture;
use crate::promises::texts;
use crate::replay::{Exchange, Replayed, Seen, response};

/// Returns a string in every encoding in which a server may echo it.
fn encodings(text: &str) -> Vec<String> {
    let each = |encode: &dyn Fn(char) -> String| text.chars().map(encode).collect::<String>();
    let json = |text: &str| serde_json::Value::from(text).to_string().trim_matches('"').to_owned();
    let json_in_json = json(&json(&format!("\"{text}\"")));
    let html = text.replace('<', "&lt;").replace('>', "&gt;");
    vec![
        text.to_owned(),
        text.to_uppercase(),
        html.clone(),
        html.replace('&', "&amp;"),
        html.replace('&', "\\u0026"),
        each(&|c| format!("&#{};", u32::from(c))),
        each(&|c| format!("&#x{:x};", u32::from(c))),
        each(&|c| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") }),
        each(&|c| format!("\\u{:04x}", u32::from(c))),
        json(&each(&|c| format!("\\u{:04x}", u32::from(c)))),
        json_in_json,
        each(&|c| format!("%{:02X}", u32::from(c))),
        each(&|c| format!("%25{:02x}", u32::from(c))),
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
        each(&|c| format!("%u{:04x}", u32::from(c))),
        each(&|c| format!("\\{:o}", u32::from(c))),
        each(&|c| format!("={:02X}", u32::from(c))),
        each(&|c| format!("{:02x}:", u32::from(c))),
        each(&|c| format!("{c}\0")),
        each(&|c| if c.is_alphanumeric() { c.to_string() } else { c.to_string().repeat(2) }),
    ]
}

/// Returns a string at positions at which it is cut, because only the beginning of a long string is read.
fn cut(text: &str) -> Vec<String> {
    let before = |c: &str, length: usize| c.repeat(length.saturating_sub(text.len() - 1)) + text;
    vec![before("x", 512), before(" ", 4096)]
}

/// Encodes a string in base64 after `offset` other bytes. Returns the whole encoding, and the part of it that depends
/// only on the string.
fn base64(text: &str, offset: usize) -> (String, String) {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = [&b"xyz"[..offset], text.as_bytes(), b":::"].concat();
    let bits = bytes.iter().map(|byte| format!("{byte:08b}")).collect::<Vec<_>>().concat();
    let sextets = bits.as_bytes().chunks_exact(6).map(|bits| {
        let index = bits.iter().fold(0, |index, bit| index * 2 + usize::from(*bit == b'1'));
        char::from(ALPHABET[index])
    });
    let encoded: String = sextets.collect();
    let core = &encoded[(offset * 8).div_ceil(6)..(offset + text.len()) * 8 / 6];
    (encoded.clone(), core.to_owned())
}

/// Checks that no error shows a secret of its request, whatever the secret's encoding and position in the response.
pub(super) async fn no_encoding_hides_a_secret<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in fixtures {
        for secret in fixture.secrets() {
            let plain = encodings(&secret).into_iter().map(|text| (text.clone(), text));
            let base64 = (0..3).map(|offset| base64(&secret, offset));
            let in_lines = base64.clone().take(1).map(|(text, core)| {
                let (start, end) = text.split_at(text.len() / 2);
                (format!("{start}\r\n{end}"), core)
            });
            let all: Vec<(String, String)> = plain.chain(base64).chain(in_lines).collect();
            let cut =
                cut(&secret).into_iter().map(|text| vec![(text, secret[..secret.len() - 1].to_owned())]);
            // An excerpt has room for three encodings.
            for some in all.chunks(3).map(<[_]>::to_vec).chain(cut) {
                let text = some.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
                for response in places(&text) {
                    let finished = ask(Exchange::finishing(fixture.clone(), response.clone())).await;
                    let Ok(Seen { result: Err(error), .. }) = finished.seen() else { continue };
                    let texts: Vec<String> = texts(&error).iter().map(|text| visible(text)).collect();
                    let is_shown = |core: &str| texts.iter().any(|text| text.contains(&visible(core)));
                    for (_, core) in some.iter().filter(|(_, core)| is_shown(core)) {
                        let body = String::from_utf8_lossy(response.body());
                        broken.push(format!("{} shows {core}: {body}", fixture.name()));
                    }
                }
            }
        }
    }
    broken
}

/// Returns the text without spaces, to which line breaks and control characters are converted.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// Returns error responses and undecodable responses that contain `text` at different positions.
fn places(text: &str) -> Vec<http::Response<Bytes>> {
    let json = serde_json::Value::from(text);
    let bodies = [
        text.to_owned(),
        format!("<html><title>{text}</title><h1>{text}</h1></html>"),
        format!(r#"{{"result": "fail", "message": {json}, "errors": {{{json}: {json}}}}}"#),
        format!(
            r#"{{"result": "fail", "error_code": {json}, "msg": {json}, "errors": {{"Error": {json}}}}}"#
        ),
        format!(r#"{{"success": false, "error": {json}}}"#),
        format!("{{{json}: nope}}"),
    ];
    let mut responses = Vec::new();
    for status in [200, 302, 404] {
        for body in &bodies {
            let mut response = response(status, body.clone());
            if let Ok(value) = http::HeaderValue::from_str(text) {
                for name in ["location", "x-warren-correlation-id"] {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            responses.push(response);
        }
    }
    responses
}
