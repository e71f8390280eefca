//! elastis-network
