//! Planned faults, per operation.

use std::time::Duration;

use bytes::Bytes;

use crate::base::router::names;
use crate::base::{Boot, Request, Response};
use crate::inferno::PHP_WARNING;

/// A fault that is injected into a request, such as an error response or a lost response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No fault: in a sequence, this request succeeds.
    Nothing,
    /// The request is processed, then the response is delayed by this time.
    Latency(Duration),
    /// The following response is sent; the provider never sees the request.
    Status {
        /// The HTTP status.
        status: u16,
        /// The value of `Retry-After`: seconds, or an HTTP date.
        retry_after: Option<String>,
        /// The body. It is sent as JSON if it begins like an object or a list, otherwise as plain text.
        body: Bytes,
    },
    /// The connection is reset before the provider has seen the request.
    ResetBefore,
    /// The connection is reset without a response after the provider has processed the request.
    ResetAfter,
    /// The connection is reset immediately. The provider processes the request later: after a time on the simulator's
    /// clock, or after a number of further requests.
    ResetThenProcessed(Boot),
    /// The provider takes this long to process the request before it responds, even if the client disconnects
    /// meanwhile.
    SlowProcessing(Duration),
    /// Half of the body is sent, then the connection is closed.
    TruncatedBody,
    /// Half of the body is sent, then nothing more, but the connection stays open.
    StalledBody,
    /// The body is padded with white space to this many bytes, and sent without `Content-Length`.
    OversizedBody(u64),
    /// A proxy responds with this status and an HTML page; the provider never sees the request.
    Html(u16),
    /// A proxy responds with this status, e.g. 504, and an HTML page after the provider has processed the request.
    HtmlAfter(u16),
    /// The provider processes the request, but this body replaces that of its response.
    BodyAfter(Bytes),
    /// Cloudflare responds with status 403 and its challenge page; the provider never sees the request.
    Challenge,
    /// A PHP warning precedes the body.
    PhpWarning,
}

impl Fault {
    /// Creates a fault that responds with this status and a JSON error.
    pub fn status(status: u16) -> Self {
        Self::response(status, r#"{"message":"simulated failure"}"#)
    }

    /// Creates a fault that responds with this status and body.
    pub fn response(status: u16, body: impl Into<Bytes>) -> Self {
        Self::Status { status, retry_after: None, body: body.into() }
    }

    /// Creates a fault that responds with this status and `Retry-After`, e.g. `"2"`.
    pub fn retry_after(status: u16, value: impl Into<String>) -> Self {
        Self::Status { status, retry_after: Some(value.into()), body: Bytes::new() }
    }

    /// Returns the outcome if the fault keeps the provider from seeing the request, otherwise `None`.
    pub(crate) fn before(&self) -> Option<Delivery> {
        let response = match self {
            Self::Status { status, retry_after, body } => {
                let json = body.first().is_some_and(|first| b"{[".contains(first));
                let kind = if json { "application/json" } else { "text/plain" };
                let mut response = Response::with_type(*status, kind, body.clone());
                response.headers.extend(retry_after.clone().map(|value| ("retry-after", value)));
                response
            }
            Self::ResetBefore => return Some(Delivery::Reset),
            Self::Html(status) => proxy_page(*status),
            Self::Challenge => Response::with_type(403, "text/html; charset=UTF-8", CHALLENGE),
            _ => return None,
        };
        Some(Delivery::whole(Response { altered: true, ..response }))
    }

    /// Applies the fault to the provider's response.
    pub(crate) fn after(&self, mut response: Response, latency: Duration) -> Delivery {
        let (mut delay, mut end) = (latency, End::Clean);
        response.altered |= !matches!(self, Self::Nothing | Self::Latency(_));
        match self {
            Self::Latency(time) => delay += *time,
            Self::ResetAfter => return Delivery::Reset,
            Self::TruncatedBody => end = End::Cut,
            Self::StalledBody => end = End::Stall,
            Self::OversizedBody(bytes) => end = End::PaddedTo(*bytes),
            Self::HtmlAfter(status) => response = Response { altered: true, ..proxy_page(*status) },
            Self::BodyAfter(body) => response.body = body.clone(),
            Self::PhpWarning => response.body = [PHP_WARNING.as_bytes(), &response.body].concat().into(),
            _ => {}
        }
        Delivery::Response { response, delay, end }
    }
}

/// A request that is processed later.
#[derive(Debug)]
pub(crate) struct Work {
    /// The request's number in the log.
    pub(crate) entry: u64,
    pub(crate) provider: &'static str,
    pub(crate) request: Request,
}

/// How a connection handles a request.
#[derive(Debug)]
pub(crate) enum Delivery {
    Reset,
    Response {
        response: Response,
        delay: Duration,
        end: End,
    },
    /// The request has not been processed yet.
    Later {
        after: Duration,
        work: Work,
    },
}

impl Delivery {
    /// Returns the response that the client will see; `None` if there is none.
    pub(crate) fn response(&self) -> Option<&Response> {
        match self {
            Self::Response { response, .. } => Some(response),
            Self::Reset | Self::Later { .. } => None,
        }
    }

