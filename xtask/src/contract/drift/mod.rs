//! Compares the page from which the contract was generated with a newer page.
//!
//! Every difference is listed: no difference ends the comparison or hides another one. A structural change (e.g. to a
//! parameter or a field) is reported in detail. Digests reveal all other changes.

mod samples;

use std::fmt;

pub(crate) use samples::{SampleDifference, samples};

use super::page::{Page, Parameter, Sample, Section, Shown};
use crate::failure::Problem;

/// A difference between the pages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The position on the newer page, e.g. `line 7, section "Create VM"`.
    place: String,
    /// A description of what was added, removed or changed.
    what: String,
    fix: Fix,
}

/// The action that a difference requires.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fix {
    AddOperation,
    Move(String),
    Remove(String),
    Request(String),
    Model(String),
    Read,
    /// An import makes the change.
    Import,
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddOperation => {
                f.write_str("add the operation: constant, method, simulator route; then import the page")
            }
            Self::Move(name) => write!(
                f,
                "change the `Operation` constant of {name} and its simulator route; then import the page"
            ),
            Self::Remove(name) => {
                write!(f, "ask the provider whether {name} still works, and remove or deprecate its method")
            }
            Self::Request(name) => write!(
                f,
                "adapt the request of {name}, its simulator route and fixtures; then import the page"
            ),
            Self::Model(name) => write!(f, "import the page, then adapt the response model of {name}"),
            Self::Read => {
                f.write_str("read the section, adapt the documentation and behavior; then import the page")
            }
            Self::Import => f.write_str("import the page"),
        }
    }
}

impl Difference {
    /// Returns whether work remains after an import.
    pub(crate) fn needs_a_person(&self) -> bool {
        self.fix != Fix::Import
    }

    /// Returns the work that remains after an import.
    pub(crate) fn left_to_do(&self) -> String {
        let text = self.fix.to_string();
        let before = text.split("; then import the page").next().unwrap_or_default();
        before.trim_start_matches("import the page, then ").to_owned()
    }

