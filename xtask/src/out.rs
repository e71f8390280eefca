//! Prints to the terminal. A closed pipe, e.g. to `head`, is not a failure.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints a line.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Returns a number with its noun, e.g. `1 disk`, `2 disks`, `3 addresses`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

/// Prints to standard error.
pub(crate) fn complain(text: impl Display) {
    let _ = write!(io::stderr(), "{text}");
}
