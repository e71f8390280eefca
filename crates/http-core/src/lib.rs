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
//!             eprintln!("{error}; retry after {:?}", error.retry_after());
//!             Err(error)
//!         }
//!         other => other,
//!     }
//! }
//! ```
//!
//! To send several calls at the same time, pass them to `tokio::try_join!`, or spawn tasks that
//! await them. Clones of a client share its connections and limits.
//!
//! Awaiting a call or a wait requires a Tokio runtime with timers and I/O (`enable_all`). [`Call::prepare`] and
//! [`Call::finish`] require neither a runtime nor a socket: use them with your own HTTP client.
//!
//! ## Errors
//!
//! All clients return the same [`Error`]. Its predicates have the same meaning for every provider, status and response
//! format. Their documentation lists the usual causes and what to do: [`is_not_found`](Error::is_not_found),
//! [`is_unauthorized`](Error::is_unauthorized), [`is_conflict`](Error::is_conflict),
//! [`is_rate_limited`](Error::is_rate_limited), [`is_timeout`](Error::is_timeout) and more. [`kind`](Error::kind) is
//! the stage at which the call failed. `Display` starts with the cause, in the provider's own words if there are any,
//! followed by the operation, the status and the number of attempts.
//!
//! After a mutating call fails, check [`is_outcome_unknown`](Error::is_outcome_unknown) first. If it is `true`, the
//! request was sent, but no response from the provider confirmed or rejected it. (A web page does neither, whatever its
//! status.) The message says what to check before you send the request again. If
//! [`may_have_been_sent`](Error::may_have_been_sent) is `false`, nothing happened.
//!
//! A response that differs from the provider's documentation causes an error of kind [`ErrorKind::Decode`], which names
//! the path to the invalid value. One invalid row fails the whole list unless the call is
//! [`tolerant`](ListCall::tolerant).
//!
//! ## Retries
//!
//! *Which* failures are retried depends on the [`Effect`](client::Effect) of the [`Operation`](client::Operation):
//!
//! | effect | sending the request twice | retried after |
//! |---|---|---|
//! | [`Read`](client::Effect::Read) | changes nothing | lost responses, timeouts, 429, 5xx and failed connections |
//! | [`Idempotent`](client::Effect::Idempotent) | leaves the same state | the same |
//! | [`NonIdempotent`](client::Effect::NonIdempotent) | creates, charges, toggles or reboots again | 429 and failed connections, which prove that nothing happened |
//!
//! *How many times* a call is attempted is set by the [`RetryPolicy`] of the client or of the call: four times by
//! default. The delay before a retry is a full-jitter [`Backoff`](retry::Backoff) plus the provider's `Retry-After` (up
//! to one minute). The timeout of a call covers all of its attempts and delays. All clones of a client share a
//! [`RetryBudget`](retry::RetryBudget), which stops retries when most calls fail.
//!
//! **Dropping the future of a create undoes nothing**: a request in flight may still be processed, and the error that
//! would report its unknown outcome is lost. Limit a create with [`timeout`](Call::timeout), not with
//! `tokio::time::timeout` or `select!` around it. If the future may be dropped anyway, use
//! [`recover`](recovery::Create::recover): its [`note`](recovery::Recover::note) provides a
//! [`Ticket`](recovery::Ticket) before the create is sent, and with the ticket you can find the result later.
//!
//! Connecting, each attempt and each call have timeouts, and the size of each response is limited.
//! [`Builder`](client::Builder) sets these limits.
//!
//! ## Waits
//!
//! `wait(id)` of a provider's handle returns a [`WaitBuilder`](client::WaitBuilder), whose
//! [`until`](client::WaitBuilder::until) returns a [`Wait`]: `.await` returns the resource once it is in the wanted
//! state, and [`states`](Wait::states) streams every state along the way. A wait polls immediately, then with delays
//! that grow from 2 to 15 seconds, and ends after ten minutes unless [`timeout`](Wait::timeout) sets another limit. A
//! temporary failure of a poll does not end the wait. A permanent error response does, and so does a state from which
//! the wanted one cannot be reached. A [`WaitError`] contains the last state seen.
//!
//! ## Secrets
//!
//! Tokens, passwords and keys are [`SecretString`] in arguments and models alike: only
//! [`expose_secret`](ExposeSecret::expose_secret) reveals them. They never appear in `Debug` output, errors, spans, log
//! lines or URLs. Serialized models contain [`REDACTED`](wire::REDACTED) in their place, and headers that carry them
//! are marked as sensitive. Redirects are not followed, because they would forward the credentials. Plain `http://` is
//! rejected except on loopback, unless the builder [allows it](client::Builder::allow_plain_http).
//!
//! ## Writing a client
//!
//! A provider's crate consists of [`Operation`](client::Operation) constants, a [`Dialect`](client::Dialect) that
//! authorizes requests and recognizes error responses, and methods that build their calls with
//! [`Transport::call`](client::Transport::call). The building blocks are in [`client`] and [`wire`].
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

