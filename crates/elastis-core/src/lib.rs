//! elastis-core
