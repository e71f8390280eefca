//! Spans and events in the names that OpenTelemetry gives to HTTP clients. Without the feature `tracing`
//! everything here is nothing.

#[cfg(feature = "tracing")]
pub(crate) use on::*;

#[cfg(feature = "tracing")]
mod on {
    use std::future::Future;
    use std::time::Duration;

    use tracing::Span;
    use tracing::field::Empty;
    use tracing::instrument::Instrument;

    use crate::error::Error;
    use crate::operation::Operation;

    /// By which programs filter what comes from here.
    const TARGET: &str = "http_core";

    /// Runs a call inside its span.
    pub(crate) async fn call<T>(
        operation: Operation,
        server: &str,
        call: impl Future<Output = Result<(T, u16, u32), Error>>,
    ) -> Result<T, Error> {
        let span = tracing::info_span!(
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
        );
        let result = call.instrument(span.clone()).await;
        record(&span, &result);
        result.map(|(value, ..)| value)
    }

    fn record<T>(span: &Span, result: &Result<(T, u16, u32), Error>) {
        let (status, attempts) = match result {
            Ok((_, status, attempts)) => (Some(*status), *attempts),
            Err(error) => (error.status().map(|status| status.as_u16()), error.attempts()),
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status);
        }
        if attempts > 1 {
            span.record("http.request.resend_count", attempts - 1);
        }
        if let Err(error) = result {
            span.record("error.type", error.kind().as_str());
        }
    }

    /// A try failed and another follows.
    pub(crate) fn retry(error: &Error, pause: Duration) {
        tracing::warn!(
            target: TARGET,
            {
                "error.type" = error.kind().as_str(),
                "http.response.status_code" = error.status().map(|status| status.as_u16()),
                attempt = error.attempts(),
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            },
            "trying again"
        );
    }

    /// A rental could not be ended.
    pub(crate) fn still_billed(what: &str, error: &Error) {
        tracing::error!(
            target: TARGET,
            { "error.type" = error.kind().as_str(), what },
            "may still be billed, it could not be ended: {error}"
        );
    }

    /// A rental was dropped, and the background thread ends it.
    pub(crate) fn handed_over(what: &str) {
        tracing::warn!(target: TARGET, { what }, "dropped while it is billed, ending it in the background");
    }

    /// A create's response was lost, and its result is looked for.
    pub(crate) fn lost(error: &Error, ticket: &str) {
        tracing::warn!(
            target: TARGET,
            {
                "hostkit.operation" = error.operation(),
                "error.type" = error.kind().as_str(),
                "hostkit.ticket" = ticket,
            },
            "the response is lost, looking for the result"
        );
    }

    /// A create was sent, and nobody waits for its result any more.
    pub(crate) fn abandoned(operation: &str, ticket: &str) {
        tracing::warn!(
            target: TARGET,
            { "hostkit.operation" = operation, "hostkit.ticket" = ticket },
            "the create was sent, but its future was dropped: it may have been processed"
        );
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) async fn call<T>(
    _: crate::operation::Operation,
    _: &str,
    call: impl Future<Output = Result<(T, u16, u32), crate::error::Error>>,
) -> Result<T, crate::error::Error> {
    call.await.map(|(value, ..)| value)
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn retry(_: &crate::error::Error, _: std::time::Duration) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn still_billed(_: &str, _: &crate::error::Error) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn handed_over(_: &str) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn lost(_: &crate::error::Error, _: &str) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn abandoned(_: &str, _: &str) {}
