//! Checks that operations document what happens after a lost response.

use http_core::client::{Effect, Recovery};

use crate::failure::Problem;

/// What the documentation of a mutating operation fails to say about lost responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsaid {
    /// The constant declares no recovery.
    Nothing,
    /// The documentation does not mention `recover`.
    Recover,
    /// The documentation lacks a sentence. The fields are the start of the sentence and the reason at its end.
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
                // The documentation may have a line break between any two words.
                let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
                (!docs.contains(&format!("{sentence} {because}"))).then_some(Self::Reason(sentence, because))
            }
            _ => Some(Self::Nothing),
        }
    }

    pub(super) fn problem(self, package: &str, operation: &str, method: &str) -> Problem {
        let (what, help) = match self {
            Self::Nothing => (
                "does not document lost responses",
                "confirm the call with a read through `confirm_by`, and add `.confirmed()` to the constant; or, if the \
                 call must not run twice, return a `Create` and add `.recoverable()`; or add `.unrecoverable(because)`"
                    .to_owned(),
            ),
            Self::Recover => (
                "is recoverable, but its documentation does not say so",
                format!("link [`recover`](Create::recover) in the documentation of {method}"),
            ),
            Self::Reason(sentence, because) => (
                "is not recoverable, but its documentation gives no reason",
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
    fn mutating_operations_document_lost_responses() {
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
