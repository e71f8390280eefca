//! Settings from the environment.

use std::env::{self, VarError};

use crate::error::Error;

/// The value of an environment variable that must be set.
pub fn required_env(name: &str) -> Result<String, Error> {
    optional_env(name)?
        .ok_or_else(|| Error::configuration(format!("the environment variable {name} is not set")))
}

/// The value of an environment variable; set but empty counts as not set.
pub fn optional_env(name: &str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Error::configuration(format!("the environment variable {name} is not readable text")))
        }
    }
}
