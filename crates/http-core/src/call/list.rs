//! Calls that return lists.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::call::pending::{Pending, options};
use crate::error::excerpt::{self, Secrets};
use crate::error::{Error, ErrorKind};
use crate::transport::Transport;
use crate::wire::allowance::attempt;
use crate::wire::body::Body;
use crate::wire::decode::{self, DecodeError, FindRows, PartialList, ReadRows};
use crate::wire::response::BoxFuture;

type Filter<T> = Box<dyn Fn(&T) -> bool + Send>;

/// A call that returns a list, ready to be sent: `.await` returns a `Vec<T>`.
///
/// It has all options of a [`Call`] and two more: [`tolerant`](Self::tolerant) and [`filter`](Self::filter).
/// [`map`](Self::map) and similar methods turn it into a [`Call`], which has neither:
///
/// ```
/// use http_core::{Error, ListCall};
///
/// async fn count(call: ListCall<String>) -> Result<(usize, usize), Error> {
///     let list = call.filter(|name| name.starts_with("web-")).tolerant().await?;
///     Ok((list.items.len(), list.errors.len()))
/// }
/// ```
/// ```compile_fail,E0599
/// async fn fails(call: http_core::ListCall<String>) {
///     let _ = call.map(|names| names).tolerant().await;
/// }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct ListCall<T> {
    pending: Pending,
    rows: Rows<T>,
    filters: Vec<Filter<T>>,
}

impl<T: DeserializeOwned + 'static> ListCall<T> {
    pub(crate) fn new(pending: Pending, rows: Rows<T>) -> Self {
        Self { pending, rows, filters: Vec::new() }
    }

    options!();

    pub(crate) fn transport(&self) -> &Transport {
        &self.pending.transport
    }

    pub(crate) fn url(&self) -> Result<String, Error> {
        self.pending.url()
    }

    /// For provider crates: accepts only a list as the response, and fails with
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) after `null` or an empty body, which do not prove that there are no
    /// rows.
    pub fn listed(mut self) -> Self {
        if matches!(self.rows, Rows::Array) {
            self.rows = Rows::Found(decode::listed_rows);
        }
        self
    }

    /// Returns the secrets of this call.
    pub(crate) fn secrets(&self) -> Secrets {
        self.pending.secrets()()
    }

    /// Keeps only the items for which `test` returns `true`. The provider still sends all items.
    pub fn filter(mut self, test: impl Fn(&T) -> bool + Send + 'static) -> Self {
        self.filters.push(Box::new(test));
        self
    }

    /// Keeps the items that can be decoded and reports those that cannot, so that one invalid item does not hide the
    /// others.
    pub fn tolerant(self) -> Call<PartialList<T>> {
        let (rows, filters, secrets) = (self.rows, self.filters, self.pending.secrets());
        let call = Call::new(self.pending, move |body: &Bytes| match attempt(|| rows.decode(body)) {
            Ok(items) => Ok(PartialList { items, errors: Vec::new(), failed: 0 }),
            Err(_) => decode::tolerant(body, rows.find()),
        });
        call.map(move |mut list| {
            list.items.retain(|item| filters.iter().all(|test| test(item)));
            if !list.errors.is_empty() {
                let secrets = secrets();
                let clean = |text: &str| excerpt::sanitize(text, &secrets);
                list.errors = list.errors.into_iter().map(|error| error.sanitize(clean)).collect();
            }
            list
        })
    }

    /// For provider crates: returns the row with this id. Errors refer to it by `what` and the id. Other rows that
    /// cannot be decoded do not hide it. If every row can be decoded and none has the id, the call fails with an error
    /// for which [`is_not_found`](Error::is_not_found) is `true`.
    pub fn only(self, what: &str, id: impl fmt::Display, id_of: fn(&T) -> String) -> Call<T> {
        let id = id.to_string();
        self.first(format!("{what} {id} is not in the list"), move |row| id_of(row) == id)
    }

    /// For provider crates: returns the first row for which `test` returns `true`. Other rows that cannot be decoded do
    /// not hide it. If every row can be decoded and there is no such row, the call fails with an error with the message
    /// `missing`, for which [`is_not_found`](Error::is_not_found) is `true`.
    pub fn first(self, missing: String, test: impl Fn(&T) -> bool + Send + 'static) -> Call<T> {
        self.tolerant().and_then(move |list| {
            let row = list.items.into_iter().find(test);
            row.ok_or_else(|| match list.errors.first() {
                Some(bad) => {
                    let message = format!("{missing}, unless it is a row that cannot be decoded: {bad}");
                    Error::new(ErrorKind::Decode, message)
                }
                None => Error::not_found(missing),
            })
        })
    }

    /// Returns the response undecoded; see [`Call::raw`].
    pub fn raw(self) -> Call<http::Response<Body>> {
        Call::from(self).raw()
    }

    /// Transforms the list that a successful call returns.
    pub fn map<U: 'static>(self, change: impl FnOnce(Vec<T>) -> U + Send + 'static) -> Call<U> {
        Call::from(self).map(change)
    }

    /// Transforms the list that a successful call returns, with a function that can fail.
    pub fn and_then<U: 'static>(
        self,
        change: impl FnOnce(Vec<T>) -> Result<U, Error> + Send + 'static,
    ) -> Call<U> {
        Call::from(self).and_then(change)
    }

    /// Returns `None` instead of an error for which [`is_not_found`](Error::is_not_found) is `true`; see
    /// [`Call::optional`].
    pub fn optional(self) -> Call<Option<Vec<T>>> {
        Call::from(self).optional()
    }

    /// Decodes a response that another HTTP client received for the request from [`prepare`](Self::prepare).
    ///
    /// # Errors
    ///
    /// The errors that a response can cause when the call is sent: an error response, or a body that cannot be decoded.
    pub fn finish(self, response: http::Response<Bytes>) -> Result<Vec<T>, Error> {
        Call::from(self).finish(response)
    }

    /// Sends the call and blocks this thread until the call ends; see [`Call::send_blocking`].
    ///
    /// # Errors
    ///
    /// The errors that `.await` returns, and those of [`Call::send_blocking`].
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<Vec<T>, Error> {
        Call::from(self).send_blocking()
    }
}

