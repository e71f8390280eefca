//! The description of how to find the result of a create.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout_at;

use super::fit::{Fit, Marker};
use crate::call::Call;
use crate::call::gone::read_twice;
use crate::call::list::ListCall;
use crate::error::Error;
use crate::error::excerpt::Secrets;
use crate::error::ticket::Ticket;
use crate::operation::Operation;
use crate::policy::deadline::after;
use crate::policy::retry::RetryPolicy;
use crate::transport::Transport;
use crate::wire::peek::{SameId, is_same_id, normalized_id};
use crate::wire::response::BoxFuture;

/// The timeout of one read of the list.
const READ_TIMEOUT: Duration = Duration::from_secs(15);

/// Describes how the result of a create is found if its response is lost. Provider crates implement this trait for a
/// struct of the fields that requests and rows have in common. The struct must not contain secrets, because it becomes
/// part of the [`Ticket`](crate::recovery::Ticket).
///
/// A resource that the request itself identifies (e.g. by the name of a bucket or the port of a rule) is found in the
/// same way: its row is new and fits [uniquely](Fit::unique).
pub trait Seek: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// How long after a lost response the result may still appear.
    const APPEARS_WITHIN: Duration = Duration::from_secs(60);
    /// Whether the id in the response (see [`Operation::returns_id`]) is the id of the row.
    const RESPONSE_NAMES_ROW: bool = true;
    /// Whether the provider may give the id of a deleted resource to a new one, e.g. if the id is an IP address.
    const REUSES_IDS: bool = false;
    /// Whether a create may return a resource that existed before, e.g. because the request names the resource.
    const MAY_RETURN_EXISTING: bool = false;
    /// Whether the id is a name: as names, `0123` and `123` are two resources.
    const ID_IS_NAME: bool = false;
    /// The handle whose methods read the resources.
    type Handle: Clone + Send + Sync + 'static;
    /// A row of the list: the id and the common fields. Only the id may be a required field: a resource that is still
    /// being created lacks values and would otherwise be missed.
    type Row: DeserializeOwned + Send + 'static;
    /// The resource that is returned for the row that was found.
    type Found: Send + 'static;

    /// Returns the operation of the create.
    fn operation(&self) -> Operation;
    /// Lists the resources that exist. A call that finds its rows with its own function must accept nothing but a list,
    /// because an empty response does not prove that there are no resources.
    fn list(&self, handle: &Self::Handle) -> ListCall<Self::Row>;
    /// Returns the id of a row.
    fn id(row: &Self::Row) -> String;
    /// Compares a row with the request.
    fn fit(&self, row: &Self::Row) -> Fit;
    /// Reads the ids of rows that belong to something else, if the list itself does not show this. The call is sent
    /// after a row was found that fits without proof; if the call fails, that row is not accepted yet.
    fn others(&self, _: &Self::Handle) -> Option<Call<Vec<String>>> {
        None
    }
    /// Reads the resource that was found.
    fn fetch(&self, handle: &Self::Handle, id: &str) -> Call<Self::Found>;
    /// Returns the marker in the request, which identifies the result with certainty.
    fn marker(&self) -> Option<&Marker> {
        None
    }
    /// Returns the id of the resource that was found, or that the create returned.
    fn found_id(found: &Self::Found) -> String;
    /// Returns the text of the resource that contains the [marker](Self::marker) of the request, if the resource has it.
    fn found_text(_: &Self::Found) -> Option<&str> {
        None
    }
}

/// The rows of one read, compared with the request.
#[derive(Default)]
pub(super) struct Sight {
    pub(super) rows: Vec<(String, Fit)>,
    /// The number of rows without a valid id, each of which may be the result.
    pub(super) unreadable: usize,
}

