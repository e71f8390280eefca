//! Each kind of change, on pages of our own in the three providers' layouts.

use std::collections::BTreeSet;

use super::{Difference, pages, samples};
use crate::contract::page::Page;
use crate::fixtures::Provider;
use crate::operations::Endpoint;

/// A page that is changed and read again.
struct Layout {
    provider: Provider,
    page: String,
    endpoints: Vec<Endpoint>,
}

const fn endpoint(name: &'static str, method: &'static str, path: &'static str) -> Endpoint {
    Endpoint::new("elastis-p", name, method, path)
}

impl Layout {
    fn differences(&self, newer: &str) -> Vec<Difference> {
        let import =
            |page: &str| self.provider.read_samples(&page.replace("\r\n", "\n"), &self.endpoints).fixtures;
        let held: Vec<_> =
            import(&self.page).into_iter().map(|(package, fixture)| (package.to_owned(), fixture)).collect();
        let read = |page: &str| Page::read(self.provider, page, &self.endpoints);
        // What is held has been written and read again.
        let json = serde_json::to_string(&read(&self.page)).unwrap();
        pages(&serde_json::from_str(&json).unwrap(), &read(newer), samples(&import(newer), &held))
    }

    /// Replaces a text that the page has once, and expects exactly these differences.
    #[track_caller]
    fn expect(&self, find: &str, replace: &str, expected: &[&str]) {
        assert_eq!(self.page.matches(find).count(), 1, "{find}");
        let found = self.differences(&self.page.replace(find, replace));
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), expected.len(), "{shown:#?}");
        for (expected, shown) in expected.iter().zip(&shown) {
            assert!(shown.contains(expected), "{shown:#?} without {expected}");
        }
    }
}

fn elastis() -> Layout {
    let page = r#"Welcome
curl "somewhere"
Lamps
Light a lamp
curl "https://api.example/v1/lamps" \
-H "apikey: k" \
-X POST \
-d "name=desk" \
-d "watts=60"
The above command returns JSON structured like this:
{
"id": 7,
"name": "desk",
"bulbs": [{"watts": 60}]
}
Lights one lamp. It must be dark.
HTTP Request
POST https://api.example/v1/lamps
Form Parameters
Parameter | Default | Type |
---|---|---|
name | Basic text / string value | |
watts | 40 | A Whole number |
dimmed | False | Accepts a true or false value |
Put a lamp out
curl "https://api.example/v1/lamps/7" \
-H "apikey: k" \
-X DELETE
The above command returns HTTP status 204 No Content
State Code | Description |
---|---|
1 | On |
2 | Off |
Puts it out.
HTTP Request
DELETE https://api.example/v1/lamps/{id}
Path Parameters
Parameter | Type | Description | |
---|---|---|---|
id |
Integer | Which lamp |
colour |
String | optional | One of RED, BLUE or NONE (default). |
Bulbs
About bulbs.
List bulbs
curl "https://api.example/v1/bulbs?id=7" \
-X GET
The above command returns JSON structured like this:
[]
Lists them.
HTTP Request
GET https://api.example/v1/bulbs
Query Parameters
Parameter | Required | Type |
---|---|---|
id | 1 | A Whole number |
"#;
    Layout {
        provider: Provider::Elastis,
        page: page.to_owned(),
        endpoints: vec![
            endpoint("lamp.light", "POST", "/v1/lamps"),
            endpoint("lamp.put_out", "DELETE", "/v1/lamps/{id}"),
            endpoint("bulb.list", "GET", "/v1/bulbs"),
        ],
    }
}

fn leaderssl() -> Layout {
    let page = r#"Reference of lamps
1. Sign in
Endpoint
https://api.example/v1/signin
Parameters
- login
- password
Method
POST
Return
Success
HTTP code 200, an object
{"id": 17, "auth_token": "t0"}
id - whose it is
Examples
curl -X POST --data 'login=c&password=d' 'https://api.example/v1/signin' HTTP/1.1 200 OK {"id":17,"auth_token":"t0"}
2. Light
Endpoint
https://api.example/v1/users/{user_id}/light
Parameters
- user_id. Whose
- auth_token. The token
- colour. One of 'red', 'blue'
Only in the dark.
Method
POST
Return
Success
HTTP code 200, an object
{"state": "on", "watts": 60}
- "state":string ("on"|"off") What it does
- "watts":integer Power
- "since":(null | Time) When
Error
http status 401
{"error":"no"}
"#;
    Layout {
        provider: Provider::LeadersslGpu,
        page: page.to_owned(),
        endpoints: vec![
            endpoint("auth.sign_in", "POST", "/v1/signin"),
            endpoint("lamp.light", "POST", "/v1/users/{user_id}/light"),
        ],
    }
}

