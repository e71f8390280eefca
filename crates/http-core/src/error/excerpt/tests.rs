use proptest::prelude::*;

use super::*;

fn shown(body: &str) -> String {
    excerpt(body.as_bytes(), &[], &|_| None)
}

#[test]
fn of_a_page_only_title_and_heading_are_shown() {
    let page = "\u{feff}\n<!DOCTYPE html><html><head><TITLE>Just a moment...</title></head>\
        <body><h1 class=\"x\">Checking <b>your</b> browser</h1><p>hunter2</p></body></html>";
    assert_eq!(shown(page), "HTML page: Just a moment... / Checking your browser");
    assert_eq!(shown("<html><body>hunter</body></html>"), "HTML page without title");
}

#[test]
fn of_json_only_telling_values_are_shown() {
    assert_eq!(
        shown(r#"{"message": "Disk not found", "password": "hunter", "errors": ["bad name", 1], "vcpu": 4}"#),
        r#"{"message": "Disk not found", "password": "…", "errors": ["bad name", 1], "vcpu": 4}"#
    );
    assert_eq!(
        shown(r#"{"id": 1234567, "on": true, "result": {"pass": "hunter"}}"#),
        r#"{"id": …, "on": true, "result": {"pass": "…"}}"#
    );
    assert_eq!(
        shown(r#"{"error": "a", "stray", "errors": ["a", {"pass": "b"}, "c"], "d": ["e"]}"#),
        r#"{"error": "a", "…", "errors": ["a", {"pass": "…"}, "c"], "d": ["…"]}"#
    );
}

#[test]
fn of_broken_json_nothing_loose_is_shown() {
    assert_eq!(shown(r#"{"a": "x" y", "password": "hunter"#), r#"{"a": "…" …"…"…"…"…"#);
    assert_eq!(shown(r#"{"password": "hunt"#), r#"{"password": "…""#);
}

#[test]
fn a_token_in_a_telling_value_is_masked() {
    assert_eq!(shown(r#"{"error": "bad key a1b2c3d4"}"#), r#"{"error": "bad key …"}"#);
}

#[test]
fn a_php_warning_before_json_is_shown_as_text() {
    assert_eq!(
        shown(
            "<br />\n<b>Warning</b>: no route in <b>/srv/hosting/secret/index.php</b><br />{\"result\": \"success\"}"
        ),
        r#"Warning : no route in … {"result": "success"}"#
    );
}

#[test]
fn a_provider_describes_its_own_format_and_no_secret_survives_there() {
    let describe = |text: &str| text.starts_with('!').then(|| format!("own format: {text}"));
    assert_eq!(excerpt(b"! hunter2 x", &["hunter2"], &describe), "own format: ! … x");
    assert_eq!(excerpt(b"upstream", &[], &describe), "upstream");
    assert_eq!((mask_value("message", "no money"), mask_value("note", "x")), ("no money".into(), "…".into()));
}

#[test]
fn of_plain_text_long_and_numbered_words_are_masked() {
    assert_eq!(
        shown("upstream  error\r\n502 token=abc a1b2c3 aaaaaaaaaaaaaaaaaaaaa"),
        "upstream error 502 token=… …"
    );
    assert_eq!(shown(" \n"), "empty body");
    assert_eq!(excerpt(b"caf\xff \x1b[31m bad", &[], &|_| None), "caf\u{fffd} [31m bad");
    assert_eq!(shown("[error] upstream"), "[error] upstream");
}

#[test]
fn a_secret_is_cut_in_every_spelling() {
    let secret = "p ä/\"x";
    for text in
        [secret, "p%20%C3%A4%2F%22x", "p%20%c3%a4%2f%22x", "p+%C3%A4%2F%22x", r#"p ä/\"x"#, r#"p ä\/\"x"#]
    {
        assert_eq!(redact(&format!("<{text}>"), &[secret]), "<…>", "{text}");
    }
    assert_eq!(redact("abcabc", &["abc"]), "abcabc", "short ones stay");
    assert_eq!(redact("xabababay", &["abab"]), "x…ay");
    assert_eq!(redact("12345678", &["1234", "5678"]), "…");
}

#[test]
fn a_secret_at_the_end_of_the_window_does_not_survive_in_part() {
    let secret = "zzzz-yyyy-xxxx";
    for shift in 0..60 {
        let body = format!("{}{secret}{}", " ".repeat(WINDOW + shift - 10), " ".repeat(200));
        assert!(!excerpt(body.as_bytes(), &[secret], &|_| None).contains("zz"), "{shift}");
    }
}

fn any_secret() -> impl Strategy<Value = String> {
    prop_oneof![".{4,12}", "[ab]{4,6}", "[….eraymptb]{4,5}", "[ \"\\\\/%\n]{4,6}", "[a-zA-Z0-9]{8,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn no_given_secret_survives_in_any_body(
        secrets in prop::collection::vec(any_secret(), 1..3),
        shape in 0..6_usize,
        noise in "[ab{}\\[\\]\"<>=,: …%]{0,30}|.{0,60}",
    ) {
        let secret = &secrets[0];
        let mut encoded = String::new();
        Encoder(&mut encoded).write_str(secret).unwrap();
        let body = match shape {
            0 => format!("{noise}{secret}{noise}"),
            1 => format!(r#"{{"message": {}, "x": "{noise}"}}"#, serde_json::to_string(secret).unwrap()),
            2 => format!("<title>{secret}</title><h1>{noise}{encoded}"),
            3 => format!("Array ( [message] => {noise}{secret} [{secret}] => {secret} )"),
            4 => format!("{{\"error\": \"{noise}{encoded}{secret}"),
            _ => secret.repeat(3) + &noise,
        };
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let shown = excerpt(body.as_bytes(), &secrets, &|_| None);
        for secret in &secrets {
            prop_assert!(!shown.contains(secret), "{shown:?}");
            prop_assert!(!redact(&body, &secrets).contains(secret));
        }
        prop_assert!(!shown.contains(&encoded));
        prop_assert!(shown.chars().count() <= LIMIT && !shown.chars().any(char::is_control));
    }

    #[test]
    fn no_bytes_make_it_panic(body in any::<Vec<u8>>(), text in any::<String>()) {
        excerpt(&body, &["secret"], &|_| None);
        excerpt(text.as_bytes(), &[&text], &|_| None);
    }
}
