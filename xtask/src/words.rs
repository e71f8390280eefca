//! The words of the project: one word for one thing, and plain modern English.
//!
//! Reads every source and text file, names of items included: `LostReply` and `lost_reply` are the words "lost reply".

use crate::failure::{Failure, Problem, Result};
use crate::out::say;
use crate::root;
use crate::sources::files_ending;

/// The avoided words, and what to write instead.
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

/// Phrases in which an avoided word is right: the words of a provider or of a library.
const ALLOWED: &[&str] =
    &["virtual machine", "machine readable", "machine translation", "time pause", "start paused"];

/// The files with text of others, by the beginning of their path.
const SKIPPED: &[&str] = &["fixtures", "target", "xtask/src/words.rs", "LICENSE"];

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask words")]
pub(crate) struct Arguments;

pub(crate) fn run(_: &Arguments) -> Result {
    check()
}

/// Fails if a file contains an avoided word.
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
    say(format_args!("{read} files contain no avoided word"));
    Ok(())
}

/// The avoided words in a line, each with what to write instead.
fn avoided(line: &str) -> Vec<(&'static str, &'static str)> {
    let mut words = words(line);
    for phrase in ALLOWED {
        let phrase = format!(" {phrase} ");
        // Two phrases in a row share a blank.
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

/// The words of a line in lower case, with a blank around each; a name is split into its words.
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
    fn parts_of_words_and_the_words_of_providers_and_libraries_are_left_alone() {
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
