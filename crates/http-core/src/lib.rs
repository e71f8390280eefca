#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(html_root_url = "https://docs.rs/hostkit-http-core/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Calls
//!
//! The methods of a provider's crate return a [`Call`]. Options are chained on it, and `.await` sends it.
//!
//! ```
//! use std::time::Duration;
//! use http_core::{Call, Error, RetryPolicy};
//!
//! /// Works for any call of any client; returns `None` if the resource does not exist.
//! async fn look_up<T: 'static>(call: Call<T>) -> Result<Option<T>, Error> {
//!     let patient = call.timeout(Duration::from_secs(90)).retry(RetryPolicy::attempts(6));
//!     match patient.optional().await {
//!         Err(error) if error.is_rate_limited() => {
//!             eprintln!("{error}; again after {:?}", error.retry_after());
//!             Err(error)
//!         }
//!         other => other,
//!     }
//! }
//! ```
//!
//! Awaiting a call or a wait needs a Tokio runtime. [`Call::prepare`] and [`Call::finish`] need none, and no socket:
//! they are for programs that bring their own HTTP client.
//!
//! ## Errors
//!
//! There is one [`Error`]. Its predicates mean the same whatever status and shape the provider chose, and their
//! documentation says what usually causes the error and what to do about it:
//! [`is_not_found`](Error::is_not_found), [`is_unauthorized`](Error::is_unauthorized),
//! [`is_conflict`](Error::is_conflict), [`is_rate_limited`](Error::is_rate_limited), [`is_timeout`](Error::is_timeout)
//! and more. [`kind`](Error::kind) is the stage at which the call failed. `Display` begins with what happened, in the
//! provider's own words where it gave any, followed by the operation, the status and the number of attempts.
//!
//! After a call that changes something, [`is_outcome_unknown`](Error::is_outcome_unknown) is the predicate to
//! check first: the request was sent, no response of the provider's says what happened (a web page says nothing, under
//! any status), and the message says where to look before the request is sent again. If [`may_have_been_sent`](Error::may_have_been_sent) is `false`, nothing happened.
//!
//! A response that is not what the provider documents is an error of [`ErrorKind::Decode`] that names the path of the
//! value. One invalid row fails the whole list, unless the call is [`tolerant`](ListCall::tolerant).
//!
//! ## Retries
//!
//! *Which* failures are retried is a property of the [`Operation`](client::Operation), its [`Effect`](client::Effect):
//!
//! | effect | sending the request twice | retried after |
//! |---|---|---|
//! | [`Read`](client::Effect::Read) | changes nothing | lost responses, timeouts, 429, 5xx and failed connections |
//! | [`Idempotent`](client::Effect::Idempotent) | leaves the same state | the same |
//! | [`NonIdempotent`](client::Effect::NonIdempotent) | creates, charges, toggles or reboots again | 429 and failed connections: what proves that nothing happened |
//!
//! *How often* is set by the [`RetryPolicy`] of the client or of one call: four attempts by default. A delay is the
//! full-jitter [`Backoff`](retry::Backoff) plus what the provider asks for by `Retry-After`, of which a minute at most
//! is waited. The limit of the whole call holds for attempts and delays together, and the
//! [`RetryBudget`](retry::RetryBudget) that all clones of a client share stops retries when most calls fail.
//!
//! **Dropping the future of a create undoes nothing**: a request that is under way may be processed, and the error that
//! would say so is lost. Limit a create with [`timeout`](Call::timeout), not by `tokio::time::timeout` or `select!`
//! around it. Where the future may be dropped nevertheless, [`recover`](recovery::Create::recover) survives it: the
//! [`Ticket`](recovery::Ticket) that [`note`](recovery::Recover::note) returns before anything is sent finds the
//! result.
//!
//! Each connection, each attempt, each call and the size of each response has a limit; [`Builder`](client::Builder)
//! sets all of them.
//!
//! ## Waits
//!
//! `wait(id)` of a provider's handle returns a [`WaitBuilder`](client::WaitBuilder), whose
//! [`until`](client::WaitBuilder::until) returns a [`Wait`]: `.await` returns the state that was waited for,
//! [`states`](Wait::states) every state on the way. The first look is immediate, the delays between looks grow from 2
//! to 15 seconds, and the wait ends after ten minutes unless [`timeout`](Wait::timeout) says otherwise. A look that
//! fails for a passing reason does not end it. An error response that will not change does, and so does a state from
//! which the wanted one cannot follow. A [`WaitError`] holds the last state that was seen.
//!
//! ## Secrets
//!
//! Tokens, passwords and keys are [`SecretString`] in arguments and models alike: only
//! [`expose_secret`](ExposeSecret::expose_secret) shows them. They appear in no `Debug`, error, span or log line, a
//! model that is serialized contains [`REDACTED`](wire::REDACTED) in their place, headers that carry them are marked as
//! sensitive, and none is part of a URL. Redirects are not followed, because the credentials would go along; plain
//! `http://` is refused except on loopback, unless the builder allows it [by name](client::Builder::allow_plain_http).
//!
//! ## Writing a client
//!
//! A provider's crate consists of [`Operation`](client::Operation) constants, a [`Dialect`](client::Dialect) that
//! authorizes requests and recognizes error responses, and [`Transport::call`](client::Transport::call). Everything is
//! in [`client`] and [`wire`].
//!
//! ```
//! use http_core::{Call, Error};
//! use http_core::wire::Bytes;
//! use http_core::client::{Builder, Dialect, Operation, Request, ErrorResponse, Response, Transport};
//!
//! const GREET: Operation = Operation::get("greeting.get", "/v1/greetings/{name}");
//!
//! struct Plain;
//!
//! impl Dialect for Plain {
//!     fn authorize(&self, _: &mut Request) -> Result<(), Error> {
//!         Ok(()) // no credentials here; see `Request::set_header`
//!     }
//!
//!     fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
//!         if response.status().is_success() { Ok(response.body().clone()) } else { Err(ErrorResponse::from_response(response)) }
//!     }
//! }
//!
//! fn greet(transport: &Transport, name: &str) -> Call<String> {
//!     transport.call(&GREET).path("name", name).json()
//! }
//!
//! let transport = Builder::new("http://127.0.0.1:8080", "greeter/1.0", Ok(Plain), |transport| transport).build()?;
//! let request = greet(&transport, "Zoë").prepare()?;
//! assert_eq!(request.uri().path(), "/v1/greetings/Zo%C3%AB");
//!
//! let response = http_core::http::Response::new(Bytes::from_static(b"\"Hello\""));
//! assert_eq!(greet(&transport, "Zoë").finish(response)?, "Hello");
//! # Ok::<(), Error>(())
//! ```
// The macros name this crate as its users do.
#[cfg(test)]
extern crate self as http_core;

