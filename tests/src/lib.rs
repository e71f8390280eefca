//! Fixtures, replay harness, cross-crate tests and benches of hostkit.
pub mod contract;
pub mod fixture;
pub mod hostile;
pub mod json;
pub mod replay;
mod reviewed;

/// The examples of the workspace's README, here because it lies in no package.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
