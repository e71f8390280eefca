//! The story of one call: deadline, session, then attempts; one attempt takes a place among the concurrent
//! ones, sends, reads the reply and lets the provider's dialect find a refusal in it.

pub(crate) mod challenge;
pub(crate) mod connection;
pub(crate) mod dialect;
pub(crate) mod ledger;
mod proxy;
pub(crate) mod request;
pub(crate) mod sent;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;
use http::header::USER_AGENT;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::error::{Error, ErrorKind};
use crate::operation::{Effect, Method, Operation};
use crate::policy::backoff::random;
use crate::policy::budget::Bucket;
use crate::policy::deadline::after;
use crate::policy::retry::{self, RetryPolicy};
use crate::policy::retry_after::retry_after;
use crate::policy::settings::{Settings, Timeouts};
use crate::trace;
use crate::transport::challenge::challenge;
use crate::transport::connection::Connection;
use crate::transport::dialect::Dialect;
use crate::transport::ledger::Ledger;
use crate::transport::request::Request;
use crate::transport::sent::SentChange;
use crate::wire::response::{BoxFuture, Response};

/// The connections, credentials and limits that all clones of a client share. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Shared>);

struct Shared {
    base_url: String,
    server: String,
    user_agent: HeaderValue,
    connection: Connection,
    dialect: Box<dyn Dialect>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    bucket: Bucket,
    permits: Option<Semaphore>,
    ledger: Ledger,
}

/// How long a call and each of its attempts may take.
#[derive(Clone, Copy)]
struct Limits {
    deadline: Instant,
    total: Duration,
    attempt: Duration,
}

/// How a change whose response was lost is found to be done.
pub(crate) struct Confirm {
    /// Reads, within this time, whether the wanted state is there.
    pub(crate) look: Box<dyn FnOnce(Duration) -> BoxFuture<'static, bool> + Send>,
    /// What the response would have been.
    pub(crate) response: Bytes,
}

