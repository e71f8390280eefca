//! elastis-billing
