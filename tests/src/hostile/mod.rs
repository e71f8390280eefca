//! Sends misleading responses to every operation. No response may make an operation break a promise.

mod created;
mod depth;
mod encodings;
mod explanations;
mod loud;
mod rejections;
mod success;
mod words;

use std::future::Future;

use self::created::{blank_ids_confirm_nothing, created_ids_are_kept};
use self::depth::depth_is_bounded;
use self::encodings::no_encoding_hides_a_secret;
use self::explanations::only_explanations_are_shown;
use self::loud::no_text_comes_through;
use self::rejections::only_the_provider_rejects;
use self::success::success_must_be_recognized;
use self::words::words_are_no_proof;
use crate::fixture::first_fixtures;
use crate::replay::{Exchange, Replayed};

/// Sends every hostile response to every operation of `package`.
///
/// # Panics
/// Panics if a promise is broken. The message lists up to 20 broken promises.
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = first_fixtures(package);
    depth_is_bounded(package, ask);
    let mut broken = words_are_no_proof(&fixtures, ask).await;
    broken.extend(success_must_be_recognized(&fixtures, ask).await);
    broken.extend(no_text_comes_through(&fixtures, ask));
    broken.extend(only_the_provider_rejects(package, &fixtures, ask));
    broken.extend(only_explanations_are_shown(package, &fixtures, ask));
    broken.extend(no_encoding_hides_a_secret(&fixtures, ask).await);
    broken.extend(created_ids_are_kept(&fixtures, ask).await);
    broken.extend(blank_ids_confirm_nothing(&fixtures, ask).await);
    let cells = broken.len();
    broken.truncate(20);
    assert!(
        broken.is_empty(),
        "{cells} promises of {package} are broken, among them:\n{}",
        broken.join("\n")
    );
}
