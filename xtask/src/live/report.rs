//! The report of a live check: a table that can be pasted into an issue.

use std::fmt;

use crate::failure::{Failure, Problem, Result};
use crate::fixtures::Provider;
use crate::out::counted;

/// The result of one operation.
pub(super) enum Verdict {
    Fits,
    Differs(Vec<String>),
    Failed(String),
    NotRun(String),
}

impl Verdict {
    pub(super) fn of(differences: Vec<String>) -> Self {
        if differences.is_empty() { Self::Fits } else { Self::Differs(differences) }
    }
}

/// The results of all operations.
pub(super) struct Report {
    provider: Provider,
    rows: Vec<(&'static str, Verdict)>,
}

impl Report {
    pub(super) const fn new(provider: Provider) -> Self {
        Self { provider, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, operation: &'static str, verdict: Verdict) {
        self.rows.push((operation, verdict));
    }

    fn count(&self, of: impl Fn(&Verdict) -> bool) -> usize {
        self.rows.iter().filter(|(_, verdict)| of(verdict)).count()
    }

    /// Fails if a response differs from the contract, or if an operation failed.
    pub(super) fn outcome(&self) -> Result {
        let differing = self.count(|verdict| matches!(verdict, Verdict::Differs(_)));
        let failed = self.count(|verdict| matches!(verdict, Verdict::Failed(_)));
        let name = self.provider.name();
        let problem = |count: usize, what: &str, help: String| {
            (count > 0).then(|| Problem::new(format_args!("{} {what}", counted(count, "operation")), help))
        };
        let drift = problem(
            differing,
            "returned something that the contract does not contain",
            format!(
                "paste the report into an issue, or record fixtures: cargo xtask live {name} --record target/recorded"
            ),
        );
        let lost =
            problem(failed, "failed", format!("inspect one: cargo xtask call --live {name} <operation>"));
        Failure::unless_none(drift.into_iter().chain(lost).collect())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |(operation, verdict): &(&str, Verdict)| {
            let result = match verdict {
                Verdict::Fits => "matches".to_owned(),
                Verdict::Differs(differences) => counted(differences.len(), "difference"),
                Verdict::Failed(error) => format!("failed: {error}"),
                Verdict::NotRun(reason) => format!("not run: {reason}"),
            };
            (format!("`{operation}`"), result)
        };
        let mut rows = vec![("operation".to_owned(), "result".to_owned())];
        rows.extend(self.rows.iter().map(row));
        let widest = |cell: fn(&(String, String)) -> usize| rows.iter().map(cell).max().unwrap_or_default();
        let (first, second) = (widest(|row| row.0.len()), widest(|row| row.1.len()));
        rows.insert(1, ("-".repeat(first), "-".repeat(second)));
        writeln!(f, "### {} {}\n", self.provider.name(), env!("CARGO_PKG_VERSION"))?;
        for (operation, result) in rows {
            writeln!(f, "| {operation:first$} | {result:second$} |")?;
        }
        for (operation, verdict) in &self.rows {
            let Verdict::Differs(differences) = verdict else { continue };
            writeln!(f, "\n`{operation}`")?;
            differences.iter().try_for_each(|difference| writeln!(f, "- `{difference}`"))?;
        }
        write!(
            f,
            "\n{}: {} match, {} differ, {} failed, {} not run",
            counted(self.rows.len(), "operation"),
            self.count(|verdict| matches!(verdict, Verdict::Fits)),
            self.count(|verdict| matches!(verdict, Verdict::Differs(_))),
            self.count(|verdict| matches!(verdict, Verdict::Failed(_))),
            self.count(|verdict| matches!(verdict, Verdict::NotRun(_))),
        )
    }
}
