//! Spans and events, named after OpenTelemetry's conventions for HTTP clients. Without the `tracing` feature, these
//! functions do nothing.

#[cfg(feature = "tracing")]
pub(crate) use on::*;

#[cfg(feature = "tracing")]
mod on {
    use std::time::Duration;

    use http::StatusCode;
    use tracing::Span;
    use tracing::field::Empty;
    use tracing::instrument::Instrument;

    use crate::error::Error;
    use crate::operation::Operation;

    /// The target by which programs can filter these spans and events.
    const TARGET: &str = "http_core";

    /// The span of one call.
    pub(crate) struct CallSpan(Span);

    impl CallSpan {
        pub(crate) fn new(operation: &Operation, server: &str) -> Self {
            Self(tracing::info_span!(
                target: TARGET,
                "http_call",
                "otel.kind" = "client",
                "hostkit.operation" = operation.name(),
                "http.request.method" = operation.method().as_str(),
                "url.template" = operation.path(),
                "server.address" = server,
                "http.response.status_code" = Empty,
                "http.request.resend_count" = Empty,
                "error.type" = Empty,
            ))
        }

        pub(crate) fn instrument<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
            future.instrument(self.0.clone())
        }

        /// Does the part of the call's work that is not asynchronous, so that what it logs belongs to the call.
        pub(crate) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
            self.0.in_scope(work)
        }

        /// Records how the call ended.
        pub(crate) fn record(&self, status: Option<StatusCode>, attempts: u32, error: Option<&Error>) {
            if let Some(status) = status {
                self.0.record("http.response.status_code", status.as_u16());
            }
            if attempts > 1 {
                self.0.record("http.request.resend_count", attempts - 1);
            }
            if let Some(error) = error {
                self.0.record("error.type", error.kind().as_str());
                self.failed(error);
            }
        }
    }

    impl CallSpan {
        /// Logs the error of a call. The event names the operation itself, because the span is disabled if only warnings
        /// are logged. "Not found" is no warning: it is the answer to many questions.
        fn failed(&self, error: &Error) {
            macro_rules! log {
                ($level:ident) => {
                    tracing::event!(
                        target: TARGET,
                        parent: &self.0,
                        tracing::Level::$level,
                        {
                            "hostkit.operation" = error.operation(),
                            "error.type" = error.kind().as_str(),
                            "http.response.status_code" = error.status().map(|status| status.as_u16()),
                            attempts = error.attempts(),
                        },
                        "the call failed: {error}"
                    )
                };
            }
            if error.is_not_found() { log!(DEBUG) } else { log!(WARN) }
        }
    }

    /// Logs that an attempt failed and will be retried.
    pub(crate) fn retry(error: &Error, delay: Duration) {
        tracing::warn!(
            target: TARGET,
            {
                "hostkit.operation" = error.operation(),
                "error.type" = error.kind().as_str(),
                "http.response.status_code" = error.status().map(|status| status.as_u16()),
                attempt = error.attempts(),
                delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            },
            "retrying"
        );
    }

    /// Logs that some certificates of the file that a variable names are damaged.
    #[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
    pub(crate) fn damaged_certificates(variable: &str, count: usize) {
        tracing::warn!(target: TARGET, { count }, "skipped the damaged certificates in the file of {variable}");
    }

    /// Logs that a rental could not be ended.
    pub(crate) fn not_ended(what: &impl std::fmt::Display, error: &Error) {
        tracing::error!(target: TARGET, { "error.type" = error.kind().as_str() }, "{what}: {error}");
    }

    /// Logs that a rental was dropped and is being ended by the background thread.
    pub(crate) fn handed_over(what: &str) {
        tracing::warn!(target: TARGET, { what }, "dropped before it was ended; ending it in the background");
    }

    /// Logs that the response of a create was lost and the search for its result begins.
    pub(crate) fn lost(error: &Error, ticket: &str) {
        tracing::warn!(
            target: TARGET,
            {
                "hostkit.operation" = error.operation(),
                "error.type" = error.kind().as_str(),
                "hostkit.ticket" = ticket,
            },
            "the response was lost; searching for the result"
        );
    }

    /// Logs that the future of a create was dropped after the request was sent.
    pub(crate) fn abandoned(operation: &str, ticket: &str) {
        tracing::warn!(
            target: TARGET,
            { "hostkit.operation" = operation, "hostkit.ticket" = ticket },
            "the future of a create was dropped after the request was sent; the create may have been processed"
        );
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) use off::*;

#[cfg(not(feature = "tracing"))]
mod off {
    use std::time::Duration;

    use http::StatusCode;

    use crate::error::Error;
    use crate::operation::Operation;

    pub(crate) struct CallSpan;

    #[expect(clippy::unused_self, reason = "the same calls as with tracing")]
    impl CallSpan {
        pub(crate) fn new(_: &Operation, _: &str) -> Self {
            Self
        }

        pub(crate) fn instrument<F: Future>(&self, future: F) -> F {
            future
        }

        pub(crate) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
            work()
        }

        pub(crate) fn record(&self, _: Option<StatusCode>, _: u32, _: Option<&Error>) {}
    }

    pub(crate) fn retry(_: &Error, _: Duration) {}

    #[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
    pub(crate) fn damaged_certificates(_: &str, _: usize) {}

    pub(crate) fn not_ended<T>(_: &T, _: &Error) {}

    pub(crate) fn handed_over(_: &str) {}

    pub(crate) fn lost(_: &Error, _: &str) {}

    pub(crate) fn abandoned(_: &str, _: &str) {}
}