fn inferno() -> Layout {
    let page = r#"Портал ламп

1. Зажечь лампу

Параметры (POST,GET):
cid - номер, например 777
mode - 0 (проба) или 1 (свет) api_client.php?action=light&cid=777&key=XXXX&mode=1 - зажечь
api_client.php?action=dim&cid=777&key=XXXX&mode=1 - приглушить
Результат:
{
    "result": "success",
    "lamp": {"id": 7}
}

2. Погасить лампу

Только одну.
curl https://api.example/api_client.php?action=out \
-H "X-Key: YOUR_KEY" \
-d '{"cid":YOUR_CID}'
Можно добавить bulb=7 к ней
{
    "result": "success"
}



Всё
"#;
    Layout {
        provider: Provider::InfernoVps,
        page: page.replace("YOUR_CID", "777"),
        endpoints: vec![
            endpoint("lamp.light", "POST", "/api_client.php?action=light"),
            endpoint("lamp.dim", "POST", "/api_client.php?action=dim"),
            endpoint("lamp.put_out", "POST", "/api_client.php?action=out"),
        ],
    }
}

#[test]
fn a_page_with_other_line_ends_says_the_same() {
    for layout in [elastis(), leaderssl(), inferno()] {
        assert_eq!(layout.differences(&layout.page), []);
        assert_eq!(layout.differences(&layout.page.replace('\n', "\r\n")), []);
        assert_eq!(layout.differences(&format!("\u{feff}{}", layout.page)), []);
    }
}

#[test]
fn samples_are_compared_to_the_last_value() {
    let page = elastis();
    let place = "line 4, section \"Light a lamp\": sample lamp.light, ";
    let is = |what: &str| format!("{place}{what}");
    page.expect("\"id\": 7,", "\"id\": 8,", &[&is("response.json.id: value changed: 7 → 8")]);
    page.expect("\"id\": 7,", "\"id\": \"7\",", &[&is("response.json.id: type changed: number → text")]);
    page.expect(
        "[{\"watts\": 60}]",
        "[{\"watts\": 60, \"age\": 1}]",
        &[&is("response.json.bulbs[0].age: added")],
    );
    page.expect("[{\"watts\": 60}]", "[]", &[&is("response.json.bulbs[0]: removed")]);
    page.expect(
        "-d \"watts=60\"",
        "-d \"watts=61\"",
        &[&is("request.form.watts: value changed: \"60\" → \"61\"")],
    );
    leaderssl().expect("\"watts\": 60}", "\"watts\": 61}", &["response.json.watts: value changed: 60 → 61"]);
    inferno().expect(
        "{\"id\": 7}",
        "{\"id\": 7, \"on\": true}",
        &["sample lamp.light, response.json.lamp.on: added", "sample lamp.dim, response.json.lamp.on: added"],
    );
}

