//! Generated files. A command writes them, and with `--check` compares them with their expected content.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, Problem, Result};
use crate::out::{counted, say};
use crate::{diff, root};

/// The expected content of a file.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Generated {
    fn held(&self) -> String {
        fs::read_to_string(&self.path).unwrap_or_default()
    }

    /// Returns a problem with a diff if the file is out of date. `help` is the command that writes the file.
    fn problem(&self, help: &str) -> Option<Problem> {
        let found = self.held();
        (found != self.text).then(|| {
            let shown = self.path.strip_prefix(root()).unwrap_or(&self.path).display();
            Problem::new(format_args!("{shown} is out of date\n{}", diff::lines(&found, &self.text)), help)
        })
    }
}

/// Fails if a file differs from its expected content.
pub(crate) fn check(files: &[Generated], help: &str) -> Result {
    Failure::unless_none(files.iter().filter_map(|file| file.problem(help)).collect())
}

/// Writes the files that differ from their expected content.
pub(crate) fn write(files: &[Generated]) -> Result {
    let stale: Vec<_> = files.iter().filter(|file| file.held() != file.text).collect();
    for Generated { path, text } in &stale {
        fs::write(path, text).map_err(|error| {
            Failure::new(format_args!("{}: {error}", path.display()), "make that file writable")
        })?;
    }
    say(format_args!("{} of {} written", stale.len(), counted(files.len(), "file")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_shown_with_its_diff_until_it_is_written() {
        let path = std::env::temp_dir().join(format!("hostkit-generated-{}", std::process::id()));
        fs::write(&path, "a\nold\n").unwrap();
        let files = [Generated { path: path.clone(), text: "a\nnew\n".into() }];
        let failure = check(&files, "cargo xtask it --write").unwrap_err().to_string();
        for part in ["- old", "+ new", "help: cargo xtask it --write"] {
            assert!(failure.contains(part), "{failure}");
        }
        write(&files).unwrap();
        check(&files, "").unwrap();
        fs::remove_file(path).unwrap();
    }
}