/// How to find the rows of a response.
pub(crate) enum Rows<T> {
    /// The response is an array of rows.
    Array,
    /// The function finds the rows.
    Found(FindRows),
    /// The first function decodes the rows of a response in its usual form; the second one finds the rows in any form.
    Usual(ReadRows<T>, FindRows),
}

impl<T: DeserializeOwned> Rows<T> {
    /// Decodes all rows.
    fn decode(&self, body: &[u8]) -> Result<Vec<T>, DecodeError> {
        match self {
            Self::Array => decode::array(body),
            Self::Found(find) => decode::rows(body, *find),
            Self::Usual(read, find) => {
                decode::usual_rows(body, *read).map_or_else(|| decode::rows(body, *find), Ok)
            }
        }
    }

    fn find(&self) -> FindRows {
        match self {
            Self::Array => decode::array_rows,
            Self::Found(find) | Self::Usual(_, find) => *find,
        }
    }
}

impl<T: DeserializeOwned + 'static> From<ListCall<T>> for Call<Vec<T>> {
    fn from(list: ListCall<T>) -> Self {
        let (rows, filters) = (list.rows, list.filters);
        Self::new(list.pending, move |body: &Bytes| {
            let mut items = rows.decode(body)?;
            if !filters.is_empty() {
                items.retain(|item| filters.iter().all(|test| test(item)));
            }
            Ok(items)
        })
        .or_else(|error| {
            let advice = "the other rows may be valid: .tolerant() returns those that can be decoded";
            Err(if error.is_in_row() { error.with_advice(advice) } else { error })
        })
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for ListCall<T> {
    type Output = Result<Vec<T>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Call::from(self).into_future()
    }
}

impl<T> fmt::Debug for ListCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListCall").field("operation", &self.pending.operation.name()).finish_non_exhaustive()
    }
}
