//! Everything that the hostkit clients share and no provider owns: how an endpoint is described, how a call is
//! sent, repeated, limited and decoded, how errors look and how secrets are kept.
//!
//! Programs use it through a provider's crate, whose methods return a [`Call`]:
//!
//! - a [`Call`] is a value; `.await` sends it, and options are chained before: [`timeout`](Call::timeout),
//!   [`retry`](Call::retry), [`header`](Call::header), [`raw`](Call::raw), [`tolerant`](Call::tolerant),
//!   [`optional`](Call::optional);
//! - what may be repeated after a failure is decided by the operation's [`Effect`], how often by the
//!   [`RetryPolicy`];
//! - a failure is an [`Error`], asked with predicates such as [`is_not_found`](Error::is_not_found) and
//!   [`is_outcome_unknown`](Error::is_outcome_unknown);
//! - a [`Wait`] is a value too;
//! - [`Call::prepare`] and [`Call::finish`] serve another HTTP client: no socket is needed to build a request or
//!   to decode a reply.
//!
//! Awaiting a call or a wait needs a Tokio runtime; `prepare` and `finish` need none.
//!
//! Provider crates are made of [`Operation`] constants, a [`Dialect`] and [`Transport::call`].
mod backoff;
#[cfg(feature = "blocking")]
mod blocking;
mod budget;
mod builder;
mod call;
mod challenge;
mod connection;
mod deadline;
mod decode;
mod dialect;
mod draft;
mod env;
mod error;
mod excerpt;
mod form;
mod id;
mod invalid;
mod lenient;
mod money;
mod open_enum;
mod operation;
mod outgoing;
mod path;
mod refusal;
mod retry;
mod retry_after;
mod scalar;
mod secret;
mod steps;
#[cfg(test)]
mod testing;
mod timestamp;
mod tls;
mod trace;
mod transport;
mod wait;

pub use backoff::Backoff;
pub use budget::RetryBudget;
pub use builder::Builder;
pub use bytes::Bytes;
pub use call::Call;
pub use chrono::{DateTime, Utc};
pub use decode::{BadRow, FindRows, Tolerant, Unreadable, array_rows};
pub use dialect::{BoxFuture, Dialect, Reply, Session};
pub use draft::Draft;
pub use env::{optional_env, required_env};
pub use error::{Error, ErrorKind};
pub use form::Form;
pub use http;
pub use invalid::Invalid;
pub use lenient::{EmptyAsNone, Flag, Int, Opt, Rows, Text};
pub use money::Money;
pub use operation::{Effect, Method, Operation};
pub use outgoing::{Outgoing, secret_header_value};
pub use refusal::{Meaning, Refusal};
pub use retry::RetryPolicy;
pub use rust_decimal::Decimal;
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::{REDACTED, Redacted};
pub use steps::Steps;
pub use timestamp::{Timestamp, parse_timestamp};
pub use transport::Transport;
pub use wait::{States, Wait, WaitError, Waiting};

/// What the macros of this crate expand to; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use serde_with;
    #[cfg(feature = "uuid")]
    pub use uuid;

    pub use crate::id::parse_id;
    pub use crate::scalar::deserialize_text;
}
