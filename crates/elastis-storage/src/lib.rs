//! elastis-storage