/// A [`Seek`] and its handle, with their types erased.
pub(super) trait Wanted<F>: Send + Sync {
    fn operation(&self) -> Operation;
    fn appears_within(&self) -> Duration;
    fn place(&self) -> Result<String, Error>;
    fn account(&self, salt: u64) -> u32;
    fn to_value(&self) -> Result<Value, Error>;
    /// Reads the list with the usual retries, and a second time if it has no rows: after a single wrong response, the
    /// create would buy a second resource, or take an old one for its result. The second read may return `null`, which
    /// is how some providers write an empty list.
    fn note(&self) -> BoxFuture<'static, Result<Sight, Error>>;
    /// Reads the list once, within `limit`.
    fn read(&self, limit: Duration) -> BoxFuture<'static, Result<Sight, Error>>;
    fn fetch(&self, id: &str, limit: Duration) -> BoxFuture<'static, Result<F, Error>>;
    fn found_id(&self, found: &F) -> String;
    fn same_id(&self) -> SameId;
    /// Returns whether the resource in the response to a create cannot be the result of that create.
    fn is_other(&self, found: &F, ticket: &Ticket) -> bool;
    fn response_names_row(&self) -> bool;
    fn reuses_ids(&self) -> bool;
    fn is_marked(&self) -> bool;
    /// Returns the secrets that a row of the list may echo.
    fn secrets(&self) -> Secrets;
    fn take(&self, id: &str, owner: &str, since: SystemTime) -> bool;
    fn is_taken(&self, id: &str, owner: &str, since: SystemTime) -> bool;
    /// Waits until no other create with this key is running in this place.
    fn turn(&self, key: &Value) -> BoxFuture<'static, Result<Turn, Error>>;
}

pub(super) type Turn = tokio::sync::OwnedMutexGuard<()>;

pub(super) struct Seeker<S: Seek> {
    pub(super) seek: Arc<S>,
    pub(super) handle: S::Handle,
}

impl<S: Seek> Seeker<S> {
    pub(super) fn new(handle: S::Handle, seek: S) -> Self {
        Self { seek: Arc::new(seek), handle }
    }

    fn rows(&self) -> ListCall<S::Row> {
        self.seek.list(&self.handle).listed()
    }

    fn transport(&self) -> Transport {
        self.rows().transport().clone()
    }

    fn sight(&self, rows: ListCall<S::Row>) -> BoxFuture<'static, Result<Sight, Error>> {
        let seek = self.seek.clone();
        let sight = rows.tolerant().map(move |list| Sight {
            rows: distinct(list.items.iter().map(|row| (S::id(row), seek.fit(row))), key::<S>),
            unreadable: list.failed,
        });
        sight.into_future()
    }
}

/// Returns the form that all spellings of an id have in common.
fn key<S: Seek>(id: &str) -> String {
    if S::ID_IS_NAME { id.to_owned() } else { normalized_id(id) }
}

/// Keeps one row of each resource, the one that fits best: a list that joins tables contains a resource several times.
fn distinct(all: impl Iterator<Item = (String, Fit)>, key: fn(&str) -> String) -> Vec<(String, Fit)> {
    let mut rows: Vec<(String, Fit)> = Vec::new();
    let mut known = HashMap::new();
    for (id, fit) in all {
        match known.entry(key(&id)) {
            Entry::Vacant(entry) => {
                entry.insert(rows.len());
                rows.push((id, fit));
            }
            Entry::Occupied(entry) => {
                if let Some(row) = rows.get_mut(*entry.get()).filter(|(_, first)| fit.is_better(first)) {
                    *row = (id, fit);
                }
            }
        }
    }
    rows
}

impl<S: Seek> Wanted<S::Found> for Seeker<S> {
    fn operation(&self) -> Operation {
        self.seek.operation()
    }

    fn appears_within(&self) -> Duration {
        S::APPEARS_WITHIN
    }

    fn place(&self) -> Result<String, Error> {
        self.rows().url()
    }

    fn account(&self, salt: u64) -> u32 {
        self.transport().account(salt)
    }

    fn to_value(&self) -> Result<Value, Error> {
        serde_json::to_value(&*self.seek)
            .map_err(|_| Error::invalid_argument("the request cannot be serialized into a ticket"))
    }