/// What a call asks of the transport besides its request.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options {
    pub(crate) total: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl Transport {
    pub(crate) fn open(settings: &Settings, dialect: Box<dyn Dialect>) -> Result<Self, Error> {
        let base_url = settings.parse_base_url()?;
        Ok(Self(Arc::new(Shared {
            connection: Connection::open(settings, &base_url)?,
            server: base_url.host_str().unwrap_or_default().to_owned(),
            user_agent: settings.user_agent_header()?,
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            dialect,
            timeouts: settings.timeouts,
            retry: settings.retry,
            bucket: Bucket::new(settings.budget),
            permits: settings.concurrency.map(Semaphore::new),
            ledger: Ledger::default(),
        })))
    }

    /// The address that paths are put behind, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// The results of creates that are accounted for.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// A check value of the account, which says little of its credentials: 32 bits of a salted FNV-1a hash.
    pub(crate) fn account(&self, salt: u64) -> u32 {
        let salt = salt.to_le_bytes();
        let identity = self.0.dialect.identity();
        salt.iter()
            .chain(&identity)
            .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    }

    /// The address of one request.
    pub(crate) fn url(&self, request: &Request) -> Result<Url, Error> {
        let mark = if request.query.is_empty() {
            ""
        } else if request.path.contains('?') {
            "&"
        } else {
            "?"
        };
        let url = format!("{}{}{mark}{}", self.0.base_url, request.path, request.query);
        Url::parse(&url).map_err(|_| Error::invalid_argument("the path makes no URL"))
    }

    /// The request with credentials.
    pub(crate) fn authorized(&self, operation: &Operation, request: &Request) -> Result<Request, Error> {
        let mut request = request.clone();
        request.headers.entry(USER_AGENT).or_insert_with(|| self.0.user_agent.clone());
        if operation.is_authenticated() {
            self.0.dialect.authorize(&mut request)?;
        }
        Ok(request)
    }

    /// Runs a call to its end: sends it, and lets `finish` make a value of the reply or of the failure.
    pub(crate) async fn run<T>(
        &self,
        operation: &Operation,
        effect: Effect,
        request: &Request,
        options: Options,
        confirm: Option<Confirm>,
        finish: impl FnOnce(Result<Response, Error>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        trace::call(*operation, &self.0.server, async {
            let limits = self.limits(effect, options);
            let (secrets, mut sent) = self.send(operation, effect, request, options, limits).await;
            if let (Err(error), Some(confirm)) = (&sent, confirm)
                && is_lost(error, effect)
                && let attempts = error.attempts()
                && (confirm.look)(limits.deadline.saturating_duration_since(Instant::now())).await
            {
                sent = Ok((Response::new(confirm.response), attempts));
            }
            let (status, attempts, id, sent) = match sent {
                Ok((reply, attempts)) => {
                    let id = self.0.dialect.request_id(reply.headers());
                    (reply.status().as_u16(), attempts, id, Ok(reply))
                }
                Err(error) => {
                    let status = error.status().map_or(0, |status| status.as_u16());
                    (status, error.attempts(), error.request_id().map(str::to_owned), Err(error))
                }
            };
            match finish(sent) {
                Ok(value) => Ok((value, status, attempts)),
                Err(error) => {
                    let error = error.with_attempts(attempts).with_request_id(id);
                    Err(explain(error, operation, effect, &secrets.exposed_secrets()))
                }
            }
        })
        .await
    }

    fn limits(&self, effect: Effect, options: Options) -> Limits {
        let timeouts = &self.0.timeouts;
        let attempt = if effect == Effect::Read { timeouts.read } else { timeouts.write };
        let total = options.total.or(timeouts.total).unwrap_or(attempt.saturating_mul(2));
        // What must not be repeated has no use for time after its first attempt.
        let attempt =
            if effect == Effect::NonIdempotent { options.total.unwrap_or(attempt) } else { attempt };
        Limits { deadline: after(total), total, attempt }
    }

    /// Sends a call until there is a reply or no hope. Gives the request as it was sent, too: it has the secrets
    /// that must not be in what is told of the reply.
    async fn send(
        &self,
        operation: &Operation,
        effect: Effect,
        request: &Request,
        options: Options,
        limits: Limits,
    ) -> (Request, Result<(Response, u32), Error>) {
        if Handle::try_current().is_err() {
            let error =
                Error::configuration("a call must be awaited on a Tokio runtime, or sent by send_blocking()");
            return (request.clone(), Err(error));
        }
        let policy = options.retry.unwrap_or(self.0.retry);
        let perhaps_done = AtomicBool::new(false);

        let mut sent = match self.with_session(operation, request, limits.deadline).await {
            Ok(authorized) => authorized,
            Err(error) => return (request.clone(), Err(error.unsent())),
        };
        let mut result = self.attempts(operation, effect, &sent, policy, limits, &perhaps_done).await;
        if let (Err(error), Some(session)) = (&result, self.0.dialect.session())
            && operation.is_authenticated()
            && error.is_unauthorized()
            && !(effect == Effect::NonIdempotent && error.is_outcome_unknown())
        {
            match timeout_at(limits.deadline, session.renew(self, effect, &sent)).await {
                Ok(Ok(true)) => match self.authorized(operation, request) {
                    Ok(authorized) => {
                        sent = authorized;
                        result = self.attempts(operation, effect, &sent, policy, limits, &perhaps_done).await;
                    }
                    Err(error) => result = Err(error),
                },
                Ok(Ok(false)) | Err(_) => {}
                Ok(Err(error)) => {
                    // An earlier try whose reply was lost is not undone by a sign-in that fails.
                    let earlier = perhaps_done.load(Ordering::Relaxed) && effect != Effect::Read;
                    let error = error.unsent();
                    result = Err(if earlier { error.with_outcome_unknown(true) } else { error });
                }
            }
        }
        (sent, result)
    }

    async fn with_session(
        &self,
        operation: &Operation,
        request: &Request,
        deadline: Instant,
    ) -> Result<Request, Error> {
        if let (true, Some(session)) = (operation.is_authenticated(), self.0.dialect.session()) {
            timeout_at(deadline, session.begin(self)).await.map_err(|_| {
                Error::new(ErrorKind::Timeout, "signing in took all the time given to the call")
            })??;
        }
        self.authorized(operation, request)
    }

    async fn attempts(
        &self,
        operation: &Operation,
        effect: Effect,
        request: &Request,
        policy: RetryPolicy,
        limits: Limits,
        perhaps_done: &AtomicBool,
    ) -> Result<(Response, u32), Error> {
        let url = &self.url(request)?;
        retry::run(policy, effect, limits.deadline, &self.0.bucket, random, || async move {
            match self.attempt(operation, effect, url, request, limits).await {
                Ok(reply) => Ok(reply),
                // The first try deleted it and its reply was lost: what the second one cannot find is done.
                Err(error)
                    if operation.method() == Method::Delete
                        && request.ignores_reply
                        && error.is_not_found()
                        && perhaps_done.load(Ordering::Relaxed) =>
                {
                    Ok(Response::new(Bytes::new()))
                }
                Err(error) => {
                    let earlier = perhaps_done.load(Ordering::Relaxed);
                    if error.may_have_been_sent() && !error.is_unauthorized() {
                        perhaps_done.store(true, Ordering::Relaxed);
                    }
                    // "Not running" may be the answer to a stop whose first try did it.
                    Err(if earlier && effect != Effect::Read {
                        error.with_outcome_unknown(true)
                    } else {
                        error
                    })
                }
            }
        })
        .await
    }

    async fn attempt(
        &self,
        operation: &Operation,
        effect: Effect,
        url: &Url,
        request: &Request,
        limits: Limits,
    ) -> Result<Response, Error> {
        let _permit = match &self.0.permits {
            Some(permits) => Some(timeout_at(limits.deadline, permits.acquire()).await.map_err(|_| {
                let message =
                    "no place among the concurrent requests came free in the time given to the call";
                Error::new(ErrorKind::Timeout, message).unsent()
            })?),
            None => None,
        };
        let until = limits.deadline.min(after(limits.attempt));
        let limit = limits.attempt.min(limits.total);
        if effect != Effect::Read {
            SentChange::note();
        }
        let reply = self.0.connection.send(url.clone(), request, effect, until, limit).await?;
        let body = self.judge(operation, &reply)?;
        Ok(reply.map(|_| body))
    }

    /// Finds out whether a reply is a success, and gives the bytes to decode if so.
    pub(crate) fn judge(&self, operation: &Operation, reply: &Response) -> Result<Bytes, Error> {
        let status = reply.status();
        if let Some(error) = challenge(reply).or_else(|| foreign(reply)) {
            return Err(error);
        }
        let refusal = if status.is_redirection() {
            redirect(reply)
        } else {
            match self.0.dialect.read(operation, reply) {
                Ok(body) if status.is_success() => return Ok(body),
                Ok(_) => ErrorResponse::from_response(reply),
                Err(refusal) => refusal,
            }
        };
        Err(Error::from_response(refusal, status.as_u16())
            .with_retry_after(retry_after(reply.headers(), SystemTime::now().into()))
            .with_request_id(self.0.dialect.request_id(reply.headers())))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base_url", &self.0.base_url).finish_non_exhaustive()
    }
}

/// Names the operation, takes the secrets out, and says where the outcome is unknown what that means.
pub(crate) fn explain(error: Error, operation: &Operation, effect: Effect, secrets: &[&str]) -> Error {
    let error = match operation.id_key() {
        Some(key) if error.kind() == ErrorKind::Decode => error.find_created_id(key),
        _ => error,
    };
    let error = error.with_operation(operation.name()).redact(secrets);
    if error.is_unknown_route() {
        return error.with_advice("there is no such address: check the location and the base URL");
    }
    if !is_lost(&error, effect) {
        return error.with_outcome_unknown(false);
    }
    let error = error.with_outcome_unknown(true);
    match operation.recovery_hint() {
        Some(how) if effect == Effect::NonIdempotent => {
            error.with_advice(format!("it may have happened all the same: {how} before sending it again"))
        }
        Some(how) => error.with_advice(format!("it may have happened all the same: {how}")),
        None if effect == Effect::NonIdempotent => error.with_advice(
            "it may have happened all the same: look at the provider's state before sending it again",
        ),
        None => error,
    }
}

/// Whether a change may have happened although no response says so.
fn is_lost(error: &Error, effect: Effect) -> bool {
    let no_answer = match error.kind() {
        ErrorKind::ErrorResponse => match error.response_kind() {
            Some(ErrorResponseKind::Unavailable) => true,
            // Words that ask for fewer requests may come from something behind what has processed this one.
            Some(ErrorResponseKind::RateLimited) => !error.is_refused_unprocessed(),
            // A program that did what a form asked for sends the browser elsewhere.
            Some(ErrorResponseKind::Redirect) => effect == Effect::NonIdempotent,
            _ => false,
        },
        ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode | ErrorKind::Challenge => true,
        _ => false,
    };
    effect != Effect::Read && (error.is_outcome_unknown() || (no_answer && error.may_have_been_sent()))
}

/// A response that no dialect can judge: with a status that means nothing, or with a compressed body, which was not
/// asked for.
fn foreign(reply: &Response) -> Option<Error> {
    let status = reply.status().as_u16();
    let encoding = reply.headers().get(http::header::CONTENT_ENCODING).filter(|value| *value != "identity");
    let message = if !(200..600).contains(&status) {
        format!("HTTP status {status} is no answer to this request")
    } else if let Some(encoding) = encoding.filter(|_| !reply.body().is_empty()) {
        let encoding = encoding.to_str().unwrap_or("an unknown encoding");
        format!("the response is compressed ({encoding}), which was not asked for")
    } else {
        return None;
    };
    let advice = "something between this program and the provider changes responses: check proxies";
    Some(Error::new(ErrorKind::Decode, message).with_status(status).with_advice(advice))
}

fn redirect(reply: &Response) -> ErrorResponse {
    let location = reply.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    let target = location.map_or("nowhere", |target| target.split(['?', '#']).next().unwrap_or(target));
    let message = format!("the reply points to {target} and is not followed: check the base URL");
    ErrorResponse::new(reply.status(), message).with_kind(ErrorResponseKind::Redirect)
}
