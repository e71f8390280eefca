//! Whether a response is decoded before it is parsed for an error.

use std::cell::Cell;

thread_local! {
    /// Decoding is synchronous, so it never changes threads.
    static PRESUMED: Cell<bool> = const { Cell::new(false) };
}

/// Decodes a response that is only presumed to be a success.
pub(crate) fn presuming<T>(decode: impl FnOnce() -> T) -> T {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            PRESUMED.set(false);
        }
    }

    let _end = End;
    PRESUMED.set(true);
    decode()
}

/// For adapters of provider crates: returns whether the response that is being decoded is only [presumed to be a
/// success](crate::client::Dialect::presumes_success). If decoding fails, such a response is judged and decoded again.
/// An adapter may therefore reject an unusual form at once, even in the middle of a value.
pub fn is_presumed() -> bool {
    PRESUMED.get()
}
