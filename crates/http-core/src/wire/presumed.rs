//! Whether a response is decoded before it is parsed for an error.

use std::cell::Cell;

thread_local! {
    /// Decoding is synchronous, so it never changes threads.
    static PRESUMED: Cell<bool> = const { Cell::new(false) };
    /// Whether the decoder asked, so that its result may be another one after the response has been judged.
    static WAS_ASKED: Cell<bool> = const { Cell::new(false) };
    /// Whether invalid values were left out, which is allowed only in a success.
    static LEFT_OUT: Cell<bool> = const { Cell::new(false) };
    /// Whether the members of the response must be observed.
    static OBSERVES: Cell<bool> = const { Cell::new(false) };
    /// Whether the next object to be read is the whole response.
    static IS_NEXT: Cell<bool> = const { Cell::new(false) };
    /// Whether the members of the response were observed and report no error.
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
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

/// Decodes a response that is only presumed to be a success. If `observes` is true, it is certainly one only if its
/// members were observed and report no error.
pub(crate) fn presuming<T, E>(observes: bool, decode: impl FnOnce() -> Result<T, E>) -> Presumed<T, E> {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            for flag in [&PRESUMED, &OBSERVES, &IS_NEXT] {
                flag.set(false);
            }
        }
    }

    let _end = End;
    PRESUMED.set(true);
    OBSERVES.set(observes);
    for flag in [&WAS_ASKED, &LEFT_OUT, &IS_SILENT] {
        flag.set(false);
    }
    match decode() {
        Ok(value) if !LEFT_OUT.get() && (!observes || IS_SILENT.get()) => Presumed::Certain(value),
        result => {
            // Values that are observed are read more strictly than those that are skipped.
            let may_differ = WAS_ASKED.get() || (observes && result.is_err());
            if may_differ { Presumed::Unknown } else { Presumed::IfSuccess(result) }
        }
    }
}

/// For adapters of provider crates: returns whether the response that is being decoded is only [presumed to be a
/// success](crate::client::Dialect::presumes_success). If decoding fails, such a response is judged and decoded again.
/// An adapter may therefore reject an unusual form at once, even in the middle of a value.
pub fn is_presumed() -> bool {
    WAS_ASKED.set(true);
    PRESUMED.get()
}

/// Decodes a whole response, whose members are observed if that is necessary.
pub(crate) fn whole<T>(decode: impl FnOnce() -> T) -> T {
    IS_NEXT.set(OBSERVES.get());
    let result = decode();
    IS_NEXT.set(false);
    result
}

/// Returns whether the members of the object that is about to be read must be observed, because it is the whole response.
pub(crate) fn is_next_observed() -> bool {
    IS_NEXT.take()
}

/// Notes that something else than a model is about to be read.
pub(crate) fn is_no_model() {
    IS_NEXT.set(false);
}

/// Notes whether the observed members report no error.
pub(crate) fn observed(is_silent: bool) {
    IS_SILENT.set(is_silent);
}

/// Notes that invalid values are left out.
pub(crate) fn leave_out() {
    LEFT_OUT.set(true);
}
