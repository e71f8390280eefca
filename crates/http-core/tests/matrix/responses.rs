//! Response faults: framing, floods, statuses, `Retry-After`, redirects, bodies.

use crate::CANARY;
use crate::fault::{Fault, head, response};
use crate::rules::Cause::{Broken, Challenge, ChallengeBefore, Foreign, Silent, Status, Undecodable};
use crate::server::Step;

const MIB: usize = 1024 * 1024;

/// Returns responses that contradict themselves or violate HTTP.
pub(crate) fn framing() -> Vec<Fault> {
    let plain = head(200, "");
    let with = |headers: &str, body: &str| format!("{plain}{headers}\r\n{body}").into_bytes();
    let chunked = |chunks: &str| with("transfer-encoding: chunked\r\n", chunks);
    let broken = |name: &str, bytes: Vec<u8>| Fault::bytes(name, Broken, bytes);
    let fine = |name: &str, bytes: Vec<u8>| Fault::bytes(name, Status(200), bytes);
    vec![
        broken("two lengths that differ", with("content-length: 1\r\ncontent-length: 2\r\n", "7 ")),
        broken("a list of lengths that differ", with("content-length: 1, 2\r\n", "7 ")),
        broken("a negative length", with("content-length: -1\r\n", "7")),
        broken("a length with a sign", with("content-length: +1\r\n", "7")),
        broken("a length that is not a number", with("content-length: one\r\n", "7")),
        broken("a length over 64 bits", with("content-length: 99999999999999999999999\r\n", "7")),
        broken("a length larger than the body", with("content-length: 2\r\n", "7")),
        broken("a chunk size that is not a number", chunked("seven\r\n7\r\n0\r\n\r\n")),
        broken("a negative chunk size", chunked("-1\r\n7\r\n0\r\n\r\n")),
        broken("a chunk size over 64 bits", chunked("fffffffffffffffff\r\n7\r\n0\r\n\r\n")),
        broken("a chunk longer than its size", chunked("1\r\n7  \r\n0\r\n\r\n")),
        broken("a chunk shorter than its size", chunked("5\r\n7\r\n0\r\n\r\n")),
        broken("chunks without an end", chunked("1\r\n7\r\n")),
        broken("no HTTP at all", format!("SSH-2.0-OpenSSH_9.9 {CANARY}\r\n").into()),
        broken("a mail server", format!("220 mail.example ESMTP {CANARY}\r\n").into()),
        broken("HTML without a head", format!("<html><title>{CANARY}</title></html>\n").into()),
        broken("JSON without a head", b"{\"uuid\": 7}\n".to_vec()),
        broken("bytes that are not text", (0..=255).cycle().take(4096).collect()),
        broken("zeros", vec![0; 4096]),
        broken("HTTP/2 frames", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80".to_vec()),
        broken("another version", format!("HTTP/9.9 200 {CANARY}\r\n\r\n7").into()),
        broken("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n7".to_vec()),
        broken("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n7".to_vec()),
        broken("a status below 100", b"HTTP/1.1 099 X\r\ncontent-length: 1\r\n\r\n7".to_vec()),
        broken("a status that is not a number", format!("HTTP/1.1 OK {CANARY}\r\n\r\n7").into()),
        broken("a header without a colon", with(&format!("bad {CANARY}\r\ncontent-length: 1\r\n"), "7")),
        broken("a header without a name", with(&format!(": {CANARY}\r\ncontent-length: 1\r\n"), "7")),
        broken("a zero byte in a header", with(&format!("x: a\0{CANARY}\r\ncontent-length: 1\r\n"), "7")),
        broken("a space before a colon", with(&format!("x : {CANARY}\r\ncontent-length: 1\r\n"), "7")),
        fine("two equal lengths", with("content-length: 1\r\ncontent-length: 1\r\n", "7")),
        // RFC 9112 gives chunks precedence.
        fine(
            "chunks and a length",
            with("content-length: 5\r\ntransfer-encoding: chunked\r\n", "1\r\n7\r\n0\r\n\r\n"),
        ),
        fine(
            "bytes after the body",
            with("content-length: 1\r\n", &format!("7HTTP/1.1 200 {CANARY}\r\n\r\n")),
        ),
        fine("a body without length", with("", "7")),
        fine("HTTP/1.0", format!("HTTP/1.0 200 {CANARY}\r\n\r\n7").into()),
        fine("no reason", b"HTTP/1.1 200\r\ncontent-length: 1\r\n\r\n7".to_vec()),
        fine("a chunk with an extension", chunked(&format!("1;key={CANARY}\r\n7\r\n0\r\n\r\n"))),
        fine("a header in Latin-1", [&with("", "")[..plain.len()], b"x: \xe9\r\n\r\n7"].concat()),
    ]
}

/// Returns responses that are longer than a client may read.
pub(crate) fn floods() -> Vec<Fault> {
    let head = head(200, "");
    let flood = |name: &str, cause, before: String, bytes: Vec<u8>, times: usize| {
        let steps = [Step::ReadRequest, Step::Write(before.into()), Step::Flood(bytes, times), Step::Stall];
        Fault::new(name, cause, steps)
    };
    let many = 64 * MIB;
    let canary_line = format!("x: {CANARY}\r\n").into_bytes();
    let chunk = [b"100000\r\n".to_vec(), vec![b' '; MIB], b"\r\n".to_vec()].concat();
    vec![
        flood("an endless status line", Broken, "HTTP/1.1 200 ".into(), vec![b'x'; MIB], 64),
        flood("an endless header", Broken, format!("{head}x: "), vec![b'x'; MIB], 64),
        flood("an endless header name", Broken, head.clone(), vec![b'x'; MIB], 64),
        flood("endless headers", Broken, head.clone(), canary_line.clone(), many / canary_line.len()),
        flood(
            "a body whose announced length is too large",
            Undecodable,
            format!("{head}content-length: {many}\r\n\r\n"),
            vec![b' '; MIB],
            64,
        ),
        flood(
            "a body whose announced length is 2^63",
            Undecodable,
            format!("{head}content-length: {}\r\n\r\n", 1u64 << 63),
            vec![b' '; MIB],
            64,
        ),
        flood("an endless body", Undecodable, format!("{head}\r\n"), vec![b' '; MIB], 64),
        flood("endless chunks", Undecodable, format!("{head}transfer-encoding: chunked\r\n\r\n"), chunk, 64),
        flood(
            "20,000 tiny chunks",
            Silent,
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            b"1\r\n \r\n".to_vec(),
            20_000,
        ),
        flood(
            "a megabyte of zeros as a chunk size",
            Silent,
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            vec![b'0'; MIB],
            1,
        ),
        flood(
            "an endless chunk extension",
            Broken,
            format!("{head}transfer-encoding: chunked\r\n\r\n1;"),
            vec![b'x'; MIB],
            64,
        ),
        flood(
            "endless trailers",
            Broken,
            format!("{head}transfer-encoding: chunked\r\n\r\n1\r\n7\r\n0\r\n"),
            canary_line.clone(),
            many / canary_line.len(),
        ),
        flood(
            "2,000 times 100 Continue",
            Silent,
            String::new(),
            b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
            2_000,
        ),
        flood(
            "an error response that is too large",
            Undecodable,
            format!("{}content-length: {many}\r\n\r\n", crate::fault::head(500, "")),
            vec![b' '; MIB],
            64,
        ),
    ]
}

/// The documented body of an error response.
fn rejection() -> Vec<u8> {
    format!(r#"{{"message": "no {CANARY}\n2026 ERROR"}}"#).into_bytes()
}

pub(crate) fn statuses() -> Vec<Fault> {
    let body = |status: u16| {
        if status < 300 { b"7".to_vec() } else { rejection() }
    };
    let informational = [101, 199].map(|status| {
        Fault::bytes(
            format!("{status}"),
            if status == 101 { Status(101) } else { Broken },
            response(status, "", b""),
        )
    });
    // 204, 205 and 304 have no body.
    let statuses = (200..=203).chain([206, 207, 226, 299]).chain(300..=303).chain([305, 306, 307, 308, 399]);
    let statuses = statuses.chain(400..=418).chain(421..=431).chain([449, 451, 498, 499]);
    let statuses = statuses.chain(500..=511).chain([520, 521, 522, 523, 524, 525, 526, 527, 530, 598, 599]);
    let statuses = statuses.chain([600, 700, 999]);
    let mut faults: Vec<_> = statuses
        .map(|status| Fault::bytes(status.to_string(), Status(status), response(status, "", &body(status))))
        .collect();
    faults.extend(informational);
    let empty = |status: u16| format!("{}\r\n", head(status, "")).into_bytes();
    faults.push(Fault::bytes("204", Undecodable, empty(204)));
    faults.push(Fault::bytes("205", Undecodable, response(205, "", b"")));
    faults.push(Fault::bytes("304", Status(304), empty(304)));
    faults
}

/// Returns requested delays, with the number of seconds that each value requests.
pub(crate) fn retry_after() -> Vec<Fault> {
    let values = [
        ("0", Some(0)),
        ("1", Some(1)),
        ("7", Some(7)),
        (" 7 ", Some(7)),
        ("007", Some(7)),
        ("60", Some(60)),
        ("61", Some(61)),
        ("86400", Some(86_400)),
        ("4294967296", Some(4_294_967_296)),
        ("99999999999999999999999999", Some(u64::MAX)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", Some(0)),
        ("Wed Oct 21 07:28:00 2015", Some(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(u64::MAX)),
        ("-5", None),
        ("1.5", Some(2)),
        ("soon", None),
        ("", None),
        ("Wed, 32 Oct 2015 07:28:00 GMT", None),
        ("7, 8", Some(8)),
        ("soon, 7,", Some(7)),
        ("7, Wed, 21 Oct 2015 07:28:00 GMT", Some(7)),
        ("soon, -5", None),
        (CANARY, None),
    ];
    let mut faults = Vec::new();
    for status in [429, 503, 403] {
        for (value, retry_after) in values {
            let bytes = response(status, &format!("retry-after: {value}\r\n"), &rejection());
            let shown = if value == CANARY { "a secret" } else { value };
            // A rate limit, but only status 429 proves that the request was not processed.
            let cause = Status(if status == 403 && retry_after.is_some() { 503 } else { status });
            faults.push(
                Fault::bytes(format!("{status} {shown:?}"), cause, bytes).with_retry_after(retry_after),
            );
        }
        // The delay is relative to the server's clock.
        for (date, retry_after) in [("07:28:00", 30), ("07:28:30", 0), ("07:29:00", 0), ("nonsense", 0)] {
            let headers = format!(
                "date: Wed, 21 Oct 2015 {date} GMT\r\nretry-after: Wed, 21 Oct 2015 07:28:30 GMT\r\n"
            );
            let cause = Status(if status == 403 { 503 } else { status });
            let bytes = response(status, &headers, &rejection());
            faults.push(
                Fault::bytes(format!("{status} at {date}"), cause, bytes).with_retry_after(Some(retry_after)),
            );
        }
    }
    faults
}

pub(crate) fn redirects() -> Vec<Fault> {
    let long = format!("/{}", "x".repeat(50_000));
    let targets = [
        "/v1/things",
        "/",
        "",
        "//other.example/v1/things",
        "http://127.0.0.1:1/v1/things",
        "https://other.example/",
        &format!("https://me:{CANARY}@other.example/"),
        &format!("/login?key={CANARY}#{CANARY}"),
        "javascript:alert(1)",
        "\u{e9}",
        &long,
    ];
    let mut faults = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for target in targets {
            let bytes = response(status, &format!("location: {target}\r\n"), b"moved");
            let shown: String = target.replace(CANARY, "...").chars().take(40).collect();
            faults.push(Fault::bytes(format!("{status} to {shown:?}"), Status(status), bytes));
        }
    }
    faults
}

pub(crate) fn bodies() -> Vec<Fault> {
    let page = format!("<!DOCTYPE html><html><title>{CANARY}</title><h1>{CANARY}</h1></html>");
    let browsers = "<html><head><title>Just a moment...</title></head></html>";
    let fine = |name: &str, body: &[u8]| Fault::bytes(name, Status(200), response(200, "", body));
    let bad = |name: &str, body: &[u8]| Fault::bytes(name, Undecodable, response(200, "", body));
    let mut faults = vec![
        fine("a number", b"7"),
        fine("spaces around a number", b"\r\n\t 7 \n"),
        bad("nothing", b""),
        bad("spaces", b" \r\n"),
        bad("null", b"null"),
        bad("true", b"true"),
        bad("a string", b"\"seven\""),
        bad("a list", b"[7]"),
        bad("a negative number", b"-7"),
        bad("a number out of range", b"256"),
        bad("a fraction", b"7.5"),
        bad("1e999", b"1e999"),
        bad("NaN", b"NaN"),
        bad("two values", b"7 7"),
        bad("a value and a web page", format!("7{page}").as_bytes()),
        bad("a web page", page.as_bytes()),
        bad("a web page in upper case", page.to_uppercase().as_bytes()),
        bad("plain words", format!("upstream error {CANARY}").as_bytes()),
        bad("a warning before the value", format!("Warning: {CANARY} in /var/www\n7").as_bytes()),
        bad("truncated JSON", format!("{{\"key\": \"{CANARY}").as_bytes()),
        bad("a secret as a key", format!("{{\"{CANARY}\": nope}}").as_bytes()),
        bad("a log line as a key", format!("{{\"\\u001b[31m\\n2026 ERROR {CANARY}\": nope}}").as_bytes()),
        bad("UTF-16", b"\xff\xfe7\x00"),
        bad("a byte that is not UTF-8", b"\"\xe9\""),
        bad("half a surrogate", b"\"\\ud83d\""),
        bad("zeros", &[0; 1000]),
        bad("nesting", "[".repeat(100_000).as_bytes()),
        bad("deep objects", "{\"a\":".repeat(100_000).as_bytes()),
        bad("a long string", format!("\"{}\"", CANARY.repeat(20_000)).as_bytes()),
        bad("a long number", "7".repeat(200_000).as_bytes()),
        bad("control characters", b"\x1b[31m\x07\r\n2026 ERROR forged"),
    ];
    for encoding in ["gzip", "br", "deflate", "zstd", "compress", CANARY] {
        let headers = format!("content-encoding: {encoding}\r\n");
        let shown = if encoding == CANARY { "a secret" } else { encoding };
        let compressed = response(200, &headers, b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03");
        faults.push(Fault::bytes(format!("compressed: {shown}"), Undecodable, compressed));
        // The status of an error response shows the outcome without the body.
        let failed = response(503, &headers, b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03");
        faults.push(Fault::bytes(format!("503, compressed: {shown}"), Status(503), failed));
    }
    for status in [200, 403, 429, 503] {
        let name = format!("{status}, a challenge page");
        faults.push(Fault::bytes(name, Challenge, response(status, "", browsers.as_bytes())));
        let proven = response(status, "cf-mitigated: challenge\r\n", browsers.as_bytes());
        faults.push(Fault::bytes(
            format!("{status}, a challenge page with its header"),
            if status == 200 { Challenge } else { ChallengeBefore },
            proven,
        ));
    }
    for status in [400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 502] {
        for (name, body) in [
            ("no body", String::new()),
            ("a web page", page.clone()),
            ("a truncated body", format!("{{\"error\": \"{CANARY}")),
            ("a long body", CANARY.repeat(20_000)),
            ("null", "null".to_owned()),
            ("an object without words", r#"{"status": "no"}"#.to_owned()),
        ] {
            faults.push(Fault::bytes(
                format!("{status}, {name}"),
                Foreign(status),
                response(status, "", body.as_bytes()),
            ));
        }
        let bytes = response(status, "", b"\xff\xfe\x00\x1b[31m\n2026 ERROR");
        faults.push(Fault::bytes(format!("{status}, not text"), Foreign(status), bytes));
    }
    faults
}
