//! Tests of calls whose session is renewed.

use std::sync::atomic::{AtomicU32, Ordering};

use http_core::client::{
    BoxFuture, Builder, Dialect, Effect, ErrorResponse, Operation, Renewal, Request, Response, Session,
    Transport,
};
use http_core::http::{HeaderName, HeaderValue};
use http_core::wire::Bytes;
use http_core::{Error, ErrorKind};

use crate::server::{Act, Server};
use crate::{CREATE, Things};

const GET: Operation = Operation::get("thing.get", "/v1/things");
const PUT: Operation = Operation::put("thing.put", "/v1/things");

/// The number of the session, which is the token of its requests.
#[derive(Default)]
struct Sessions(AtomicU32);

impl Session for Sessions {
    fn begin<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    fn renew<'a>(
        &'a self,
        _: &'a Transport,
        _: Effect,
        _: &'a Request,
    ) -> BoxFuture<'a, Result<Renewal, Error>> {
        Box::pin(async {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(Renewal::Renewed),
                _ => Err(Error::new(ErrorKind::Timeout, "no session")),
            }
        })
    }
}

impl Dialect for Sessions {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        request.set_header(
            HeaderName::from_static("x-token"),
            HeaderValue::from(self.0.load(Ordering::Relaxed)),
        );
        Ok(())
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        Things { key: "key" }.read(operation, response)
    }

    fn session(&self) -> Option<&dyn Session> {
        Some(self)
    }
}

fn client(server: &Server) -> Transport {
    let dialect = Ok(Sessions::default());
    Builder::new(server.url(), "wire-test", dialect, |transport| transport).no_proxy().build().unwrap()
}

fn expired() -> Act {
    Act::response(401, "", "expired")
}

#[tokio::test(start_paused = true)]
async fn a_rejected_call_is_sent_once_more_with_the_new_session() {
    for operation in [&GET, &PUT, &CREATE] {
        let server = Server::start([expired(), Act::ok("1")]).await;
        assert_eq!(client(&server).call(operation).json::<u8>().await.unwrap(), 1);
        let received = server.received();
        assert!(received.len() == 2 && received[0].contains("x-token: 0\r\n"), "{received:?}");
        assert!(received[1].contains("x-token: 1\r\n"), "{received:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_its_rejection_names_is_not_sent_again() {
    let server = Server::start([Act::response(401, "", r#"{"id": 7}"#), Act::ok("1")]).await;
    let error = client(&server).call(&CREATE).json::<u8>().await.unwrap_err();
    assert!(error.is_unauthorized() && error.is_outcome_unknown(), "{error:?}");
    assert_eq!(server.received().len(), 1);
    // A change whose response was lost can be sent again.
    let server = Server::start([Act::CloseAfterReading, expired(), Act::ok("1")]).await;
    assert_eq!(client(&server).call(&PUT).json::<u8>().await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_is_the_error_of_a_read_and_only_explains_that_of_a_change() {
    for (operation, is_timeout) in [(&GET, true), (&PUT, false), (&CREATE, false)] {
        let server = Server::start([expired(), Act::ok("1"), expired()]).await;
        let client = client(&server);
        let call = || client.call(operation).json::<u8>();
        call().await.unwrap();
        let error = call().await.unwrap_err();
        assert_eq!((error.is_timeout(), error.is_unauthorized()), (is_timeout, !is_timeout), "{error}");
        assert!(error.to_string().contains("no session"), "{error}");
    }
}

#[cfg(feature = "tracing")]
#[tokio::test(start_paused = true)]
async fn the_attempts_before_and_after_a_renewal_are_counted_together() {
    let (log, _guard) = crate::spans::logging();
    let server = Server::start([expired(), Act::response(503, "", ""), Act::ok("1")]).await;
    client(&server).call(&GET).json::<u8>().await.unwrap();
    assert!(log.text().contains("http.request.resend_count=2"), "{}", log.text());
    let server = Server::start([expired(), Act::response(503, "", ""), Act::response(404, "", "no")]).await;
    let error = client(&server).call(&GET).json::<u8>().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
}
