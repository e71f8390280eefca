//! A server that runs a script on each connection, and counts connections, requests and bytes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

/// The server's next action on a connection; after the last step it closes the connection.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Accepts TLS with this certificate.
    Tls(&'static Certificate),
    /// Accepts TLS with this certificate, for HTTP/2.
    Http2(&'static Certificate),
    /// Reads the first bytes, which are not an HTTP request.
    ReadSome,
    /// Reads the head of a request.
    ReadHead,
    /// Reads a whole request.
    ReadRequest,
    /// Reads the whole request of an HTTP/2 stream.
    ReadStream,
    Write(Vec<u8>),
    /// Writes the bytes the given number of times, as fast as the client reads them.
    Flood(Vec<u8>, usize),
    /// Writes one byte per second.
    Drip(Vec<u8>),
    /// Does nothing for this long.
    Wait(Duration),
    /// Does nothing from now on.
    Stall,
    /// Closes the connection with a reset.
    Reset,
}

pub(crate) type Script = Vec<Step>;

#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) pem: String,
    der: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    fn new(name: &str, until: i32) -> Self {
        let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), der: certificate.der().to_vec(), key: key.serialize_der() }
    }

    fn acceptor(&self, protocols: &[&[u8]]) -> TlsAcceptor {
        let key = PrivateKeyDer::try_from(self.key.clone()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.der.clone().into()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// The client trusts the first three certificates, but only the first one is valid for `localhost` today.
pub(crate) static GOOD: LazyLock<Certificate> = LazyLock::new(|| Certificate::new("localhost", 2200));
pub(crate) static OTHER_NAME: LazyLock<Certificate> =
    LazyLock::new(|| Certificate::new("other.example", 2200));
pub(crate) static EXPIRED: LazyLock<Certificate> = LazyLock::new(|| Certificate::new("localhost", 2021));
pub(crate) static UNKNOWN: LazyLock<Certificate> = LazyLock::new(|| Certificate::new("localhost", 2200));

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    async fn accept(self, certificate: &Certificate, protocols: &[&[u8]]) -> Option<Self> {
        let Self::Plain(plain) = self else { return None };
        Some(Self::Tls(Box::new(certificate.acceptor(protocols).accept(plain).await.ok()?)))
    }

    async fn read(&mut self, bytes: &mut Vec<u8>) -> Option<()> {
        let read = match self {
            Self::Plain(stream) => stream.read_buf(bytes).await,
            Self::Tls(stream) => stream.read_buf(bytes).await,
        };
        (read.ok()? > 0).then_some(())
    }

    async fn write(&mut self, bytes: &[u8]) -> Option<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await.ok(),
            Self::Tls(stream) => {
                stream.write_all(bytes).await.ok()?;
                stream.flush().await.ok()
            }
        }
    }

    fn reset(&self) {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        };
        stream.set_zero_linger().unwrap();
    }
}

/// A running server.
#[derive(Clone, Default)]
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that runs one script per connection, in order, and the last script on all further connections.
    pub(crate) async fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let handle = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = handle.connections.fetch_add(1, Ordering::SeqCst);
                let script = scripts[number.min(scripts.len() - 1)].clone();
                tokio::spawn(handle.clone().serve(stream, script));
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of requests whose head was read.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Returns the number of bytes that were written to clients.
    pub(crate) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    async fn serve(self, stream: TcpStream, script: Script) -> Option<()> {
        // If the kernel delayed the bytes, the paused clock would advance.
        stream.set_nodelay(true).unwrap();
        let (mut stream, mut received) = (Stream::Plain(stream), Vec::new());
        for step in script {
            match step {
                Step::Tls(certificate) => stream = stream.accept(certificate, &[]).await?,
                Step::Http2(certificate) => stream = stream.accept(certificate, &[b"h2"]).await?,
                Step::ReadSome => stream.read(&mut received).await?,
                Step::ReadHead => {
                    while head_of(&received).is_none() {
                        stream.read(&mut received).await?;
                    }
                    self.requests.fetch_add(1, Ordering::SeqCst);
                }
                Step::ReadRequest => {
                    while !is_whole(&received) {
                        stream.read(&mut received).await?;
                    }
                    self.requests.fetch_add(1, Ordering::SeqCst);
                }
                Step::ReadStream => {
                    while !ends_stream(&received) {
                        stream.read(&mut received).await?;
                    }
                    self.requests.fetch_add(1, Ordering::SeqCst);
                }
                Step::Write(bytes) => self.write(&mut stream, &bytes).await?,
                Step::Flood(bytes, times) => {
                    for _ in 0..times {
                        self.write(&mut stream, &bytes).await?;
                    }
                }
                Step::Drip(bytes) => {
                    for byte in bytes {
                        self.write(&mut stream, &[byte]).await?;
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
                Step::Wait(time) => tokio::time::sleep(time).await,
                Step::Stall => std::future::pending().await,
                Step::Reset => stream.reset(),
            }
        }
        Some(())
    }

    async fn write(&self, stream: &mut Stream, bytes: &[u8]) -> Option<()> {
        stream.write(bytes).await?;
        self.written.fetch_add(bytes.len(), Ordering::SeqCst);
        Some(())
    }
}

fn head_of(received: &[u8]) -> Option<usize> {
    received.windows(4).position(|window| window == b"\r\n\r\n")
}

fn is_whole(received: &[u8]) -> bool {
    let Some(end) = head_of(received) else { return false };
    let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    received.len() >= end + 4 + length.unwrap_or(0)
}

/// Returns whether one of the frames after the HTTP/2 preface ends a stream.
fn ends_stream(received: &[u8]) -> bool {
    let mut rest = received.get(24..).unwrap_or_default();
    while let [a, b, c, kind, flags, ..] = *rest {
        let length = 9 + u32::from_be_bytes([0, a, b, c]) as usize;
        if matches!(kind, 0 | 1) && flags & 1 == 1 && rest.len() >= length {
            return true;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    false
}
