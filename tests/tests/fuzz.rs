//! Passes generated bodies to the decoders, and checks with generated strings that errors redact secrets.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use hostkit_tests::fuzz::random::Random;
use hostkit_tests::fuzz::{Outcome, mutate, run};
use hostkit_tests::promises::{forges_lines, texts};
use http_core::client::{
    Builder, Dialect, ErrorResponse, Form, Operation, Request, Response, Transport, secret_header_value,
};
use http_core::http::HeaderName;
use http_core::wire::Bytes;
use http_core::{Error, ErrorKind, SecretString, http};
use serde::{Deserialize, Serialize};

const CREATE: Operation = Operation::post("thing.create", "/v1/things");

/// A provider that sends errors as plain text and requires a key.
struct Things {
    key: SecretString,
}

impl Dialect for Things {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        request.set_header(HeaderName::from_static("apikey"), secret_header_value("the key", &self.key)?);
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        if response.status().is_success() {
            return Ok(response.body().clone());
        }
        let words = String::from_utf8_lossy(response.body());
        Err(ErrorResponse::new(response.status(), words.clone()).with_code(words))
    }
}

fn client(key: &str) -> Transport {
    let dialect = Things { key: SecretString::from(key) };
    Builder::new("http://127.0.0.1:9", "fuzz", Ok(dialect), |transport| transport).no_proxy().build().unwrap()
}

fn response(status: u16, body: &[u8]) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

/// Returns the reason why a string must not be in an error.
fn flaw(text: &str, secret: &str) -> Option<String> {
    let shown = || text.chars().take(300).collect::<String>();
    if text.contains(secret) {
        return Some(format!("the secret is shown: {}", shown()));
    }
    if text.chars().any(forges_lines) {
        return Some(format!("the error contains a character that forges log lines: {:?}", shown()));
    }
    (text.len() > 4096).then(|| format!("{} bytes: {}", text.len(), shown()))
}

/// A secret, and a string that may contain it.
#[derive(Debug, Serialize, Deserialize)]
struct Echo {
    secret: String,
    status: u16,
    text: String,
}

/// Parts of strings around and inside secrets.
const PARTS: [&str; 24] = [
    "key",
    "=",
    ":",
    " ",
    "\"",
    "\\",
    "\n",
    "\u{1b}[31m",
    "{\"error\":\"",
    "\"}",
    "<b>",
    "&lt;",
    "%3C",
    "\u{e9}",
    "\u{202e}",
    "password",
    "7f3a9c",
    "aaaa",
    "Bearer ",
    "\\u003c",
    "0",
    "Array ( [msg] => ",
    " )",
    "/",
];

fn echo(random: &mut Random) -> Echo {
    let letters = b"abcdefXYZ0189-_+/=.";
    let length = 6 + random.below(60);
    // Some secrets overlap with themselves, contain blanks or are similar to the text around them.
    let secret: String = match random.below(6) {
        0 => ["ab", "aa", "a-"][random.below(3)].repeat(length),
        1 => (0..length).map(|_| *random.pick(&PARTS[14..20])).collect(),
        _ => (0..length).map(|_| char::from(*random.pick(letters))).collect(),
    };
    let secret: String = secret.chars().filter(char::is_ascii).filter(|c| !c.is_control()).collect();
    let secret = format!("s{}", secret.trim());
    let mut text = String::new();
    for _ in 0..random.below(40) {
        match random.below(5) {
            0 => text.push_str(&secret),
            1 => text.push_str(&secret[..random.below(secret.len())]),
            2 => text.push_str(&PARTS[random.below(PARTS.len())].repeat(1 + random.below(90))),
            _ => text.push_str(PARTS[random.below(PARTS.len())]),
        }
    }
    let status = *random.pick(&[200, 201, 302, 400, 404, 429, 500]);
    Echo { secret, status, text }
}

