//! Tests HTTP/2 against a server that resets streams, sends GOAWAY and stops responding on demand.
#![cfg(all(feature = "http2", any(feature = "rustls", feature = "aws-lc")))]
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use h2::server::SendResponse;
use h2::{Ping, Reason};
use http_core::Error;
use http_core::client::{Builder, Dialect, ErrorResponse, Operation, Request, Response, Transport};
use http_core::retry::RetryBudget;
use http_core::wire::Bytes;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

const READ: Operation = Operation::get("thing.get", "/things");
const CREATE: Operation = Operation::post("thing.create", "/things");

struct Plain;

impl Dialect for Plain {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        if response.status().is_success() {
            Ok(response.body().clone())
        } else {
            Err(ErrorResponse::from_response(response))
        }
    }
}

/// The server's behaviour on its first connection; on later connections it answers every request.
#[derive(Clone, Copy, Debug)]
enum First {
    /// Resets the first stream with this reason.
    Reset(Reason),
    /// Answers the first stream, and sends GOAWAY without processing the others.
    GoAway,
    /// Reads requests, and never responds.
    Silence,
    /// Reads a request, then closes the connection without sending a frame.
    Close,
    /// Answers the first request, and stops responding with the second.
    Die,
}

struct Seen {
    url: String,
    certificate: String,
    /// The requests that the server processed.
    processed: Arc<AtomicUsize>,
    /// The streams received on each connection.
    streams: Arc<Mutex<Vec<usize>>>,
}

async fn serve(first: First) -> Seen {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let seen = Seen { url, certificate: cert.pem(), processed: Arc::default(), streams: Arc::default() };
    let (processed, streams) = (Arc::clone(&seen.processed), Arc::clone(&seen.streams));
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((stream, _)) = listener.accept().await else { return };
            // If the kernel delayed the bytes, the paused clock would advance.
            stream.set_nodelay(true).unwrap();
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            streams.lock().unwrap().push(0);
            let (processed, streams) = (Arc::clone(&processed), Arc::clone(&streams));
            tokio::spawn(async move {
                let count = || streams.lock().unwrap()[number] += 1;
                match (number, first) {
                    (0, First::GoAway) => go_away(stream, &processed, count).await,
                    (0, first) => run(stream, Some(first), &processed, count).await,
                    _ => run(stream, None, &processed, count).await,
                }
            });
        }
    });
    seen
}

async fn run(stream: TlsStream<TcpStream>, act: Option<First>, processed: &AtomicUsize, count: impl Fn()) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let answer = |mut respond: SendResponse<Bytes>| {
        processed.fetch_add(1, Ordering::SeqCst);
        let mut body = respond.send_response(http_core::http::Response::new(()), false).unwrap();
        body.send_data(Bytes::from_static(b"7"), true).unwrap();
    };
    let mut ping = connection.ping_pong().unwrap();
    let (mut reset, mut answered) = (false, false);
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        count();
        match act {
            Some(First::Reset(reason)) if !reset => {
                reset = true;
                respond.send_reset(reason);
            }
            Some(First::Die) if !answered => {
                answered = true;
                answer(respond);
            }
            Some(First::Silence | First::Die) => {
                // A dead peer does not answer PINGs either, so nothing drives this connection from here on.
                let _ = ping.send_ping(Ping::opaque());
                return std::future::pending().await;
            }
            Some(First::Close) => return,
            None | Some(First::Reset(_) | First::GoAway) => answer(respond),
        }
    }
}

/// Writes raw frames, because the h2 library would report each stream it has read as a processed one.
async fn go_away(mut stream: TlsStream<TcpStream>, processed: &AtomicUsize, count: impl Fn()) {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    let frame = |kind: u8, flags: u8, id: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &id.to_be_bytes(), payload].concat()
    };
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).await.is_err() {
            return;
        }
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await.unwrap();
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if head[3] != HEADERS {
            continue;
        }
        count();
        if id == 1 {
            processed.fetch_add(1, Ordering::SeqCst);
            let status_200 = [0x88];
            let last_stream_and_no_error = [0, 0, 0, 1, 0, 0, 0, 0];
            let answer = [
                frame(GOAWAY, 0, 0, &last_stream_and_no_error),
                frame(HEADERS, 4, 1, &status_200),
                frame(DATA, 1, 1, b"7"),
            ];
            stream.write_all(&answer.concat()).await.unwrap();
        }
    }
}

