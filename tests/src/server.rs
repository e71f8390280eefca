//! A server on a raw socket.

use std::sync::{Arc, Mutex, PoisonError};

use http_core::http;
use http_core::wire::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that treats all requests alike, and records their heads.
pub(crate) struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Starts a server that sends this response.
    pub(crate) async fn start(response: &http::Response<Bytes>) -> Self {
        let (status, body) = (response.status().as_u16(), response.body());
        let head =
            format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        Self::serve(Some([head.as_bytes(), body].concat()), false).await
    }

    /// Starts a server that sends this body, but closes the connection before the declared length is reached.
    pub(crate) async fn cut(body: &str) -> Self {
        let length = body.len() + 1;
        let head = format!("HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        Self::serve(Some([head.as_bytes(), body.as_bytes()].concat()), false).await
    }

    /// Starts a server that closes the connection without a response.
    pub(crate) async fn losing() -> Self {
        Self::serve(None, false).await
    }

    /// Starts a server that never responds.
    pub(crate) async fn silent() -> Self {
        Self::serve(None, true).await
    }

    #[expect(clippy::expect_used, reason = "tests cannot continue without a server")]
    async fn serve(answer: Option<Vec<u8>>, keeps_open: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(head) = read_request(&mut stream).await else { continue };
                heads.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                if let Some(answer) = &answer {
                    drop(stream.write_all(answer).await);
                }
                if keeps_open {
                    open.push(stream);
                }
            }
        });
        Self { url, requests, task }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Returns the heads of all requests received so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a complete request, and returns its head.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() - (head.len() + 4) >= length.unwrap_or(0) {
                return Some(head.to_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