#[test]
fn parameters_are_compared_by_every_column() {
    let page = elastis();
    let watts = "watts | 40 | A Whole number |";
    let place = "section \"Light a lamp\": parameter";
    let is = |what: &str| format!("{place}{what}");
    page.expect(
        watts,
        &format!("{watts}\nhue | JSON |"),
        &[&format!("line 24, {place} `hue` of lamp.light added")],
    );
    page.expect(&format!("{watts}\n"), "", &[&is(" `watts` of lamp.light removed")]);
    page.expect(watts, "power | 40 | A Whole number |", &[&is(" of lamp.light renamed: `watts` → `power`")]);
    page.expect(
        watts,
        "watts | 41 | A Whole number |",
        &[&is(" `watts` of lamp.light: default changed: `40` → `41`")],
    );
    page.expect(
        watts,
        "watts | A Whole number |",
        &[&is(" `watts` of lamp.light: default changed: `40` → not said")],
    );
    page.expect(
        watts,
        "watts | 40 | A decimal number |",
        &[&is(" `watts` of lamp.light: type changed: `integer` → `number`")],
    );
    page.expect("id | 1 | A", "id | 0 | A", &["parameter `id` of bulb.list: required changed: yes → no"]);
    page.expect("Which lamp", "Whose lamp", &["parameter `id` of lamp.put_out: description changed"]);
    page.expect(
        "RED, BLUE or",
        "RED, BLUE, TEAL or",
        &["parameter `colour` of lamp.put_out: allowed values gained `TEAL`"],
    );
    page.expect(
        "NONE (default)",
        "NONE",
        &["parameter `colour` of lamp.put_out: default changed: `NONE` → not said"],
    );
    page.expect("\nForm Parameters", "\nQuery Parameters", &[
        "heading of the parameters of lamp.light changed: `Query Parameters: Parameter | Default | Type`, was `Form",
        "parameter `name` of lamp.light: place changed: `form` → `query`",
        "parameter `watts` of lamp.light: place changed",
        "parameter `dimmed` of lamp.light: place changed",
        "sample lamp.light, request.form: removed",
        "sample lamp.light, request.query: added",
    ]);
}

#[test]
fn the_lists_of_leaderssl_are_compared() {
    let page = leaderssl();
    page.expect(
        "- colour. One of 'red', 'blue'",
        "- colour. One of 'red', 'blue', 'teal'",
        &["line 23, section \"Light\": parameter `colour` of lamp.light: allowed values gained `teal`"],
    );
    page.expect("'blue'\n", "'blue'\n- promo. A code\n", &["parameter `promo` of lamp.light added"]);
    page.expect("- password\n", "", &["parameter `password` of auth.sign_in removed"]);
    page.expect(
        "(\"on\"|\"off\")",
        "(\"on\"|\"off\"|\"dim\")",
        &["field `state` of lamp.light: allowed values gained `dim`"],
    );
    page.expect(
        "\"watts\":integer",
        "\"watts\":string",
        &["field `watts` of lamp.light: type changed: `integer` → `string`"],
    );
    page.expect(
        "(null | Time)",
        "Time",
        &["field `since` of lamp.light: type changed: `null|time` → `time`"],
    );
    page.expect("- \"since\":(null | Time) When\n", "", &["field `since` of lamp.light removed"]);
    page.expect(
        "http status 401",
        "http status 403",
        &["prose changed", "response.status: value changed: 401 → 403"],
    );
    page.expect("Only in the dark.", "At any time.", &["line 17, section \"Light\": prose changed"]);
}

#[test]
fn the_actions_of_inferno_are_compared() {
    let page = inferno();
    page.expect(
        "\nmode - 0 (проба)",
        "\nhue - цвет\nmode - 0 (проба)",
        &[
            "line 7, section \"Зажечь лампу\": parameter `hue` of lamp.light added",
            "parameter `hue` of lamp.dim added",
        ],
    );
    page.expect(
        "или 1 (свет)",
        "или 2 (свет)",
        &[
            "parameter `mode` of lamp.light: allowed values gained `2`",
            "parameter `mode` of lamp.light: allowed values lost `1`",
            "parameter `mode` of lamp.dim: allowed values gained `2`",
            "parameter `mode` of lamp.dim: allowed values lost `1`",
        ],
    );
    page.expect(
        "bulb=7",
        "socket=7",
        &["parameter of lamp.put_out renamed: `bulb` → `socket`", "prose changed"],
    );
    page.expect(
        "(POST,GET):",
        "(POST):",
        &[
            "heading of the parameters of lamp.light changed: `POST`, was `POST,GET`",
            "heading of the parameters of lamp.dim changed",
            "prose changed",
        ],
    );
    page.expect(
        "\n\n\nВсё",
        "\n3. Разбить\napi_client.php?action=smash&cid=777\n\n\n\nВсё",
        &["line 27, section \"Разбить\": operation added: smash"],
    );
    page.expect(
        "action=dim&",
        "action=fade&",
        &["operation lamp.dim moved: dim → fade", "sample request of lamp.dim changed in a value"],
    );
    page.expect("Только одну", "Только две", &["line 15, section \"Погасить лампу\": prose changed"]);
}

