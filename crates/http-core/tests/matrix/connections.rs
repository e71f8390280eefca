//! Connection faults: no connection, TLS failure, broken connection, silent server.

use crate::CANARY;
use crate::fault::{Fault, Place, head, response};
use crate::rules::Cause::{Broken, NeverConnects, NoConnection, Silent, Status};
use crate::server::{EXPIRED, OTHER_NAME, Step, UNKNOWN};

pub(crate) fn connect() -> Vec<Fault> {
    let at = |name: &str, place| Fault { place, ..Fault::new(name, NoConnection, []) };
    let mut faults = vec![at("nobody listens", Place::Nothing)];
    // Other operating systems handle a full backlog differently.
    if cfg!(target_os = "linux") {
        faults.push(at("a full backlog", Place::FullBacklog));
    }
    faults
}

pub(crate) fn tls() -> Vec<Fault> {
    // The alerts "handshake failure" and "internal error", and half a ServerHello.
    let alert = |code: u8| Step::Write(vec![21, 3, 3, 0, 2, 2, code]);
    let half = Step::Write(vec![22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3]);
    let plain = Step::Write(response(400, "", format!("plain HTTP {CANARY}").as_bytes()));
    let fine = Step::Write(response(200, "", b"7"));
    let half_body = Step::Write(format!("{}content-length: 9\r\n\r\n7", head(200, "")).into());
    let endless = Step::Write(format!("{}\r\n7", head(200, "")).into());
    let before = |name: &str, cause, script: Vec<Step>| {
        Fault::tls(name, cause, [vec![Step::ReadSome], script].concat())
    };
    let inside = |name: &str, cause, script: Vec<Step>| {
        Fault::inside_tls(name, cause, [vec![Step::ReadRequest], script].concat())
    };
    vec![
        Fault::tls("closed immediately", NoConnection, []),
        Fault::tls("reset immediately", NoConnection, [Step::Reset]),
        Fault::tls("silent immediately", NoConnection, [Step::Stall]),
        before("closed after the hello", NoConnection, vec![]),
        before("reset after the hello", NoConnection, vec![Step::Reset]),
        before("silent after the hello", NoConnection, vec![Step::Stall]),
        before("plain HTTP", NeverConnects, vec![plain]),
        before("half a ServerHello, closed", NoConnection, vec![half.clone()]),
        before("half a ServerHello, silent", NoConnection, vec![half.clone(), Step::Stall]),
        before("half a ServerHello, reset", NoConnection, vec![half, Step::Reset]),
        before("alert: handshake failure", NoConnection, vec![alert(40)]),
        before("alert: internal error", NoConnection, vec![alert(80)]),
        Fault::tls("an unknown certificate", NeverConnects, [Step::Tls(&UNKNOWN)]),
        Fault::tls("a certificate for another name", NeverConnects, [Step::Tls(&OTHER_NAME)]),
        Fault::tls("an expired certificate", NeverConnects, [Step::Tls(&EXPIRED)]),
        Fault::inside_tls("closed after the handshake", Broken, []),
        Fault::inside_tls("reset after the handshake", Broken, [Step::Reset]),
        Fault::inside_tls("silent after the handshake", Silent, [Step::Stall]),
        inside("closed after the request", Broken, vec![]),
        inside("reset after the request", Broken, vec![Step::Reset]),
        inside("silent after the request", Silent, vec![Step::Stall]),
        inside("closed in the body", Broken, vec![half_body]),
        inside("a body without length, which may be truncated", Broken, vec![endless]),
        inside("a whole response", Status(200), vec![fine]),
    ]
}

/// Returns the points at which a server stops, each with the server's actions up to that point.
fn places() -> Vec<(&'static str, Vec<Step>)> {
    let head = head(200, "");
    let write = |text: String| Step::Write(text.into());
    let after = |step: Step| vec![Step::ReadRequest, step];
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
    vec![
        ("before anything is read", vec![]),
        ("after the head of the request", vec![Step::ReadHead]),
        ("after the request", vec![Step::ReadRequest]),
        ("in the status line", after(write(format!("HTTP/1.1 200 {CANARY}")))),
        ("in a header", after(write(format!("{head}x-more: {CANARY}")))),
        ("between headers", after(write(head.clone()))),
        ("before the body", after(write(format!("{head}content-length: 9\r\n\r\n")))),
        ("before a body without length", after(write(format!("{head}\r\n")))),
        ("in the body", after(write(format!("{head}content-length: 9\r\n\r\n7   ")))),
        ("before the last byte", after(write(format!("{head}content-length: 2\r\n\r\n7")))),
        ("before the first chunk", after(write(chunked.clone()))),
        ("in the size of a chunk", after(write(format!("{chunked}1")))),
        ("in a chunk", after(write(format!("{chunked}5\r\n7 ")))),
        ("between chunks", after(write(format!("{chunked}1\r\n7\r\n")))),
        ("before the last empty line", after(write(format!("{chunked}1\r\n7\r\n0\r\n")))),
        ("in a trailer", after(write(format!("{chunked}1\r\n7\r\n0\r\nx: {CANARY}")))),
        ("after 100 Continue", after(write("HTTP/1.1 100 Continue\r\n\r\n".to_owned()))),
        ("after 102 and 103", after(write("HTTP/1.1 102 X\r\n\r\nHTTP/1.1 103 X\r\n\r\n".to_owned()))),
    ]
}

pub(crate) fn broken() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, steps) in places() {
        faults.push(Fault::new(format!("closed {place}"), Broken, steps.clone()));
        faults.push(Fault::new(format!("reset {place}"), Broken, [steps, vec![Step::Reset]].concat()));
    }
    faults
}

pub(crate) fn silent() -> Vec<Fault> {
    let mut faults: Vec<_> = places()
        .into_iter()
        .map(|(place, steps)| {
            Fault::new(format!("silent {place}"), Silent, [steps, vec![Step::Stall]].concat())
        })
        .collect();
    let drip = |name: &str, cause, before: String, bytes: String| {
        let steps = [Step::ReadRequest, Step::Write(before.into()), Step::Drip(bytes.into())];
        Fault::new(name, cause, steps)
    };
    let head = head(200, "");
    let chunks = "1\r\n7\r\n0\r\n\r\n".to_owned();
    faults.extend([
        drip("a slow status line", Silent, String::new(), format!("HTTP/1.1 200 {}", "x".repeat(900))),
        drip("slow headers", Silent, head.clone(), "x: y\r\n".repeat(200)),
        drip("a slow body", Silent, format!("{head}content-length: 900\r\n\r\n"), " ".repeat(900)),
        drip("a slow body without length", Silent, format!("{head}\r\n"), " ".repeat(900)),
        drip(
            "a slow body, complete in time",
            Status(200),
            format!("{head}content-length: 5\r\n\r\n"),
            "7    ".into(),
        ),
        drip(
            "slow chunks, complete in time",
            Status(200),
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            chunks,
        ),
    ]);
    faults
}
