//! A fault: what the server does, and what that means.

use crate::CANARY;
use crate::rules::Meaning;
use crate::server::{GOOD, Script, Step};

#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) meaning: Meaning,
    pub(crate) place: Place,
    /// The delay that the response asks for, in seconds.
    pub(crate) wish: Option<u64>,
}

/// What is at the address of the base URL.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Nobody listens.
    Nothing,
    /// Somebody listens and accepts no more connections.
    FullBacklog,
    Http(Script),
    Https(Script),
}

impl Fault {
    pub(crate) fn new(name: impl Into<String>, meaning: Meaning, script: impl Into<Script>) -> Self {
        Self { name: name.into(), meaning, place: Place::Http(script.into()), wish: None }
    }

    /// A fault before TLS is there.
    pub(crate) fn tls(name: &str, meaning: Meaning, script: impl Into<Script>) -> Self {
        Self { place: Place::Https(script.into()), ..Self::new(name, meaning, []) }
    }

    /// A fault inside TLS.
    pub(crate) fn inside_tls(name: &str, meaning: Meaning, script: impl Into<Script>) -> Self {
        let script = [vec![Step::Tls(&GOOD)], script.into()].concat();
        Self::tls(name, meaning, script)
    }

    /// These bytes in place of a response, then the connection is closed.
    pub(crate) fn bytes(name: impl Into<String>, meaning: Meaning, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name, meaning, [Step::ReadRequest, Step::Write(bytes.into())])
    }

    pub(crate) fn wishing(self, seconds: Option<u64>) -> Self {
        Self { wish: seconds, ..self }
    }

    /// The fault of the first connection only; the others are fine.
    pub(crate) fn once(&self) -> Option<Vec<Script>> {
        let fine = [Step::ReadRequest, Step::Write(response(200, "", b"7"))];
        match &self.place {
            Place::Http(script) => Some(vec![script.clone(), fine.to_vec()]),
            Place::Https(script) => {
                Some(vec![script.clone(), [vec![Step::Tls(&GOOD)], fine.to_vec()].concat()])
            }
            Place::Nothing | Place::FullBacklog => None,
        }
    }
}

/// The beginning of a response that hands back a secret in every place.
pub(crate) fn head(status: u16, headers: &str) -> String {
    format!(
        "HTTP/1.1 {status} Key {CANARY}\r\nconnection: close\r\nx-request-id: {CANARY}\r\n\
         x-warren-correlation-id: {CANARY}\r\n{headers}"
    )
}

/// A complete response.
pub(crate) fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    [format!("{}content-length: {length}\r\n\r\n", head(status, headers)).as_bytes(), body].concat()
}
