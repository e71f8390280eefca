//! Reads the page of LeaderSSL's GPU server API: numbered sections that contain lists, with headings on separate
//! lines.

use super::text::{description, digest, digest_of, is_name, sample, values_in};
use super::{Parameter, Section, Shown};
use crate::fixtures::page::{json_prefix, lenient_json, path_of};
use crate::operations::Endpoint;

pub(super) fn read(page: &str, endpoints: &[Endpoint]) -> Vec<Section> {
    let lines: Vec<&str> = page.lines().map(str::trim).collect();
    let mut starts: Vec<usize> = (0..lines.len()).filter(|&at| is_title(lines[at])).collect();
    starts.push(lines.len());
    let introduction = lines[..starts[0]].join("\n");
    let mut sections = vec![Section {
        title: "Introduction".to_owned(),
        line: 1,
        prose: digest(&introduction),
        ..Section::default()
    }];
    sections.extend(
        starts.windows(2).map(|window| section(&lines[window[0]..window[1]], window[0] + 1, endpoints)),
    );
    sections
}

fn is_title(line: &str) -> bool {
    line.split_once(". ").is_some_and(|(number, title)| number.parse::<u8>().is_ok() && !title.is_empty())
}

fn section(lines: &[&str], first: usize, endpoints: &[Endpoint]) -> Section {
    let title = lines[0].split_once(". ").map_or(lines[0], |(_, title)| title).to_owned();
    let mut section = Section { title, line: first, ..Section::default() };
    let mut shown = Shown { line: first, ..Shown::default() };
    let mut prose = Vec::new();
    let (mut method, mut heading) = ("", "");
    for (at, &line) in lines.iter().enumerate().skip(1) {
        let number = first + at;
        match (heading, line) {
            (_, "Endpoint" | "Parameters" | "Method" | "Return" | "Success" | "Error" | "Examples") => {
                heading = line;
                prose.push(line);
            }
            ("Endpoint", url) if url.contains("://") => {
                (shown.line, shown.request) = (number, path_of(url).to_owned());
                prose.push(url.strip_suffix(path_of(url)).unwrap_or(url));
            }
            ("Method", word) if word.bytes().all(|byte| byte.is_ascii_uppercase()) => method = word,
            ("Parameters", item) if item.starts_with("- ") => shown.add(parameter(item, number)),
            ("Examples", examples) => prose.extend(self::examples(examples, &mut shown, &mut section)),
            (_, json) if json.starts_with(['{', '[']) => {
                let json = json_prefix(json).unwrap_or(json);
                section
                    .samples
                    .push(digest(&lenient_json(json).map_or(json.to_owned(), |json| json.to_string())));
                prose.push(&line[json.len()..]);
            }
            ("Success", item) => match field(item, number) {
                Some(field) => section.fields.push(field),
                None => prose.push(item),
            },
            _ => prose.push(line),
        }
    }
    let known = endpoints.iter().find(|endpoint| endpoint.serves(method, &shown.request));
    shown.operation = known.map(|endpoint| endpoint.name.to_owned());
    shown.request = format!("{method} {}", shown.request);
    section.prose = digest(&prose.join("\n"));
    if shown.request.contains('/') {
        section.requests.push(shown);
    }
    section
}

/// Reads curl commands and their responses, which are all on one line. Returns the text between them.
fn examples<'a>(line: &'a str, shown: &mut Shown, section: &mut Section) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut digests = String::new();
    for example in line.split("curl ").filter(|example| !example.trim().is_empty()) {
        let (command, answer) = example.split_once(" HTTP/1.1 ").unwrap_or((example, ""));
        digests.push_str(command);
        shown.curl.get_or_insert_with(|| sample(&format!("curl {command}")));
        let json = answer.find(['{', '[']).map_or("", |at| &answer[at..]);
        words.push(&answer[..answer.len() - json.len()]);
        if let Some(json) = json_prefix(json) {
            section
                .samples
                .push(digest(&lenient_json(json).map_or(json.to_owned(), |json| json.to_string())));
        }
    }
    if let Some(curl) = &mut shown.curl {
        curl.digest = digest(&digests);
    }
    words
}

/// Reads `- name. Description`.
fn parameter(item: &str, line: usize) -> Parameter {
    let (name, text) = item[2..].split_once('.').unwrap_or((&item[2..], ""));
    let (values, default) = values_in(text);
    Parameter {
        name: name.trim().to_owned(),
        line,
        text: description(text, &values, default.as_deref()),
        values,
        default,
        ..Parameter::default()
    }
}

/// Reads `- "name":type (values) Description`, and the other notations on the page.
fn field(item: &str, line: usize) -> Option<Parameter> {
    let item = item.trim_start_matches(['-', '*', ' ']);
    let typed = item.split_once(':');
    let (name, rest) = typed.or_else(|| item.split_once(" - "))?;
    let name = name.trim().trim_matches('"');
    if !is_name(name) {
        return None;
    }
    if typed.is_none() {
        return Some(Parameter {
            name: name.to_owned(),
            line,
            text: digest_of(rest),
            ..Parameter::default()
        });
    }
    let rest = rest.trim_start();
    let (word, rest) =
        rest.split_at(rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let group = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let (group, text) = group.unwrap_or(("", rest));
    let mut values: Vec<String> = match group {
        "" => values_in(text).0,
        _ if group.contains('"') => group.split('"').skip(1).step_by(2).map(str::to_owned).collect(),
        _ => group.split('|').map(|value| value.trim().to_owned()).collect(),
    };
    // `(null | Time)` is a type. `string ("Queued" | Address)` allows more values than it names.
    let mut kind = word.to_ascii_lowercase();
    if word.is_empty() && !group.is_empty() {
        kind = std::mem::take(&mut values).join("|").to_ascii_lowercase();
    } else if !group.is_empty() && group.split('|').count() > values.len() {
        values.push("…".to_owned());
    }
    let kind = Some(kind).filter(|kind| !kind.is_empty());
    Some(Parameter {
        name: name.to_owned(),
        line,
        kind,
        text: description(text, &values, None),
        values,
        ..Parameter::default()
    })
}
