//! Whether a response is decoded before it is parsed for an error.

use std::cell::Cell;

thread_local! {
    /// Decoding is synchronous, so it never changes threads.
    static PRESUMED: Cell<bool> = const { Cell::new(false) };
    /// Whether the decoder asked, so that its result may be another one after the response has been judged.
    static WAS_ASKED: Cell<bool> = const { Cell::new(false) };
    /// Whether invalid values were left out, which is allowed only in a success.
    static LEFT_OUT: Cell<bool> = const { Cell::new(false) };
}

/// What decoding a response that is only presumed to be a success led to.
pub(crate) enum Presumed<T, E> {
    /// The value, whatever the response would be judged to be.
    Certain(T),
    /// The result if the response is judged to be a success.
    IfSuccess(Result<T, E>),
    /// The response must be decoded again after it has been judged.
    Unknown,
}

/// Decodes a response that is only presumed to be a success.
pub(crate) fn presuming<T, E>(decode: impl FnOnce() -> Result<T, E>) -> Presumed<T, E> {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            PRESUMED.set(false);
        }
    }

    let _end = End;
    PRESUMED.set(true);
    WAS_ASKED.set(false);
    LEFT_OUT.set(false);
    match decode() {
        Ok(value) if !LEFT_OUT.get() => Presumed::Certain(value),
        _ if WAS_ASKED.get() => Presumed::Unknown,
        result => Presumed::IfSuccess(result),
    }
}

/// For adapters of provider crates: returns whether the response that is being decoded is only [presumed to be a
/// success](crate::client::Dialect::presumes_success). If decoding fails, such a response is judged and decoded again.
/// An adapter may therefore reject an unusual form at once, even in the middle of a value.
pub fn is_presumed() -> bool {
    WAS_ASKED.set(true);
    PRESUMED.get()
}

/// Notes that invalid values are left out.
pub(crate) fn leave_out() {
    LEFT_OUT.set(true);
}