#[test]
fn operations_that_come_go_and_move_hide_nothing_else() {
    let page = elastis();
    let new = "Bulbs\nAbout bulbs.\nSell a lamp\ncurl \"https://api.example/v1/sale\" \\\n-X POST\nThe above command returns JSON structured like this:\n{}\nSells.\nHTTP Request\nPOST https://api.example/v1/sale\nList bulbs\n";
    let changed =
        page.page.replace("Bulbs\nAbout bulbs.\nList bulbs\n", new).replace("\"id\": 7,", "\"id\": 8,");
    let shown: Vec<_> = page.differences(&changed).iter().map(ToString::to_string).collect();
    assert!(
        shown.iter().any(|line| line.contains("section \"Sell a lamp\": operation added: POST /v1/sale")),
        "{shown:?}"
    );
    assert!(shown.iter().any(|line| line.contains("value changed: 7 → 8")), "{shown:?}");

    page.expect(
        "\nPOST https://api.example/v1/lamps\n",
        "\nPOST https://api.example/v1/lights\n",
        &["operation lamp.light moved: POST /v1/lamps → POST /v1/lights"],
    );
    page.expect(
        "\nPOST https://api.example/v1/lamps\n",
        "\nPUT https://api.example/v1/lamps\n",
        &["operation lamp.light moved: POST /v1/lamps → PUT /v1/lamps"],
    );
    page.expect(
        "curl \"https://api.example/v1/lamps\"",
        "curl \"https://api.example/v1/lights\"",
        &["sample request of lamp.light changed: POST /v1/lamps → POST /v1/lights"],
    );
    let start = page.page.find("Put a lamp out").unwrap();
    let end = page.page.find("Bulbs\n").unwrap();
    page.expect(&page.page[start..end], "", &["operation lamp.put_out removed: DELETE /v1/lamps/{id}"]);
}

#[test]
fn prose_and_tables_are_reported_by_their_section() {
    let page = elastis();
    page.expect("It must be dark.", "It may be light.", &["line 4, section \"Light a lamp\": prose changed"]);
    page.expect("Welcome", "Welcome all", &["line 1, section \"Introduction\": prose changed"]);
    page.expect("About bulbs.", "About all bulbs.", &["section \"List bulbs\": prose changed"]);
    page.expect("Lights one lamp. It", "Lights one lamp.\nIt", &[]);
    page.expect(
        "Light a lamp\n",
        "Light one lamp\n",
        &["section \"Light one lamp\": title changed, was \"Light a lamp\""],
    );
    page.expect(
        "2 | Off |",
        "2 | Off |\n3 | Broken |",
        &["table `State Code | Description` gained the value `3 | Broken`"],
    );
    page.expect(
        "204 No Content",
        "200",
        &["section \"Put a lamp out\": prose changed", "response.status: value changed: 204 → 200"],
    );
}

#[test]
fn every_fix_names_the_import() {
    let page = elastis();
    for difference in page.differences(&page.page.replace("dimmed |", "dim |")) {
        let problem = difference.problem("cargo xtask fixtures import it page.txt");
        assert!(format!("{problem:?}").contains("adapt the request of lamp.light"), "{problem:?}");
        assert!(
            format!("{problem:?}").contains("then `cargo xtask fixtures import it page.txt`"),
            "{problem:?}"
        );
        assert!(difference.needs_a_person());
    }
}

