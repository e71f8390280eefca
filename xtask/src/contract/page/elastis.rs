//! Reads the page of elastis.id: each section has a title, a curl sample, a sample response, prose, the request line
//! and tables.

use super::text::{description, digest, request_line, sample, values_in};
use super::{Parameter, Section, Shown, Table};
use crate::fixtures::page::{json_prefix, lenient_json, path_of};
use crate::operations::Endpoint;

pub(super) fn read(page: &str, endpoints: &[Endpoint]) -> Vec<Section> {
    let lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    let is_sample = |line: &str| line.starts_with("curl ") && line.contains("://");
    let mut starts: Vec<usize> =
        (1..lines.len()).filter(|&at| is_sample(lines[at])).map(|at| at - 1).collect();
    let first = starts.first().copied().unwrap_or(lines.len());
    let introduction = lines.get(..first).unwrap_or_default();
    let mut sections = vec![Section {
        title: "Introduction".to_owned(),
        line: 1,
        prose: digest(&introduction.join("\n")),
        ..Section::default()
    }];
    starts.push(lines.len());
    // The text after a section's tables introduces the next section.
    let mut carried = Vec::new();
    for window in starts.windows(2) {
        let mut reader = Reader { endpoints, carried, ..Reader::default() };
        reader.section(&lines[window[0]..window[1]], window[0] + 1);
        sections.push(reader.section);
        carried = reader.trailing;
    }
    if !carried.is_empty() {
        let prose = digest(&carried.join("\n"));
        sections.push(Section {
            title: "(end of the page)".into(),
            line: lines.len(),
            prose,
            ..Section::default()
        });
    }
    sections
}

#[derive(Default)]
struct Reader<'a> {
    endpoints: &'a [Endpoint],
    section: Section,
    carried: Vec<&'a str>,
    prose: Vec<&'a str>,
    /// The text after the request line, outside tables.
    trailing: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn section(&mut self, lines: &[&'a str], first: usize) {
        lines[0].clone_into(&mut self.section.title);
        self.section.line = first;
        let announced = lines.iter().position(|line| line.starts_with("The above command"));
        let plain_end = || lines.iter().skip(1).position(|line| !line.ends_with('\\')).map_or(0, |at| at + 2);
        let curl_end = announced.unwrap_or_else(plain_end).clamp(1, lines.len());
        let curl = sample(&lines[1..curl_end].join("\n"));
        let mut at = curl_end;
        if let Some(announced) = announced {
            self.prose.push(lines[announced]);
            at = announced + 1;
            at += self.sample(&lines[at..].join("\n"));
        }
        let mut curl = Some(curl);
        while let Some(&line) = lines.get(at) {
            if line.starts_with("HTTP ")
                && line.ends_with("Request")
                && let Some((method, url)) = lines.get(at + 1).and_then(|line| line.split_once(' '))
            {
                self.prose.append(&mut self.trailing);
                self.prose.extend([line, origin(url)]);
                let path = path_of(url);
                let known = self.endpoints.iter().find(|endpoint| endpoint.serves(method, path));
                self.section.requests.push(Shown {
                    operation: known.map(|endpoint| endpoint.name.to_owned()),
                    line: first + at + 1,
                    request: request_line(method, url),
                    curl: curl.take(),
                    ..Shown::default()
                });
                at += 2;
                continue;
            }
            if line.starts_with("---|") {
                at = self.table(lines, at, first);
                continue;
            }
            self.text().push(line);
            at += 1;
        }
        if let Some(curl) = curl {
            let line = first + 1;
            self.section.requests.push(Shown {
                line,
                request: curl.request.clone(),
                curl: Some(curl),
                ..Shown::default()
            });
        }
        let prose: Vec<&str> = self.carried.iter().chain(&self.prose).copied().collect();
        self.section.prose = digest(&prose.join("\n"));
    }

    fn text(&mut self) -> &mut Vec<&'a str> {
        if self.section.requests.is_empty() { &mut self.prose } else { &mut self.trailing }
    }

    /// Reads the sample response at the start of the text, if there is one. Returns its number of lines.
    fn sample(&mut self, text: &str) -> usize {
        let Some(json) = text.starts_with(['{', '[']).then(|| json_prefix(text)).flatten() else { return 0 };
        let read = lenient_json(json).map_or_else(|_| json.to_owned(), |json| json.to_string());
        self.section.samples.push(digest(&read));
        json.lines().count()
    }

    /// Reads the table whose separator is on line `at`. Returns the line after the table.
    fn table(&mut self, lines: &[&'a str], at: usize, first: usize) -> usize {
        let columns = cells(self.text().pop().unwrap_or_default()).join(" | ");
        let is_parameters = columns.starts_with("Parameter") && !self.section.requests.is_empty();
        let heading = is_parameters.then(|| self.text().pop().unwrap_or_default());
        let mut rows: Vec<(usize, String)> = Vec::new();
        let mut end = at + 1;
        while let Some(line) = lines.get(end).filter(|line| line.contains('|')) {
            match rows.last_mut().filter(|(_, row)| cells(row).len() == 1 && row.ends_with('|')) {
                // The name is on a line of its own.
                Some((_, row)) => *row = format!("{row} {line}"),
                None => rows.push((first + end, (*line).to_owned())),
            }
            end += 1;
        }
        match (heading, self.section.requests.last_mut()) {
            (Some(heading), Some(shown)) => {
                shown.headings.push(format!("{heading}: {columns}"));
                for (line, row) in rows {
                    shown.add(parameter(heading, &columns, &row, line));
                }
            }
            _ => self.section.tables.push(Table {
                columns,
                line: first + at,
                rows: rows.into_iter().map(|(_, row)| cells(&row).join(" | ")).collect(),
            }),
        }
        end
    }
}

