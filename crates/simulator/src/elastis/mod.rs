//! The imitation of elastis.id.
#![allow(dead_code)]

pub(crate) mod billing;
