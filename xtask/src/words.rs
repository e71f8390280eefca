//! Checks the project's vocabulary: one word for each thing, and plain modern English.
//!
//! Reads every source and text file, including the names of items: `LostReply` and `lost_reply` are read as the words
//! "lost reply".

use crate::failure::{Failure, Problem, Result};
use crate::out::say;
use crate::root;
use crate::sources::files_ending;

/// The words to avoid, and what to write instead.
const AVOIDED: &[(&[&str], &str)] = &[
    (&["machine", "machines"], "VM, GPU server, VPS, or computer for the user's own"),
    (&["deed", "deeds"], "operation, or action as the provider says"),
    (&["wish", "wishes", "wished", "wishing"], "delay, or what is requested"),
    (&["pause", "pauses"], "delay"),
    (&["reply", "replies", "replied"], "response"),
    (&["refusal", "refusals", "says no"], "error response"),
    (&["tell", "tells", "told"], "return, contain, show, or know"),
    (&["stand", "stands", "stood"], "is, appears"),
    (&["leads to"], "points to"),
    (&["gives back", "give back"], "release, or return"),
    (&["charged for from"], "you are billed from this point"),
    (&["mend", "mends", "mended"], "fix"),
    (&["tidy", "tidies", "tidied"], "redact, sanitize, or format"),
    (&["so many tries"], "attempts"),
    (&["ours"], "convenience method, or name the project"),
    (
        &["what is said of", "whom", "whence", "hence", "thus", "shall", "likewise", "lest", "upon", "amiss"],
        "plain English",
    ),
];

/// Phrases in which a discouraged word is allowed, because a provider or a library uses it.
const ALLOWED: &[&str] =
    &["virtual machine", "machine readable", "machine translation", "time pause", "start paused"];

/// The files to skip, by the start of their path: most of them contain other people's text.
const SKIPPED: &[&str] = &["fixtures", "target", "xtask/src/words.rs", "LICENSE"];

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask words")]
pub(crate) struct Arguments;

pub(crate) fn run(_: &Arguments) -> Result {
    check()
}

/// Fails if a file contains a discouraged word.
pub(crate) fn check() -> Result {
    let mut problems = Vec::new();
    let mut read = 0;
    for (path, text) in files_ending(&["rs", "md", "toml", "txt", "snap"], &root())? {
        let shown = path.strip_prefix(root()).unwrap_or(&path);
        if SKIPPED.iter().any(|skipped| shown.starts_with(skipped)) {
            continue;
        }
        read += 1;
        for (number, line) in text.lines().enumerate() {
            problems.extend(avoided(line).into_iter().map(|(word, say)| {
                Problem::new(
                    format_args!("{}:{}: \"{word}\" in: {}", shown.display(), number + 1, line.trim()),
                    format!("write {say}"),
                )
            }));
        }
    }
    Failure::unless_none(problems)?;
    say(format_args!("{read} files contain no discouraged words"));
    Ok(())
}

/// Returns the discouraged words in a line, each with its replacement.
fn avoided(line: &str) -> Vec<(&'static str, &'static str)> {
    let mut words = words(line);
    for phrase in ALLOWED {
        let phrase = format!(" {phrase} ");
        // Two adjacent phrases share a blank.
        while words.contains(&phrase) {
            words = words.replace(&phrase, "  ");
        }
    }
    let found = |word: &&&str| words.contains(&format!(" {word} "));
    AVOIDED
        .iter()
        .flat_map(|(avoided, say)| avoided.iter().filter(found).map(move |word| (*word, *say)))
        .collect()
}

/// Returns the words of a line in lower case, with a blank around each. Names are split into their words.
fn words(line: &str) -> String {
    let mut words = String::from(" ");
    let mut was_lower = false;
    for c in line.chars() {
        if !words.ends_with(' ') && (!c.is_alphabetic() || (was_lower && c.is_uppercase())) {
            words.push(' ');
        }
        if c.is_alphabetic() {
            words.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.push(' ');
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<&'static str> {
        avoided(line).into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn words_are_found_in_prose_and_in_names() {
        assert_eq!(found("/// Tells what the reply says."), ["reply", "tells"]);
        assert_eq!(found("struct LostReply; fn lost_replies() {}"), ["reply", "replies"]);
        assert_eq!(found("What is said of load balancers."), ["what is said of"]);
        assert_eq!(found("\"the server says no\""), ["says no"]);
    }

    #[test]
    fn parts_of_words_and_allowed_phrases_are_not_reported() {
        assert!(found("understand the hours; No such virtual machine exists").is_empty());
        assert!(found("VirtualMachine = \"virtual_machine\",").is_empty());
        assert!(found("tokio::time::pause(); #[tokio::test(start_paused = true)]").is_empty());
    }

    #[test]
    fn every_avoided_word_is_found() {
        for word in AVOIDED.iter().flat_map(|(words, _)| *words) {
            assert!(found(&format!("a {word}.")).contains(word), "{word}");
        }
    }
}
