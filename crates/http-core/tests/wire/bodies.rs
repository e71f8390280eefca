use http_core::ErrorKind;
use http_core::client::Operation;

use crate::server::{Act, Server};
use crate::{CREATE, LIST, READ, builder, client};

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let limit = 8 * 1024 * 1024;
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n[", limit + 1024 * 1024);
    let server = Server::start([Act::WriteAndStall(announced.into_bytes())]).await;
    let error = client(&server.url()).call(&LIST).list::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("max_body()"), "{error}");
}

#[tokio::test]
async fn a_body_without_a_length_is_cut_off_at_the_limit() {
    let mut chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..33 {
        chunks.extend_from_slice(b"100000\r\n");
        chunks.extend(std::iter::repeat_n(b' ', 0x10_0000));
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    let server = Server::start([Act::Write(chunks)]).await;
    let error = client(&server.url()).call(&LIST).list::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit() {
    let chunked = |text: &str| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        Act::Write(format!("{head}{:x}\r\n{text}\r\n0\r\n\r\n", text.len()).into_bytes())
    };
    for (text, is_read) in [("[1,2]", true), ("[1,22]", false)] {
        for act in [Act::ok(text), chunked(text)] {
            let server = Server::start([act]).await;
            let client = builder(&server.url()).max_body(5).build().unwrap();
            let read = client.call(&LIST).list::<u8>().await;
            assert_eq!(read.is_ok(), is_read, "{text}: {read:?}");
        }
    }
}

#[tokio::test]
async fn a_body_of_many_chunks_within_the_limit_is_read_completely() {
    let body = format!("[{}1]", "1,".repeat(500_000));
    let server = Server::start([Act::ok(&body)]).await;
    assert_eq!(client(&server.url()).call(&LIST).list::<u8>().await.unwrap().len(), 500_001);
}

/// A proxy that loses its server after the head closes the connection, and may send blanks before that.
#[tokio::test(start_paused = true)]
async fn a_blank_body_that_ends_with_the_connection_is_a_lost_response() {
    for (body, is_lost) in [
        ("", true),
        (" \n", true),
        ("\r\n\r\n", true),
        ("\t\u{c}", true),
        ("\0\0", true),
        ("\u{feff}", true),
        (" \u{feff} \0\n", true),
        ("null", false),
        (" {} ", false),
    ] {
        let close = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
        let server = Server::start([Act::Write(close.into_bytes())]).await;
        let result = client(&server.url()).call(&CREATE).empty().await;
        match &result {
            Ok(()) => assert!(!is_lost, "{body:?}"),
            Err(error) => {
                assert!(is_lost && error.is_outcome_unknown(), "{body:?} {error}");
                assert_eq!(error.kind(), ErrorKind::Transport, "{body:?} {error}");
            }
        }
        if body.bytes().all(|byte| byte.is_ascii_whitespace()) {
            let server = Server::start([Act::ok(body)]).await;
            client(&server.url()).call(&CREATE).empty().await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_in_the_middle_is_a_lost_response() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,".to_vec();
    let server = Server::start([Act::Write(half.clone()), Act::ok("[1]")]).await;
    assert_eq!(client(&server.url()).call(&LIST).list::<u8>().await.unwrap(), [1]);
    let server = Server::start([Act::Write(half)]).await;
    let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_created_resource_is_kept_however_the_body_ends() {
    const CREATE: Operation = Operation::post("thing.create", "/v1/things").returns_id("uuid");
    let body = r#"{"uuid": "a-1", "name": ""#;
    let head = |headers: &str| format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n{body}").into_bytes();
    let chunk = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len());
    let (chunked, long) = (|rest: &str| format!("HTTP/1.1 200 OK\r\n{chunk}{rest}"), "x".repeat(2000));
    for (act, kind) in [
        (Act::Write(head("content-length: 500")), ErrorKind::Transport),
        (Act::Write(chunked("").into_bytes()), ErrorKind::Transport),
        (Act::Write(chunked("zz\r\n").into_bytes()), ErrorKind::Transport),
        (Act::WriteAndStall(head("content-length: 500")), ErrorKind::Timeout),
        (Act::WriteAndStall(chunked("1\r\nx\r\n").into_bytes()), ErrorKind::Timeout),
        (Act::WriteAndStall(head("content-length: 5000")), ErrorKind::Decode),
        (Act::Write(chunked(&format!("7d0\r\n{long}\r\n0\r\n\r\n")).into_bytes()), ErrorKind::Decode),
        (Act::ok(body), ErrorKind::Decode),
        (Act::response(500, "", body), ErrorKind::ErrorResponse),
        (Act::response(302, "", body), ErrorKind::ErrorResponse),
        (Act::response(777, "", body), ErrorKind::Decode),
    ] {
        let server = Server::start([act.clone()]).await;
        let client = builder(&server.url()).max_body(1000).build().unwrap();
        let error = client.call(&CREATE).json::<u8>().await.unwrap_err();
        assert_eq!((error.kind(), error.created_id()), (kind, Some("a-1")), "{act:?}: {error}");
        assert!(error.is_outcome_unknown() && error.to_string().contains("created id a-1"), "{error}");
    }
    // The id in a client error may belong to a resource that existed before.
    for status in ["400 Bad Request", "404 Not Found", "409 Conflict", "422 Unprocessable Content"] {
        let cut = |length: usize| {
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
        };
        for act in [Act::Write(cut(body.len())), Act::Write(cut(500)), Act::WriteAndStall(cut(500))] {
            let server = Server::start([act]).await;
            let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
            assert_eq!(error.created_id(), None, "{status}: {error}");
        }
    }
}

#[tokio::test]
async fn a_hundred_thousand_header_bytes_are_accepted() {
    let headers = format!("x-big: {}\r\n", "h".repeat(100_000));
    let server = Server::start([Act::response(200, &headers, "1")]).await;
    assert_eq!(client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap(), 1);
    let headers = format!("x-many: {}\r\n", "h".repeat(90)).repeat(1000);
    let server = Server::start([Act::response(200, &headers, "1")]).await;
    let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().len() < 500, "{error}");
}

#[tokio::test]
async fn the_error_of_a_response_without_json_has_a_safe_excerpt() {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    let server = Server::start([Act::response(200, "content-type: text/html\r\n", page)]).await;
    let error = client(&server.url()).call(&LIST).list::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("502 Bad Gateway"), "{error}");
    assert_eq!(error.status().unwrap().as_u16(), 200);
    let server = Server::start([Act::response(200, "content-type: text/plain\r\n", "upstream failed")]).await;
    let error = client(&server.url()).call(&LIST).list::<u8>().await.unwrap_err();
    assert!(error.to_string().contains(": upstream failed"), "{error}");
}

#[tokio::test]
async fn one_invalid_row_does_not_hide_the_others() {
    let server = Server::start([Act::ok("[1, 2, -3, 4]")]).await;
    let list = client(&server.url()).call(&LIST).list::<u8>().tolerant().await.unwrap();
    assert_eq!(list.items, [1, 2, 4]);
    assert_eq!((list.errors.len(), list.errors[0].index), (1, 2));
}

#[tokio::test]
async fn a_filter_applies_to_strict_and_tolerant_lists() {
    let server = Server::start([Act::ok("[1, 2, 3]"), Act::ok("[1, null, 3]")]).await;
    let list = || client(&server.url()).call(&LIST).list::<u8>().filter(|number| *number > 1);
    assert_eq!(list().await.unwrap(), [2, 3]);
    let list = list().tolerant().await.unwrap();
    assert_eq!((list.items, list.errors.len()), (vec![3], 1));
}

#[tokio::test]
async fn a_challenge_page_has_its_own_kind_of_error() {
    let page = "<html><head><title>Just a moment...</title></head></html>";
    let server = Server::start([Act::response(403, "", page)]).await;
    let error = builder(&server.url()).build().unwrap().call(&LIST).list::<u8>().await.unwrap_err();
    assert!(error.is_challenge());
}

#[tokio::test]
async fn the_providers_message_is_bounded_and_has_no_control_characters() {
    let words = format!("\u{1b}[31mno\n{}", "x".repeat(1_000_000));
    let server = Server::start([Act::response(400, "", &words)]).await;
    let error = client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
    assert!(error.to_string().len() < 2000 && !error.to_string().contains(['\n', '\u{1b}']), "{error}");
}
