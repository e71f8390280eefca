//! Limits the memory that the values of one response may take to a small multiple of the response's size. An empty
//! object takes two bytes of JSON, but hundreds of bytes as a model.

use std::cell::Cell;
use std::fmt::{self, Display, Write};

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny};

use crate::wire::time_limit;

/// The memory, in bytes, that the values of a response may always take, however small the response is.
const ALWAYS: usize = 8 * 1024 * 1024;
/// In a response larger than this, in bytes, the list gets room for its rows before they are decoded: a list that grows
/// takes up to three times the memory of its items.
pub(crate) const LONG: usize = 1024 * 1024;

/// The error message for a response that exceeds its allowance.
pub(crate) const EXCEEDED: &str = "the response contains far more values than its size allows";

thread_local! {
    /// The rest of the allowance in bytes, while a response is being decoded. Decoding is synchronous, so it never
    /// changes threads.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    /// Whether the items of each list are counted before they are decoded.
    static COUNTS_ITEMS: Cell<bool> = const { Cell::new(false) };
}

/// Returns the allowance for a response of `bytes` bytes. Documented rows take up to twice as much memory in models as in
/// JSON, because a model has a field for every key that the provider may send.
fn of(bytes: usize) -> usize {
    ALWAYS.max(bytes.saturating_mul(2))
}

/// Decodes a text of `bytes` bytes within its allowance. A nested call counts against the outer allowance.
pub(crate) fn within<T>(bytes: usize, decode: impl FnOnce() -> T) -> T {
    of_response(bytes, bytes, decode)
}

/// Decodes the text of a response. The memory by which the text is longer than the `received` bytes counts.
pub(crate) fn of_response<T>(received: usize, text: usize, decode: impl FnOnce() -> T) -> T {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            LEFT.set(None);
        }
    }

    if LEFT.get().is_some() {
        return decode();
    }
    let _end = End;
    LEFT.set(Some(of(received).saturating_sub(text.saturating_sub(received))));
    decode()
}

/// Returns whether the items of lists are to be counted before they are decoded.
pub(crate) fn counts_items() -> bool {
    COUNTS_ITEMS.get()
}

/// Decodes a value. If it exceeds the allowance, it is decoded again while the items of each list are counted first, which
/// takes more time, but no memory for lists that grow.
pub(crate) fn counting_if_needed<T, E: Display>(mut decode: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            COUNTS_ITEMS.set(false);
        }
    }

    // A `match` that returns the result would copy it.
    let mut result = attempt(&mut decode);
    let is_exceeded = result.as_ref().is_err_and(is_exceeded);
    if is_exceeded && !counts_items() && !time_limit::is_stopped() {
        let _end = End;
        COUNTS_ITEMS.set(true);
        result = attempt(decode);
    }
    result
}

/// Decodes a value, and returns its memory to the allowance if decoding fails. Counts the value, because a list of
/// invalid values takes long, too.
pub(crate) fn attempt<T, E>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let left = LEFT.get();
    time_limit::step();
    let result = decode();
    if result.is_err() {
        LEFT.set(left);
    }
    result
}

/// Takes memory of a value out of the allowance of the response that is being decoded. The fields of models, [`list`]
/// and [`push`] do so themselves.
///
/// # Errors
///
/// The deserializer's error if that memory is exceeded, or if the deadline of the call has passed.
pub fn take<E: Error>(bytes: usize) -> Result<(), E> {
    step()?;
    if let Some(left) = LEFT.get() {
        LEFT.set(Some(left.checked_sub(bytes).ok_or_else(|| E::custom(EXCEEDED))?));
    }
    Ok(())
}

/// Counts a value that takes no memory of its own. Needed only in a loop that neither takes memory nor appends values.
///
/// # Errors
///
/// The deserializer's error if the deadline of the call has passed. Like an exceeded allowance, this prevents further
/// values from being decoded.
pub fn step<E: Error>() -> Result<(), E> {
    if time_limit::step() { Err(E::custom(EXCEEDED)) } else { Ok(()) }
}

/// A value that is skipped.
pub(crate) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        step().map(|()| Self)
    }
}

/// Checks that temporarily used memory is within the allowance, without taking it.
pub(crate) fn check<E: Error>(bytes: usize) -> Result<(), E> {
    let left = LEFT.get();
    let taken = take(bytes);
    LEFT.set(left);
    taken
}

/// Returns whether an error reports that the allowance is exceeded, or appeared after the deadline of the call. Only the
/// beginning of its message is read, because the message may quote a string that is as large as the whole response.
pub(crate) fn is_exceeded(error: &impl Display) -> bool {
    /// The part of the expected beginning that has not been compared yet.
    struct Expected(&'static str);

    impl Write for Expected {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let (expected, rest) = self.0.split_at(text.len().min(self.0.len()));
            if !text.starts_with(expected) {
                return Err(fmt::Error);
            }
            self.0 = rest;
            if rest.is_empty() { Err(fmt::Error) } else { Ok(()) }
        }
    }

    if time_limit::is_stopped() {
        return true;
    }
    let mut expected = Expected(EXCEEDED);
    let _ = write!(expected, "{error}");
    expected.0.is_empty()
}

