//! `cargo xtask bench`: runs the benchmarks and compares their times. `--peers` compares the clients with handwritten
//! and generated ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::{Failure, Result};
use crate::out::say;
use crate::peers::{self, Measure};
use crate::plot::{Bar, svg};
use crate::root;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask bench
  cargo xtask bench --peers
  cargo xtask bench --instructions
  cargo xtask bench --report-only --out docs/benches")]
pub(crate) struct Arguments {
    /// Reports on the latest run instead of starting a new one.
    #[arg(long)]
    report_only: bool,
    /// Compares calls, requests and lists with typed reqwest, a generated client and plain serde. Reports ratios of CPU
    /// time, and of the memory that waiting calls use.
    #[arg(long, conflicts_with = "report_only")]
    peers: bool,
    /// Compares instruction counts instead of times; needs valgrind.
    #[arg(long, conflicts_with_all = ["report_only", "peers"])]
    instructions: bool,
    /// The folder for report.md and report.svg, or peers.md and peers.svg.
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let measure = match arguments {
        Arguments { instructions: true, .. } => Some(Measure::Instructions),
        Arguments { peers: true, .. } => Some(Measure::CpuTime),
        _ => None,
    };
    if let Some(measure) = measure {
        let (report, plot) = peers::report(measure)?;
        return write(arguments, &[("peers.md", &report), ("peers.svg", &plot)]);
    }
    if !arguments.report_only {
        run_cargo(&mut cargo(["bench", "-p", "hostkit-tests"]))?;
    }
    let groups = read(&root().join("target/criterion"))?;
    if groups.is_empty() {
        return Err(Failure::new("there are no measurements in target/criterion", "cargo xtask bench"));
    }
    say(markdown(&groups));
    write(arguments, &[("report.md", &markdown(&groups)), ("report.svg", &plot(&groups))])
}

/// Writes files to the report folder.
fn write(arguments: &Arguments, files: &[(&str, &str)]) -> Result {
    let folder = root().join(&arguments.out);
    let written = fs::create_dir_all(&folder)
        .and_then(|()| files.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text)));
    written.map_err(|error| {
        Failure::new(
            format_args!("{}: {error}", folder.display()),
            "cargo xtask bench --out <another folder>",
        )
    })?;
    say(format_args!("written to {}", folder.display()));
    Ok(())
}

/// The measurements of each group, fastest first.
type Groups = BTreeMap<String, Vec<Measurement>>;

#[derive(Debug, PartialEq)]
struct Measurement {
    name: String,
    /// Nanoseconds per iteration: the mean and its 95 % confidence interval.
    mean: f64,
    bounds: (f64, f64),
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
}

#[derive(Deserialize)]
struct Estimates {
    mean: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

fn read(folder: &Path) -> Result<Groups> {
    let mut groups = Groups::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        open.extend(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()));
        if !folder.ends_with("new") || !folder.join("benchmark.json").exists() {
            continue;
        }
        let benchmark: Benchmark = parse(&folder.join("benchmark.json"))?;
        let Estimates { mean } = parse(&folder.join("estimates.json"))?;
        let Interval { lower_bound, upper_bound } = mean.confidence_interval;
        let name =
            [benchmark.function_id, benchmark.value_str].into_iter().flatten().collect::<Vec<_>>().join(" ");
        groups.entry(benchmark.group_id).or_default().push(Measurement {
            name,
            mean: mean.point_estimate,
            bounds: (lower_bound, upper_bound),
        });
    }
    for measurements in groups.values_mut() {
        measurements.sort_by(|one, other| one.mean.total_cmp(&other.mean));
    }
    Ok(groups)
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::new(
            format_args!("{}: {error}", path.display()),
            "rm -r target/criterion && cargo xtask bench",
        )
    };
    let text = fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    serde_json::from_str(&text).map_err(|error| unreadable(&error))
}

