//! Runs the same call in every location.

use std::collections::HashSet;
use std::future::IntoFuture;
use std::sync::Arc;

use http_core::client::{in_sequence, read_twice};
use http_core::wire::PartialList;
use http_core::{CallSequence, Error, ErrorKind};
use tokio::task::JoinSet;

use crate::client::Elastis;
use crate::locations::Location;

/// The default number of locations that are called at the same time; the provider has fewer.
const CONCURRENCY: usize = 32;

/// The result of a call in one location.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InLocation<T> {
    /// The location of the call; `None` if the provider's list contains a location that cannot be decoded. In that case,
    /// no call was made there, and `result` is the error.
    pub location: Option<Location>,
    /// The call's result in that location.
    pub result: Result<T, Error>,
}

impl<T> InLocation<T> {
    /// Returns the location's short name, or `unknown` if the location cannot be decoded.
    pub fn slug(&self) -> &str {
        self.location.as_ref().map_or("unknown", |location| location.slug.as_str())
    }
}

impl Elastis {
    /// Convenience method: lists the locations and runs a call in each of them, up to 32 at a time. No endpoint of the
    /// provider covers more than one location.
    ///
    /// A failure in one location does not hide the others: each location has its own result, in the order of the
    /// provider's list. A location that is listed twice is called once. Locations that cannot be decoded come last. If
    /// a call panics, the result for its location is an error. The outcome [is unknown](Error::is_outcome_unknown) if
    /// the call had sent a mutating request.
    ///
    /// # Errors
    ///
    /// - The sequence itself fails only if the locations cannot be listed, or if the list is empty in two responses.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for there in elastis.in_all_locations(|elastis| elastis.vms().list()).await? {
    ///     match &there.result {
    ///         Ok(vms) => println!("{}: {} VMs", there.slug(), vms.len()),
    ///         Err(error) => println!("{}: {error}", there.slug()),
    ///     }
    /// }
    /// # Ok(()) });
    /// ```
    pub fn in_all_locations<T, C>(
        &self,
        call: impl Fn(&Self) -> C + Send + Sync + 'static,
    ) -> CallSequence<Vec<InLocation<T>>>
    where
        T: Send + 'static,
        C: IntoFuture<Output = Result<T, Error>>,
        C::IntoFuture: Send + 'static,
    {
        self.in_all_locations_with(CONCURRENCY, call)
    }

    /// Convenience method: works like [`in_all_locations`](Self::in_all_locations), but calls at most `concurrency`
    /// locations at a time. 0 is treated as 1.
    ///
    /// # Errors
    ///
    /// - The sequence itself fails only if the locations cannot be listed, or if the list is empty in two responses.
    pub fn in_all_locations_with<T, C>(
        &self,
        concurrency: usize,
        call: impl Fn(&Self) -> C + Send + Sync + 'static,
    ) -> CallSequence<Vec<InLocation<T>>>
    where
        T: Send + 'static,
        C: IntoFuture<Output = Result<T, Error>>,
        C::IntoFuture: Send + 'static,
    {
        let elastis = self.clone();
        let call = Arc::new(call);
        CallSequence::new(async move {
            let list = || elastis.locations().list().listed().tolerant();
            let has_no_rows = |listed: &PartialList<_>| listed.items.is_empty() && listed.failed == 0;
            let listed = read_twice(list, |read| read.as_ref().is_ok_and(has_no_rows)).await?;
            // An empty result would mean that the account has no resources anywhere.
            if has_no_rows(&listed) {
                let message = "the provider's list of locations is empty, so nothing was called";
                return Err(Error::new(ErrorKind::Decode, message));
            }
            let mut locations = listed.items;
            let mut known = HashSet::new();
            locations.retain(|location| known.insert(location.slug.clone()));
            let mut results: Vec<Option<_>> = locations.iter().map(|_| None).collect();
            let mut sent = Vec::new();
            let mut waiting = locations.iter().enumerate();
            let mut running = JoinSet::new();
            loop {
                while running.len() < concurrency.max(1)
                    && let Some((index, location)) = waiting.next()
                {
                    let (call, there) = (call.clone(), elastis.at(location.slug.clone()));
                    let (sent_there, task) = in_sequence(async move {
                        let called = call(&there).into_future();
                        (index, called.await)
                    });
                    sent.push(sent_there);
                    running.spawn(task);
                }
                match running.join_next().await {
                    Some(Ok((index, result))) => {
                        results.get_mut(index).map(|place| place.insert(result));
                    }
                    Some(Err(_)) => {} // The call panicked, so its location has no result yet.
                    None => break,
                }
            }
            let results = results.into_iter().zip(sent).map(|(result, sent)| {
                result.unwrap_or_else(|| Err(sent.panicked("the call in this location panicked")))
            });
            let pairs = locations.into_iter().map(Some).zip(results);
            let unread = listed.errors.into_iter().map(|bad| {
                let message = format!("the location cannot be decoded: {bad}");
                (None, Err(Error::new(ErrorKind::Decode, message)))
            });
            Ok(pairs.chain(unread).map(|(location, result)| InLocation { location, result }).collect())
        })
    }
}
