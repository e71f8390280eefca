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

/// When the result of decoding a response that is only presumed to be a success counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// In any case: there is a value, whatever the response would be judged to be.
    Always,
    /// If the response is judged to be a success.
    IfSuccess,
    /// Never: the response must be decoded again after it has been judged.
    Never,
}

/// Decodes a response that is only presumed to be a success. If `observes` is true, it is certainly one only if its
/// members were observed and report no error.
pub(crate) fn presuming<T, E>(
    observes: bool,
    decode: impl FnOnce() -> Result<T, E>,
) -> (Result<T, E>, Counts) {
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
    let result = decode();
    let counts = if result.is_ok() && !LEFT_OUT.get() && (!observes || IS_SILENT.get()) {
        Counts::Always
    // Values that are observed are read more strictly than those that are skipped.
    } else if WAS_ASKED.get() || (observes && result.is_err()) {
        Counts::Never
    } else {
        Counts::IfSuccess
    };
    (result, counts)
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::wire::decode::{DecodeError, json};
    use crate::wire::json_text::of_response;

    crate::wire::models! {
        struct Row {
            id: u8,
            status: String,
            success: Option<String>,
            messages: Vec<String>,
            texts: Vec<String>,
            part: Option<Part>,
        }

        struct Part {
            size: u8,
        }
    }

    /// Decodes the first `length` bytes of a response that is presumed to be a success.
    fn decoded(body: &str, length: usize, observes: bool) -> (Result<Row, DecodeError>, Counts) {
        let response = Bytes::from(body.to_owned());
        presuming(observes, || of_response(&response, || json(&response[..length])))
    }

    #[test]
    fn a_success_is_certain_only_if_no_member_reports_an_error_and_no_value_is_left_out() {
        let long = format!(r#"{{"id": 1, "success": "{:>5000}"}}"#, "true");
        for (body, observed, unobserved) in [
            (r#"{"id": 1}"#, "certain", "certain"),
            (r#"{"id": 1, "status": "active", "part": null, "texts": ""}"#, "certain", "certain"),
            (r#"{"id": 1, "success": false}"#, "if success", "certain"),
            (r#"{"id": 1, "error": "declined"}"#, "if success", "certain"),
            (r#"{"id": 1, "error": ["declined"]}"#, "if success", "certain"),
            (r#"{"id": 1, "messages": ["declined"]}"#, "if success", "certain"),
            (&long, "if success", "certain"),
            (r#"{"id": 1, "texts": 5}"#, "if success", "if success"),
            (r#"{"id": 1, "part": 5}"#, "if success", "if success"),
            (r#"{"success": true}"#, "unknown", "error if success"),
            ("5", "unknown", "error if success"),
        ] {
            for (observes, expected) in [(true, observed), (false, unobserved)] {
                let (result, counts) = decoded(body, body.len(), observes);
                let found = match (&result, counts) {
                    (_, Counts::Never) => "unknown",
                    (Ok(_), Counts::Always) => "certain",
                    (Ok(_), Counts::IfSuccess) => "if success",
                    (Err(_), Counts::IfSuccess) => "error if success",
                    (Err(_), Counts::Always) => "a certain error",
                };
                assert_eq!(found, expected, "{body} {observes}");
                assert!(counts == Counts::Never || result == json(body.as_bytes()), "{body} {observes}");
            }
        }
    }

    #[test]
    fn a_part_of_a_response_is_not_certainly_a_success() {
        let (part, rest) = (r#"{"id": 1}"#, r#", {"success": false}"#);
        let (result, counts) = decoded(&[part, rest].concat(), part.len(), true);
        assert!(result.is_ok() && counts == Counts::IfSuccess);
    }

    #[test]
    fn a_decoder_that_asks_must_be_asked_again() {
        let asking = |observes| presuming(observes, || if is_presumed() { Err(()) } else { Ok(()) });
        assert_eq!((asking(true).1, asking(false).1), (Counts::Never, Counts::Never));
        assert!(!is_presumed());
    }
}
