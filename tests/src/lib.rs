//! Fixtures, replay harness, cross-crate tests and benches of hostkit.
pub mod fixture;
pub mod json;
pub mod replay;
