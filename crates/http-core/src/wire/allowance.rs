//! Limits the memory that the values of one response may take to a small multiple of its size. An empty object takes two
//! bytes of JSON, but hundreds of bytes as a model.

use std::cell::Cell;

use serde::de::Error;

/// The memory that every response may take, however small it is, in bytes.
const ALWAYS: usize = 16 * 1024 * 1024;
/// Lists of more bytes grow by a quarter: a list that doubles may take twice the memory of its items.
const LONG: usize = 1024 * 1024;

/// The error text for a response that exceeds its allowance.
pub(crate) const EXCEEDED: &str = "the response contains far more values than its size allows";

thread_local! {
    /// The rest of the allowance in bytes while a response is decoded. Decoding is synchronous, so it stays on its
    /// thread.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
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
    LEFT.set(Some(ALWAYS.max(bytes.saturating_add(bytes / 2))));
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

/// Appends a value to a list that is being decoded, within the memory that the response may use.
///
/// # Errors
///
/// Returns an error of the deserializer if that memory is used up.
pub fn push<T, E: Error>(list: &mut Vec<T>, item: T) -> Result<(), E> {
    take(size_of::<T>())?;
    if list.len() == list.capacity() && list.len() * size_of::<T>() > LONG {
        list.reserve_exact(list.len() / 4);
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
        within(ALWAYS, || assert!(taken(ALWAYS + ALWAYS / 2) && !taken(1)));
        assert!(taken(usize::MAX));
    }

    #[test]
    fn a_long_list_takes_a_quarter_more_at_most() {
        let mut list = Vec::new();
        for number in 0..1_000_000_u64 {
            push::<_, serde_json::Error>(&mut list, number).unwrap();
        }
        assert!(list.capacity() <= list.len() * 5 / 4, "{}", list.capacity());
    }
}
