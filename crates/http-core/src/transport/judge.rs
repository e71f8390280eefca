//! The meaning of a response or a failure.

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, LOCATION, TRANSFER_ENCODING};

use crate::error::excerpt::mask_words;
use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::error::{Error, ErrorKind};
use crate::operation::{Effect, Operation, Recovery};
use crate::policy::retry_after::retry_after;
use crate::transport::Transport;
use crate::transport::challenge::challenge;
use crate::transport::request::Request;
use crate::wire::response::Response;
use crate::wire::time_limit;

/// Names in `Content-Encoding` and `Transfer-Encoding` that mean no compression.
const PLAIN: [&str; 3] = ["", "identity", "chunked"];
const COMPRESSED: [&str; 7] = ["gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"];

/// A response that is, or seems to be, a success.
pub(crate) struct Judged<'a> {
    response: Response,
    /// The length of the body as it was received, in bytes. The body may have grown when its text was converted.
    received: usize,
    /// What judges the response, if it is only presumed to be a success.
    judge: Option<(&'a Transport, &'static Operation, Effect)>,
}

impl Judged<'_> {
    /// A response that is known to be a success.
    pub(crate) fn success(response: Response) -> Self {
        Self { received: response.body().len(), response, judge: None }
    }

    pub(crate) fn received(&self) -> usize {
        self.received
    }

    pub(crate) fn response(&self) -> &Response {
        &self.response
    }

    /// Returns the effect by which the response is judged if it is only presumed to be a success.
    pub(crate) fn presumed(&self) -> Option<Effect> {
        self.judge.map(|(_, _, effect)| effect)
    }

    /// Returns the response with the bytes to decode, if it is a success.
    pub(crate) fn settle(self) -> Result<Response, Error> {
        match self.judge {
            Some((transport, operation, effect)) => {
                transport.read(&operation.called_with(effect), self.response)
            }
            None => Ok(self.response),
        }
    }
}

impl Transport {
    /// Judges a response, or presumes it to be a success, so that it need not be parsed before it is decoded.
    pub(crate) fn judge(
        &self,
        operation: &'static Operation,
        effect: Effect,
        response: Response,
    ) -> Result<Judged<'_>, Error> {
        let called = operation.called_with(effect);
        let judged_by = called.effect();
        // The error of an idempotent change decides whether the change is repeated, so it must be known at once. Another
        // change is never repeated after a successful status.
        let is_presumed = ![effect, judged_by].contains(&Effect::Idempotent)
            && operation.recovery() != Recovery::Confirmed
            // Any object may be decoded into the type of an untyped call.
            && !operation.is_untyped()
            && response.status().is_success()
            && self.0.dialect.presumes_success(judged_by, &response)
            && interference(operation, &response, compression(&response).as_deref()).is_none();
        let received = response.body().len();
        let (response, judge) = if is_presumed {
            (response, Some((self, operation, judged_by)))
        } else {
            (self.read(&called, response)?, None)
        };
        Ok(Judged { response, received, judge })
    }

    fn read(&self, operation: &Operation, response: Response) -> Result<Response, Error> {
        match self.read_body(operation, &response) {
            Ok(body) => Ok(response.map(|_| body)),
            Err(error) => {
                let error = error.with_request_id(self.0.dialect.request_id(response.headers()));
                // The id in a conflict or another client error may belong to a resource that existed before.
                let is_rejected =
                    error.is_conflict() || (response.status().is_client_error() && !error.is_retryable());
                let may_name_created = is_lost(&error, Effect::NonIdempotent) && !is_rejected;
                Err(if may_name_created { error.find_created_id(operation, response.body()) } else { error })
            }
        }
    }

    fn read_body(&self, operation: &Operation, response: &Response) -> Result<Bytes, Error> {
        let status = response.status();
        let compression = compression(response);
        if let Some(error) = interference(operation, response, compression.as_deref()) {
            return Err(error);
        }
        let error_response = if status.is_redirection() {
            self.redirect(response)
        } else {
            let read = self.0.dialect.read(operation, response);
            if time_limit::is_stopped() {
                return Err(Error::too_late().with_status(status.as_u16()));
            }
            match read {
                Ok(body) if status.is_success() => return Ok(body),
                Ok(_) => ErrorResponse::from_response(response),
                Err(error_response) => error_response,
            }
        };
        // Such a response never proves that nothing happened, whatever its status is.
        let names_result = if is_rejection(status, &error_response) {
            Operation::is_result_beside_error
        } else {
            Operation::is_result
        };
        let happened =
            operation.effect() == Effect::NonIdempotent && names_result(operation, response.body());
        let happened = happened || error_response.outcome_unknown;
        let error_response = error_response.with_outcome_unknown(happened);
        let after = retry_after(response.headers(), SystemTime::now().into());
        // Some providers report a rate limit with status 403; `Retry-After` distinguishes it from a denied permission,
        // which the dialect's advice is about.
        let error_response = if status == StatusCode::FORBIDDEN && after.is_some() {
            ErrorResponse { advice: None, ..error_response.with_kind(ErrorResponseKind::RateLimited) }
        } else {
            error_response
        };
        let advice = error_response.advice_for(operation);
        let error = Error::from_response(error_response, status.as_u16()).with_retry_after(after);
        Err(advice.into_iter().chain(compression.as_deref()).fold(error, Error::with_advice))
    }

    /// Returns the error for a redirect, which names the target without the parts that may be private.
    fn redirect(&self, response: &Response) -> ErrorResponse {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let target = location.and_then(|location| self.0.base_url.join(location));
        let target = target.map_or("an unknown URL".to_owned(), |target| {
            let path = target.path().split('/').map(|segment| match segment.split_once(';') {
                Some((segment, _)) => format!("{};…", mask_words(segment)),
                None => mask_words(segment),
            });
            let (scheme, host) = (target.scheme(), target.host_str().unwrap_or_default());
            let port = target.port().map_or(String::new(), |port| format!(":{port}"));
            format!("{scheme}://{host}{port}{}", path.collect::<Vec<_>>().join("/"))
        });
        let message =
            format!("the response redirects to {target}, which is not followed: check the base URL");
        ErrorResponse::new(response.status(), message).with_kind(ErrorResponseKind::Redirect)
    }

    /// Names the operation, redacts the secrets of the request, and adds advice if the outcome is unknown.
    pub(crate) fn explain(
        &self,
        error: Error,
        operation: &'static Operation,
        effect: Effect,
        request: &Request,
    ) -> Error {
        let error = match error.body().cloned() {
            // The decoding may also have stopped at the deadline.
            Some(body) if matches!(error.kind(), ErrorKind::Decode | ErrorKind::Timeout) => {
                error.find_created_id(operation, &body)
            }
            _ => error,
        };
        let describe = |body: &str| self.0.dialect.describe(body);
        let mut error = error.with_operation(operation.name()).redact(&self.secrets(request), &describe);
        if error.is_unknown_url() {
            let what =
                if operation.is_location_scoped() { "the location and the base URL" } else { "the base URL" };
            error = error.with_advice(format!("the URL does not exist: check {what}"));
        }
        if !is_lost(&error, effect) {
            return error.with_outcome_unknown(false);
        }
        let error = error.with_outcome_unknown(true);
        match operation.recovery_hint() {
            Some(how) if effect == Effect::NonIdempotent => {
                let recover = match operation.recovery() {
                    Recovery::Recoverable => "; next time use .recover(), which searches for the result",
                    _ => "",
                };
                error.with_advice(format!(
                    "it may have happened anyway: {how} before sending it again{recover}"
                ))
            }
            Some(how) => error.with_advice(format!("it may have happened anyway: {how}")),
            None if effect == Effect::NonIdempotent => error.with_advice(
                "it may have happened anyway: check the provider's state before sending it again",
            ),
            None => error.with_advice("it may have happened anyway: check the state, or send it again"),
        }
    }
}