mod builder;
mod call;
mod env;
mod error;
mod operation;
mod policy;
#[cfg(test)]
mod testing;
mod trace;
mod transport;
pub mod wire;

pub use call::Call;
pub use call::list::ListCall;
pub use call::sequence::CallSequence;
pub use call::wait::{Wait, WaitError};
pub use error::{Error, ErrorKind};
pub use http;
pub use policy::retry::RetryPolicy;
pub use secrecy::{ExposeSecret, SecretString};

/// Creates whose result is found even if the response is lost; see [`Create`](recovery::Create).
pub mod recovery {
    pub use crate::call::recover::{Certainty, Create, Created, Ensure, Ensured, Noted, Recover};
    pub use crate::error::ticket::{Candidate, Ticket};
}

/// Resources that are billed only while some work runs; see [`Rental`](rental::Rental).
pub mod rental {
    pub use crate::call::rental::{Rental, RentalError, Unsettled, settle, settled};
    #[cfg(feature = "signal")]
    pub use crate::call::signal::{Interrupted, until_signal};
}

/// The delays between attempts, and the limit on retries that all clones of a client share.
pub mod retry {
    pub use crate::policy::backoff::Backoff;
    pub use crate::policy::budget::RetryBudget;
}

/// What a provider's crate is built from.
pub mod client {
    pub use crate::builder::Builder;
    pub use crate::call::builder::CallBuilder;
    pub use crate::call::gone::Gone;
    pub use crate::call::recover::{Accepted, Fit, Marker, Seek};
    pub use crate::call::wait::{States, WaitBuilder};
    pub use crate::env::{optional_env, required_env};
    pub use crate::error::excerpt::{mask_value, mask_words};
    pub use crate::error::response::{ErrorResponse, ErrorResponseKind};
    pub use crate::operation::{Effect, Method, Operation, Recovery};
    pub use crate::transport::Transport;
    pub use crate::transport::dialect::{Dialect, Renewal, Session};
    pub use crate::transport::request::{Request, secret_header_value};
    pub use crate::transport::sent::{SentChange, in_sequence};
    pub use crate::wire::allowance::{for_a_moment, push};
    pub use crate::wire::decode::json as decode_json;
    pub use crate::wire::decode::{FindRows, ReadRows, listed_rows, member_rows, object_row};
    pub use crate::wire::form::Form;
    pub use crate::wire::glance::glance;
    pub use crate::wire::members::members;
    pub use crate::wire::response::{BoxFuture, Response};
    pub use crate::wire::scalar::json_text;
    pub use crate::wire::success::{Verdict, has_member};
    pub use crate::wire::words::{Words, words};
    // `#[macro_export]` puts macros at the root of the crate, under these names.
    #[doc(inline)]
    pub use crate::{__all_operations as all_operations, __operations as operations};
}

/// What the macros of this crate expand to; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use serde_with;
    #[cfg(feature = "uuid")]
    pub use uuid;

    pub use crate::operation::{count, join};
    pub use crate::wire::id::parse_id;
    pub use crate::wire::model::{Wire, field, is_wire, json, list, plain, read_option, read_with_rest};
    pub use crate::wire::scalar::{FromScalar, Scalar, read_scalar};
}
