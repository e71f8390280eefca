use http_core::client::ErrorResponseKind;

use crate::server::{Act, Server};
use crate::{CANARY, CREATE, READ, client};

#[tokio::test]
async fn a_redirect_to_another_host_takes_no_credential_along() {
    let elsewhere = Server::start([Act::ok("1")]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/v1/things/1?token=abc\r\n", elsewhere.url());
        let server = Server::start([Act::reply(status, &location, "")]).await;
        let client = client(&server.url());
        let errors = [
            client.call(&READ).path("id", 1).json::<u8>().await.unwrap_err(),
            client.call(&CREATE).json::<u8>().await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.response_kind(), Some(ErrorResponseKind::Redirect), "{error}");
            assert!(error.to_string().contains(&elsewhere.url()), "it names the target: {error}");
            assert!(!error.to_string().contains("token=abc") && !error.to_string().contains(CANARY));
        }
        assert_eq!(server.received().len(), 2, "not repeated either");
    }
    assert!(elsewhere.received().is_empty());
}
