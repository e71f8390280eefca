//! Fixtures, replay harness, cross-crate tests and benches of hostkit.
#![allow(clippy::missing_errors_doc, reason = "an unpublished crate, whose errors only fail tests")]

pub mod bounded;
pub mod child;
pub mod confirmed;
pub mod contract;
pub mod damaged;
pub mod fixture;
pub mod fuzz;
pub mod hostile;
pub mod json;
pub mod lenient;
pub mod promises;
pub mod replay;
pub mod reviewed;
mod server;
pub mod texts;

/// The tests of every operation of a crate. `$ask` makes the call of an [`Exchange`](replay::Exchange); `$arrange`
/// creates at a simulator what an operation changes, and returns the arguments.
#[macro_export]
macro_rules! every_operation {
    ($package:literal, $operations:path, $ask:path, $arrange:path) => {
        #[global_allocator]
        static MEMORY: $crate::bounded::PeakAlloc = $crate::bounded::PeakAlloc;

        #[test]
        fn every_operation_takes_little_memory_whatever_a_response_contains() {
            const NAME: &str = "every_operation_takes_little_memory_whatever_a_response_contains";
            // The allocator counts what the whole process has.
            if $crate::child::is_child(NAME, &[]) {
                $crate::bounded::every_operation($package, &$ask);
            }
        }

        #[tokio::test]
        async fn every_fixture_is_sent_and_read_as_its_snapshot_says() {
            $crate::replay::every_fixture($package, &$ask).await;
        }

        #[tokio::test]
        async fn a_missing_or_strange_field_costs_no_more_than_itself() {
            $crate::lenient::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_keeps_its_promises_when_responses_lie() {
            $crate::hostile::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_error_without_words_names_operation_and_remedy() {
            $crate::texts::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_keeps_its_promises_when_responses_are_damaged() {
            $crate::damaged::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_keeps_its_promises_when_responses_are_made_up() {
            $crate::fuzz::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_has_the_effect_and_scope_that_were_reviewed() {
            $crate::reviewed::every_operation($package, &$ask).await;
        }

        #[tokio::test(start_paused = true)]
        async fn every_confirmed_operation_succeeds_after_a_lost_response_only_if_it_happened() {
            $crate::confirmed::every_operation($package, $operations, &$ask, $arrange).await;
        }
    };
}

/// The examples of the workspace's README, which is outside of every package.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
