//! Common mistakes with the clients. Each file begins with the lines that the compiler has to show for it, which
//! `tests/errors.rs` compares. rustc's own lines are enough, except for `?` without `.await`: only the standard library can
//! word that error.
#![cfg(misuse)]

mod blocking_without_feature;
mod list_without_await;
mod method_without_trait;
mod question_mark_without_await;
mod recover_without_create;
mod tolerant_get;
mod wait_without_until;