/// Formats a duration, e.g. `12.3 µs`.
fn time(nanoseconds: f64) -> String {
    let units = [("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0)];
    let (unit, size) = units.into_iter().find(|(_, size)| nanoseconds >= *size).unwrap_or(("ns", 1.0));
    let value = nanoseconds / size;
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$} {unit}")
}

fn markdown(groups: &Groups) -> String {
    let mut lines = Vec::new();
    for (group, measurements) in groups {
        lines.push(format!("## {group}\n\n| benchmark | time | 95 % interval | ratio |\n|---|--:|--:|--:|"));
        let fastest = measurements.first().map_or(1.0, |first| first.mean);
        for Measurement { name, mean, bounds: (lower, upper) } in measurements {
            let name = if name.is_empty() { group } else { name };
            let ratio = mean / fastest;
            lines.push(format!(
                "| {name} | {} | {} to {} | {ratio:.2} |",
                time(*mean),
                time(*lower),
                time(*upper)
            ));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}

fn plot(groups: &Groups) -> String {
    let bars = |measurements: &[Measurement]| {
        let bar = |one: &Measurement| Bar { name: one.name.clone(), value: one.mean, label: time(one.mean) };
        measurements.iter().map(bar).collect()
    };
    let groups = groups.iter().map(|(group, measurements)| (group.clone(), bars(measurements)));
    svg(
        &groups.collect::<Vec<_>>(),
        "Time for one iteration: shorter is better. Each group has its own scale.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Groups {
        let measurement =
            |name: &str, mean: f64| Measurement { name: name.into(), mean, bounds: (mean * 0.9, mean * 1.1) };
        Groups::from([(
            "decode <vm>".to_owned(),
            vec![measurement("hostkit", 12_340.0), measurement("by hand", 24_680.0)],
        )])
    }

    #[test]
    fn times_are_shown_in_a_suitable_unit() {
        let shown = [0.5, 7.25, 1_500.0, 12_340.0, 123_456_789.0, 2e9].map(time);
        assert_eq!(shown, ["0.50 ns", "7.25 ns", "1.50 µs", "12.3 µs", "123 ms", "2.00 s"]);
    }

    #[test]
    fn the_report_compares_with_the_fastest_of_the_group() {
        let report = markdown(&groups());
        assert!(report.contains("| hostkit | 12.3 µs | 11.1 µs to 13.6 µs | 1.00 |"), "{report}");
        assert!(report.contains("| by hand | 24.7 µs | 22.2 µs to 27.1 µs | 2.00 |"), "{report}");
    }

    #[test]
    fn the_slowest_bar_of_a_group_fills_the_width() {
        let plot = plot(&groups());
        assert!(plot.contains("width=\"420.0\"") && plot.contains("width=\"210.0\""), "{plot}");
        assert!(plot.contains("decode &lt;vm&gt;"), "{plot}");
    }

    #[test]
    fn measurements_are_read_from_the_files_of_criterion() {
        let root = std::env::temp_dir().join(format!("hostkit-bench-{}", std::process::id()));
        for (name, mean) in [("slow", 20.0), ("fast", 10.0)] {
            let folder = root.join("group").join(name).join("new");
            fs::create_dir_all(&folder).unwrap();
            let benchmark = format!(r#"{{"group_id": "group", "function_id": "{name}", "value_str": null}}"#);
            fs::write(folder.join("benchmark.json"), benchmark).unwrap();
            let interval = r#"{"confidence_level": 0.95, "lower_bound": 1.0, "upper_bound": 2.0}"#;
            let estimates =
                format!(r#"{{"mean": {{"confidence_interval": {interval}, "point_estimate": {mean}}}}}"#);
            fs::write(folder.join("estimates.json"), estimates).unwrap();
        }
        let groups = read(&root).unwrap();
        let names: Vec<_> = groups["group"].iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["fast", "slow"]);
        fs::remove_dir_all(root).unwrap();
    }
}
