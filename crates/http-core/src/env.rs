//! Settings from the environment.

use std::env::{self, VarError};

use crate::error::Error;

/// Returns the value of an environment variable that must be set.
///
/// # Errors
///
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is not set, is empty, or begins or ends with
/// whitespace.
pub fn required_env(name: &str) -> Result<String, Error> {
    optional_env(name)?
        .ok_or_else(|| Error::configuration(format!("the environment variable {name} is not set")))
}

/// Returns the value of an environment variable, if it is set.
///
/// # Errors
///
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty, or begins or ends with whitespace: an
/// empty base URL must not select the real provider, and a trailing line break would change a key.
pub fn optional_env(name: &str) -> Result<Option<String>, Error> {
    read(name, env::var(name))
}

fn read(name: &str, value: Result<String, VarError>) -> Result<Option<String>, Error> {
    match value {
        Ok(value) if value.is_empty() => Err(Error::configuration(format!(
            "the environment variable {name} is set but empty: give it a value or unset it"
        ))),
        Ok(value) if value.trim().len() != value.len() => Err(Error::configuration(format!(
            "the environment variable {name} begins or ends with whitespace: remove it"
        ))),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Error::configuration(format!("the environment variable {name} is not valid UTF-8")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_set_but_empty_is_an_error() {
        assert!(read("X", Ok(String::new())).unwrap_err().to_string().contains("X is set but empty"));
        for value in [" 1", "1 ", "1\n", "\t"] {
            assert!(
                read("X", Ok(value.into()))
                    .unwrap_err()
                    .to_string()
                    .contains("X begins or ends with whitespace")
            );
        }
        assert_eq!(read("X", Ok("1 2".into())).unwrap(), Some("1 2".into()));
        assert_eq!(read("X", Err(VarError::NotPresent)).unwrap(), None);
    }

    #[test]
    fn a_required_variable_that_is_not_set_is_named() {
        let error = required_env("HOSTKIT_NO_SUCH_VARIABLE").unwrap_err();
        assert!(error.to_string().contains("HOSTKIT_NO_SUCH_VARIABLE is not set"));
    }
}