/// Create requests whose results can be found even if the response is lost; see [`Create`](recovery::Create).
pub mod recovery {
    pub use crate::call::recover::{Certainty, Create, Created, Ensure, Ensured, Noted, Recover};
    pub use crate::error::ticket::{Candidate, Ticket};
}

/// Resources that are rented only while some work runs; see [`Rental`](rental::Rental).
pub mod rental {
    pub use crate::call::rental::{Rental, RentalError, Unsettled, settle, settled};
    #[cfg(feature = "signal")]
    pub use crate::call::signal::{Interrupted, until_signal};
}

/// Delays between attempts, and the retry budget that all clones of a client share.
pub mod retry {
    pub use crate::policy::backoff::Backoff;
    pub use crate::policy::budget::RetryBudget;
}

/// The building blocks of a provider's crate.
pub mod client {
    pub use crate::builder::Builder;
    pub use crate::call::builder::CallBuilder;
    pub use crate::call::gone::{Gone, read_twice};
    pub use crate::call::recover::{Accepted, Fit, Marker, Seek};
    pub use crate::call::wait::{States, WaitBuilder};
    pub use crate::env::{optional_env, required_env};
    pub use crate::error::excerpt::{mask_value, mask_words};
    pub use crate::error::response::{ErrorResponse, ErrorResponseKind};
    pub use crate::operation::{Effect, Method, Operation, Recovery};
    pub use crate::transport::Transport;
    pub use crate::transport::dialect::{Dialect, Renewal, Session};
    pub use crate::transport::per_process::PerProcess;
    pub use crate::transport::permits::without_permit;
    pub use crate::transport::request::{Request, secret_header_value};
    pub use crate::transport::sent::{SentChange, in_sequence};
    pub use crate::wire::allowance::{list, push, step, take};
    pub use crate::wire::decode::json as decode_json;
    pub use crate::wire::decode::{FindRows, ReadRows, listed_rows, member_rows, object_row};
    pub use crate::wire::form::Form;
    pub use crate::wire::glance::glance;
    pub use crate::wire::members::members;
    pub use crate::wire::model::{As, Mode, Wire, read_fields};
    pub use crate::wire::only_objects::{OnlyObjects, Row};
    pub use crate::wire::presumed::is_presumed;
    pub use crate::wire::response::{BoxFuture, Response};
    pub use crate::wire::scalar::{Failed, Source, json_text};
    pub use crate::wire::success::Verdict;
    pub use crate::wire::time_limit::is_late;
    pub use crate::wire::words::{Words, words};
    // `#[macro_export]` puts macros at the root of the crate, under these names.
    #[doc(inline)]
    pub use crate::{__all_operations as all_operations, __operations as operations};
}

/// Items that the macros of this crate expand to; not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    #[cfg(feature = "uuid")]
    pub use uuid;

    pub use crate::operation::{count, join};
    pub use crate::wire::id::parse_id;
    pub use crate::wire::model::{
        As, ByType, Layout, Map, MayBeAbsent, Mode, Model, OrDefault, Required, Slot, Wire, Written, fill,
        is_wire, name, read, read_by_serde, read_content, read_model_option, read_option,
        read_option_by_serde,
    };
    pub use crate::wire::scalar::{Failed, FromScalar, Scalar, Source};
    pub use crate::wire::time_limit::after_deadline;
}
