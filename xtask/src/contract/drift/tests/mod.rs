//! Tests each kind of change on fictional pages in the three providers' layouts.

mod every_change;
mod layouts;

use self::layouts::{elastis, inferno, leaderssl};
use super::{Difference, Fix, pages, samples};
use crate::contract::page::Page;
use crate::fixtures::Provider;
use crate::operations::Endpoint;

/// A fictional page. Tests change the page and read it again.
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
        // In a real run, the stored page has been written to a file and read again.
        let json = serde_json::to_string(&read(&self.page)).unwrap();
        pages(&serde_json::from_str(&json).unwrap(), &read(newer), samples(&import(newer), &held))
    }

    /// Replaces `find`, which the page must contain exactly once, and checks that only the `expected` differences are
    /// reported.
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

#[test]
fn a_page_with_other_line_endings_has_no_differences() {
    for layout in [elastis(), leaderssl(), inferno()] {
        assert_eq!(layout.differences(&layout.page), []);
        assert_eq!(layout.differences(&layout.page.replace('\n', "\r\n")), []);
        assert_eq!(layout.differences(&format!("\u{feff}{}", layout.page)), []);
    }
}

#[test]
fn samples_are_compared_value_by_value() {
    let page = elastis();
    let place = "line 4, section \"Light a lamp\": sample lamp.light, ";
    let is = |what: &str| format!("{place}{what}");
    page.expect("\"id\": 7,", "\"id\": 8,", &[&is("response.json.id: value changed: 7 → 8")]);
    page.expect("\"id\": 7,", "\"id\": \"7\",", &[&is("response.json.id: type changed: number → string")]);
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
fn parameters_are_compared_column_by_column() {
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
        &[&is(" `watts` of lamp.light: default changed: `40` → not specified")],
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
        &["parameter `colour` of lamp.put_out: allowed value `TEAL` added"],
    );
    page.expect(
        "NONE (default)",
        "NONE",
        &["parameter `colour` of lamp.put_out: default changed: `NONE` → not specified"],
    );
    page.expect("\nForm Parameters", "\nQuery Parameters", &[
        "parameter heading of lamp.light changed: `Query Parameters: Parameter | Default | Type`, was `Form",
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
        &["line 23, section \"Light\": parameter `colour` of lamp.light: allowed value `teal` added"],
    );
    page.expect("'blue'\n", "'blue'\n- promo. A code\n", &["parameter `promo` of lamp.light added"]);
    page.expect("- password\n", "", &["parameter `password` of auth.sign_in removed"]);
    page.expect(
        "(\"on\"|\"off\")",
        "(\"on\"|\"off\"|\"dim\")",
        &["field `state` of lamp.light: allowed value `dim` added"],
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
            "parameter `mode` of lamp.light: allowed value `2` added",
            "parameter `mode` of lamp.light: allowed value `1` removed",
            "parameter `mode` of lamp.dim: allowed value `2` added",
            "parameter `mode` of lamp.dim: allowed value `1` removed",
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
            "parameter heading of lamp.light changed: `POST`, was `POST,GET`",
            "parameter heading of lamp.dim changed",
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
        &["operation lamp.dim moved: dim → fade", "value in the sample request of lamp.dim changed"],
    );
    page.expect("Только одну", "Только две", &["line 15, section \"Погасить лампу\": prose changed"]);
}

#[test]
fn added_removed_and_moved_operations_hide_nothing_else() {
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
        &["table `State Code | Description`: value `3 | Broken` added"],
    );
    page.expect(
        "204 No Content",
        "200",
        &["section \"Put a lamp out\": prose changed", "response.status: value changed: 204 → 200"],
    );
}

/// Makes one change of each kind, and checks that the report of each change contains its fix.
#[test]
fn every_kind_of_change_names_its_own_fix() {
    let (lamp, light) = (|| "lamp.light".to_owned(), "\nPOST https://api.example/v1/lamps\n");
    let page = elastis();
    let put_out = {
        let (start, end) = (page.page.find("Put a lamp out").unwrap(), page.page.find("Bulbs\n").unwrap());
        page.page[start..end].to_owned()
    };
    let added = "Welcome\nSell\ncurl \"https://api.example/v1/sale\" \\\n-X POST\nSells.\nHTTP Request\nPOST https://api.example/v1/sale\n";
    for (layout, find, replace, fix) in [
        (elastis(), "Welcome\n", added, Fix::AddOperation),
        (elastis(), light, "\nPUT https://api.example/v1/lamps\n", Fix::Move(lamp())),
        (elastis(), &put_out, "", Fix::Remove("lamp.put_out".to_owned())),
        (elastis(), "watts | 40 |", "power | 40 |", Fix::Request(lamp())),
        (elastis(), "-d \"watts=60\"", "-d \"power=60\"", Fix::Request(lamp())),
        (elastis(), "\"id\": 7,", "\"id\": \"7\",", Fix::Model(lamp())),
        (elastis(), "2 | Off |", "3 | Off |", Fix::Model("lamp.put_out".to_owned())),
        (elastis(), "It must be dark.", "It may be light.", Fix::Read),
        (elastis(), "\"id\": 7,", "\"id\": 8,", Fix::Import),
        (elastis(), "-d \"watts=60\"", "-d \"watts=61\"", Fix::Import),
        (leaderssl(), "\"watts\":integer", "\"watts\":string", Fix::Model(lamp())),
        (leaderssl(), "- colour.", "- color.", Fix::Request(lamp())),
        (inferno(), "Только одну", "Только две", Fix::Read),
    ] {
        let found = layout.differences(&layout.page.replace(find, replace));
        assert!(found.iter().any(|difference| difference.fix == fix), "`{find}`: {found:#?}");
        for difference in found {
            assert_eq!(difference.needs_a_person(), difference.fix != Fix::Import, "{difference:?}");
            let problem = format!("{:?}", difference.problem("cargo xtask fixtures import it page.txt"));
            let is_removed = matches!(difference.fix, Fix::Remove(_));
            assert_eq!(
                problem.contains("`cargo xtask fixtures import it page.txt`"),
                !is_removed,
                "{problem}"
            );
            assert!(!problem.contains("import the page"), "{problem}");
        }
    }
}