    fn note(&self) -> BoxFuture<'static, Result<Sight, Error>> {
        let this = Self { seek: self.seek.clone(), handle: self.handle.clone() };
        Box::pin(async move {
            let has_no_rows = |read: &Result<Sight, Error>| match read {
                Ok(sight) => sight.rows.is_empty() && sight.unreadable == 0,
                Err(error) => error.is_null_list(),
            };
            match read_twice(|| this.sight(this.rows()), has_no_rows).await {
                Err(error) if error.is_null_list() => Ok(Sight::default()),
                result => result,
            }
        })
    }

    fn read(&self, limit: Duration) -> BoxFuture<'static, Result<Sight, Error>> {
        let limit = limit.min(READ_TIMEOUT);
        let sight = self.sight(self.rows().retry(RetryPolicy::never()).timeout(limit));
        let Some(others) = self.seek.others(&self.handle) else { return sight };
        let others = others.retry(RetryPolicy::never()).timeout(limit);
        let until = after(limit);
        Box::pin(async move {
            let mut sight = sight.await?;
            if sight.rows.iter().any(|(_, fit)| fit.is_likely()) {
                match timeout_at(until, others.into_future()).await {
                    Ok(Ok(others)) => {
                        sight.rows.retain(|(id, _)| !others.iter().any(|other| is_same_id(other, id)));
                    }
                    // Without these ids, any row may belong to something else.
                    Ok(Err(_)) | Err(_) => sight.unreadable += 1,
                }
            }
            Ok(sight)
        })
    }

    fn fetch(&self, id: &str, limit: Duration) -> BoxFuture<'static, Result<S::Found, Error>> {
        self.seek
            .fetch(&self.handle, id)
            .retry(RetryPolicy::never())
            .timeout(limit.min(READ_TIMEOUT))
            .into_future()
    }

    fn found_id(&self, found: &S::Found) -> String {
        S::found_id(found)
    }

    fn same_id(&self) -> SameId {
        if S::ID_IS_NAME { |one, other| one == other } else { is_same_id }
    }

    fn is_other(&self, found: &S::Found, ticket: &Ticket) -> bool {
        let may_be_old = S::MAY_RETURN_EXISTING || S::REUSES_IDS || !S::RESPONSE_NAMES_ROW;
        let text = S::found_text(found).filter(|text| !text.trim().is_empty());
        (!may_be_old && ticket.existed(&S::found_id(found), self.same_id()))
            || self.seek.marker().zip(text).is_some_and(|(marker, text)| !marker.is_in(text))
    }

    fn response_names_row(&self) -> bool {
        S::RESPONSE_NAMES_ROW
    }

    fn reuses_ids(&self) -> bool {
        S::REUSES_IDS
    }

    fn is_marked(&self) -> bool {
        self.seek.marker().is_some()
    }

    fn secrets(&self) -> Secrets {
        self.rows().secrets()
    }

    fn take(&self, id: &str, owner: &str, since: SystemTime) -> bool {
        self.transport().ledger().take(self.seek.operation().name(), &key::<S>(id), owner, since)
    }

    fn is_taken(&self, id: &str, owner: &str, since: SystemTime) -> bool {
        self.transport().ledger().is_taken(self.seek.operation().name(), &key::<S>(id), owner, since)
    }

    fn turn(&self, key: &Value) -> BoxFuture<'static, Result<Turn, Error>> {
        let transport = self.transport();
        let key = format!("{} {} {key}", self.seek.operation().name(), self.place().unwrap_or_default());
        Box::pin(async move { transport.ledger().turn(key).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that are written like one number may be those of two resources.
    #[test]
    fn the_row_that_fits_better_keeps_its_own_id() {
        let row = |id: &str, fits| (id.to_owned(), Fit::new().unique(fits));
        for (first, second, kept) in [
            (row("0123", false), row("123", true), "123"),
            (row("123", true), row("0123", false), "123"),
            (row("0123", true), row("123", true), "0123"),
        ] {
            let ids = |key| {
                let rows = distinct([first.clone(), second.clone()].into_iter(), key);
                rows.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
            };
            assert_eq!(ids(normalized_id), [kept]);
            assert_eq!(ids(str::to_owned), [&*first.0, &*second.0]);
        }
    }
}
