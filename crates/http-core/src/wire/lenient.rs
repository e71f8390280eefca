//! Decodes a value without the invalid items of its lists, if it cannot be decoded otherwise.
//!
//! An invalid item can be dropped only if its end is found before it is decoded. That would make every list slower, so
//! it is done only in a second attempt.

use std::cell::Cell;
use std::thread::LocalKey;

use crate::wire::allowance::{self, is_exceeded};
use crate::wire::presumed;

thread_local! {
    static DROPS_ITEMS: Cell<bool> = const { Cell::new(false) };
    /// Whether a second attempt follows if decoding fails.
    static IS_FIRST: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether a second attempt follows if decoding fails, so that unusual forms may be left to that.
pub(crate) fn is_first_attempt() -> bool {
    IS_FIRST.get()
}

/// Returns whether lists drop their invalid items now.
pub(crate) fn drops_items() -> bool {
    DROPS_ITEMS.get()
}

/// Lets lists drop their invalid items while `work` runs.
pub(crate) fn without_invalid_items<T>(work: impl FnOnce() -> T) -> T {
    presumed::leave_out();
    with(&DROPS_ITEMS, true, || with(&IS_FIRST, false, work))
}

/// Decodes with a second attempt in view.
pub(crate) fn first<T>(work: impl FnOnce() -> T) -> T {
    with(&IS_FIRST, !drops_items(), work)
}

/// Sets a flag while `work` runs.
fn with<T>(flag: &'static LocalKey<Cell<bool>>, value: bool, work: impl FnOnce() -> T) -> T {
    struct End(&'static LocalKey<Cell<bool>>, bool);

    impl Drop for End {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }

    let _end = End(flag, flag.replace(value));
    work()
}

/// An error of decoding a value.
pub(crate) trait DecodingFailed {
    /// Returns whether the text is valid JSON, and within its allowance.
    fn is_about_value(&self) -> bool;
}

impl DecodingFailed for serde_json::Error {
    fn is_about_value(&self) -> bool {
        self.is_data() && !is_exceeded(self)
    }
}

/// Returns whether a value that failed to decode is valid JSON, and may be valid without the invalid items of its lists.
pub(crate) fn may_help(error: &impl DecodingFailed) -> bool {
    error.is_about_value() && !drops_items()
}

/// Decodes a value, with a second attempt if that [may help](may_help).
pub(crate) fn attempt<T, E: DecodingFailed>(mut read: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    // A `match` that returns the result would copy it.
    let mut result = first(|| allowance::attempt(&mut read));
    if result.as_ref().is_err_and(may_help) {
        result = without_invalid_items(|| allowance::attempt(&mut read));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_attempt_follows_only_an_error_that_invalid_items_may_have_caused() {
        let flags = || (is_first_attempt(), drops_items());
        let attempts = |json: &str| {
            let mut attempts = Vec::new();
            let result = attempt(|| {
                attempts.push(flags());
                serde_json::from_str::<Vec<u8>>(json).map_err(|error| match json {
                    "{}" => serde::de::Error::custom(allowance::EXCEEDED),
                    _ => error,
                })
            });
            assert!(result.is_err() && flags() == (false, drops_items()));
            attempts
        };
        assert_eq!(attempts(r#"["x"]"#), [(true, false), (false, true)]);
        for json in ["[1", "[x]", "{}"] {
            assert_eq!(attempts(json), [(true, false)], "{json}");
        }
        assert_eq!(without_invalid_items(|| attempts(r#"["x"]"#)), [(false, true)]);
        assert_eq!(flags(), (false, false));
    }
}
