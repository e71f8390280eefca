//! The stages of a call: deadline, session, attempts. An attempt waits for a permit, sends the request, reads the
//! response and lets the provider's dialect check it for an error.

mod base_url;
pub(crate) mod challenge;
mod confirm;
pub(crate) mod connection;
pub(crate) mod dialect;
mod failure;
pub(crate) mod judge;
pub(crate) mod ledger;
pub(crate) mod per_process;
pub(crate) mod permits;
pub(crate) mod plan;
mod proxy;
mod received;
pub(crate) mod request;
pub(crate) mod sent;
#[cfg(test)]
mod tests;
mod tls;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use url::Url;

pub(crate) use self::confirm::Confirm;
use crate::error::excerpt::Secrets;
use crate::error::{Earlier, Error, ErrorKind};
use crate::operation::{Effect, Operation};
use crate::policy::backoff::random;
use crate::policy::budget::{Bucket, RetryBudget};
use crate::policy::deadline::after;
use crate::policy::retry::{self, RetryPolicy};
use crate::policy::runtime::check_runtime;
use crate::policy::settings::{Settings, Timeouts};
use crate::trace;
use crate::transport::base_url::{BaseUrl, KnownUrls};
use crate::transport::connection::{Connection, Pools};
use crate::transport::dialect::{Dialect, Renewal};
use crate::transport::judge::{Judged, is_lost};
use crate::transport::ledger::Ledger;
use crate::transport::per_process::PerProcess;
use crate::transport::permits::{acquire, is_exempt};
use crate::transport::plan::{Ended, Options, Plan};
use crate::transport::received::Received;
use crate::transport::request::Request;
use crate::transport::sent::change;
use crate::wire::response::{BoxFuture, Response};
use crate::wire::{path, time_limit};

/// The connections, credentials and limits that all clones of a client share. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Shared>);

struct Shared {
    base_url: BaseUrl,
    connection: Connection,
    dialect: Box<dyn Dialect>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    budget: RetryBudget,
    concurrency: Option<usize>,
    local: PerProcess<Local>,
}

/// What a forked child must not share: what other threads may hold when a program forks, and connections.
struct Local {
    pools: Pools,
    permits: Option<Semaphore>,
    ledger: Ledger,
    bucket: Bucket,
    urls: KnownUrls,
}

/// The response of a call and its number of attempts; an error contains that number itself.
type Sent<'a> = Result<(Judged<'a>, u32), Error>;

impl Transport {
    pub(crate) fn open(settings: &Settings, dialect: Box<dyn Dialect>) -> Result<Self, Error> {
        let base_url = settings.parse_base_url()?;
        let transport = Self(Arc::new(Shared {
            connection: Connection::new(settings, &base_url)?,
            base_url: BaseUrl::new(base_url)?,
            dialect,
            timeouts: settings.timeouts,
            retry: settings.retry,
            budget: settings.budget,
            concurrency: settings.concurrency,
            local: PerProcess::new(),
        }));
        transport.0.connection.check(&transport.local().pools)?;
        Ok(transport)
    }

    /// Returns the URL that paths are appended to, without a trailing slash.
    pub fn base_url(&self) -> &str {
        self.0.base_url.as_str()
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.0.base_url
    }

    /// Returns the URL of a request.
    pub(crate) fn url(&self, request: &Request) -> Url {
        self.0.base_url.url(request, &self.local().urls)
    }