/// Returns the scheme and host of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |slash| &url[..host + slash])
}

fn cells(row: &str) -> Vec<&str> {
    row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// Reads a row of a parameter table. Empty cells are missing on the page, so cells are counted from the right.
fn parameter(heading: &str, columns: &str, row: &str, line: usize) -> Parameter {
    let heading = heading.to_lowercase();
    let place = ["path", "query", "form", "json"].into_iter().find(|place| heading.contains(place));
    let mut cells = cells(row).into_iter();
    let name = cells.next().unwrap_or_default().to_owned();
    let mut rest: Vec<&str> = cells.collect();
    let mut parameter = Parameter { name, line, place: place.map(str::to_owned), ..Parameter::default() };
    let mut text = String::new();
    if columns.ends_with("Type") {
        let kind = rest.pop().unwrap_or_default();
        parameter.kind = kind_of(kind).map(str::to_owned);
        if parameter.kind.is_none() || kind.contains('(') {
            text.push_str(kind);
        }
        match rest.pop() {
            Some(flag @ ("0" | "1")) if columns.contains("Required") => {
                parameter.required = Some(flag == "1");
            }
            default => parameter.default = default.map(str::to_owned),
        }
    } else {
        let mut rest = rest.drain(..);
        parameter.kind =
            rest.next().and_then(|kind| kind_of(kind).map(str::to_owned).or_else(|| Some(kind.to_owned())));
        for cell in rest {
            if cell == "optional" {
                parameter.required = Some(false);
            } else {
                text.push_str(cell);
            }
        }
        let (values, default) = values_in(&text);
        (parameter.values, parameter.default) = (values, default);
    }
    // These cells belong to no known column.
    for cell in rest {
        text.push_str(cell);
    }
    parameter.text = description(&text, &parameter.values, parameter.default.as_deref());
    parameter
}

/// Returns the type that a cell names.
fn kind_of(cell: &str) -> Option<&'static str> {
    let cell = cell.to_lowercase();
    let kinds = [
        ("a whole number", "integer"),
        ("integer", "integer"),
        ("a decimal number", "number"),
        ("decimal number", "number"),
        ("number", "number"),
        ("basic text / string value", "string"),
        ("basic text / string", "string"),
        ("string", "string"),
        ("accepts a true or false value", "boolean"),
        ("boolean", "boolean"),
        ("json", "json"),
        ("uuid", "uuid"),
        ("network uuid", "uuid"),
    ];
    let known = kinds.into_iter().find(|(words, _)| *words == cell).map(|(_, kind)| kind);
    known.or_else(|| cell.starts_with("a universally unique identifier").then_some("uuid"))
}
