//! Starts a session, and renews it after it has expired.

mod turn;

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http_core::client::{
    BoxFuture, Effect, ErrorResponseKind, Operation, PerProcess, Renewal, Request, Session, Transport,
};
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::{Error, ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use tokio::time::Instant;

use self::turn::Turns;
use crate::ids::UserId;
use crate::sign_in::{is_lasting, sign_in, usable_token};

pub(crate) const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// The operation that checks whether a session is valid. It is declared as unauthenticated, so that the session is not
/// renewed while it is being checked.
const PROBE: Operation = Operation::get("server.list", "/api/v1/users/{user_id}/servers").unauthenticated();

/// The delay before the client signs in again after the provider has refused a sign-in, or rejected a new session.
/// Without this delay, every call of a rejected account would sign in, and too many sign-ins lock an account.
const REFUSED_FOR: Duration = Duration::from_secs(60);
/// The number of renewals in a row after which this delay applies to a session that worked. Another program may end a
/// session at any time, and the stop of a rented server must not fail because of it.
const MOST_RENEWALS: u32 = 3;
/// The number of former tokens that are kept to be redacted.
const FORMER_TOKENS: usize = 3;

/// An account and its session. Clones share both.
#[derive(Clone)]
pub(crate) struct Account(Arc<Shared>);

pub(crate) struct Shared {
    login: Option<(String, SecretString)>,
    /// The session that the account was created with.
    first: Option<Arc<Live>>,
    local: PerProcess<Local>,
}

/// What other threads may hold when a program forks.
struct Local {
    state: RwLock<State>,
    /// Concurrent calls share one sign-in or renewal.
    turns: Turns<Question, Found>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Live>>,
    /// The tokens of the last sessions before this one.
    former_tokens: Vec<HeaderValue>,
    /// When the provider last refused a sign-in, and the error.
    refused: Option<(Instant, Error)>,
}

/// A session.
pub(crate) struct Live {
    pub(crate) user_id: UserId,
    pub(crate) token: HeaderValue,
    since: Instant,
    /// How many sessions in a row, up to this one, replaced a session that was rejected, each soon after the last.
    renewals: u32,
    /// Whether the provider has accepted a request with this session.
    worked: AtomicBool,
}

impl Live {
    fn new(user_id: UserId, token: HeaderValue, renewals: u32) -> Arc<Self> {
        Arc::new(Self { user_id, token, since: Instant::now(), renewals, worked: AtomicBool::new(false) })
    }

    /// Returns whether another session would hardly help: this one is new, and it never worked or is the last of
    /// several.
    fn is_too_new_to_renew(&self) -> bool {
        let is_useless = self.renewals >= MOST_RENEWALS || !self.worked.load(Ordering::Relaxed);
        is_useless && is_recent(self.since)
    }

    /// Returns the number of renewals of the session that replaces this one.
    fn next_renewals(&self) -> u32 {
        if is_recent(self.since) { self.renewals + 1 } else { 1 }
    }
}

fn is_recent(when: Instant) -> bool {
    when.elapsed() < REFUSED_FOR
}

/// The result of a turn.
#[derive(Clone, Copy)]
enum Found {
    /// There is a new session.
    New,
    /// The session is valid.
    Valid,
    /// The session may be invalid, and a new one would not help or cannot be obtained.
    Nothing,
}

/// The purpose of a turn: `None` to start a session, otherwise the token that was rejected and the effect of the
/// rejected call.
type Question = Option<(HeaderValue, Effect)>;

impl Account {
    pub(crate) fn with_login(login: String, password: SecretString) -> Result<Self, Error> {
        if login.is_empty() || password.expose_secret().is_empty() {
            return Err(Error::configuration(
                "the login or the password is empty: use those of your account",
            ));
        }
        Ok(Self::new(Some((login, password)), None))
    }

    pub(crate) fn with_session(user_id: UserId, token: HeaderValue) -> Self {
        Self::new(None, Some(Live::new(user_id, token, 0)))
    }

    fn new(login: Option<(String, SecretString)>, first: Option<Arc<Live>>) -> Self {
        Self(Arc::new(Shared { login, first, local: PerProcess::new() }))
    }
}

impl Deref for Account {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    pub(crate) fn login(&self) -> Option<&str> {
        self.login.as_ref().map(|(login, _)| login.as_str())
    }

    pub(crate) fn session(&self) -> Option<Arc<Live>> {
        self.read(|state| state.session.clone())
    }

    pub(crate) fn former_tokens(&self) -> Vec<SecretString> {
        let text = |token: &HeaderValue| String::from_utf8_lossy(token.as_bytes()).into_owned().into();
        self.read(|state| state.former_tokens.iter().map(text).collect())
    }

    /// Records that the provider accepted a request with the session.
    pub(crate) fn note_success(&self) {
        if let Some(session) = self.session() {
            session.worked.store(true, Ordering::Relaxed);
        }
    }

    fn local(&self) -> &Local {
        let Ok(local) = self.local.get_or_make(|| {
            let state = RwLock::new(State { session: self.first.clone(), ..State::default() });
            Ok::<_, Infallible>(Local { state, turns: Turns::default() })
        });
        local
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.local().state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.local().state.write().unwrap_or_else(PoisonError::into_inner));
    }

    async fn sign_in(&self, transport: &Transport, renewals: u32) -> Result<Found, Error> {
        let Some((login, password)) = &self.login else { return Ok(Found::Nothing) };
        let refused = self.read(|state| state.refused.clone());
        if let Some((_, error)) = refused.filter(|(when, _)| is_recent(*when)) {
            return Err(error);
        }
        let (result, is_lasting) = match sign_in(transport, login, password).await {
            Ok(session) => {
                let token = usable_token(&session.auth_token);
                (token.map(|token| Live::new(session.id, token, renewals)), true)
            }
            Err(error) => {
                let is_lasting = is_lasting(&error);
                (Err(error), is_lasting)
            }
        };
        let refused =
            result.as_ref().err().filter(|_| is_lasting).map(|error| (Instant::now(), error.clone()));
        self.change(|state| {
            if let Ok(session) = &result {
                let former = state.session.replace(Arc::clone(session));
                state.former_tokens.extend(former.map(|former| former.token.clone()));
                let excess = state.former_tokens.len().saturating_sub(FORMER_TOKENS);
                state.former_tokens.drain(..excess);
            }
            state.refused = refused;
        });
        result.map(|_| Found::New)
    }

    async fn renew_session(
        &self,
        transport: &Transport,
        effect: Effect,
        rejected: &Live,
    ) -> Result<Found, Error> {
        // This API also responds with 401 to an invalid order: an order is sent again only if the session had expired.
        match is_valid(transport, rejected).await {
            Ok(true) => return Ok(Found::Valid),
            Err(_) if effect == Effect::NonIdempotent => return Ok(Found::Nothing),
            Ok(false) | Err(_) if rejected.is_too_new_to_renew() => return Ok(Found::Nothing),
            Ok(false) | Err(_) => {}
        }
        self.sign_in(transport, rejected.next_renewals()).await
    }
}

