//! Writes every response to a file, so that all responses of a test suite can be checked.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::json;

use super::log::Received;
use crate::base::Response;

/// The environment variable that names the folder.
const FOLDER: &str = "HOSTKIT_SIMULATOR_RESPONSES";

static FILE: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
    let folder = PathBuf::from(std::env::var_os(FOLDER)?);
    open(&folder).inspect_err(complain).ok().map(Mutex::new)
});

fn complain(error: &io::Error) {
    let _ = writeln!(io::stderr(), "cannot write responses to the folder in {FOLDER}: {error}");
}

/// Opens the file of this process, because several processes may write to one folder.
fn open(folder: &Path) -> io::Result<File> {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(Path::file_stem).unwrap_or_default().to_string_lossy();
    let path = folder.join(format!("{program}.{}.jsonl", std::process::id()));
    OpenOptions::new().create(true).append(true).open(path)
}

/// Appends a response to this process's file, if the variable is set.
pub(crate) fn write(received: &Received, response: &Response) {
    let Some(file) = &*FILE else { return };
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    let line = format!("{}\n", line(received, response));
    let _ = file.write_all(line.as_bytes()).inspect_err(complain);
}

fn line(received: &Received, response: &Response) -> serde_json::Value {
    json!({
        // The test runner names each thread after its test.
        "thread": std::thread::current().name(),
        "provider": received.provider,
        "operation": received.operation,
        "altered": response.altered,
        "status": response.status,
        "body": String::from_utf8_lossy(&response.body),
    })
}
