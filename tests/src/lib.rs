//! Fixtures, replay harness, cross-crate tests and benches of hostkit.