/// Returns whether the provider itself rejects the request because of its content or the state of a resource.
fn is_rejection(status: StatusCode, error: &ErrorResponse) -> bool {
    let is_temporary = matches!(error.kind, ErrorResponseKind::RateLimited | ErrorResponseKind::Unavailable)
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    let is_recognized = !error.is_unrecognized && error.kind != ErrorResponseKind::Undecodable;
    status.is_client_error() && is_recognized && !is_temporary
}

/// Returns whether a change may have happened although no response confirms it.
pub(super) fn is_lost(error: &Error, effect: Effect) -> bool {
    let no_answer = match error.kind() {
        ErrorKind::ErrorResponse => match error.response_kind() {
            // A provider may redirect after it has processed a request.
            Some(ErrorResponseKind::Unavailable | ErrorResponseKind::Redirect) => true,
            // The rate limit may be that of another component, behind the one that processed this request.
            Some(ErrorResponseKind::RateLimited) => !error.is_refused_unprocessed(),
            _ => error.may_come_from_proxy(),
        },
        ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode | ErrorKind::Challenge => true,
        _ => false,
    };
    effect != Effect::Read && (error.is_outcome_unknown() || (no_answer && error.may_last_have_been_sent()))
}

/// Returns the error for a response that is not the provider's.
fn interference(operation: &Operation, response: &Response, compression: Option<&str>) -> Option<Error> {
    challenge(operation, response).or_else(|| not_from_provider(response, compression))
}

/// Returns the error for a response that no dialect can judge: one with an undefined status, or a successful one whose
/// body is compressed although compression was not requested. In all other cases, the status shows the outcome even
/// without the body.
fn not_from_provider(response: &Response, compression: Option<&str>) -> Option<Error> {
    let status = response.status().as_u16();
    let message = if !(200..600).contains(&status) {
        format!("HTTP status {status} is not a valid response to this request")
    } else if let Some(compression) = compression.filter(|_| response.status().is_success()) {
        compression.to_owned()
    } else {
        return None;
    };
    let advice = "something between this program and the provider modifies responses: check for proxies";
    Some(Error::new(ErrorKind::Decode, message).with_status(status).with_advice(advice))
}

/// Returns a message that names the encoding of a compressed body, which is not decoded.
fn compression(response: &Response) -> Option<String> {
    let headers = response.headers();
    let names = [CONTENT_ENCODING, TRANSFER_ENCODING].into_iter().filter(|name| headers.contains_key(name));
    let values = names.flat_map(|name| headers.get_all(name));
    let mut encodings =
        values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let is_plain = |name: &[u8]| PLAIN.iter().any(|plain| name.eq_ignore_ascii_case(plain.as_bytes()));
    let encoding = encodings.find(|name| !is_plain(name)).filter(|_| !response.body().is_empty())?;
    // The server's own text could contain anything.
    let known = COMPRESSED.iter().find(|known| encoding.eq_ignore_ascii_case(known.as_bytes()));
    let known = known.unwrap_or(&"an unknown encoding");
    Some(format!("the response is compressed ({known}), which was not requested"))
}
