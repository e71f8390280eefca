//! Checks that every change of a line, a word or a parameter is reported.

use std::collections::BTreeSet;

use super::Layout;
use super::layouts::{elastis, inferno, leaderssl};
use crate::contract::page::Page;

/// Renames and removes each parameter of the pages, one at a time.
#[test]
fn no_change_of_a_single_parameter_goes_unnoticed() {
    let mut tried = 0;
    for layout in [elastis(), leaderssl(), inferno()] {
        let read = Page::read(layout.provider, &layout.page, &layout.endpoints);
        let all = read.sections.iter().flat_map(|section| {
            section.fields.iter().chain(section.requests.iter().flat_map(|reported| &reported.parameters))
        });
        for parameter in all {
            let lines: Vec<&str> = layout.page.lines().collect();
            let name = parameter.name.as_str();
            // A command may have several lines.
            let at = (parameter.line - 1..lines.len()).find(|&at| lines[at].contains(name)).unwrap();
            let line = lines[at];
            let mutated = |line: &str| {
                let mut lines = lines.clone();
                lines[at] = line;
                lines.join("\n")
            };
            let renamed = line.replacen(name, &format!("{name}_new"), 1);
            let names_it = |newer: &str| {
                let found = layout.differences(newer);
                assert!(!found.is_empty(), "{name} in `{line}`");
                found.iter().any(|difference| difference.to_string().contains(&format!("`{name}`")))
            };
            assert!(names_it(&mutated(&renamed)), "{name} renamed in `{line}`");
            assert!(names_it(&mutated("")) || line.contains("action="), "`{line}` dropped");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

/// Replaces the type of each parameter and field with every other type, one at a time.
#[test]
fn no_change_of_a_type_goes_unnoticed() {
    let elastis_types = [
        "A Whole number",
        "A decimal number",
        "Basic text / string value",
        "Accepts a true or false value",
        "JSON",
        "A universally unique identifier",
        "Integer",
        "String",
    ];
    let leaderssl_types = ["integer", "string", "boolean", "(null | Time)"];
    let mut tried = 0;
    for (layout, types) in [(elastis(), &elastis_types[..]), (leaderssl(), &leaderssl_types)] {
        let read = Page::read(layout.provider, &layout.page, &layout.endpoints);
        let all = read.sections.iter().flat_map(|section| {
            section.fields.iter().chain(section.requests.iter().flat_map(|reported| &reported.parameters))
        });
        for parameter in all.filter(|parameter| parameter.kind.is_some()) {
            let start = layout.page.split_inclusive('\n').take(parameter.line - 1).map(str::len).sum();
            let (before, rest) = layout.page.split_at(start);
            let old = *types.iter().min_by_key(|kind| rest.find(**kind).unwrap_or(usize::MAX)).unwrap();
            for new in types {
                let found = layout.differences(&[before, &rest.replacen(old, new, 1)].concat());
                let is_reported = found.iter().any(|difference| {
                    let shown = difference.to_string();
                    shown.contains(&format!("`{}`", parameter.name)) && shown.contains("type changed")
                });
                let is_other = same_type(old) != same_type(new);
                assert_eq!(is_reported, is_other, "{} from {old} to {new}: {found:#?}", parameter.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

/// Maps the different names of the same type to one name.
fn same_type(words: &str) -> &str {
    match words {
        "A Whole number" => "Integer",
        "Basic text / string value" => "String",
        other => other,
    }
}

/// Returns the reports without line numbers and sections, because other changes shift them.
fn reported(layout: &Layout, newer: &str) -> BTreeSet<String> {
    let found = layout.differences(newer);
    // Two changes to the same request line become one report.
    let what = |reported: String| {
        let what = reported.split_once("\": ").map_or(reported.as_str(), |(_, what)| what);
        let end = [" changed", " moved"].iter().find_map(|word| what.find(word)).unwrap_or(what.len());
        what[..end].to_owned()
    };
    found.iter().map(|difference| what(difference.to_string())).collect()
}

/// Changes a line in each of two sections at the same time. Each change must be reported as if it were the only one.
/// Within a section, changes to the same request become one report.
#[test]
fn no_difference_hides_another() {
    let mut tried = 0;
    for layout in [elastis(), leaderssl(), inferno()] {
        let lines: Vec<&str> = layout.page.lines().collect();
        // A new value at the end of a line changes neither the structure nor how other lines are read.
        let changes: Vec<(usize, String, BTreeSet<String>)> = (0..lines.len())
            .filter_map(|at| {
                let word =
                    lines[at].rsplit(|letter: char| !letter.is_alphanumeric()).find(|word| word.len() > 1)?;
                let start = lines[at].rfind(word)?;
                // Keeps JSON valid.
                let more = if word.starts_with(|letter: char| letter.is_ascii_digit()) { '9' } else { 'z' };
                let line = format!("{}{more}{}", &lines[at][..start], &lines[at][start..]);
                let alone = reported(&layout, &with(&lines, &[(at, &line)]));
                // An operation's samples cannot be identified without its request line.
                let is_readable = alone.iter().all(|what| !what.starts_with("operation "));
                (is_readable && !alone.is_empty()).then_some((at, line, alone))
            })
            .collect();
        let sections = Page::read(layout.provider, &layout.page, &layout.endpoints).sections;
        let section = |at: usize| sections.iter().rposition(|section| section.line <= at + 1);
        for (index, (first_at, first, first_alone)) in changes.iter().enumerate() {
            let elsewhere = changes[index + 1..].iter().filter(|(at, ..)| section(*at) != section(*first_at));
            for (second_at, second, second_alone) in elsewhere {
                let both = reported(&layout, &with(&lines, &[(*first_at, first), (*second_at, second)]));
                // A changed value in a removed part of a sample is reported with that part.
                let same_sample = |one: &str, reported: &str| {
                    one.split_once(", ").is_some_and(|(sample, _)| reported.starts_with(sample))
                };
                let is_reported = |one: &String| {
                    both.contains(one) || both.iter().any(|reported| same_sample(one, reported))
                };
                let lost: Vec<_> = first_alone.union(second_alone).filter(|one| !is_reported(one)).collect();
                assert!(lost.is_empty(), "`{first}` and `{second}`: {both:#?} without {lost:#?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

fn with(lines: &[&str], changes: &[(usize, &String)]) -> String {
    let mut lines = lines.to_vec();
    for (at, line) in changes {
        lines[*at] = line;
    }
    lines.join("\n")
}

/// Changes each word of each page, one at a time.
#[test]
fn no_word_changes_unnoticed() {
    for layout in [elastis(), leaderssl(), inferno()] {
        let mut at = 0;
        for word in layout.page.split_whitespace() {
            let start = at + layout.page[at..].find(word).unwrap();
            at = start + word.len();
            let newer = format!("{}Zz{}{}", &layout.page[..start], word, &layout.page[at..]);
            assert!(!layout.differences(&newer).is_empty(), "`{word}` at {start}");
        }
    }
}
