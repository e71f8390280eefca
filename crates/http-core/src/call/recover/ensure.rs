//! Returns the resource with a given name, or creates one if there is none.

use std::fmt;
use std::time::Duration;

use super::fit::folded;
use super::plan::Plan;
use super::seek::Wanted;
use super::{Create, Created, Noted};
use crate::error::response::ErrorResponseKind;
use crate::error::ticket::Candidate;
use crate::error::{Error, excerpt};
use crate::policy::runtime::check_runtime;
use crate::wire::response::BoxFuture;

const ONE: &str = "delete or rename all but one";

/// The resource with the given name, which either existed before or was created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ensured<F> {
    /// The resource existed before and was not changed.
    Existed {
        /// The existing resource.
        value: F,
        /// The fields in which it differs from the request, e.g. `vcpu`; empty if all fields that can be compared are
        /// equal.
        differs: Vec<&'static str>,
    },
    /// There was no resource with that name, so one was created.
    Created(Created<F>),
}

impl<F> Ensured<F> {
    /// Returns the resource, whether it existed or was created.
    pub fn into_value(self) -> F {
        match self {
            Self::Existed { value, .. } => value,
            Self::Created(created) => created.value,
        }
    }
}

/// A call that returns the only resource with a given name. If there is none, the call creates one as
/// [`recover`](crate::recovery::Create::recover) does. `.await` runs it.
///
/// An existing resource is never changed: [`Ensured::Existed`] contains the fields in which it differs.
///
/// **This is not a lock.** Two programs that ensure the same name at the same time may both find no resource and each
/// create one. The list is read again after a create, and a program that then finds a second resource with the name
/// gets an error that lists both. Calls of one client (and its clones) that ensure the same name wait for each other, even
/// if their requests differ.
///
/// # Errors
/// - Two or more resources have the name, before or after the create: [`is_conflict`](Error::is_conflict), with all of
///   them as [`candidates`](Error::candidates).
/// - Only resources exist whose name differs in its letter case, which the provider may have changed: the error is the
///   same, and nothing is created.
/// - The name is empty: [`is_invalid_argument`](Error::is_invalid_argument).
/// - The errors of a recoverable create; see [`Recover`](super::Recover).
#[must_use = "an `Ensure` does nothing until it is awaited"]
pub struct Ensure<F>(pub(super) Result<Named<F>, Error>);

pub(super) struct Named<F> {
    pub(super) name: String,
    pub(super) plan: Plan<F>,
}

impl<F: Send + 'static> Ensure<F> {
    /// For provider crates: ensures that the resource of `create` exists. `name` is the name in the request, without a
    /// marker; the rows that [`Seek::list`](super::Seek::list) returns for `create` must contain it.
    ///
    /// Without a name, the call fails: every resource without a name would count as the wanted one, or none would.
    pub fn new<T: 'static>(name: Option<&str>, create: Create<T, F>) -> Self {
        let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
            let message = "`ensure` needs a name that is not empty: it identifies the resource";
            let error = Error::invalid_argument(message).with_operation(create.operation().name());
            return Self(Err(error));
        };
        Self(create.recover().0.map(|plan| Named { name: name.to_owned(), plan }))
    }

    /// For provider crates: creates a call that fails with this error, e.g. because there is no name to search for.
    pub fn invalid(error: impl Into<Error>) -> Self {
        Self(Err(error.into()))
    }

    /// Runs both steps and blocks this thread until both have ended; see
    /// [`Call::send_blocking`](crate::Call::send_blocking).
    ///
    /// # Errors
    ///
    /// The errors that `.await` returns, and those of [`Call::send_blocking`](crate::Call::send_blocking).
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<Ensured<F>, Error> {
        crate::call::blocking::block_on(self.into_future())
    }

    async fn run(self) -> Result<Ensured<F>, Error> {
        check_runtime()?;
        let Named { name, plan } = self.0?;
        let wanted = plan.wanted.clone();
        // Other calls that ensure this name wait, even if their requests differ. Creates of an identical resource wait, too.
        let _turn_of_name = wanted.turn(&folded(&name).into()).await?;
        let turn = wanted.turn(&wanted.to_value()?).await?;
        let sight = wanted.note().await.map_err(|error| plan.not_sent(error))?;
        let mut named: Vec<_> = sight.rows.iter().filter(|(_, fit)| fit.is_named()).cloned().collect();
        match (named.pop(), named.is_empty()) {
            (Some((id, fit)), true) => {
                let value = wanted.fetch(&id, Duration::MAX).await?;
                return Ok(Ensured::Existed { value, differs: fit.differences() });
            }
            (Some((id, _)), false) => {
                return Err(several(&*wanted, named.into_iter().map(|(id, _)| id).chain([id])));
            }
            (None, _) => {}
        }
        let recased = sight.rows.iter().filter(|(_, fit)| fit.is_named_in_another_case());
        let recased: Vec<_> = recased.map(|(id, _)| id.clone()).collect();
        if !recased.is_empty() {
            return Err(in_another_case(&*wanted, recased));
        }
        let ticket = plan.ticket(Some(plan.ids(sight)?))?;
        let created = Noted { plan, ticket, deadline: None }.run(Some(turn)).await.map_err(conflict)?;
        let (id, same_id) = (wanted.found_id(&created.value), wanted.same_id());
        // If this read fails, the created resource is still returned.
        let sight = wanted.note().await.unwrap_or_default();
        let others = sight.rows.into_iter().filter(|(other, fit)| fit.is_named() && !same_id(other, &id));
        let mut others = others.map(|(id, _)| id).peekable();
        if others.peek().is_none() {
            return Ok(Ensured::Created(created));
        }
        let error = several(&*wanted, std::iter::once(id.clone()).chain(others)).with_created_id(Some(id));
        Err(error.without_secret_id(&wanted.secrets()))
    }
}

/// Turns the error into a conflict if two new resources with the name fit: the caller wants only one resource, no
/// matter which one this create produced.
fn conflict(error: Error) -> Error {
    if error.candidates().iter().filter(|candidate| candidate.differs.is_empty()).count() < 2 {
        return error;
    }
    error.with_response_kind(ErrorResponseKind::Conflict).with_advice(ONE)
}

fn several<F>(wanted: &dyn Wanted<F>, ids: impl Iterator<Item = String>) -> Error {
    let ids: Vec<_> = ids.collect();
    let message = format!("{} resources have this name", ids.len());
    existing(wanted, message, ids, Vec::new()).with_advice(ONE)
}

fn in_another_case<F>(wanted: &dyn Wanted<F>, ids: Vec<String>) -> Error {
    let message = "the name exists in another letter case, which the provider may have changed".to_owned();
    existing(wanted, message, ids, vec!["name"])
        .with_advice("ensure the name as the provider's list shows it, or another one; nothing was created")
}

/// Creates a conflict with existing resources.
fn existing<F>(
    wanted: &dyn Wanted<F>,
    message: String,
    ids: Vec<String>,
    differs: Vec<&'static str>,
) -> Error {
    let shown = excerpt::sanitize(&ids.join(", "), &wanted.secrets());
    let candidate = |id| Candidate { id, differs: differs.clone() };
    Error::conflict(format!("{message}: {shown}"))
        .with_operation(wanted.operation().name())
        .with_lost(ids.into_iter().map(candidate).collect(), None)
}

impl<F: Send + 'static> IntoFuture for Ensure<F> {
    type Output = Result<Ensured<F>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<F> fmt::Debug for Ensure<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.0.as_ref().map(|named| named.plan.wanted.operation().name());
        f.debug_struct("Ensure").field("operation", &operation).finish_non_exhaustive()
    }
}