fn client(seen: &Seen) -> Transport {
    builder(seen).build().unwrap()
}

fn builder(seen: &Seen) -> Builder<Transport> {
    Builder::new(&seen.url, "test", Ok(Plain), |transport| transport)
        .no_proxy()
        .root_certificate(seen.certificate.clone())
}

#[tokio::test]
async fn a_refused_stream_is_unprocessed_and_repeated_for_every_effect() {
    for operation in [&READ, &CREATE] {
        let seen = serve(First::Reset(Reason::REFUSED_STREAM)).await;
        assert_eq!(client(&seen).call(operation).json::<u8>().await.unwrap(), 7, "{}", operation.name());
        assert_eq!(seen.processed.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_stream_that_was_reset_for_another_reason_may_have_been_processed() {
    for reason in [Reason::CANCEL, Reason::INTERNAL_ERROR, Reason::ENHANCE_YOUR_CALM] {
        let seen = serve(First::Reset(reason)).await;
        let result = client(&seen).call(&CREATE).json::<u8>().await;
        let streams = seen.streams.lock().unwrap().clone();
        let Err(error) = result else { panic!("{reason:?}: sent again {streams:?}") };
        assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{reason:?}: {error:?}");
        assert_eq!(seen.streams.lock().unwrap()[..], [1], "{reason:?}");
    }
}

#[tokio::test]
async fn a_broken_connection_leaves_the_outcome_unknown() {
    let seen = serve(First::Close).await;
    let error = client(&seen).call(&CREATE).json::<u8>().await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(seen.streams.lock().unwrap()[..], [1]);
}

#[tokio::test]
async fn a_graceful_goaway_costs_no_retry_budget() {
    let seen = serve(First::GoAway).await;
    // Enough for a single retry, if these retries were charged.
    let client = builder(&seen).retry_budget(RetryBudget::new(5, 5)).build().unwrap();
    let calls: Vec<_> =
        (0..100).map(|_| tokio::spawn(client.call(&READ).json::<u8>().into_future())).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), 7);
    }
    assert_eq!(seen.processed.load(Ordering::SeqCst), 100);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_fails_one_attempt_and_no_later_call() {
    let seen = serve(First::Silence).await;
    let client = builder(&seen).read_timeout(Duration::from_secs(10)).build().unwrap();
    for round in 0..3 {
        let result = client.call(&READ).json::<u8>().await;
        assert!(result.is_ok(), "{round}: {result:?} {:?}", seen.streams.lock().unwrap());
    }
    let streams = seen.streams.lock().unwrap().clone();
    assert_eq!(streams[0], 1, "only the first attempt got no response: {streams:?}");
}

#[tokio::test(start_paused = true)]
async fn a_create_does_not_use_a_kept_connection_that_no_longer_responds() {
    let seen = serve(First::Die).await;
    let client = client(&seen);
    for operation in [&READ, &CREATE, &CREATE] {
        assert_eq!(client.call(operation).json::<u8>().await.unwrap(), 7, "{}", operation.name());
    }
    assert_eq!(seen.streams.lock().unwrap()[..], [1, 1, 1]);
    assert_eq!(client.call(&READ).json::<u8>().await.unwrap(), 7);
    assert_eq!(seen.streams.lock().unwrap()[..], [2, 1, 1, 1], "the kept connection is dead");
}

#[tokio::test(start_paused = true)]
async fn a_ping_finds_a_silent_connection_long_before_the_attempt_ends() {
    let seen = serve(First::Silence).await;
    let start = tokio::time::Instant::now();
    assert_eq!(client(&seen).call(&READ).json::<u8>().await.unwrap(), 7);
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
}