/// Returns whether the provider accepts the session. Only a list of servers shows that it does: a page of a proxy or an
/// empty response may come for any session.
async fn is_valid(transport: &Transport, session: &Live) -> Result<bool, Error> {
    let probe = transport.call(&PROBE).path("user_id", session.user_id);
    match probe.header(TOKEN_HEADER, session.token.clone()).json::<Vec<IgnoredAny>>().await {
        Ok(_) => {
            session.worked.store(true, Ordering::Relaxed);
            Ok(true)
        }
        Err(error) if error.is_unauthorized() => Ok(false),
        Err(error) => Err(error),
    }
}

impl Session for Account {
    fn begin<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            if self.session().is_some() {
                return Ok(());
            }
            let sign_in = || -> BoxFuture<'static, _> {
                let (account, transport) = (self.clone(), transport.clone());
                Box::pin(async move {
                    // Another call may have started a session since the check above.
                    match account.session() {
                        Some(_) => Ok(Found::New),
                        None => account.sign_in(&transport, 0).await,
                    }
                })
            };
            self.local().turns.take(None, sign_in).await.map(drop)
        })
    }

    fn renew<'a>(
        &'a self,
        transport: &'a Transport,
        effect: Effect,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Renewal, Error>> {
        Box::pin(async move {
            let token = request.header(&TOKEN_HEADER).cloned();
            let renew = || -> BoxFuture<'static, _> {
                let (account, transport, token) = (self.clone(), transport.clone(), token.clone());
                Box::pin(async move {
                    match account.session() {
                        None => Ok(Found::Nothing),
                        Some(session) if Some(&session.token) != token.as_ref() => Ok(Found::New),
                        Some(session) => account.renew_session(&transport, effect, &session).await,
                    }
                })
            };
            let question = token.clone().map(|token| (token, effect));
            Ok(match self.local().turns.take(question, renew).await? {
                Found::New => Renewal::Renewed,
                Found::Nothing => Renewal::Unknown,
                // The session is valid, so the order was rejected for its arguments.
                Found::Valid if effect == Effect::NonIdempotent => {
                    Renewal::Valid(ErrorResponseKind::InvalidArgument)
                }
                Found::Valid => Renewal::Valid(ErrorResponseKind::Forbidden),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_session_is_new_for_exactly_a_minute() {
        let session = Live::new(UserId::new(1), HeaderValue::from_static("token"), 1);
        let moment = Duration::from_millis(1);
        advance(REFUSED_FOR.saturating_sub(moment)).await;
        assert_eq!((session.is_too_new_to_renew(), session.next_renewals()), (true, 2));
        advance(moment).await;
        assert_eq!((session.is_too_new_to_renew(), session.next_renewals()), (false, 1));
    }
}
