//! A fault: the server's actions, and the cause to which the rules apply.

use crate::CANARY;
use crate::http2;
use crate::rules::Cause;
use crate::server::{GOOD, Script, Step};

#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) cause: Cause,
    pub(crate) place: Place,
    /// The requested delay in seconds.
    pub(crate) retry_after: Option<u64>,
}

/// The listener at the address of the base URL.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// No listener.
    Nothing,
    /// A listener that accepts no more connections.
    FullBacklog,
    Http(Script),
    Https(Script),
    Http2(Script),
}

impl Place {
    pub(crate) fn scheme(&self) -> &'static str {
        if matches!(self, Self::Https(_) | Self::Http2(_)) { "https" } else { "http" }
    }

    pub(crate) fn script(&self) -> Option<&Script> {
        match self {
            Self::Http(script) | Self::Https(script) | Self::Http2(script) => Some(script),
            Self::Nothing | Self::FullBacklog => None,
        }
    }
}

impl Fault {
    pub(crate) fn new(name: impl Into<String>, cause: Cause, script: impl Into<Script>) -> Self {
        Self { name: name.into(), cause, place: Place::Http(script.into()), retry_after: None }
    }

    /// A fault before the TLS handshake is complete.
    pub(crate) fn tls(name: &str, cause: Cause, script: impl Into<Script>) -> Self {
        Self { place: Place::Https(script.into()), ..Self::new(name, cause, []) }
    }

    /// A fault after the TLS handshake.
    pub(crate) fn inside_tls(name: &str, cause: Cause, script: impl Into<Script>) -> Self {
        let script = [vec![Step::Tls(&GOOD)], script.into()].concat();
        Self::tls(name, cause, script)
    }

    /// The server sends these bytes instead of a response, then closes the connection.
    pub(crate) fn bytes(name: impl Into<String>, cause: Cause, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name, cause, [Step::ReadRequest, Step::Write(bytes.into())])
    }

    pub(crate) fn with_retry_after(self, seconds: Option<u64>) -> Self {
        Self { retry_after: seconds, ..self }
    }

    /// Returns scripts with the fault on the first connection only; later connections succeed.
    pub(crate) fn once(&self) -> Option<Vec<Script>> {
        let fine = [Step::ReadRequest, Step::Write(response(200, "", b"7"))];
        match &self.place {
            Place::Http(script) => Some(vec![script.clone(), fine.to_vec()]),
            Place::Https(script) => {
                Some(vec![script.clone(), [vec![Step::Tls(&GOOD)], fine.to_vec()].concat()])
            }
            Place::Http2(script) => Some(vec![script.clone(), http2::fine()]),
            Place::Nothing | Place::FullBacklog => None,
        }
    }
}

/// Returns the beginning of a response that echoes a secret wherever possible.
pub(crate) fn head(status: u16, headers: &str) -> String {
    format!(
        "HTTP/1.1 {status} Key {CANARY}\r\nconnection: close\r\nx-request-id: {CANARY}\r\n\
         x-warren-correlation-id: {CANARY}\r\n{headers}"
    )
}

/// Returns a complete response.
pub(crate) fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    [format!("{}content-length: {length}\r\n\r\n", head(status, headers)).as_bytes(), body].concat()
}
