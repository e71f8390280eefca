//! Limits the hidden lines in the documentation's examples.
//!
//! rustdoc does not show a line that begins with `# `, but an editor does. So the setup of examples is in the crate
//! `tests/doctest`, and an example hides its call, the end of that call, and at most one line more.

use std::path::Path;

use crate::failure::{Failure, Problem, Result};
use crate::out::say;
use crate::{packages, root, sources};

/// The maximum of hidden lines in an example.
const MOST: usize = 3;

/// The maximum of hidden lines per hundred visible ones, over all crates.
const PERCENT: usize = 40;

#[derive(Debug, Default, PartialEq, Eq)]
struct Example {
    /// The opening line, counted from 1.
    line: usize,
    hidden: usize,
    visible: usize,
}

/// Fails if examples hide too much.
pub(crate) fn check() -> Result {
    let mut problems = Vec::new();
    let (mut hidden, mut visible) = (0, 0);
    for package in packages::published()? {
        for (path, text) in sources::files(&package.folder().join("src"))? {
            for example in examples(&text) {
                hidden += example.hidden;
                visible += example.visible;
                problems.extend(problem(&path, &example));
            }
        }
    }
    let said = format!("the examples hide {hidden} lines and show {visible}");
    if hidden * 100 > visible * PERCENT {
        let what = format_args!("{said}, more than {PERCENT} to 100");
        problems.push(Problem::new(what, "move setup into tests/doctest"));
    }
    Failure::unless_none(problems)?;
    say(said);
    Ok(())
}

fn problem(path: &Path, Example { line, hidden, .. }: &Example) -> Option<Problem> {
    let shown = path.strip_prefix(root()).unwrap_or(path).display();
    let what = format!("{shown}:{line}: the example hides {hidden} lines, more than {MOST}");
    (*hidden > MOST).then(|| Problem::new(what, "move its setup into tests/doctest"))
}

fn examples(text: &str) -> Vec<Example> {
    let mut found = Vec::new();
    // The open code block, and whether it is an example.
    let mut block: Option<(Example, bool)> = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let Some(doc) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { continue };
        let doc = doc.strip_prefix(' ').unwrap_or(doc);
        if let Some(info) = doc.strip_prefix("```") {
            if let Some((example, is_example)) = block.take() {
                found.extend(is_example.then_some(example));
            } else {
                let opened = Example { line: at + 1, ..Example::default() };
                block = Some((opened, sources::is_compiled(info)));
            }
        } else if let Some((example, _)) = &mut block {
            if doc == "#" || doc.starts_with("# ") {
                example.hidden += 1;
            } else if !doc.is_empty() {
                example.visible += 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
//! ```text
//! # no example
//! ```
//! ```
//! use a::B;
//!
//! # start(|b| {
//! b.go();
//! ```
impl B {
    /// ```no_run
    /// # one();
    /// # two();
    /// #
    /// # four();
    /// #[allow(unused)]
    /// let b = B;
    /// ```
    fn new() {}
}";

    #[test]
    fn hidden_and_visible_lines_are_counted_in_examples_alone() {
        let few = Example { line: 5, hidden: 1, visible: 2 };
        let many = Example { line: 12, hidden: 4, visible: 2 };
        assert_eq!(examples(TEXT), [few, many]);
    }

    #[test]
    fn an_example_that_hides_too_much_is_named() {
        let examples = examples(TEXT);
        assert!(problem(Path::new("a.rs"), &examples[0]).is_none());
        assert!(problem(Path::new("a.rs"), &examples[1]).is_some());
    }
}
