//! Shows the differences between two strings.

use similar::{ChangeTag, TextDiff};

/// Returns the changed lines, each with three lines of context.
pub(crate) fn lines(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut out = String::new();
    for (at, group) in diff.grouped_ops(3).iter().enumerate() {
        if at > 0 {
            out.push_str("  …\n");
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            out.push_str(match change.tag() {
                ChangeTag::Delete => "- ",
                ChangeTag::Insert => "+ ",
                ChangeTag::Equal => "  ",
            });
            out.push_str(change.value().trim_end_matches('\n'));
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_only_changes_with_their_context() {
        let old = (1..=20).map(|line| line.to_string() + "\n").collect::<String>();
        let new = old.replace("2\n3\n", "2\nthree\n").replace("18\n", "");
        assert_eq!(
            lines(&old, &new),
            "  1\n  2\n- 3\n+ three\n  4\n  5\n  6\n  …\n  15\n  16\n  17\n- 18\n  19\n  20\n"
        );
    }
}
