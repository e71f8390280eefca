//! Common mistakes with the clients. Each file begins with the lines that the compiler has to show for it, which
//! `tests/errors.rs` compares. Where a line is rustc's own, it says enough.
#![cfg(misuse)]

mod blocking_without_feature;
mod list_without_await;
mod method_without_trait;
mod recover_without_create;
mod tolerant_get;
mod wait_without_until;
