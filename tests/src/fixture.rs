//! A request and its response as data: `fixtures/<crate>/<operation>[.<case>].json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::json::Json;

/// The source of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Shown in the provider's documentation.
    Documented,
    /// Recorded from real traffic.
    Recorded,
    /// Written by hand, based on what clients of the API have published.
    Observed,
    /// Written by hand, based on similar responses, because nobody has published this one.
    Assumed,
}

impl Source {
    /// Returns `documented`, `observed` or `assumed`.
    pub const fn evidence(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Recorded | Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }
}

/// One exchange with a provider, with placeholders such as `<api-key:1>` for secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The operation's name, e.g. `vm.stop`.
    pub operation: String,
    /// The difference from the operation's usual exchange, in kebab-case. The case appears only in the file name.
    #[serde(skip)]
    pub case: Option<String>,
    /// The source of the exchange.
    pub source: Source,
    /// The reason why the exchange looks like this, if the provider's documentation does not explain it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The client's request.
    pub request: Request,
    /// The provider's response.
    pub response: Response,
}

/// The request of a [`Fixture`]. At most one of `form` and `json` is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The values of the `{names}` in the operation's path template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, String>,
    /// The decoded query.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Relevant headers, with names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The decoded body, if it is a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<BTreeMap<String, String>>,
    /// The body, if it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Json>,
}

/// The response of a [`Fixture`]. The body is empty if neither `json` nor `text` is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Relevant headers, with names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, if it is JSON other than a bare `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Json>,
    /// The body, if it is anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Response {
    /// Returns the body as it is sent.
    pub fn body(&self) -> String {
        match (&self.json, &self.text) {
            (Some(json), _) => json.to_string(),
            (None, text) => text.clone().unwrap_or_default(),
        }
    }
}

/// An error that occurred while reading or writing a fixture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// The file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error that the operating system returned.
        source: io::Error,
    },
    /// The file is not a fixture.
    #[error("{}: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The JSON error, with its position.
        source: serde_json::Error,
    },
    /// The file is not named after its operation and case.
    #[error(
        "{}: the file of a fixture for `{operation}` must be named `{operation}.json` or \
         `{operation}.<case>.json`, with the case in kebab-case", path.display()
    )]
    Name {
        /// The file.
        path: PathBuf,
        /// The operation in the file.
        operation: String,
    },
    /// Two bodies are specified.
    #[error(
        "{}: a request must not have both `form` and `json`, nor a response both `json` and `text`",
        path.display()
    )]
    TwoBodies {
        /// The file.
        path: PathBuf,
    },
}

/// Returns the folder with the fixtures, which has a subfolder for each crate.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("fixtures")
}

impl Fixture {
    /// Loads all fixtures of a crate, ordered by name. Returns an empty list if the crate has no folder.
    pub fn load_all(package: &str) -> Result<Vec<Self>, FixtureError> {
        files(&root().join(package))?.iter().map(|path| Self::load(path)).collect()
    }

    /// Reads a fixture. Its case comes from the file name.
    pub fn load(path: &Path) -> Result<Self, FixtureError> {
        let text = fs::read_to_string(path).map_err(|source| io_error(path, source))?;
        let mut fixture: Self = serde_json::from_str(&text)
            .map_err(|source| FixtureError::Format { path: path.to_owned(), source })?;
        let (request, response) = (&fixture.request, &fixture.response);
        if (request.form.is_some() && request.json.is_some())
            || (response.json.is_some() && response.text.is_some())
        {
            return Err(FixtureError::TwoBodies { path: path.to_owned() });
        }
        fixture.case = case(path, &fixture.operation).ok_or_else(|| FixtureError::Name {
            path: path.to_owned(),
            operation: fixture.operation.clone(),
        })?;
        Ok(fixture)
    }

    /// Writes the fixture in canonical form into `folder`, which is created if necessary. Returns the file's path.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, FixtureError> {
        let path = folder.join(format!("{}.json", self.name()));
        let text = self.canonical().map_err(|source| FixtureError::Format { path: path.clone(), source })?;
        fs::create_dir_all(folder).map_err(|source| io_error(folder, source))?;
        fs::write(&path, text).map_err(|source| io_error(&path, source))?;
        Ok(path)
    }

    /// Returns the canonical form: indented by two spaces, with a line break at the end.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Returns the fixture's name: `server.list`, or `server.list.refused` for the case `refused`.
    pub fn name(&self) -> String {
        match &self.case {
            Some(case) => format!("{}.{case}", self.operation),
            None => self.operation.clone(),
        }
    }

    /// Returns a value from the request's query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.request.query.get(name).map(String::as_str)
    }

    /// Returns a value from the request's form.
    pub fn form(&self, name: &str) -> Option<&str> {
        self.request.form.as_ref()?.get(name).map(String::as_str)
    }

    /// Returns the request's JSON body.
    pub fn json(&self) -> Option<&Json> {
        self.request.json.as_ref()
    }

    /// Returns the value of `{name}` in the request's path.
    pub fn path_segment(&self, name: &str) -> Option<&str> {
        self.request.segments.get(name).map(String::as_str)
    }

    /// Returns an argument of the call as a string, looked up in the path, the query, the form and the top level of a
    /// JSON body.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.path_segment(name)
            .or_else(|| self.query(name))
            .or_else(|| self.form(name))
            .or_else(|| self.json()?.get(name)?.as_str())
    }

    /// Returns the placeholders of all secrets in the request.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let request = serde_json::to_string(&self.request).unwrap_or_default();
        let marks = request.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(mark, _)| mark);
        let is_secret = |mark: &&str| {
            ["api-key:", "auth-token:", "password:", "secret-key:"].iter().any(|kind| mark.starts_with(kind))
        };
        let mut secrets: Vec<String> = marks.filter(is_secret).map(|mark| format!("<{mark}>")).collect();
        secrets.sort();
        secrets.dedup();
        secrets
    }
}

