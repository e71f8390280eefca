//! Decodes a value without the invalid items of its lists, if it cannot be decoded otherwise.
//!
//! An invalid item can be dropped only if its end is found before it is decoded. That would make every list slower, so
//! it is done only in a second attempt.

use std::cell::Cell;

use crate::wire::allowance::{self, is_exceeded};
use crate::wire::presumed::is_presumed;

thread_local! {
    static DROPS_ITEMS: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether lists drop their invalid items now.
pub(crate) fn drops_items() -> bool {
    DROPS_ITEMS.get()
}

/// Lets lists drop their invalid items while `work` runs.
pub(crate) fn without_invalid_items<T>(work: impl FnOnce() -> T) -> T {
    struct End(bool);

    impl Drop for End {
        fn drop(&mut self) {
            DROPS_ITEMS.set(self.0);
        }
    }

    let _end = End(DROPS_ITEMS.replace(true));
    work()
}

/// Decodes a value, with a second attempt if the value is valid JSON and the response is known to be a success.
pub(crate) fn attempt<T>(read: impl Fn() -> serde_json::Result<T>) -> serde_json::Result<T> {
    match allowance::attempt(&read) {
        Err(error) if error.is_data() && !drops_items() && !is_presumed() && !is_exceeded(&error) => {
            without_invalid_items(|| allowance::attempt(&read))
        }
        result => result,
    }
}