/// Drops, renames and retypes each parameter that the pages have, one at a time.
#[test]
fn no_change_of_a_single_parameter_goes_unnoticed() {
    let mut tried = 0;
    for layout in [elastis(), leaderssl(), inferno()] {
        let read = Page::read(layout.provider, &layout.page, &layout.endpoints);
        let all = read.sections.iter().flat_map(|section| {
            section.fields.iter().chain(section.requests.iter().flat_map(|shown| &shown.parameters))
        });
        for parameter in all {
            let lines: Vec<&str> = layout.page.lines().collect();
            let name = parameter.name.as_str();
            // A command has several lines.
            let at = (parameter.line - 1..lines.len()).find(|&at| lines[at].contains(name)).unwrap();
            let line = lines[at];
            let mutated = |line: &str| {
                let mut lines = lines.clone();
                lines[at] = line;
                lines.join("\n")
            };
            let renamed = line.replacen(name, &format!("{name}_new"), 1);
            let names_it = |newer: &str| {
                let found = layout.differences(newer);
                assert!(!found.is_empty(), "{name} in `{line}`");
                found.iter().any(|difference| difference.to_string().contains(&format!("`{name}`")))
            };
            assert!(names_it(&mutated(&renamed)), "{name} renamed in `{line}`");
            assert!(names_it(&mutated("")) || line.contains("action="), "`{line}` dropped");
            if let Some(cell) =
                ["A Whole number", "Basic text / string value", "Accepts a true or false value"]
                    .into_iter()
                    .find(|cell| line.contains(cell))
            {
                assert!(names_it(&mutated(&line.replace(cell, "JSON"))), "{name} of another type");
            }
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

/// Reports without their places, which other changes move.
fn reported(layout: &Layout, newer: &str) -> BTreeSet<String> {
    let found = layout.differences(newer);
    // Two changes of one request line are one report.
    let what = |shown: String| {
        let what = shown.split_once("\": ").map_or(shown.as_str(), |(_, what)| what);
        let end = [" changed", " moved"].iter().find_map(|word| what.find(word)).unwrap_or(what.len());
        what[..end].to_owned()
    };
    found.iter().map(|difference| what(difference.to_string())).collect()
}

/// Changes a line in each of two sections at once: what each is reported as alone, it is reported as beside the
/// other. Within a section, changes of one request become one report.
#[test]
fn no_difference_hides_another() {
    let mut tried = 0;
    for layout in [elastis(), leaderssl(), inferno()] {
        let lines: Vec<&str> = layout.page.lines().collect();
        // A new value at the end of the line: neither structure nor the way that other lines are read changes.
        let changes: Vec<(usize, String, BTreeSet<String>)> = (0..lines.len())
            .filter_map(|at| {
                let word =
                    lines[at].rsplit(|letter: char| !letter.is_alphanumeric()).find(|word| word.len() > 1)?;
                let start = lines[at].rfind(word)?;
                // JSON stays JSON.
                let more = if word.starts_with(|letter: char| letter.is_ascii_digit()) { '9' } else { 'z' };
                let line = format!("{}{more}{}", &lines[at][..start], &lines[at][start..]);
                let alone = reported(&layout, &with(&lines, &[(at, &line)]));
                // Without an operation's request line, its samples cannot be told apart.
                let is_readable = alone.iter().all(|what| !what.starts_with("operation "));
                (is_readable && !alone.is_empty()).then_some((at, line, alone))
            })
            .collect();
        let sections = Page::read(layout.provider, &layout.page, &layout.endpoints).sections;
        let section = |at: usize| sections.iter().rposition(|section| section.line <= at + 1);
        for (index, (first_at, first, first_alone)) in changes.iter().enumerate() {
            let elsewhere = changes[index + 1..].iter().filter(|(at, ..)| section(*at) != section(*first_at));
            for (second_at, second, second_alone) in elsewhere {
                let both = reported(&layout, &with(&lines, &[(*first_at, first), (*second_at, second)]));
                // A value in a part of a sample that is gone is told with that part.
                let same_sample = |one: &str, told: &str| {
                    one.split_once(", ").is_some_and(|(sample, _)| told.starts_with(sample))
                };
                let is_told =
                    |one: &String| both.contains(one) || both.iter().any(|told| same_sample(one, told));
                let lost: Vec<_> = first_alone.union(second_alone).filter(|one| !is_told(one)).collect();
                assert!(lost.is_empty(), "`{first}` and `{second}`: {both:#?} without {lost:#?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

fn with(lines: &[&str], changes: &[(usize, &String)]) -> String {
    let mut lines = lines.to_vec();
    for (at, line) in changes {
        lines[*at] = line;
    }
    lines.join("\n")
}

/// Changes each word of each page, one at a time.
#[test]
fn no_word_changes_unnoticed() {
    for layout in [elastis(), leaderssl(), inferno()] {
        let mut at = 0;
        for word in layout.page.split_whitespace() {
            let start = at + layout.page[at..].find(word).unwrap();
            at = start + word.len();
            let newer = format!("{}Zz{}{}", &layout.page[..start], word, &layout.page[at..]);
            assert!(!layout.differences(&newer).is_empty(), "`{word}` at {start}");
        }
    }
}
