//! Whether an operation documents what happens to a lost response.

use http_core::client::{Effect, Recovery};

use crate::failure::Problem;

/// What an operation that changes something does not document about a lost response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsaid {
    /// The constant has no recovery.
    Nothing,
    /// The documentation does not name `recover`.
    Recover,
    /// The documentation lacks this beginning of a sentence, which ends with the reason.
    Reason(&'static str, &'static str),
}

impl Unsaid {
    pub(super) fn of(effect: &str, recovery: Recovery, docs: &str) -> Option<Self> {
        let repeats = effect == Effect::Idempotent.as_str();
        match recovery {
            Recovery::Confirmed if repeats => None,
            Recovery::Recoverable if repeats => Some(Self::Nothing),
            Recovery::Recoverable if docs.contains("[`recover`](") => None,
            Recovery::Recoverable => Some(Self::Recover),
            Recovery::Impossible(because) => {
                let sentence = if repeats {
                    "A lost response cannot be confirmed, because"
                } else {
                    "It cannot be recovered, because"
                };
                // Lines of documentation break anywhere.
                let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
                (!docs.contains(&format!("{sentence} {because}"))).then_some(Self::Reason(sentence, because))
            }
            _ => Some(Self::Nothing),
        }
    }

    pub(super) fn problem(self, package: &str, operation: &str, method: &str) -> Problem {
        let (what, help) = match self {
            Self::Nothing => (
                "does not document a lost response",
                "let the call `confirm_by` a read and add `.confirmed()` to the constant; or, if it must \
                 not run twice, return a `Create` and add `.recoverable()`; or add `.unrecoverable(because)`"
                    .to_owned(),
            ),
            Self::Recover => (
                "is recoverable, but its documentation does not mention it",
                format!("link [`recover`](Create::recover) in the documentation of {method}"),
            ),
            Self::Reason(sentence, because) => (
                "is not recoverable, but its documentation has no reason",
                format!("write \"{sentence} {because}\" in the documentation of {method}"),
            ),
        };
        Problem::new(
            format_args!("{package}: {operation} {what}"),
            format!("{help}, in crates/{package}/src"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::super::tests::row;
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn changes_document_what_happens_to_a_lost_response() {
        let because = "nothing shows when";
        let (never, not) =
            ("It cannot be recovered, because", "A lost response cannot be confirmed, because");
        let reason = Unsaid::Reason(never, because);
        let (once, again) = (Effect::NonIdempotent, Effect::Idempotent);
        let impossible = Recovery::Impossible(because);
        for (effect, recovery, docs, unsaid) in [
            (once, Recovery::Unknown, "[`recover`](Create::recover)", Some(Unsaid::Nothing)),
            (once, Recovery::Confirmed, "[`recover`](Create::recover)", Some(Unsaid::Nothing)),
            (once, Recovery::Recoverable, "Creates a VM.", Some(Unsaid::Recover)),
            (once, Recovery::Recoverable, "[`recover`](Create::recover) finds it.", None),
            (once, impossible, "It cannot be recovered, because of the moon.", Some(reason)),
            (once, impossible, "It cannot be recovered,\nbecause nothing shows when.", None),
            (again, Recovery::Unknown, "Stops a VM.", Some(Unsaid::Nothing)),
            (again, Recovery::Recoverable, "[`recover`](Create::recover)", Some(Unsaid::Nothing)),
            (again, Recovery::Confirmed, "Stops a VM.", None),
            (again, impossible, "Reboots a VM.", Some(Unsaid::Reason(not, because))),
            (again, impossible, "A lost response cannot be confirmed, because nothing shows when.", None),
        ] {
            assert_eq!(Unsaid::of(effect.as_str(), recovery, docs), unsaid, "{docs}");
        }
        let silent = Row { unsaid: Some(reason), ..row() };
        let failure = Failure::unless_none(silent.problems()).unwrap_err().to_string();
        assert!(failure.contains(r#""It cannot be recovered, because nothing shows when""#), "{failure}");
        assert!(failure.contains("documentation of Vms::stop, in crates/elastis-core/src"), "{failure}");
    }
}
