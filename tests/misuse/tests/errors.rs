//! The compiler errors of common mistakes say what to do.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// Returns the compiler errors of each file in `src`, as they appear in the terminal.
fn errors() -> BTreeMap<String, String> {
    let arguments = ["check", "--quiet", "--package", "hostkit-misuse", "--lib", "--message-format", "json"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("HOSTKIT_MISUSE", "1")
        .output()
        .unwrap();
    let mut errors = BTreeMap::<_, String>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let message = &line["message"];
        if let (Some(path), Some(text)) =
            (message["spans"][0]["file_name"].as_str(), message["rendered"].as_str())
        {
            let name = Path::new(path).file_name().unwrap().to_str().unwrap();
            errors.entry(name.to_owned()).or_default().push_str(text);
        }
    }
    assert!(!errors.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    errors
}

#[test]
fn each_mistake_gets_the_expected_error() {
    let errors = errors();
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "lib.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let expected: Vec<_> = text.lines().map_while(|line| line.strip_prefix("// ")).collect();
        assert!(!expected.is_empty(), "{name} does not begin with the expected lines");
        let shown = errors.get(&name).map_or("", String::as_str);
        for line in expected {
            assert!(shown.contains(line), "{name} does not get {line:?} but:\n{shown}");
        }
        files.insert(name);
    }
    assert_eq!(files, errors.into_keys().collect(), "every error is in a file with expected lines");
}
