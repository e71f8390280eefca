//! The failure of a command: the problem, and the command that fixes it.

use std::fmt;

use crate::out::counted;

/// The result of every command.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// The failure of a command.
#[derive(Debug)]
pub(crate) struct Failure {
    problems: Vec<Problem>,
}

/// A problem, and how to fix it.
#[derive(Debug)]
pub(crate) struct Problem {
    what: String,
    help: String,
}

impl Problem {
    /// Creates a problem. `help` is a command to run, or one sentence if no command can fix the problem.
    pub(crate) fn new(what: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { what: what.to_string(), help: help.into() }
    }
}

impl Failure {
    /// Creates a failure with one problem.
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
