//! The terminal. A reader that has gone, e.g. `head`, is no failure of ours.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints a line.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints to the error stream.
pub(crate) fn complain(text: impl Display) {
    let _ = write!(io::stderr(), "{text}");
}
