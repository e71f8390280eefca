//! One call in every location.

use std::future::IntoFuture;

use http_core::client::in_sequence;
use http_core::{CallSequence, Error, ErrorKind};
use tokio::task::JoinSet;

use crate::client::Elastis;
use crate::locations::Location;

/// How many locations are asked at once.
const AT_ONCE: usize = 4;

/// What a call gave in one location.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InLocation<T> {
    /// Where.
    pub location: Location,
    /// What the call gave there.
    pub result: Result<T, Error>,
}

impl Elastis {
    /// Ours: lists the locations and runs a call in each, in at most four at once. No endpoint of the provider
    /// looks beyond one location.
    ///
    /// A location that fails does not hide the others: each has its own result, in the order of the provider's
    /// list. The steps themselves fail only when the locations cannot be listed.
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for there in elastis.everywhere(|elastis| elastis.vms().list()).await? {
    ///     match there.result {
    ///         Ok(vms) => println!("{}: {} VMs", there.location.slug, vms.len()),
    ///         Err(error) => println!("{}: {error}", there.location.slug),
    ///     }
    /// }
    /// # Ok(()) });
    /// ```
    pub fn everywhere<T, C>(
        &self,
        call: impl Fn(&Self) -> C + Send + 'static,
    ) -> CallSequence<Vec<InLocation<T>>>
    where
        T: Send + 'static,
        C: IntoFuture<Output = Result<T, Error>>,
        C::IntoFuture: Send + 'static,
    {
        let elastis = self.clone();
        CallSequence::new(async move {
            let mut waiting = elastis.locations().list().await?.into_iter().enumerate();
            let mut running = JoinSet::new();
            let mut done = Vec::new();
            loop {
                while running.len() < AT_ONCE
                    && let Some((place, location)) = waiting.next()
                {
                    let there = call(&elastis.at(location.slug.clone())).into_future();
                    let there = async move { (place, InLocation { location, result: there.await }) };
                    running.spawn(in_sequence(there));
                }
                match running.join_next().await {
                    Some(Ok(there)) => done.push(there),
                    Some(Err(_)) => {
                        return Err(Error::new(ErrorKind::Transport, "a call ended without a result"));
                    }
                    None => break,
                }
            }
            done.sort_unstable_by_key(|(place, _)| *place);
            Ok(done.into_iter().map(|(_, there)| there).collect())
        })
    }
}
