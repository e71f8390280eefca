//! What a maintainer of hostkit runs.
fn main() {}