    /// Converts the difference to a problem. `import` is the command that imports the page.
    pub(crate) fn problem(&self, import: &str) -> Problem {
        Problem::new(self, self.fix.to_string().replace("import the page", &format!("`{import}`")))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Returns every difference between the stored page and a newer one. `samples` are the differences between the
/// fixtures of both pages.
pub(crate) fn pages(held: &Page, new: &Page, samples: Vec<SampleDifference>) -> Vec<Difference> {
    let mut drift = Drift { differences: Vec::new(), samples };
    drift.operations(held, new);
    drift.sections(held, new);
    for difference in std::mem::take(&mut drift.samples) {
        let place = new
            .operation(&difference.operation)
            .map_or("unknown section".to_owned(), |(section, _)| place(section.line, section));
        let fix = match (difference.is_structure, difference.is_request) {
            (false, _) => Fix::Import,
            (true, true) => Fix::Request(difference.operation),
            (true, false) => Fix::Model(difference.operation),
        };
        drift.differences.push(Difference { place, what: difference.what, fix });
    }
    drift.differences
}

fn place(line: usize, section: &Section) -> String {
    format!("line {line}, section \"{}\"", section.title)
}

struct Drift {
    differences: Vec<Difference>,
    samples: Vec<SampleDifference>,
}

impl Drift {
    fn add(&mut self, line: usize, section: &Section, what: String, fix: Fix) {
        self.differences.push(Difference { place: place(line, section), what, fix });
    }

    fn operations(&mut self, held: &Page, new: &Page) {
        let requests = |page: &'_ Page| -> Vec<(Section, Shown)> {
            let all = page.sections.iter();
            all.flat_map(|section| section.requests.iter().map(|shown| (section.clone(), shown.clone())))
                .collect()
        };
        let mut unmatched = requests(new);
        let mut missing = Vec::new();
        for (old_section, old) in requests(held) {
            let same = |(_, shown): &(Section, Shown)| match &old.operation {
                Some(_) => shown.operation == old.operation,
                None => shown.operation.is_none() && shown.request == old.request,
            };
            match unmatched.iter().position(same) {
                Some(at) => {
                    let (section, shown) = unmatched.remove(at);
                    self.operation(&old_section, &old, &section, &shown);
                }
                None => missing.push((old_section, old)),
            }
        }
        for (old_section, old) in missing {
            let name = old.operation.clone().unwrap_or_else(|| old.request.clone());
            let new = |is_same: &dyn Fn(&Section, &Shown) -> bool| {
                unmatched
                    .iter()
                    .position(|(section, shown)| shown.operation.is_none() && is_same(section, shown))
            };
            let moved = new(&|section, _| section.title == old_section.title)
                .or_else(|| new(&|section, _| section.prose == old_section.prose))
                .or_else(|| new(&|_, shown| shown.curl.is_some() && shown.curl == old.curl));
            if let Some(at) = moved {
                let (section, shown) = unmatched.remove(at);
                let what = format!("operation {name} moved: {} → {}", old.request, shown.request);
                self.add(shown.line, &section, what, Fix::Move(name.clone()));
                let moved = Shown { request: old.request.clone(), ..shown };
                self.operation(&old_section, &old, &section, &moved);
            } else {
                let place = format!("section \"{}\"", old_section.title);
                let what = format!("operation {name} removed: {}", old.request);
                self.differences.push(Difference { place, what, fix: Fix::Remove(name) });
            }
        }
        for (section, shown) in unmatched {
            let known = shown.operation.as_ref().map_or(String::new(), |name| format!(" ({name})"));
            let what = format!("operation added{known}: {}", shown.request);
            self.add(shown.line, &section, what, Fix::AddOperation);
        }
    }

    fn operation(&mut self, old_section: &Section, old: &Shown, section: &Section, new: &Shown) {
        let name = old.operation.clone().unwrap_or_else(|| old.request.clone());
        if section.title != old_section.title && old.curl.is_some() && new.curl.is_none() {
            let what = format!("operation {name} removed: only {} is left of its section", old.request);
            self.add(new.line, section, what, Fix::Remove(name));
            return;
        }
        if old.request != new.request {
            let what = format!("request line of {name} changed: {} → {}", old.request, new.request);
            self.add(new.line, section, what, Fix::Move(name.clone()));
        }
        for heading in new.headings.iter().filter(|heading| !old.headings.contains(heading)) {
            let was = old.headings.iter().filter(|heading| !new.headings.contains(heading));
            let was = was.map(|heading| format!("`{heading}`")).collect::<Vec<_>>().join(", ");
            let was = if was.is_empty() { String::new() } else { format!(", was {was}") };
            let what = format!("parameter heading of {name} changed: `{heading}`{was}");
            self.add(new.line, section, what, Fix::Request(name.clone()));
        }
        if new.headings.len() < old.headings.len() {
            let what = format!("parameter heading of {name} removed");
            self.add(new.line, section, what, Fix::Request(name.clone()));
        }
        self.parameters("parameter", &name, (&old.parameters, &new.parameters), new.line, section);
        self.curl(&name, old.curl.as_ref(), new.curl.as_ref(), new.line, section);
    }

    fn curl(
        &mut self,
        name: &str,
        old: Option<&Sample>,
        new: Option<&Sample>,
        line: usize,
        section: &Section,
    ) {
        let fix = || Fix::Request(name.to_owned());
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) if old != new => (old, new),
            (Some(_), None) => {
                return self.add(line, section, format!("sample request of {name} removed"), Fix::Read);
            }
            (None, Some(_)) => {
                return self.add(line, section, format!("sample request of {name} added"), fix());
            }
            _ => return,
        };
        let before = self.differences.len();
        if old.request != new.request {
            let what = format!("sample request of {name} changed: {} → {}", old.request, new.request);
            self.add(line, section, what, fix());
        }
        for (these, others, word) in [(&new.names, &old.names, "added"), (&old.names, &new.names, "removed")]
        {
            for parameter in these.iter().filter(|parameter| !others.contains(parameter)) {
                self.add(line, section, format!("sample request of {name}: `{parameter}` {word}"), fix());
            }
        }
        let is_reported = |sample: &SampleDifference| sample.operation == name && sample.is_request;
        if self.differences.len() == before && !self.samples.iter().any(is_reported) {
            self.add(line, section, format!("value in the sample request of {name} changed"), Fix::Import);
        }
    }

    fn parameters(
        &mut self,
        word: &str,
        name: &str,
        (old, new): (&[Parameter], &[Parameter]),
        line: usize,
        section: &Section,
    ) {
        let fix =
            || if word == "field" { Fix::Model(name.to_owned()) } else { Fix::Request(name.to_owned()) };
        let mut added: Vec<&Parameter> = new.iter().collect();
        let mut removed = Vec::new();
        for old in old {
            let same_place = |new: &&Parameter| new.name == old.name && new.place == old.place;
            let at = added
                .iter()
                .position(same_place)
                .or_else(|| added.iter().position(|new| new.name == old.name));
            match at {
                Some(at) => {
                    let new = added.remove(at);
                    for change in changes(old, new) {
                        self.add(
                            new.line,
                            section,
                            format!("{word} `{}` of {name}: {change}", old.name),
                            fix(),
                        );
                    }
                }
                None => removed.push(old),
            }
        }
        for old in removed {
            let alike = |new: &&Parameter| changes(old, new).is_empty();
            if let Some(at) = added.iter().position(alike) {
                let new = added.remove(at);
                self.add(
                    new.line,
                    section,
                    format!("{word} of {name} renamed: `{}` → `{}`", old.name, new.name),
                    fix(),
                );
            } else {
                self.add(line, section, format!("{word} `{}` of {name} removed", old.name), fix());
            }
        }
        for new in added {
            self.add(new.line, section, format!("{word} `{}` of {name} added", new.name), fix());
        }
    }

    fn sections(&mut self, held: &Page, new: &Page) {
        let mut unmatched: Vec<&Section> = new.sections.iter().collect();
        let first = |section: &Section| section.requests.iter().find_map(|shown| shown.operation.clone());
        for old in &held.sections {
            let operation = first(old);
            let same_operation = |section: &&Section| operation.is_some() && first(section) == operation;
            let at =
                unmatched.iter().position(|section| section.title == old.title && same_operation(section));
            let at = at.or_else(|| unmatched.iter().position(same_operation));
            let at = at.or_else(|| unmatched.iter().position(|section| section.title == old.title));
            let same_text = |section: &&Section| !old.requests.is_empty() && section.prose == old.prose;
            let at = at.or_else(|| unmatched.iter().position(same_text));
            match at {
                Some(at) => self.section(old, unmatched.remove(at)),
                None if old.requests.is_empty() => {
                    let what = "section removed".to_owned();
                    let place = format!("section \"{}\"", old.title);
                    self.differences.push(Difference { place, what, fix: Fix::Read });
                }
                // A section with operations is reported as the removal of those operations.
                None => {}
            }
        }
        for section in unmatched.into_iter().filter(|section| section.requests.is_empty()) {
            self.add(section.line, section, "section added".to_owned(), Fix::Read);
        }
    }

    fn section(&mut self, old: &Section, new: &Section) {
        let names: Vec<_> =
            new.requests.iter().chain(&old.requests).filter_map(|shown| shown.operation.clone()).collect();
        let name = names.first().cloned().unwrap_or_default();
        if old.title != new.title {
            let what = format!("title changed, was \"{}\"", old.title);
            self.add(new.line, new, what, Fix::Read);
        }
        if old.prose != new.prose {
            self.add(new.line, new, "prose changed".to_owned(), Fix::Read);
        }
        let is_reported = |sample: &SampleDifference| names.contains(&sample.operation) && !sample.is_request;
        if old.samples != new.samples && !self.samples.iter().any(is_reported) {
            self.add(new.line, new, format!("sample response of {name} changed"), Fix::Model(name.clone()));
        }
        self.parameters("field", &name, (&old.fields, &new.fields), new.line, new);
        for (at, table) in new.tables.iter().enumerate() {
            let empty = super::page::Table::default();
            let was = old.tables.get(at).unwrap_or(&empty);
            if was.columns != table.columns {
                let what = format!("heading of table `{}` changed, was `{}`", table.columns, was.columns);
                self.add(table.line, new, what, Fix::Read);
            }
            for (these, others, word) in
                [(&table.rows, &was.rows, "added"), (&was.rows, &table.rows, "removed")]
            {
                for row in these.iter().filter(|row| !others.contains(row)) {
                    let what = format!("table `{}`: value `{row}` {word}", table.columns);
                    self.add(table.line, new, what, Fix::Model(name.clone()));
                }
            }
        }
        for table in old.tables.iter().skip(new.tables.len()) {
            self.add(new.line, new, format!("table `{}` removed", table.columns), Fix::Read);
        }
    }
}

/// Lists the differences between two parameters, other than their names.
fn changes(old: &Parameter, new: &Parameter) -> Vec<String> {
    let shown = |value: &Option<String>| {
        value.as_ref().map_or("not specified".to_owned(), |value| format!("`{value}`"))
    };
    let flag = |value: Option<bool>| value.map_or("not specified", |value| if value { "yes" } else { "no" });
    let mut changes = Vec::new();
    let texts = [
        ("place", &old.place, &new.place),
        ("type", &old.kind, &new.kind),
        ("default", &old.default, &new.default),
    ];
    for (what, old, new) in texts {
        if old != new {
            changes.push(format!("{what} changed: {} → {}", shown(old), shown(new)));
        }
    }
    if old.required != new.required {
        changes.push(format!("required changed: {} → {}", flag(old.required), flag(new.required)));
    }
    for (these, others, word) in [(&new.values, &old.values, "added"), (&old.values, &new.values, "removed")]
    {
        for value in these.iter().filter(|value| !others.contains(value)) {
            changes.push(format!("allowed value `{value}` {word}"));
        }
    }
    if old.text != new.text {
        changes.push("description changed".to_owned());
    }
    changes
}

#[cfg(test)]
mod tests;
