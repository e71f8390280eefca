//! http-core