    pub(crate) fn whole(response: Response) -> Self {
        Self::Response { response, delay: Duration::ZERO, end: End::Clean }
    }
}

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Clean,
    Cut,
    Stall,
    PaddedTo(u64),
}

const CHALLENGE: Bytes = Bytes::from_static(
    b"<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title>\
      <meta name=\"robots\" content=\"noindex,nofollow\"></head><body><noscript>Enable JavaScript and \
      cookies to continue</noscript><script>window._cf_chl_opt={cType:'managed'};</script></body></html>",
);

fn proxy_page(status: u16) -> Response {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = format!("{status} {}", reason.unwrap_or_default());
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    Response::with_type(status, "text/html", page)
}

/// One fault, or several faults, each of which applies to one request.
#[derive(Clone, Debug)]
pub struct Sequence(Vec<Fault>);

impl From<Fault> for Sequence {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl From<Vec<Fault>> for Sequence {
    fn from(faults: Vec<Fault>) -> Self {
        Self(faults)
    }
}

impl<const N: usize> From<[Fault; N]> for Sequence {
    fn from(faults: [Fault; N]) -> Self {
        Self(faults.into())
    }
}

#[derive(Debug)]
struct Rule {
    id: u64,
    pattern: String,
    faults: Vec<Fault>,
    met: u64,
    /// The number of requests to which the rule applies; `None` for all until the rule is removed.
    limit: Option<u64>,
}

/// The planned faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    count: u64,
}

impl Faults {
    pub(crate) fn plan(&mut self, pattern: &str, Sequence(faults): Sequence) -> u64 {
        self.count += 1;
        let limit = Some(faults.len() as u64);
        self.rules.push(Rule { id: self.count, pattern: pattern.to_owned(), faults, met: 0, limit });
        self.count
    }

    pub(crate) fn repeat(&mut self, id: u64, times: Option<u64>) {
        for rule in self.rules.iter_mut().filter(|rule| rule.id == id) {
            rule.limit = times.map(|times| times.saturating_mul(rule.faults.len() as u64));
        }
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.rules.retain(|rule| rule.id != id);
    }

    /// Returns the fault for this request, from the oldest plan that matches it and is not used up.
    pub(crate) fn take(&mut self, provider: &str, operation: Option<&str>) -> Fault {
        let rule = self.rules.iter_mut().find(|rule| {
            rule.limit.is_none_or(|limit| rule.met < limit) && names(&rule.pattern, provider, operation)
        });
        rule.and_then(|rule| {
            let position = rule.met % (rule.faults.len() as u64).max(1);
            rule.met += 1;
            rule.faults.get(usize::try_from(position).ok()?).cloned()
        })
        .unwrap_or(Fault::Nothing)
    }

    pub(crate) fn unmet(&self) -> Vec<String> {
        let unmet =
            self.rules.iter().filter(|rule| rule.limit.map_or(rule.met == 0, |limit| rule.met < limit));
        unmet.map(|rule| rule.pattern.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(faults: &mut Faults, count: usize) -> Vec<Fault> {
        (0..count).map(|_| faults.take("elastis", Some("vm.get"))).collect()
    }

    #[test]
    fn a_fault_occurs_once_by_default() {
        let mut faults = Faults::default();
        faults.plan("vm.get", Fault::Challenge.into());
        assert_eq!(taken(&mut faults, 2), [Fault::Challenge, Fault::Nothing]);
    }

    #[test]
    fn a_sequence_occurs_in_order_and_is_repeated_as_a_whole() {
        let mut faults = Faults::default();
        let id = faults.plan("vm.get", [Fault::ResetBefore, Fault::Nothing].into());
        faults.repeat(id, Some(2));
        let expected =
            [Fault::ResetBefore, Fault::Nothing, Fault::ResetBefore, Fault::Nothing, Fault::Nothing];
        assert_eq!(taken(&mut faults, 5), expected);
    }

    #[test]
    fn a_standing_fault_ends_when_it_is_removed() {
        let mut faults = Faults::default();
        let id = faults.plan("*", Fault::ResetAfter.into());
        faults.repeat(id, None);
        assert_eq!(taken(&mut faults, 3), vec![Fault::ResetAfter; 3]);
        faults.remove(id);
        assert_eq!(taken(&mut faults, 1), [Fault::Nothing]);
    }

    #[test]
    fn a_fault_for_an_operation_without_requests_stays_unmet() {
        let mut faults = Faults::default();
        faults.plan("vm.gte", Fault::ResetAfter.into());
        faults.plan("vm.get", Fault::ResetAfter.into());
        taken(&mut faults, 1);
        assert_eq!(faults.unmet(), ["vm.gte"]);
    }

    #[test]
    fn an_empty_sequence_changes_nothing() {
        let mut faults = Faults::default();
        let id = faults.plan("vm.get", Vec::new().into());
        faults.repeat(id, None);
        assert_eq!(taken(&mut faults, 1), [Fault::Nothing]);
    }
}
