//! Reads the page of Inferno's VPS API: numbered sections that contain lists and mention the actions of a single URL.

use super::text::{description, digest, is_name, keys_in, values_in};
use super::{Parameter, Sample, Section, Shown};
use crate::fixtures::page::{Curl, json_prefix, lenient_json};
use crate::operations::Endpoint;

pub(super) fn read(page: &str, endpoints: &[Endpoint]) -> Vec<Section> {
    let lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    let is_title = |line: &str| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
    let mut starts: Vec<usize> = (0..lines.len()).filter(|&at| is_title(lines[at])).collect();
    // Blank lines separate the page's footer from the last section.
    let last = starts.last().copied().unwrap_or(0);
    let footer = (last..lines.len().saturating_sub(2))
        .find(|&at| lines[at..at + 2].iter().all(|line| line.is_empty()))
        .unwrap_or(lines.len());
    let plain = |title: &str, from: usize, to: usize| Section {
        title: title.to_owned(),
        line: from + 1,
        prose: digest(&lines[from..to].join("\n")),
        ..Section::default()
    };
    let mut sections = vec![plain("(before the first section)", 0, starts.first().copied().unwrap_or(0))];
    starts.push(footer);
    sections.extend(
        starts.windows(2).map(|window| section(&lines[window[0]..window[1]], window[0] + 1, endpoints)),
    );
    sections.push(plain("(end of the page)", footer, lines.len()));
    sections
}

fn section(lines: &[&str], first: usize, endpoints: &[Endpoint]) -> Section {
    let title = lines[0].split_once(". ").map_or(lines[0], |(_, title)| title).to_owned();
    let mut section = Section { title, line: first, ..Section::default() };
    let mut prose: Vec<String> = Vec::new();
    // The parameters in lists. They belong to every action in the section.
    let mut listed: Vec<Parameter> = Vec::new();
    let mut heading = None;
    let mut skipped = 0;
    for (at, &line) in lines.iter().enumerate().skip(1) {
        let number = first + at;
        if at < skipped {
            continue;
        }
        if line.starts_with(['{', '"']) {
            let text = lines[at..].join("\n");
            if let Some(json) = json_prefix(&text) {
                skipped = at + json.lines().count();
                let read = lenient_json(json).map_or_else(|_| json.to_owned(), |json| json.to_string());
                section.samples.push(digest(&read));
                continue;
            }
        }
        let mut rest = line;
        if let Some(start) = find_command(line) {
            rest = &line[..start];
            let mut command = line[start..].to_owned();
            skipped = at + 1;
            while command.ends_with('\\') && skipped < lines.len() {
                command = format!("{command}\n{}", lines[skipped]);
                skipped += 1;
            }
            prose.push(request(&command, number, &mut section, endpoints));
        }
        if rest.contains("] => ") {
            section.samples.push(digest(rest));
            continue;
        }
        if let Some((name, text)) = rest.split_once(" - ").filter(|(name, _)| is_name(name)) {
            let (values, default) = values_in(text);
            let (name, text) = (name.to_owned(), description(text, &values, default.as_deref()));
            listed.push(Parameter { name, line: number, values, default, text, ..Parameter::default() });
            continue;
        }
        mentions(rest, number, &mut section);
        if let Some((_, places)) = rest.strip_suffix("):").and_then(|rest| rest.rsplit_once('(')) {
            heading = Some(places.to_owned());
        }
        prose.push(rest.to_owned());
    }
    for shown in &mut section.requests {
        shown.headings.extend(heading.clone());
        for parameter in &listed {
            match shown.parameters.iter_mut().find(|known| known.name == parameter.name) {
                Some(known) => *known = parameter.clone(),
                None => shown.parameters.push(parameter.clone()),
            }
        }
    }
    section.prose = digest(&prose.join("\n"));
    section
}

/// Returns the position at which a command, a URL or an action starts.
fn find_command(line: &str) -> Option<usize> {
    ["curl ", "http", "api_client.php?", "action="].iter().filter_map(|start| line.find(start)).min()
}

/// Reads a request, and returns the text after it.
fn request(command: &str, line: usize, section: &mut Section, endpoints: &[Endpoint]) -> String {
    let Some((before, rest)) = command.split_once("action=") else { return command.to_owned() };
    let end = rest.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(rest.len());
    let (target, rest) = rest.split_at(end);
    let mut pairs = target.split('&');
    let action = pairs.next().unwrap_or_default();
    let mut names: Vec<(String, &str)> = pairs.map(|pair| (name_of(pair), "query")).collect();
    let is_curl = before.contains("curl ");
    let mut behind = rest;
    if is_curl {
        let curl = Curl::parse(command);
        names.extend(curl.headers.iter().map(|(name, _)| (name.clone(), "header")));
        names.extend(curl.bodies.iter().flat_map(|body| keys_in(body)).map(|name| (name, "json")));
        behind = rest.rsplit_once(['\'', '"']).map_or("", |(_, behind)| behind);
    }
    let endpoint = endpoints
        .iter()
        .find(|endpoint| endpoint.path.split_once("action=").is_some_and(|(_, known)| known == action));
    let at = section.requests.iter().position(|shown| shown.request == action).unwrap_or_else(|| {
        section.requests.push(Shown {
            operation: endpoint.map(|endpoint| endpoint.name.to_owned()),
            line,
            request: action.to_owned(),
            ..Shown::default()
        });
        section.requests.len() - 1
    });
    let shown = &mut section.requests[at];
    let sample_of = Sample {
        request: if is_curl { "curl".to_owned() } else { "URL".to_owned() },
        names: names.iter().map(|(name, place)| format!("{place} {name}")).collect(),
        digest: digest(&command[..command.len() - behind.len()]),
    };
    if shown.curl.is_none() || is_curl {
        shown.curl = Some(sample_of);
    }
    for (name, _) in names.into_iter().filter(|(name, place)| *place != "header" && !name.is_empty()) {
        shown.add(Parameter { name, line, ..Parameter::default() });
    }
    mentions(behind, line, section);
    behind.to_owned()
}

/// Treats `name=value` in running text as a parameter of the action that was mentioned most recently.
fn mentions(text: &str, line: usize, section: &mut Section) {
    let Some(shown) = section.requests.last_mut() else { return };
    for word in
        text.split_whitespace().filter(|word| word.contains('=') && !word.contains(['?', '&', '[', '>']))
    {
        let name = name_of(word);
        if is_name(&name) {
            shown.add(Parameter { name, line, ..Parameter::default() });
        }
    }
}

fn name_of(pair: &str) -> String {
    pair.split('=').next().unwrap_or_default().to_owned()
}
