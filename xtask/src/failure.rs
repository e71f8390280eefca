//! How a command fails: what is wrong, and the command that mends it.

use std::fmt;

/// What every command answers.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    what: String,
    mend: String,
}

impl Problem {
    /// `mend` is a command to run, or one sentence where no command can mend it.
    pub(crate) fn new(what: impl fmt::Display, mend: impl Into<String>) -> Self {
        Self { what: what.to_string(), mend: mend.into() }
    }
}

impl Failure {
    /// A failure for one reason.
    pub(crate) fn new(what: impl fmt::Display, mend: impl Into<String>) -> Self {
        Self { problems: vec![Problem::new(what, mend)] }
    }

    /// Fails where there are problems.
    pub(crate) fn unless_none(problems: Vec<Problem>) -> Outcome {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Problem { what, mend } in &self.problems {
            writeln!(f, "error: {what}\n mend: {mend}")?;
        }
        match self.problems.len() {
            1 => Ok(()),
            count => writeln!(f, "{count} problems"),
        }
    }
}
