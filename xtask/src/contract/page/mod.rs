//! The content of a provider's documentation page as data. Names, types, values and request lines are kept, and running
//! text is replaced by a digest.

mod elastis;
mod inferno;
mod leaderssl;
mod text;

use serde::{Deserialize, Serialize};

use crate::fixtures::Provider;
use crate::operations::Endpoint;

/// A documentation page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    pub(crate) sections: Vec<Section>,
}

/// The content under one title.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// The title's line; 0 if the section was not read from a page.
    #[serde(skip)]
    pub(crate) line: usize,
    /// The digest of all other text.
    pub(crate) prose: String,
    /// Digests of the sample responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) samples: Vec<String>,
    /// The fields that a list describes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<Parameter>,
    /// The tables that do not describe parameters, e.g. tables of status codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tables: Vec<Table>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) requests: Vec<Shown>,
}

/// A request that a section describes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shown {
    /// The name of this project's operation, or `None` if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    #[serde(skip)]
    pub(crate) line: usize,
    /// The method and path, e.g. `POST /v1/user-resource/vm`, or only the action if one URL serves all actions.
    pub(crate) request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) curl: Option<Sample>,
    /// The headings of the parameter tables and lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) headings: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<Parameter>,
}

/// A sample request, as a curl command or as a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sample {
    /// The method and path. If one URL serves all actions, the form of the sample: `curl` or `URL`.
    pub(crate) request: String,
    /// The names of the request's parameters, each with its place, e.g. `form uuid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) names: Vec<String>,
    /// The digest of the whole command.
    pub(crate) digest: String,
}

/// A parameter of a request, or a field of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) line: usize,
    /// `path`, `query`, `form`, `json` or `header`; `None` if the page does not specify it.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) required: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<String>,
    /// The digest of the description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

/// A table that does not describe parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) columns: String,
    #[serde(skip)]
    pub(crate) line: usize,
    pub(crate) rows: Vec<String>,
}

impl Page {
    /// Reads the text of a page. Everything that is not recognized is treated as prose, so nothing is lost and nothing
    /// fails.
    pub(crate) fn read(provider: Provider, text: &str, endpoints: &[Endpoint]) -> Self {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let sections = match provider {
            Provider::LeadersslGpu => leaderssl::read(&text, endpoints),
            Provider::InfernoVps => inferno::read(&text, endpoints),
            Provider::Elastis => elastis::read(&text, endpoints),
        };
        Self { sections }
    }

    /// Returns the section and the request that describe an operation.
    pub(crate) fn operation(&self, name: &str) -> Option<(&Section, &Shown)> {
        let mut shown = self
            .sections
            .iter()
            .flat_map(|section| section.requests.iter().map(move |shown| (section, shown)));
        shown.find(|(_, shown)| shown.operation.as_deref() == Some(name))
    }
}

impl Shown {
    fn add(&mut self, parameter: Parameter) {
        if !self.parameters.iter().any(|known| known.name == parameter.name && known.place == parameter.place)
        {
            self.parameters.push(parameter);
        }
    }
}
