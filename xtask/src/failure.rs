//! The failure of a command: what is wrong, and the command that fixes it.

use std::fmt;

use crate::out::counted;

/// The result of every command.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    what: String,
    help: String,
}

impl Problem {
    /// `help` is a command to run, or one sentence if no command can fix it.
    pub(crate) fn new(what: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { what: what.to_string(), help: help.into() }
    }
}

impl Failure {
    /// A failure with one problem.
    pub(crate) fn new(what: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { problems: vec![Problem::new(what, help)] }
    }

    /// Fails if there are problems.
    pub(crate) fn unless_none(problems: Vec<Problem>) -> Result {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Problem { what, help } in &self.problems {
            writeln!(f, "error: {what}\n help: {help}")?;
        }
        match self.problems.len() {
            1 => Ok(()),
            count => writeln!(f, "{}", counted(count, "problem")),
        }
    }
}
