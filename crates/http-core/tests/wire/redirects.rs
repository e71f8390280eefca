use http_core::client::ErrorResponseKind;

use crate::server::{Act, Server};
use crate::{CANARY, CREATE, READ, client};

#[tokio::test]
async fn a_redirect_to_another_host_gets_no_credentials() {
    let elsewhere = Server::start([Act::ok("1")]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/v1/things/1?token=abc\r\n", elsewhere.url());
        let server = Server::start([Act::response(status, &location, "")]).await;
        let client = client(&server.url());
        let errors = [
            client.call(&READ).path("id", 1).json::<u8>().await.unwrap_err(),
            client.call(&CREATE).json::<u8>().await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.response_kind(), Some(ErrorResponseKind::Redirect), "{error}");
            assert!(error.to_string().contains(&elsewhere.url()), "the error names the target: {error}");
            assert!(!error.to_string().contains("token=abc") && !error.to_string().contains(CANARY));
        }
        assert_eq!(server.received().len(), 2, "not repeated either");
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn the_target_of_a_redirect_is_shown_without_secrets() {
    for (location, shown) in [
        (
            "https://me:hunter2@h.example:81/a/b;jsessionid=hunter2?x=hunter2#hunter2",
            "https://h.example:81/a/b;… ",
        ),
        ("//me:hunter2@h.example/login", "http://h.example/login"),
        ("/session/a1b2c3d4e5f6a7b8/login", "/session/…/login"),
        ("https://[hunter2", "an unknown URL"),
    ] {
        let server = Server::start([Act::response(302, &format!("location: {location}\r\n"), "")]).await;
        let error = client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.replace(", which", " , which").contains(shown), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("a1b2"), "{text}");
    }
}