#[test]
fn no_error_about_a_generated_body_shows_a_secret() {
    let seeds: Vec<_> = (0..32).map(|number| echo(&mut Random::new(1_000_000_007 * number))).collect();
    run("sanitizer", &seeds, echo, |echo| {
        // The secret is the key of the account, or an argument.
        for (key, argument) in [(echo.secret.as_str(), "other-argument"), ("other-key", echo.secret.as_str())]
        {
            let form = Form::new().secret("password", &SecretString::from(argument));
            let call = client(key).call(&CREATE).form(form).json::<Vec<u8>>();
            let Err(error) = call.finish(response(echo.status, echo.text.as_bytes())) else {
                return Err("the body was decoded as a list".to_owned());
            };
            if let Some(flaw) = texts(&error).iter().find_map(|text| flaw(text, &echo.secret)) {
                return Err(flaw);
            }
        }
        Ok(Outcome::ErrorResponse)
    });
}

http_core::wire::models! {
    /// A model with a field of every type.
    pub struct Everything {
        /// A number.
        pub number: Option<u64>,
        /// A string.
        pub text: Option<String>,
        /// A Boolean.
        pub flag: Option<bool>,
        /// Money.
        pub money: Option<http_core::wire::Decimal>,
        /// A time.
        pub time: Option<http_core::wire::DateTime<http_core::wire::Utc>>,
        /// A list.
        pub list: Vec<String>,
        /// A secret.
        pub secret: Option<SecretString>,
    }
}

const SAMPLES: [&str; 4] = [
    r#"{"number": 7, "text": "a", "flag": true, "money": 1.50, "time": "2026-11-25T08:00:00Z", "list": ["a", "b"],
        "secret": "<secret-key:2>"}"#,
    r#"{"number": "7", "text": 7, "flag": "1", "money": "0.30000000000000004", "time": 1655725923, "list": null}"#,
    r#"{"secret": null, "money": -12e-3, "time": "2026-11-25 08:00:00", "text": ""}"#,
    "{}",
];

#[derive(Debug, Serialize, Deserialize)]
struct Body {
    bytes: Vec<u8>,
    is_orderly: bool,
}

#[test]
fn every_decoder_decodes_or_rejects_every_generated_body() {
    let seeds: Vec<_> =
        SAMPLES.iter().map(|text| Body { bytes: text.as_bytes().to_vec(), is_orderly: true }).collect();
    let make = |random: &mut Random| {
        let (of, other) = (*random.pick(&SAMPLES), *random.pick(&SAMPLES));
        let (bytes, is_orderly) = mutate(of.as_bytes(), other.as_bytes(), random);
        Body { bytes, is_orderly }
    };
    let client = client("other-key");
    run("decoders", &seeds, make, |body| {
        let rows = [b"[", body.bytes.as_slice(), b",", body.bytes.as_slice(), b"]"].concat();
        let one = client.call(&CREATE).json::<Everything>().finish(response(200, &body.bytes));
        let all = client.call(&CREATE).list::<Everything>().finish(response(200, &rows));
        let some = client.call(&CREATE).list::<Everything>().tolerant().finish(response(200, &rows));
        let none = client.call(&CREATE).empty().finish(response(200, &body.bytes));
        if all.is_ok() && !some.as_ref().is_ok_and(|some| some.errors.is_empty()) {
            return Err(format!("all rows are valid, but some are missing: {some:?}"));
        }
        for error in [one.as_ref().err(), all.as_ref().err(), some.as_ref().err(), none.as_ref().err()]
            .into_iter()
            .flatten()
        {
            if error.kind() != ErrorKind::Decode || !error.is_outcome_unknown() {
                return Err(format!("an undecodable response to a change causes {error:?}"));
            }
            if let Some(flaw) = texts(error).iter().find_map(|text| flaw(text, "other-key")) {
                return Err(flaw);
            }
        }
        let Ok(value) = one else { return Ok(Outcome::Undecodable) };
        let written = serde_json::to_string(&value).map_err(|error| error.to_string())?;
        let is_shown = [&written, &format!("{value:?}")].iter().any(|text| text.contains("<secret-key:"));
        if body.is_orderly && is_shown {
            return Err(format!("the model shows its secret: {written}"));
        }
        // Decodes the written value again. Only secrets may differ.
        let again: Everything =
            serde_json::from_str(&written).map_err(|error| format!("{error}: {written}"))?;
        if (Everything { secret: None, ..again }) == (Everything { secret: None, ..value }) {
            Ok(Outcome::Decoded)
        } else {
            Err(format!("the value changes in a round trip: {written}"))
        }
    });
}
