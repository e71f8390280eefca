//! Starts a session, and renews it after it has expired.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http_core::client::{
    BoxFuture, Effect, ErrorResponseKind, Operation, Renewal, Request, Session, Transport,
};
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::{Error, ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use tokio::time::Instant;

use crate::ids::UserId;
use crate::sign_in::{sign_in, usable_token};

pub(crate) const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// The operation that checks whether a session is valid. It is declared as unauthenticated, so that the session is not
/// renewed while it is being checked.
const PROBE: Operation = Operation::get("server.list", "/api/v1/users/{user_id}/servers").unauthenticated();

/// The delay before the client signs in again after the provider has rejected the credentials or a new session. Without
/// this delay, every call of a rejected account would sign in, and too many sign-ins lock an account.
const REFUSED_FOR: Duration = Duration::from_secs(60);

/// An account and its session.
pub(crate) struct Account {
    login: Option<(String, SecretString)>,
    state: RwLock<State>,
    /// Held while the session is started or renewed, so that concurrent calls share one sign-in or renewal.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Live>>,
    /// When the provider last rejected the credentials, and the error.
    refused: Option<(Instant, Error)>,
    /// The number of turns that have ended. A turn is one start or renewal of the session.
    turns: u64,
    /// The purpose and the result of the last turn. All calls that waited for the same purpose share the result.
    last: Option<(Question, Result<Found, Error>)>,
}

/// A session.
pub(crate) struct Live {
    pub(crate) user_id: UserId,
    pub(crate) token: HeaderValue,
    since: Instant,
    /// Whether the provider has accepted a request with this session.
    worked: AtomicBool,
}

impl Live {
    fn new(user_id: UserId, token: HeaderValue) -> Arc<Self> {
        Arc::new(Self { user_id, token, since: Instant::now(), worked: AtomicBool::new(false) })
    }
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
        Self::new(None, Some(Live::new(user_id, token)))
    }

    fn new(login: Option<(String, SecretString)>, session: Option<Arc<Live>>) -> Self {
        let state = State { session, ..State::default() };
        Self { login, state: RwLock::new(state), turn: tokio::sync::Mutex::default() }
    }

    pub(crate) fn login(&self) -> Option<&str> {
        self.login.as_ref().map(|(login, _)| login.as_str())
    }

    pub(crate) fn session(&self) -> Option<Arc<Live>> {
        self.read(|state| state.session.clone())
    }

    /// Records that the provider accepted a request with the session.
    pub(crate) fn note_success(&self) {
        if let Some(session) = self.session() {
            session.worked.store(true, Ordering::Relaxed);
        }
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Runs `work`, or returns the result of another call that ran the same work in the meantime.
    async fn in_turn(
        &self,
        question: Question,
        work: impl Future<Output = Result<Found, Error>>,
    ) -> Result<Found, Error> {
        let turns = self.read(|state| state.turns);
        let _turn = self.turn.lock().await;
        let done = self.read(|state| state.last.clone().filter(|_| state.turns != turns));
        if let Some((_, found)) = done.filter(|(asked, _)| *asked == question) {
            return found;
        }
        let found = work.await;
        self.change(|state| {
            state.turns += 1;
            state.last = Some((question, found.clone()));
        });
        found
    }

    async fn sign_in(&self, transport: &Transport) -> Result<Found, Error> {
        let Some((login, password)) = &self.login else { return Ok(Found::Nothing) };
        let refused = self.read(|state| state.refused.clone());
        if let Some((_, error)) = refused.filter(|(when, _)| when.elapsed() < REFUSED_FOR) {
            return Err(error);
        }
        match sign_in(transport, login, password).await {
            Ok(session) => {
                let session = Live::new(session.id, usable_token(&session.auth_token)?);
                self.change(|state| {
                    state.session = Some(session);
                    state.refused = None;
                });
                Ok(Found::New)
            }
            Err(error) => {
                if error.is_unauthorized() {
                    self.change(|state| state.refused = Some((Instant::now(), error.clone())));
                }
                Err(error)
            }
        }
    }

    async fn renew(&self, transport: &Transport, effect: Effect, refused: &Live) -> Result<Found, Error> {
        // This API also responds with 401 to an invalid order: an order is sent again only if the session had expired.
        match is_valid(transport, refused).await {
            Ok(true) => return Ok(Found::Valid),
            Err(_) if effect == Effect::NonIdempotent => return Ok(Found::Nothing),
            Ok(false) if !refused.worked.load(Ordering::Relaxed) && refused.since.elapsed() < REFUSED_FOR => {
                return Ok(Found::Nothing);
            }
            Ok(false) | Err(_) => {}
        }
        self.sign_in(transport).await
    }
}

/// Returns whether the provider accepts the session.
async fn is_valid(transport: &Transport, session: &Live) -> Result<bool, Error> {
    let probe = transport.call(&PROBE).path("user_id", session.user_id);
    match probe.header(TOKEN_HEADER, session.token.clone()).json::<IgnoredAny>().await {
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
            if self.login.is_none() || self.session().is_some() {
                return Ok(());
            }
            let sign_in = async {
                // Another call may have started a session since the check above.
                if self.session().is_some() { Ok(Found::New) } else { self.sign_in(transport).await }
            };
            self.in_turn(None, sign_in).await.map(drop)
        })
    }

    fn renew<'a>(
        &'a self,
        transport: &'a Transport,
        effect: Effect,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Renewal, Error>> {
        Box::pin(async move {
            let is_newer = |session: &Arc<Live>| Some(&session.token) != request.headers().get(TOKEN_HEADER);
            let renew = async {
                match self.session() {
                    None => Ok(Found::Nothing),
                    Some(session) if is_newer(&session) => Ok(Found::New),
                    Some(session) => Self::renew(self, transport, effect, &session).await,
                }
            };
            let token = request.headers().get(TOKEN_HEADER).cloned();
            Ok(match self.in_turn(token.map(|token| (token, effect)), renew).await? {
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