/// Loads all fixtures of a package.
#[expect(clippy::panic, reason = "this is an assertion")]
pub(crate) fn all_fixtures(package: &str) -> Vec<Fixture> {
    let fixtures = Fixture::load_all(package).unwrap_or_else(|error| panic!("{error}"));
    assert!(!fixtures.is_empty(), "there is no fixture in fixtures/{package}");
    fixtures
}

/// Loads one fixture for each operation: the one without a case, if there is one.
pub(crate) fn first_fixtures(package: &str) -> Vec<Fixture> {
    let mut fixtures = all_fixtures(package);
    fixtures.sort_by_key(|fixture| (fixture.operation.clone(), fixture.case.is_some()));
    fixtures.dedup_by_key(|fixture| fixture.operation.clone());
    fixtures
}

/// Returns the JSON files in a folder, ordered by name. Returns an empty list if the folder does not exist.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, FixtureError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| io_error(folder, source))?,
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .filter(|path| !matches!(path, Ok(path) if path.extension().is_none_or(|end| end != "json")))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| io_error(folder, source))?;
    paths.sort();
    Ok(paths)
}

/// Returns the case in a file name, or an outer `None` if the name does not match the operation.
#[expect(clippy::option_option, reason = "having no case differs from not matching the operation")]
fn case(path: &Path, operation: &str) -> Option<Option<String>> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".json")?;
    let rest = stem.strip_prefix(operation)?;
    if rest.is_empty() {
        return Some(None);
    }
    let case = rest.strip_prefix('.')?;
    let kebab = case.split('-').all(|word| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    });
    kebab.then(|| Some(case.to_owned()))
}

fn io_error(path: &Path, source: io::Error) -> FixtureError {
    FixtureError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture() -> Fixture {
        Fixture {
            operation: "disk.get".into(),
            case: Some("gone-for-good".into()),
            source: Source::Observed,
            note: None,
            request: Request {
                method: "GET".into(),
                path: "/v1/storage/disks/7".into(),
                segments: BTreeMap::from([("disk_uuid".into(), "7".into())]),
                ..Request::default()
            },
            response: Response {
                status: 200,
                json: Some(Json::parse(r#"{"size":2.0,"id":7}"#).unwrap()),
                ..Response::default()
            },
        }
    }

    fn folder(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hostkit-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn a_saved_fixture_is_loaded_with_the_case_from_its_file_name() {
        let folder = folder("round-trip");
        let path = fixture().save(&folder).unwrap();
        assert_eq!(path.file_name().unwrap(), "disk.get.gone-for-good.json");
        assert_eq!(Fixture::load(&path).unwrap(), fixture());
        assert_eq!(files(&folder).unwrap(), [path]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_argument_is_found_in_every_part_of_the_request() {
        let mut fixture = fixture();
        fixture.request.query.insert("name".into(), "a b".into());
        fixture.request.json = Some(Json::parse(r#"{"size_gb":50}"#).unwrap());
        assert_eq!(fixture.argument("disk_uuid"), Some("7"));
        assert_eq!(fixture.argument("name"), Some("a b"));
        assert_eq!(fixture.argument("size_gb"), Some("50"));
        assert_eq!(fixture.argument("else"), None);
    }

    #[test]
    fn a_file_named_after_another_operation_is_rejected() {
        let folder = folder("name");
        fixture().save(&folder).unwrap();
        for name in ["disk.list.json", "disk.get.Gone.json", "disk.getgone.json", "disk.get.a--b.json"] {
            let path = folder.join(name);
            fs::copy(folder.join("disk.get.gone-for-good.json"), &path).unwrap();
            assert!(matches!(Fixture::load(&path), Err(FixtureError::Name { .. })), "{name}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_body_in_two_forms_is_rejected() {
        let folder = folder("two-bodies");
        let mut twice = fixture();
        twice.response.text = Some("{}".into());
        let path = twice.save(&folder).unwrap();
        assert!(matches!(Fixture::load(&path), Err(FixtureError::TwoBodies { .. })));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_crate_without_a_folder_has_no_fixtures() {
        assert_eq!(Fixture::load_all("no-such-crate").unwrap(), []);
    }
}
