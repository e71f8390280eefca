//! Mutates a body: its values if it is JSON, and its bytes.

use crate::fuzz::random::Random;
use crate::json::Json;
use crate::promises::SECRET_MARKS;

/// Secrets that mutations may insert anywhere.
pub(crate) const INJECTED: [&str; 2] = ["<api-key:1>", "<auth-token:1>"];

/// Strings that often cause errors.
const TEXTS: [&str; 22] = [
    "",
    " ",
    "0",
    "-1",
    "true",
    "false",
    "null",
    "N/A",
    "1e999",
    "0000-00-00 00:00:00",
    "2026-02-30T25:61:00Z",
    "fail",
    "success",
    "Too many requests",
    "\u{1b}[31m\n2026-11-25 ERROR forged",
    "\u{202e}\u{0}\u{7f}",
    "<api-key:1>",
    "key=<api-key:1>&<auth-token:1>",
    "&lt;api-key:1&gt;",
    "<html><title>502 Bad Gateway</title></html>",
    "Array\n(\n    [result] => fail\n)\n",
    "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64",
];

const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "-0",
    "1.0",
    "0.1",
    "1e5",
    "1e999",
    "-1e-999",
    "5.551115123125783e-17",
    "9223372036854775808",
    "18446744073709551616",
    "79228162514264337593543950336",
    "0.3000000000000000000000000000000000004",
];

const KEYS: [&str; 14] = [
    "errors",
    "error",
    "success",
    "result",
    "message",
    "msg",
    "retx",
    "vps_info",
    "uuid",
    "id",
    "orderid",
    "order_id",
    "<api-key:1>",
    "\u{1b}[31m\n2026 ERROR",
];

/// Mutates a body. Returns the result, and whether all secrets are still in the same places as in `seed`.
pub fn mutate(seed: &[u8], other: &[u8], random: &mut Random) -> (Vec<u8>, bool) {
    let json = std::str::from_utf8(seed).ok().and_then(|text| Json::parse(text).ok());
    let (mut body, mut is_orderly) = match json {
        Some(mut json) if !random.once_in(5) => {
            for _ in 0..=random.below(4) {
                let at = random.below(count(&json));
                change(&mut json, &mut at.clone(), random);
            }
            (json.to_string().into_bytes(), true)
        }
        _ => (seed.to_vec(), false),
    };
    if !is_orderly || random.once_in(6) {
        is_orderly = false;
        for _ in 0..=random.below(4) {
            damage(&mut body, other, random);
        }
    }
    (body, is_orderly)
}

/// Returns the number of values in `json`, including `json` itself.
fn count(json: &Json) -> usize {
    1 + match json {
        Json::List(rows) => rows.iter().map(count).sum(),
        Json::Object(members) => members.iter().map(|(_, value)| count(value)).sum(),
        _ => 0,
    }
}

/// Changes the value at an index in depth-first order. Returns whether the index was reached.
fn change(json: &mut Json, at: &mut usize, random: &mut Random) -> bool {
    if *at == 0 {
        edit(json, random);
        return true;
    }
    *at -= 1;
    match json {
        Json::List(rows) => rows.iter_mut().any(|row| change(row, at, random)),
        Json::Object(members) => members.iter_mut().any(|(_, value)| change(value, at, random)),
        _ => false,
    }
}

/// Returns whether a value contains a secret. Secrets must not be moved to unexpected places.
fn is_secret(json: &Json) -> bool {
    let text = json.to_string();
    SECRET_MARKS.iter().any(|mark| text.contains(mark))
}

fn edit(json: &mut Json, random: &mut Random) {
    let scalar = |random: &mut Random| match random.below(5) {
        0 => Json::Null,
        1 => Json::Bool(random.once_in(2)),
        2 => Json::Number((*random.pick(&NUMBERS)).to_owned()),
        3 => Json::Text((*random.pick(&TEXTS)).repeat(1 + random.below(3))),
        _ => Json::Text((*random.pick(&TEXTS)).to_owned()),
    };
    match json {
        Json::List(rows) if !rows.is_empty() && random.once_in(2) => {
            let (at, to) = (random.below(rows.len()), random.below(rows.len()));
            match random.below(4) {
                0 => drop(rows.remove(at)),
                1 => rows.insert(to, rows[at].clone()),
                2 => rows.insert(to, scalar(random)),
                _ => rows.swap(at, to),
            }
        }
        Json::Object(members) if !members.is_empty() && !random.once_in(4) => {
            let (at, to) = (random.below(members.len()), random.below(members.len()));
            match random.below(6) {
                0 => drop(members.remove(at)),
                1 => members.insert(to, members[at].clone()),
                2 => members.insert(to, ((*random.pick(&KEYS)).to_owned(), scalar(random))),
                3 if !is_secret(&members[at].1) => (*random.pick(&KEYS)).clone_into(&mut members[at].0),
                4 if !is_secret(&members[at].1) && !is_secret(&members[to].1) => {
                    members[to].1 = members[at].1.clone();
                }
                _ => members.swap(at, to),
            }
        }
        json if is_secret(json) => {}
        json => {
            *json = match random.below(5) {
                0 => Json::List(vec![json.clone()]),
                1 => Json::Object(vec![((*random.pick(&KEYS)).to_owned(), json.clone())]),
                2 => Json::Text(json.to_string()),
                _ => scalar(random),
            };
        }
    }
}

fn damage(body: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(body.len() + 1);
    let end = (at + random.below(40)).min(body.len());
    match random.below(9) {
        0 => body.truncate(at),
        1 => drop(body.drain(at..end)),
        2 => {
            let part = body[at..end].to_vec();
            body.splice(at..at, part);
        }
        3 => {
            if let Some(byte) = body.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        4 => {
            if let Some(byte) = body.get_mut(at) {
                *byte = *random.pick(b"{}[]\",:\\0-e.<>()=\x00\xff\xe9\n ");
            }
        }
        5 => {
            body.splice(at..at, random.pick(&TEXTS).bytes());
        }
        6 => {
            let from = random.below(other.len() + 1);
            let part = other[from..(from + random.below(80)).min(other.len())].to_vec();
            body.splice(at..end, part);
        }
        7 => {
            body.splice(at..at, b"[{\"a\":".repeat(random.below(300)));
        }
        _ => {
            body.splice(
                at..at,
                [b"\xef\xbb\xbf".as_slice(), b"\\ud83d", b"\xc3", b"\"\"", b"{}"][random.below(5)].to_vec(),
            );
        }
    }
}
