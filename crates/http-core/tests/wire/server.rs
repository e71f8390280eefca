//! A server that follows a script, with one action for each connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::sleep;

/// The server's action on one connection.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Reads the request, writes these bytes, then closes the connection.
    Write(Vec<u8>),
    /// Closes the connection before anything is read.
    CloseUnread,
    /// Reads the request, then closes the connection.
    CloseAfterReading,
    /// Responds with this status and body once it has read the request's head, even if the request's body has not
    /// arrived yet.
    EarlyResponse(u16, String),
    /// Reads the request, and never responds.
    Stall,
    /// Reads the request, writes these bytes, and then nothing more.
    WriteAndStall(Vec<u8>),
    /// Reads the request, writes the first bytes, then one of the others every tenth of a second, the first one after a
    /// tenth.
    Drip(Vec<u8>, Vec<u8>),
}

impl Act {
    pub(crate) fn response(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Write(
            format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
            )
            .into_bytes(),
        )
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self::response(200, "content-type: application/json\r\n", body)
    }
}

/// A port that refuses connections. The socket keeps other tests from listening on it.
pub(crate) struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }
}

/// A running server, and the requests that it has read.
#[derive(Clone)]
pub(crate) struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<String>>>,
    callers: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts the server on the current runtime. The last action is repeated for all further connections.
    pub(crate) async fn start(script: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, received: Arc::default(), callers: Arc::default() };
        let (handle, script) = (server.clone(), script.into_iter().collect::<Vec<_>>());
        tokio::spawn(async move {
            let mut acts = script.iter().cycle().take(script.len()).chain(script.last().into_iter().cycle());
            while let (Ok((stream, _)), Some(act)) = (listener.accept().await, acts.next()) {
                tokio::spawn(handle.clone().serve(stream, act.clone()));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the received requests, head and body.
    pub(crate) fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    /// Returns the addresses that the requests came from.
    pub(crate) fn callers(&self) -> Vec<String> {
        self.callers.lock().unwrap().clone()
    }

    async fn serve(self, mut stream: TcpStream, act: Act) {
        if matches!(act, Act::CloseUnread) {
            return;
        }
        if let Act::EarlyResponse(status, body) = act {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            let Act::Write(response) = Act::response(status, "", &body) else { return };
            let _ = stream.write_all(&response).await;
            let _ = stream.shutdown().await;
            // Closing the connection with unread bytes would reset it, and the response would be lost.
            while stream.read(&mut [0; 8192]).await.is_ok_and(|read| read > 0) {}
            return;
        }
        let Some(request) = read_request(&mut stream).await else { return };
        self.received.lock().unwrap().push(request);
        self.callers.lock().unwrap().extend(stream.peer_addr().map(|peer| peer.ip().to_string()));
        match act {
            Act::Write(bytes) => drop(stream.write_all(&bytes).await),
            Act::WriteAndStall(bytes) => {
                drop(stream.write_all(&bytes).await);
                std::future::pending::<()>().await;
            }
            Act::Drip(head, body) => {
                // If the kernel delayed the bytes, the paused clock would advance.
                let _ = stream.set_nodelay(true);
                drop(stream.write_all(&head).await);
                for byte in body {
                    sleep(Duration::from_millis(100)).await;
                    drop(stream.write_all(&[byte]).await);
                }
            }
            Act::Stall => std::future::pending().await,
            Act::CloseAfterReading | Act::CloseUnread | Act::EarlyResponse(..) => {}
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
