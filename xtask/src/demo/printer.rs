//! The output of a demo: a line with the duration of each step, a spinner while a step runs, and a table of the
//! requests at the end.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::IntoFuture;
use std::time::{Duration, Instant};

use hostkit_simulator::Simulator;
use indicatif::{ProgressBar, ProgressStyle};

use crate::out::{counted, say};

/// Prints the steps of one demo.
pub(crate) struct Printer {
    started: Instant,
    steps: usize,
}

impl Printer {
    pub(crate) fn new(title: &str, place: &str) -> Self {
        say(format_args!("\n{title}  ({place})\n{}", "─".repeat(78)));
        Self { started: Instant::now(), steps: 0 }
    }

    /// Runs a step. Prints `what` while the step runs, and then a line with the text that `shown` returns for the
    /// step's value.
    pub(crate) async fn step<T, E, D: Display>(
        &mut self,
        what: &str,
        step: impl IntoFuture<Output = Result<T, E>>,
        shown: impl FnOnce(&T) -> D,
    ) -> Result<T, E> {
        let spinner = spinner(what);
        let started = Instant::now();
        let result = step.await;
        spinner.finish_and_clear();
        self.steps += 1;
        match &result {
            Ok(value) => line(what, shown(value), Some(started.elapsed())),
            Err(_) => line(what, "failed", Some(started.elapsed())),
        }
        result
    }

    /// Prints a remark between two steps.
    #[expect(clippy::unused_self, reason = "remarks belong to a demo")]
    pub(crate) fn remark(&self, text: impl Display) {
        say(format_args!("  · {text}"));
    }

    /// Prints a table of the requests that the simulator received.
    pub(crate) fn summary(&self, simulator: &Simulator) {
        let mut seen = BTreeMap::<_, (usize, usize)>::new();
        for request in simulator.requests() {
            let row = seen.entry(request.operation.unwrap_or("(unknown)")).or_default();
            row.0 += 1;
            row.1 += usize::from(request.status.is_none_or(|status| status >= 400));
        }
        let requests: usize = seen.values().map(|(count, _)| count).sum();
        say(format_args!("\n  {:<34}{:>10}{:>12}", "operation", "requests", "HTTP ≥ 400"));
        for (operation, (count, refused)) in &seen {
            let refused = if *refused == 0 { String::from("–") } else { refused.to_string() };
            say(format_args!("  {operation:<34}{count:>10}{refused:>12}"));
        }
        let elapsed = self.started.elapsed();
        say(format_args!(
            "  {}, {}, {elapsed:.1?}",
            counted(self.steps, "step"),
            counted(requests, "request")
        ));
    }
}

fn line(what: &str, shown: impl Display, took: Option<Duration>) {
    let took = took.map(|took| format!("{took:.0?}")).unwrap_or_default();
    say(format_args!("  {what:<30} {shown}  [{took}]"));
}

fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
