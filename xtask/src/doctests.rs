//! Limits the number of hidden lines in documentation examples.
//!
//! rustdoc does not show a line that starts with `# `, but an editor does. The setup of the examples is therefore in
//! the crate `tests/doctest`, and an example hides only its call, the end of that call, and at most one more line.

use std::path::Path;

use crate::failure::{Failure, Problem, Result};
use crate::out::say;
use crate::{packages, root, sources};

/// The maximum number of hidden lines in an example.
const MOST: usize = 3;

/// The maximum number of hidden lines per hundred visible lines, across all crates.
const PERCENT: usize = 40;

#[derive(Debug, Default, PartialEq, Eq)]
struct Example {
    /// The number of the opening line, counted from 1.
    line: usize,
    hidden: usize,
    visible: usize,
}

/// Fails if examples hide too many lines.
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
        let what = format_args!("{said}; the limit is {PERCENT} hidden lines per 100 visible ones");
        problems.push(Problem::new(what, "move setup into tests/doctest"));
    }
    Failure::unless_none(problems)?;
    say(said);
    Ok(())
}

fn problem(path: &Path, Example { line, hidden, .. }: &Example) -> Option<Problem> {
    let shown = path.strip_prefix(root()).unwrap_or(path).display();
    let what = format!("{shown}:{line}: the example hides {hidden} lines; the limit is {MOST}");
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
    fn hidden_and_visible_lines_are_counted_only_in_examples() {
        let few = Example { line: 5, hidden: 1, visible: 2 };
        let many = Example { line: 12, hidden: 4, visible: 2 };
        assert_eq!(examples(TEXT), [few, many]);
    }

    #[test]
    fn an_example_that_hides_too_many_lines_is_reported() {
        let examples = examples(TEXT);
        assert!(problem(Path::new("a.rs"), &examples[0]).is_none());
        assert!(problem(Path::new("a.rs"), &examples[1]).is_some());
    }
}
