//! HTTP/2 faults, written frame by frame, because no library would send them.

use std::time::Duration;

use crate::CANARY;
use crate::fault::{Fault, Place};
use crate::rules::Cause::{Broken, Silent, Status, Undecodable, Unprocessed};
use crate::server::{GOOD, Step};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// The delay before a connection is closed, so that the client reads everything first.
const AFTER: Duration = Duration::from_secs(1);

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Returns a HEADERS frame with a status and a header that echoes a secret.
fn head(status: u16, flags: u8) -> Vec<u8> {
    let literal = |name: &str, value: &str| {
        let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        [vec![0], text(name), text(value)].concat()
    };
    let block = [literal(":status", &status.to_string()), literal("x-request-id", CANARY)].concat();
    frame(HEADERS, END_HEADERS | flags, 1, &block)
}

fn reset(reason: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, 1, &reason.to_be_bytes())
}

fn go_away(last: u32, reason: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), reason.to_be_bytes()].concat())
}

fn data(flags: u8, bytes: &[u8]) -> Vec<u8> {
    frame(DATA, flags, 1, bytes)
}

fn fine_frames() -> Vec<u8> {
    [head(200, 0), data(END_STREAM, b"7")].concat()
}

/// Returns the script of a connection with one complete response.
pub(crate) fn fine() -> Vec<Step> {
    script(fine_frames(), [])
}

/// Returns a script that reads the request of stream 1, writes these frames, and then runs the steps of `then`.
fn script(frames: Vec<u8>, then: impl Into<Vec<Step>>) -> Vec<Step> {
    let settings = Step::Write(frame(SETTINGS, 0, 0, &[]));
    let begin = vec![Step::Http2(&GOOD), settings, Step::ReadStream, Step::Write(frames)];
    [begin, then.into(), vec![Step::Wait(AFTER)]].concat()
}

pub(crate) fn http2() -> Vec<Fault> {
    // Without the feature, the client does not offer HTTP/2.
    if cfg!(not(feature = "http2")) {
        return Vec::new();
    }
    let fault = |name: &str, cause, script: Vec<Step>| Fault {
        place: Place::Http2(script),
        ..Fault::new(name, cause, [])
    };
    let answer = |name: &str, cause, frames: Vec<u8>| fault(name, cause, script(frames, []));
    // With a GOAWAY, so that the next attempt uses another connection.
    let stream =
        |name: &str, cause, frames: Vec<u8>| answer(name, cause, [frames, go_away(1, NO_ERROR)].concat());
    let half = [head(200, 0), data(0, b"7")].concat();
    let settings = frame(SETTINGS, 0, 0, &[]);
    vec![
        stream("a refused stream", Unprocessed, reset(REFUSED_STREAM)),
        answer("GOAWAY below the stream", Unprocessed, go_away(0, NO_ERROR)),
        answer("GOAWAY below the stream, with an error", Unprocessed, go_away(0, ENHANCE_YOUR_CALM)),
        answer("GOAWAY at the stream, then closed", Broken, go_away(1, NO_ERROR)),
        answer("GOAWAY above the stream, then closed", Broken, go_away(3, NO_ERROR)),
        answer("GOAWAY above all streams, then closed", Broken, go_away(u32::MAX >> 1, NO_ERROR)),
        answer("GOAWAY above the stream, with an error", Broken, go_away(3, ENHANCE_YOUR_CALM)),
        answer("GOAWAY at the stream, with an error", Broken, go_away(1, INTERNAL_ERROR)),
        stream("a cancelled stream", Broken, reset(CANCEL)),
        stream("a stream reset with an error", Broken, reset(INTERNAL_ERROR)),
        stream("a stream reset without an error", Broken, reset(NO_ERROR)),
        stream("a stream reset to slow the client down", Broken, reset(ENHANCE_YOUR_CALM)),
        stream("a stream refused after its head", Broken, [head(200, 0), reset(REFUSED_STREAM)].concat()),
        stream("a stream reset in the body", Broken, [half.clone(), reset(CANCEL)].concat()),
        answer("closed without a frame", Broken, Vec::new()),
        answer("closed in the body", Broken, half.clone()),
        answer("closed in a frame", Broken, head(200, 0)[..12].to_vec()),
        fault("reset without a frame", Broken, script(Vec::new(), [Step::Reset])),
        fault("silent after the request", Silent, script(Vec::new(), [Step::Stall])),
        fault("silent in the body", Silent, script(half, [Step::Stall])),
        fault("silent from the beginning", Silent, vec![Step::Http2(&GOOD), Step::ReadStream, Step::Stall]),
        answer("HTTP/1.1 on the connection", Broken, crate::fault::response(200, "", b"7")),
        answer("a frame for a stream that nobody opened", Broken, frame(DATA, END_STREAM, 9, b"7")),
        answer("a frame that is too large", Broken, [&[0xff, 0xff, 0xff], &head(200, 0)[3..]].concat()),
        answer("settings of an odd length", Broken, frame(SETTINGS, 0, 0, b"odd")),
        answer("a head that cannot be decoded", Broken, frame(HEADERS, END_HEADERS, 1, &[0xff; 8])),
        answer("a body without a head", Broken, data(END_STREAM, b"7")),
        answer("no body", Undecodable, head(200, END_STREAM)),
        stream("a rate limit", Status(429), [head(429, 0), data(END_STREAM, b"slow down")].concat()),
        stream("a server error", Status(503), [head(503, 0), data(END_STREAM, b"later")].concat()),
        answer("repeated settings", Status(200), [settings.repeat(50), fine_frames()].concat()),
        fault("a whole response", Status(200), fine()),
    ]
}