    /// Returns the ledger of the results that create requests have claimed.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.local().ledger
    }

    fn local(&self) -> &Local {
        let Ok(local) = self.0.local.get_or_make(|| {
            let permits = self.0.concurrency.map(Semaphore::new);
            Ok::<_, Infallible>(Local {
                pools: Pools::default(),
                permits,
                ledger: Ledger::default(),
                bucket: Bucket::new(self.0.budget),
                urls: KnownUrls::default(),
            })
        });
        local
    }

    /// Returns a check value of the account that reveals little about its credentials: 32 bits of a salted FNV-1a hash.
    pub(crate) fn account(&self, salt: u64) -> u32 {
        check_value(salt, &self.0.dialect.identity())
    }

    pub(crate) fn dialect(&self) -> &dyn Dialect {
        &*self.0.dialect
    }

    /// Adds the credentials.
    pub(crate) fn authorize(&self, operation: &Operation, request: &mut Request) -> Result<(), Error> {
        if operation.is_authenticated() {
            self.0.dialect.authorize(request)?;
            request.check_headers()?;
        }
        path::check_filled(&request.path)?;
        Ok(())
    }

    /// Returns the headers with which this request is sent.
    pub(crate) fn headers(&self, request: &Request) -> HeaderMap {
        self.0.connection.headers(request)
    }

    /// Returns the secrets that the response to this request may contain.
    pub(crate) fn secrets(&self, request: &Request) -> Secrets {
        let former = self.0.dialect.former_secrets();
        request.secrets(self.0.connection.proxy_secrets().iter().chain(&former))
    }

    /// Runs a call to completion: sends it, and passes the response or the error to `finish`. The error of an invalid
    /// argument is returned at once.
    #[expect(clippy::manual_async_fn, reason = "the future of an async fn stores each argument twice")]
    pub(crate) fn run<T>(
        self,
        operation: &'static Operation,
        effect: Effect,
        request: Result<Box<Request>, Error>,
        options: Option<Box<Options>>,
        confirm: Option<Box<Confirm>>,
        finish: impl FnOnce(Result<Judged<'_>, Error>) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Error>> {
        async move {
            let mut request = request?;
            let plan = self.plan(operation, effect, options.as_deref().unwrap_or(&Options::default()));
            let span = trace::CallSpan::new(operation, self.0.base_url.host());
            let sent = self.send_confirmed(&plan, &span, &mut request, confirm).await;
            let (result, ended) = self.ended(&plan, sent);
            let finished = span.in_scope(|| time_limit::until(ended.end, || finish(result)));
            finished
                .inspect(|_| span.record(ended.status, ended.attempts, None))
                .map_err(|error| self.failed(error, &plan, &request, ended, &span))
        }
    }

    /// Separates the response, or the error, from what is recorded at the end of the call.
    fn ended<'a>(&self, plan: &Plan, sent: Sent<'a>) -> (Result<Judged<'a>, Error>, Ended) {
        match sent {
            Ok((judged, attempts)) => {
                let response = judged.response();
                let ended = Ended {
                    attempts,
                    status: Some(response.status()),
                    request_id: self.0.dialect.request_id(response.headers()),
                    end: plan.limits.end(response),
                };
                (Ok(judged), ended)
            }
            Err(error) => {
                let ended = Ended {
                    attempts: error.attempts(),
                    status: error.status(),
                    request_id: error.request_id().map(str::to_owned),
                    end: None,
                };
                (Err(error), ended)
            }
        }
    }

    /// Completes the error of a call, and logs it.
    #[cold]
    fn failed(
        &self,
        error: Error,
        plan: &Plan,
        request: &Request,
        ended: Ended,
        span: &trace::CallSpan,
    ) -> Error {
        let error = error.with_attempts(ended.attempts).with_request_id(ended.request_id);
        let error = self.explain(error, plan.operation, plan.effect, request);
        span.record(ended.status, ended.attempts, Some(&error));
        error
    }

    /// Sends a call, and confirms it by a read if its response was lost or cannot be decoded.
    ///
    /// The future is boxed, so that it is compiled in this crate: an async function that only generic functions call is
    /// compiled in every crate that calls those.
    fn send_confirmed<'a>(
        &'a self,
        plan: &'a Plan,
        span: &trace::CallSpan,
        request: &'a mut Request,
        confirm: Option<Box<Confirm>>,
    ) -> BoxFuture<'a, Sent<'a>> {
        Box::pin(span.instrument(async move {
            let sent = self.send(plan, request).await;
            let Some(confirm) = confirm else { return sent };
            let (attempts, is_lost) = match &sent {
                Ok((judged, attempts)) => {
                    let response = judged.response();
                    let can_decode = || (confirm.can_decode)(response.body());
                    (*attempts, !time_limit::until(plan.limits.end(response), can_decode))
                }
                Err(error) => (error.attempts(), is_lost(error, plan.effect)),
            };
            if !is_lost {
                return sent;
            }
            let left = plan.limits.deadline.saturating_duration_since(Instant::now());
            match (confirm.read)(left).await {
                Some(body) => Ok((Judged::success(Response::new(body)), attempts)),
                None => sent,
            }
        }))
    }

    /// Sends a call until there is a response or an error that must not be retried. Leaves the request as it was sent,
    /// because its secrets are redacted from later errors.
    async fn send(&self, plan: &Plan, request: &mut Request) -> Sent<'_> {
        check_runtime()?;
        let &Plan { operation, effect, ref limits, .. } = plan;

        let session = self.0.dialect.session().filter(|_| operation.is_authenticated());
        // A copy without credentials, to which those of a new session can be added.
        let bare = session.map(|session| (session, Box::new(request.clone())));
        let authorized = self.authorize_in_session(operation, request, limits.deadline).await;
        // The attempts of a sign-in are not those of this call.
        authorized.map_err(|error| error.unsent().with_attempts(0))?;
        let sent = self.attempts(plan, request, Earlier::default()).await;
        let (Err(error), Some((session, mut bare))) = (&sent, bare) else { return sent };
        if !error.is_unauthorized() || (effect == Effect::NonIdempotent && error.is_outcome_unknown()) {
            return sent;
        }
        let (rejected, attempts) = (error.clone(), error.attempts());
        let earlier = Earlier { sent: true, lost: error.is_after_lost_attempt() };
        match timeout_at(limits.deadline, session.renew(self, effect, request)).await {
            Ok(Ok(Renewal::Renewed)) => {
                let authorized = self.authorize(operation, &mut bare);
                authorized.map_err(|error| error.with_attempts(attempts).after(earlier, effect))?;
                *request = *bare;
                match self.attempts(plan, request, earlier).await {
                    Ok((response, more)) => Ok((response, attempts + more)),
                    Err(error) => {
                        let more = error.attempts();
                        Err(error.with_attempts(attempts + more))
                    }
                }
            }
            Ok(Ok(Renewal::Valid(kind))) => Err(rejected.with_response_kind(kind)),
            Ok(Ok(Renewal::Unknown)) | Err(_) => sent,
            // For a read, only the cause of the failure matters. A mutating call was definitely rejected.
            Ok(Err(failure)) if effect == Effect::Read => {
                Err(failure.with_attempts(attempts).after(earlier, effect))
            }
            Ok(Err(failure)) => Err(rejected.with_advice(format!("signing in again failed: {failure}"))),
        }
    }

    async fn authorize_in_session(
        &self,
        operation: &Operation,
        request: &mut Request,
        deadline: Instant,
    ) -> Result<(), Error> {
        if let (true, Some(session)) = (operation.is_authenticated(), self.0.dialect.session()) {
            timeout_at(deadline, session.begin(self)).await.map_err(|_| {
                Error::new(ErrorKind::Timeout, "timed out while signing in; raise the call's timeout")
            })??;
        }
        self.authorize(operation, request)
    }

    async fn attempts(&self, plan: &Plan, request: &Request, earlier: Earlier) -> Sent<'_> {
        let local = self.local();
        let url = self.0.base_url.url(request, &local.urls);
        // A call that continues in a forked child must not use what it began with. One look-up is enough for a call with
        // a single attempt.
        let mut first = Some(local);
        let attempt = || self.attempt(plan, first.take().unwrap_or_else(|| self.local()), &url, request);
        retry::run(plan.retry, plan.effect, plan.limits.deadline, &local.bucket, random, earlier, attempt)
            .await
    }

    /// Not an `async fn`, because its future would store each argument twice.
    fn attempt<'t, 'a>(
        &'t self,
        plan: &'a Plan,
        local: &'a Local,
        url: &'a Url,
        request: &'a Request,
    ) -> impl Future<Output = Result<Judged<'t>, Error>> {
        let &Plan { operation, effect, ref limits, .. } = plan;
        // Boxed, so that a call that is waiting for a slot has not yet allocated the state of the exchange.
        let exchange = move || {
            Box::pin(async move {
                let mut part = Received::default();
                let until = limits.deadline.min(after(limits.attempt));
                let limit = limits.attempt.min(limits.total);
                let sent = self
                    .0
                    .connection
                    .send(&local.pools, url, request, effect, (until, limit), &mut part)
                    .await;
                let response = sent.map_err(|error| match part.of_created() {
                    Some(body) => error.find_created_id(operation, &body),
                    None => error,
                })?;
                time_limit::until(limits.end(&response), || self.judge(operation, effect, response))
            })
        };
        async move {
            let _permit = match local.permits.as_ref().filter(|_| !is_exempt()) {
                Some(permits) => Some(Box::pin(acquire(permits, limits.deadline)).await?),
                None => None,
            };
            let exchanged = match effect {
                Effect::Read => exchange().await,
                _ => change(exchange(), |error| !is_lost(error, effect)).await,
            };
            exchanged.map_err(|error| error.with_operation(operation.name()))
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Returns 32 bits of an FNV-1a hash.
fn check_value(salt: u64, identity: &[u8]) -> u32 {
    salt.to_le_bytes()
        .iter()
        .chain(identity)
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