/// Creates a list with room for `count` values, within the memory that the response may use. [`push`] appends them.
///
/// # Errors
///
/// The deserializer's error if that memory is exceeded.
pub fn list<T, E: Error>(count: usize) -> Result<Vec<T>, E> {
    take(count.saturating_mul(size_of::<T>()))?;
    Ok(Vec::with_capacity(count))
}

/// Appends a value to a list that is being decoded, within the memory that the response may use.
///
/// # Errors
///
/// The deserializer's error if that memory is exceeded, or if the deadline of the call has passed.
pub fn push<T, E: Error>(list: &mut Vec<T>, item: T) -> Result<(), E> {
    step()?;
    if list.len() == list.capacity() {
        // Most lists in a row have one item.
        let more = list.len().max(1);
        // Growing the list copies its items: both copies exist for a moment, and both count.
        check((list.len() + more) * size_of::<T>())?;
        take(more * size_of::<T>())?;
        list.reserve_exact(more);
    }
    list.push(item);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: usize) -> bool {
        take::<serde_json::Error>(bytes).is_ok()
    }

    #[test]
    fn an_allowance_can_be_used_up_and_nesting_does_not_renew_it() {
        assert!(taken(usize::MAX), "outside of a response, memory is not limited");
        within(1, || {
            assert!(taken(ALWAYS - 10));
            within(usize::MAX, || assert!(taken(4) && !taken(7)));
            assert!(taken(6) && !taken(1));
        });
        within(1, || {
            let failed: Result<(), ()> = attempt(|| if taken(ALWAYS) { Err(()) } else { Ok(()) });
            assert!(failed.is_err() && taken(ALWAYS), "a failed attempt takes nothing");
        });
        within(1, || {
            assert!(check::<serde_json::Error>(ALWAYS).is_ok() && taken(ALWAYS), "a check takes nothing");
            assert!(check::<serde_json::Error>(1).is_err());
        });
        within(ALWAYS, || assert!(taken(of(ALWAYS)) && !taken(1)));
        let exceeded = within(1, || take::<serde_json::Error>(usize::MAX)).unwrap_err();
        let other = serde_json::from_str::<u8>("[]").unwrap_err();
        assert!(is_exceeded(&exceeded) && !is_exceeded(&other) && !is_exceeded(&""), "{exceeded}");
        assert!(taken(usize::MAX));
    }

    /// The allowance of a small response is enough for thousands of values, and too small for a program to notice.
    #[test]
    fn the_allowance_is_a_constant_or_a_multiple_of_the_response() {
        assert_eq!(of(0), of(3 * 1024 * 1024));
        assert!((4 * 1024 * 1024..=16 * 1024 * 1024).contains(&of(0)));
        for bytes in [4 * 1024 * 1024, 8 * 1024 * 1024, 100 * 1024 * 1024] {
            assert_eq!(bytes + of(bytes), 3 * bytes);
        }
        assert!(of(usize::MAX) > 0);
    }

    #[test]
    fn items_are_counted_only_if_the_first_attempt_exceeds_the_allowance() {
        let mut counted = Vec::new();
        let exceeded = within(1, || {
            counting_if_needed(|| {
                counted.push(counts_items());
                take::<serde_json::Error>(usize::MAX)
            })
        });
        assert!(exceeded.is_err() && !counts_items());
        assert_eq!(counted, [false, true]);
    }

    #[test]
    fn a_list_has_room_for_its_only_item() {
        let mut list = Vec::new();
        push::<_, serde_json::Error>(&mut list, 0).unwrap();
        assert_eq!(list.capacity(), 1);
    }

    /// While a list grows, its items exist twice.
    #[test]
    fn a_list_grows_only_within_its_allowance() {
        within(1, || {
            let (mut list, mut most) = (Vec::new(), 0);
            loop {
                let before = list.capacity();
                if push::<_, serde_json::Error>(&mut list, [0_u8; 100]).is_err() {
                    break;
                }
                if list.capacity() > before {
                    most = most.max((before + list.capacity()) * 100);
                }
            }
            assert!(most <= ALWAYS && most > ALWAYS / 2, "{most}");
        });
    }

    #[test]
    fn the_spare_capacity_of_a_list_counts() {
        within(1, || {
            let mut list = list::<[u8; 1024], serde_json::Error>(ALWAYS / 1024).unwrap();
            assert!(push::<_, serde_json::Error>(&mut list, [0; 1024]).is_ok() && !taken(1));
        });
        within(1, || {
            let mut list = Vec::new();
            for _ in 0..5 {
                push::<_, serde_json::Error>(&mut list, 0_u64).unwrap();
            }
            assert_eq!(list.capacity(), 8);
            assert!(taken(ALWAYS - 64) && !taken(1));
        });
    }
}
