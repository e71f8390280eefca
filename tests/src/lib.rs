//! Fixtures, a replay harness, cross-crate tests and benchmarks for hostkit.
#![allow(clippy::missing_errors_doc, reason = "unpublished crate whose errors only fail tests")]

pub mod about;
pub mod bounded;
pub mod child;
pub mod confirmed;
pub mod contract;
pub mod damaged;
pub mod fixture;
pub mod fuzz;
pub mod hostile;
pub mod json;
pub mod late;
pub mod lenient;
pub mod promises;
pub mod replay;
pub mod reviewed;
pub mod rows;
mod server;
pub mod texts;

/// Generates the tests for every operation of a crate. `$ask` makes the call for an [`Exchange`](replay::Exchange).
/// `$arrange` prepares a simulator that has the resource that an operation changes, and returns the call's arguments.
#[macro_export]
macro_rules! every_operation {
    ($package:literal, $operations:path, $ask:path, $arrange:path) => {
        #[global_allocator]
        static MEMORY: $crate::bounded::PeakAlloc = $crate::bounded::PeakAlloc;

        #[test]
        fn every_operation_takes_little_memory_whatever_a_response_contains() {
            const NAME: &str = "every_operation_takes_little_memory_whatever_a_response_contains";
            // The allocator counts the memory of the whole process.
            if $crate::child::is_child(NAME, &[]) {
                $crate::bounded::every_operation($package, &$ask);
            }
        }

        #[test]
        fn only_an_object_becomes_a_row() {
            $crate::rows::every_operation($package, &$ask);
        }

        #[tokio::test]
        async fn every_fixture_is_sent_and_decoded_as_its_snapshot_shows() {
            $crate::replay::every_fixture($package, &$ask).await;
        }

        #[tokio::test]
        async fn a_call_about_one_resource_accepts_no_response_about_another() {
            $crate::about::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_stops_its_work_on_a_response_at_the_deadline() {
            $crate::late::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn a_missing_or_invalid_field_affects_no_other_field() {
            $crate::lenient::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_keeps_its_promises_when_responses_mislead() {
            $crate::hostile::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_error_without_a_message_names_the_operation_and_a_remedy() {
            $crate::texts::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_keeps_its_promises_when_responses_are_damaged() {
            $crate::damaged::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_keeps_its_promises_when_responses_are_generated() {
            $crate::fuzz::every_operation($package, &$ask).await;
        }

        #[tokio::test]
        async fn every_operation_has_its_reviewed_effect_and_scope() {
            $crate::reviewed::every_operation($package, &$ask).await;
        }

        #[tokio::test(start_paused = true)]
        async fn every_confirmed_operation_settles_a_lost_response_with_one_read() {
            $crate::confirmed::every_operation($package, $operations, &$ask, $arrange).await;
        }
    };
}

/// The examples in the workspace's README, which is outside all packages.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
