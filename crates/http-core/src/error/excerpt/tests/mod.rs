mod encodings;

use proptest::prelude::*;

use super::*;
use crate::wire::form::Encoder;

fn redact(text: &str, secrets: &[&str]) -> String {
    Secrets::new(secrets.iter().copied()).redact(text)
}

fn shown(body: &str) -> String {
    excerpt(body.as_bytes(), &Secrets::default(), &|_| None)
}

#[test]
fn only_the_title_and_the_heading_of_a_page_are_shown() {
    let page = "\u{feff}\n<!DOCTYPE html><html><head><TITLE>Just a moment...</title></head>\
        <body><h1 class=\"x\">Checking <b>your</b> browser</h1><p>hunter2</p></body></html>";
    assert_eq!(shown(page), "HTML page: Just a moment... / Checking your browser");
    assert_eq!(shown("<html><body>hunter</body></html>"), "HTML page without title");
}

#[test]
fn only_the_explanatory_values_of_json_are_shown() {
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
fn a_quotation_mark_in_a_string_does_not_end_it() {
    assert_eq!(
        shown(r#"{"message": "no \"disk\"", "pass": "a \"b\"", "title": "\\"}"#),
        r#"{"message": "no \"disk\"", "pass": "…", "title": "\\"}"#
    );
}

#[test]
fn a_long_text_is_cut_at_the_maximum_length() {
    let words = "some words ".repeat(200);
    for (shown, limit) in [
        (shown(&words), LIMIT),
        (shown(&format!("[{}", r#""x","#.repeat(200))), LIMIT),
        (sanitize(&words, &Secrets::default()), LONGEST_WORDS),
    ] {
        assert!(shown.chars().count() == limit && shown.ends_with(MARK), "{shown}");
    }
}

#[test]
fn the_message_of_another_library_becomes_one_line() {
    assert_eq!(one_line("a\r\nb\u{1b}"), "a  b ");
    assert_eq!(one_line(&"a".repeat(2 * WINDOW)).len(), WINDOW);
}

#[test]
fn field_names_are_shown_and_tokens_used_as_keys_are_not() {
    for key in
        ["network_reference_uuid", "private_ipv4", "billingAccountId", "X-Request-Id", "s3.keys", "sha256"]
    {
        assert_eq!(shown(&format!(r#"{{"{key}": "x"}}"#)), format!(r#"{{"{key}": "…"}}"#));
    }
    for key in ["a1b2c3d4", "hunter2024", "aaaaaaaaaaaaaaaaaaaaa", "pass:word1", "12345678"] {
        assert_eq!(shown(&format!(r#"{{"{key}": "x"}}"#)), r#"{"…": "…"}"#);
    }
}

#[test]
fn loose_tokens_of_malformed_json_are_masked() {
    assert_eq!(shown(r#"{"a": "x" y", "password": "hunter"#), r#"{"a": "…" …"…"…"…"…"#);
    assert_eq!(shown(r#"{"password": "hunt"#), r#"{"password": "…""#);
}

#[test]
fn a_token_in_an_explanatory_value_is_masked() {
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
fn a_providers_description_of_its_own_format_is_redacted() {
    let describe = |text: &str| text.starts_with('!').then(|| format!("own format: {text}"));
    assert_eq!(excerpt(b"! hunter2 x", &Secrets::new(["hunter2"]), &describe), "own format: ! … x");
    assert_eq!(excerpt(b"upstream", &Secrets::default(), &describe), "upstream");
    assert_eq!((mask_value("message", "no money"), mask_value("note", "x")), ("no money".into(), "…".into()));
}

#[test]
fn long_and_numbered_words_of_plain_text_are_masked() {
    assert_eq!(
        shown("upstream  error\r\n502 token=abc a1b2c3 aaaaaaaaaaaaaaaaaaaaa"),
        "upstream error 502 token=… …"
    );
    assert_eq!(shown(" \n"), "empty body");
    assert_eq!(excerpt(b"caf\xff \x1b[31m bad", &Secrets::default(), &|_| None), "caf\u{fffd} [31m bad");
    assert_eq!(shown("[error] upstream"), "[error] upstream");
    assert_eq!(shown("token= aaaaaaaaaaaaaaaaaaaa"), "token= aaaaaaaaaaaaaaaaaaaa");
}

#[test]
fn a_secret_is_redacted_in_every_spelling() {
    let secret = "p ä/\"x";
    for text in [
        secret,
        "P Ä/\"X",
        "p%20%C3%A4%2F%22x",
        "p%20%c3%a4%2f%22x",
        "p+%C3%A4%2F%22x",
        "%70%20%E4%2F%22%78",
        "p%2520%25C3%25A4%252F%2522x",
        r#"p ä/\"x"#,
        r#"p ä\/\"x"#,
        r#"p\ \ä\/\"\x"#,
        r"p \u00e4/\u0022x",
        r#"p \\u00e4\\/\\\"x"#,
        r"\x70 \xc3\xa4/\x22x",
        "p ä/&quot;x",
        "p&#32;&#228;&#47;&#34;&#120;",
        "&#x70;&#x20;&#xE4;&#x2f;&#x0022;&#x78;",
        "p&nbsp;&auml;&sol;&quot;x",
        "p ä/&amp;quot;x",
        r"p ä\/\u0026quot;x",
        "7020c3a42f2278",
        "7020C3A42F2278",
        "70:20:c3:a4:2f:22:78",
        "70-20-C3-A4-2F-22-78",
        "70 20 c3 a4 2f 22 78",
        r"\160\40\303\244/\042x",
        r"p\u{20}\u{e4}\x{2F}\u{000022}x",
        r"\U00000070 \U000000e4/\U00000022x",
        "%u0070%u0020%u00e4%u002F%u0022x",
        "&#112&#32&#228&#47&#34x",
        "p ä/&quotx",
        "p&nbsp&auml/&#x0000000000000022;x",
        "=70=20=C3=A4=2F=22=78",
        "p =\r\n=C3=A4/=\n\"x",
        "p \nä/\r\n\"x",
        r#"p\r\n ä/\n\"x"#,
        "p\0 \0ä\0/\0\"\0x",
        "p\\u0000 \\u0000ä\\u0000/\\u0000\\\"\\u0000x",
    ] {
        assert_eq!(redact(&format!("<{text}>"), &[secret]), "<…>", "{text}");
    }
    assert_eq!(
        redact("<p ä\n/\"x> <p ä /\"x>", &["p ä\n/\"x"]),
        "<…> <…>",
        "a secret may contain a line break"
    );
    assert_eq!(redact("😀😀😀😀 \\ud83d\\ude00\\uD83D\\uDE00😀😀", &["😀😀😀😀"]), "… …");
    assert_eq!(redact("abcabc", &["abc"]), "abcabc", "short secrets are not redacted");
    assert_eq!(redact("<keyline> <key%6cine>", &["key\nline"]), "<…> <…>", "or lose it");
    assert_eq!(redact("xabababay", &["abab"]), "x…ay");
    assert_eq!(redact("12345678", &["1234", "5678"]), "…");
}

#[test]
fn a_secret_is_redacted_if_the_server_damages_or_trims_it() {
    for (secret, texts) in [
        (
            "Füchse-im",
            &[
                "FÃ¼chse-im",
                "F\u{fffd}chse-im",
                "F?chse-im",
                "F??chse-im",
                "FÃƒÂ¼chse-im",
                "F&Atilde;&frac14;chse-im",
            ][..],
        ),
        ("mañana\u{201d}", &["maÃ±anaâ€\u{9d}", "ma?ana?", "MA\u{fffd}ANA\u{fffd}\u{fffd}"]),
        ("пароль", &["Ð¿Ð°Ñ€Ð¾Ð»ÑŒ", "Ð¿Ð°Ñ\u{80}Ð¾Ð»Ñ\u{8c}"]),
        ("is it é?", &["is it ??", "is it Ã©?", "is it \u{fffd}?"]),
        (" Hunter two\t", &["Hunter two", "hunter%20two", "SHVudGVyIHR3b"]),
    ] {
        for text in texts {
            assert_eq!(redact(&format!("<{text}>"), &[secret]), "<…>", "{text}");
        }
    }
    assert_eq!(redact("Fachse-im", &["Füchse-im"]), "Fachse-im");
}

#[test]
fn no_part_of_a_secret_at_the_end_of_the_window_is_shown() {
    let secret = "zzzz-yyyy-xxxx";
    for shift in 0..60 {
        let body = format!("{}{secret}{}", " ".repeat(WINDOW + shift - 10), " ".repeat(200));
        assert!(!excerpt(body.as_bytes(), &Secrets::new([secret]), &|_| None).contains("zzzz"), "{shift}");
    }
}

/// The bytes before a secret shift it relative to the groups of base64, and change the characters at its edges.
#[test]
fn a_secret_is_redacted_in_base64_wherever_it_begins() {
    for (text, shown) in [
        ("aHVudGVyMi0/Pj8+", "…"),
        ("68756e746572322d3f3e3f3e", "…"),
        ("YWJjaHVudGVyMi0/Pj8+YWJj", "YWJj…YWJj"),
        ("YTpodW50ZXIyLT8+Pz46YQ", "YTp…46YQ"),
        ("YTpodW50ZXIyLT8-Pz46YQ", "YTp…46YQ"),
        ("YTo6aHVudGVyMi0/Pj8+Og", "YTo6…Og"),
        // Of hexadecimal digits, of base64, and with line breaks.
        ("Njg3NTZlNzQ2NTcyMzIyZDNmM2UzZjNl", "…"),
        ("Njg3NTZFNzQ2NTcyMzIyRDNGM0UzRjNF", "…"),
        ("YUhWdWRHVnlNaTAvUGo4Kw==", "…w=="),
        ("aHVud\r\nGVyMi\n0/Pj8+", "…"),
    ] {
        assert_eq!(redact(text, &["hunter2-?>?>"]), shown, "{text}");
    }
}

#[test]
fn the_beginning_of_a_secret_is_redacted_where_a_text_is_cut() {
    let secret = "hunter2-ä?>?>";
    for (text, shown) in [
        ("key hunter2", "key …"),
        ("key hunt", "key …"),
        ("key hun", "key hun"),
        ("key hunter2…; other", "key …; other"),
        ("key hunter3", "key hunter3"),
        ("key hunter2 other", "key hunter2 other"),
        ("key hunter2-... other", "key …... other"),
        ("key hunt... other", "key …... other"),
        ("key hunter2-x", "key …x"),
        ("key hunter2-\u{fffd}", "key …"),
        ("key hunter2-%C3", "key …"),
        ("key hunter2-&#2", "key …"),
        ("key hunter%3", "key …"),
        ("key hunter\\u{3… other", "key … other"),
        ("key aHVudGVyMi", "key …"),
    ] {
        assert_eq!(redact(text, &[secret]), shown, "{text}");
    }
    for (text, shown) in [("0123456789 other", "… other"), ("012345678 other", "012345678 other")] {
        assert_eq!(redact(text, &["0123456789abcdefghij"]), shown, "at least half of a long secret");
    }
    for end in 0..=secret.len() {
        let shown = sanitize(&String::from_utf8_lossy(&secret.as_bytes()[..end]), &Secrets::new([secret]));
        assert!(!shown.contains("hunt"), "{shown}");
    }
}

#[test]
fn the_end_of_a_secret_is_redacted_after_an_omission() {
    let secret = "abcdefghijklmno-ä-xyz0123456789WVUT";
    for (text, shown) in [
        ("key 'abcdefghijkl...xyz0123456789WVUT'", "key '…...…'"),
        ("key abcdefghijkl…xyz0123456789WVUT.", "key …."),
        ("key abcd****6789WVUT", "key …****…"),
        ("key ***é-xyz0123456789WVUT", "key ***…"),
        ("key ...56789wvut%20x", "key ...…%20x"),
        ("key …%2Dxyz0123456789WVU%54", "key …"),
        ("key ...789WVUT", "key ...789WVUT"),
        ("key .56789WVUT", "key .56789WVUT"),
        ("key ...56789WVU", "key ...56789WVU"),
        ("56789WVUT", "56789WVUT"),
    ] {
        assert_eq!(redact(text, &[secret]), shown, "{text}");
    }
}

#[test]
fn only_a_whole_and_long_secret_makes_an_id_unusable() {
    let secrets = Secrets::new(["CANARYKEY123", "f6a1"]);
    assert!(is_clean("7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cf6a1", &secrets) && is_clean("xCANARY", &secrets));
    assert!(!is_clean("xCANARYKEY123x", &secrets) && !is_clean("CANARY%4bEY123", &secrets));
    assert!(!is_clean("a\nb", &secrets) && !is_clean(&"a".repeat(2000), &secrets));
}

/// Only the beginning of a text is searched, and only for the beginning of a secret.
#[test]
fn the_excerpt_of_a_long_text_does_not_depend_on_its_end() {
    let key = "a".repeat(40);
    let many: Vec<String> = (0..1000).map(|number| format!("word{number}")).collect();
    let words = "some words and word1 ".repeat(50_000);
    let long = format!("{}!", "key-".repeat(25_000));
    for (text, secrets) in [
        ("a".repeat(4_000_000), vec![key.as_str()]),
        (words, many.iter().map(String::as_str).collect()),
        (long.clone(), vec![long.as_str()]),
    ] {
        let secrets = Secrets::new(secrets);
        let needles: usize = secrets.longest();
        assert!(needles <= redact::WINDOW);
        let shown = sanitize(&text, &secrets);
        assert!(!shown.contains("aaaa") && !shown.contains("word1") && !shown.contains("key-"), "{shown}");
        assert_eq!(shown, sanitize(&text[..redact::WINDOW], &secrets));
    }
}

fn any_secret() -> impl Strategy<Value = String> {
    prop_oneof![".{4,12}", "[ab]{4,6}", "[….eraymptb]{4,5}", "[ \"\\\\/%\n]{4,6}", "[a-zA-Z0-9]{8,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn no_secret_is_shown_from_any_body(
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
        let shown = excerpt(body.as_bytes(), &Secrets::new(secrets.iter().copied()), &|_| None);
        for secret in &secrets {
            prop_assert!(!shown.contains(secret), "{shown:?}");
            prop_assert!(!redact(&body, &secrets).contains(secret));
        }
        prop_assert!(!shown.contains(&encoded));
        prop_assert!(shown.chars().count() <= LIMIT && !shown.chars().any(char::is_control));
    }

    #[test]
    fn no_part_of_a_secret_beside_an_omission_is_shown(
        secret in "[a-zA-Z0-9 ä'\"%&=+-]{20,60}",
        (start, end) in (4..8_usize, 8..12_usize),
        omission in "…|\\.{3,9}|\\*{3,9}",
        encoder in 0..3_usize,
    ) {
        let chars: Vec<char> = secret.chars().collect();
        let encode = |part: &[char]| {
            let part: String = part.iter().collect();
            match encoder {
                0 => part,
                1 => {
                    let json = serde_json::to_string(&part).unwrap();
                    json[1..json.len() - 1].to_owned()
                }
                _ => {
                    let mut encoded = String::new();
                    Encoder(&mut encoded).write_str(&part).unwrap();
                    encoded
                }
            }
        };
        let (start, end) = (encode(&chars[..start]), encode(&chars[chars.len() - end..]));
        let shown = redact(&format!("[{start}{omission}{end}]"), &[&secret]);
        prop_assert_eq!(shown.replace(['…', '.', '*'], ""), "[]", "{} {}", start, end);
    }

    #[test]
    fn no_body_causes_a_panic(body in any::<Vec<u8>>(), text in any::<String>()) {
        excerpt(&body, &Secrets::new(["secret"]), &|_| None);
        excerpt(text.as_bytes(), &Secrets::new([&*text]), &|_| None);
    }
}

#[test]
fn no_character_that_reverses_or_hides_text_is_shown() {
    for c in "\u{ad}\u{61c}\u{180e}\u{200b}\u{200f}\u{202e}\u{2060}\u{206f}\u{feff}\u{e0001}\u{e007f}".chars()
    {
        assert_eq!(sanitize(&format!("de{c}nied"), &Secrets::default()), "denied", "{c:?}");
    }
}
