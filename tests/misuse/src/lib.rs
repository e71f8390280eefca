//! Common mistakes with the clients. Each file begins with the lines that the compiler must print for its mistake;
//! `tests/errors.rs` checks them. The lines explain how to fix each mistake. The exception is `?` without `.await`,
//! because the text of that error comes from the standard library.
#![cfg(misuse)]

mod blocking_without_feature;
mod list_without_await;
mod method_without_trait;
mod question_mark_without_await;
mod recover_without_create;
mod tolerant_get;
mod wait_without_until;
