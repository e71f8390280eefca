//! hostkit
