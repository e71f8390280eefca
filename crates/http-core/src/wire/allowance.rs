//! Limits the memory that the values of one response may take to a small multiple of its size. An empty object takes two
//! bytes of JSON, but hundreds of bytes as a model.

use std::cell::Cell;
use std::fmt::{self, Display, Write};

use serde::de::Error;

/// The memory that the values of every response may take, however small it is, in bytes.
const ALWAYS: usize = 8 * 1024 * 1024;
/// Lists of more bytes grow by a quarter: a list that doubles may take twice the memory of its items.
pub(crate) const LONG: usize = 1024 * 1024;

/// The error text for a response that exceeds its allowance.
pub(crate) const EXCEEDED: &str = "the response contains far more values than its size allows";

thread_local! {
    /// The rest of the allowance in bytes while a response is decoded. Decoding is synchronous, so it stays on its
    /// thread.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Returns the allowance of a response of this many bytes. The documented rows of some providers take three times as
/// much memory as text, because a model has room for every field that was ever seen.
fn of(bytes: usize) -> usize {
    ALWAYS.max(bytes.saturating_mul(7) / 2)
}

/// Decodes a response of this many bytes within its allowance. A call within another one counts against the outer
/// allowance.
pub(crate) fn within<T>(bytes: usize, decode: impl FnOnce() -> T) -> T {
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
    LEFT.set(Some(of(bytes)));
    decode()
}

/// Decodes a value, and returns its memory to the allowance if that fails.
pub(crate) fn attempt<T, E>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let left = LEFT.get();
    decode().inspect_err(|_| LEFT.set(left))
}

/// Takes the memory of a value out of the allowance.
pub(crate) fn take<E: Error>(bytes: usize) -> Result<(), E> {
    if let Some(left) = LEFT.get() {
        LEFT.set(Some(left.checked_sub(bytes).ok_or_else(|| E::custom(EXCEEDED))?));
    }
    Ok(())
}

/// Checks that memory which is used only for a moment is within the allowance, without taking it.
pub(crate) fn check<E: Error>(bytes: usize) -> Result<(), E> {
    for_a_moment(|| take(bytes))
}

/// For provider crates: runs work whose values live only as long as it runs, such as a list in which something is looked
/// up. The memory that [`push`] takes in it is free again afterwards.
pub fn for_a_moment<T>(work: impl FnOnce() -> T) -> T {
    let left = LEFT.get();
    let value = work();
    LEFT.set(left);
    value
}

/// Returns whether an error says that the allowance is used up. Only the beginning of its text is read, because a text
/// may quote one as long as the response.
pub(crate) fn is_exceeded(error: &impl Display) -> bool {
    /// What the text must still begin with.
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

    let mut expected = Expected(EXCEEDED);
    let _ = write!(expected, "{error}");
    expected.0.is_empty()
}

/// Creates a list with room for this many values, which are not taken before they are appended.
pub(crate) fn list<T, E: Error>(count: usize) -> Result<Vec<T>, E> {
    check(count.saturating_mul(size_of::<T>()))?;
    Ok(Vec::with_capacity(count))
}

/// Appends a value to a list that is being decoded, within the memory that the response may use.
///
/// # Errors
///
/// Returns an error of the deserializer if that memory is used up.
pub fn push<T, E: Error>(list: &mut Vec<T>, item: T) -> Result<(), E> {
    take(size_of::<T>())?;
    if list.len() == list.capacity() {
        let is_long = list.len() * size_of::<T>() > LONG;
        let more = if is_long { list.len() / 4 } else { list.len().max(4) };
        // The items are in two places while the list grows.
        check((list.len() + more) * size_of::<T>())?;
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
    fn an_allowance_ends_and_does_not_begin_anew_within_itself() {
        assert!(taken(usize::MAX), "there is none outside of a response");
        within(1, || {
            assert!(taken(ALWAYS - 10));
            within(usize::MAX, || assert!(taken(4) && !taken(7)));
            assert!(taken(6) && !taken(1));
        });
        within(1, || {
            let failed: Result<(), ()> = attempt(|| if taken(ALWAYS) { Err(()) } else { Ok(()) });
            assert!(failed.is_err() && taken(ALWAYS), "what failed takes nothing");
        });
        within(1, || {
            assert!(check::<serde_json::Error>(ALWAYS).is_ok() && taken(ALWAYS), "a check takes nothing");
            assert!(check::<serde_json::Error>(1).is_err());
        });
        within(ALWAYS, || assert!(taken(of(ALWAYS)) && !taken(1)));
        within(1, || {
            assert!(for_a_moment(|| taken(ALWAYS) && !taken(1)));
            assert!(taken(ALWAYS), "what was used for a moment is free again");
        });
        let exceeded = within(1, || take::<serde_json::Error>(usize::MAX)).unwrap_err();
        let other = serde_json::from_str::<u8>("[]").unwrap_err();
        assert!(is_exceeded(&exceeded) && !is_exceeded(&other) && !is_exceeded(&""), "{exceeded}");
        assert!(taken(usize::MAX));
    }

    /// What a small response may take is enough for some thousand values, and far too little for a program to notice.
    #[test]
    fn a_small_response_may_take_a_little_and_a_large_one_less_than_four_times_its_size() {
        assert_eq!(of(0), of(2 * 1024 * 1024));
        assert!((4 * 1024 * 1024..=16 * 1024 * 1024).contains(&of(0)));
        for bytes in [4 * 1024 * 1024, 8 * 1024 * 1024, 100 * 1024 * 1024] {
            assert!((3 * bytes..4 * bytes).contains(&of(bytes)), "{bytes}");
        }
        assert!(of(usize::MAX) > 0);
    }

    #[test]
    fn a_long_list_takes_a_quarter_more_at_most() {
        let mut list = Vec::new();
        for number in 0..1_000_000_u64 {
            push::<_, serde_json::Error>(&mut list, number).unwrap();
        }
        assert!(list.capacity() <= list.len() * 5 / 4, "{}", list.capacity());
    }

    #[test]
    fn a_list_grows_only_within_its_allowance() {
        within(1, || {
            let mut list = Vec::new();
            while push::<_, serde_json::Error>(&mut list, [0_u8; 100]).is_ok() {}
            let items = list.len() * 100;
            assert!(items + list.capacity() * 100 <= ALWAYS && items > ALWAYS / 4, "{items}");
        });
    }
}
