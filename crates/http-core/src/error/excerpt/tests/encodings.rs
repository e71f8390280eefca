use std::fmt::Write;

use proptest::prelude::*;

use super::redact;
use crate::wire::form::Encoder;

fn named(secret: &str) -> String {
    let named = |c| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&apos;".to_owned(),
        'ä' => "&auml;".to_owned(),
        '€' => "&euro;".to_owned(),
        'α' => "&alpha;".to_owned(),
        'Α' => "&Alpha;".to_owned(),
        c => c.to_string(),
    };
    secret.chars().map(named).collect()
}

fn quoted_for_json(secret: &str) -> String {
    let json = serde_json::to_string(secret).unwrap();
    json[1..json.len() - 1].to_owned()
}

fn each<I: IntoIterator>(items: I, encode: impl FnMut(I::Item) -> String) -> String {
    items.into_iter().map(encode).collect::<Vec<_>>().concat()
}

fn single_spaces(secret: &str) -> String {
    let mut last = 'x';
    secret.chars().filter(|c| (std::mem::replace(&mut last, *c), *c) != (' ', ' ')).collect()
}

/// Returns the beginning of a secret with `count` characters, not counting repeated special characters.
fn beginning(secret: &str, count: usize) -> Option<&str> {
    let mut last = None;
    let mut counted =
        secret.char_indices().filter(|(_, c)| last.replace(*c) != Some(*c) || c.is_alphanumeric());
    let (at, c) = counted.nth(count - 1)?;
    Some(&secret[..at + c.len_utf8()])
}

const ENCODERS: &[fn(&str) -> String] = &[
    named,
    quoted_for_json,
    |secret| each(secret.chars(), |c| format!("&#{};", u32::from(c))),
    |secret| each(secret.chars(), |c| format!("&#x{:X};", u32::from(c))),
    |secret| each(secret.encode_utf16(), |unit| format!("\\u{unit:04x}")),
    |secret| each(secret.bytes(), |byte| format!("%{byte:02x}")),
    |secret| secret.replace('\\', r"\\").replace('\'', r"\'").replace('"', r#"\""#),
    |secret| {
        let mut encoded = String::new();
        Encoder(&mut encoded).write_str(secret).unwrap();
        encoded
    },
    |secret| each(secret.chars(), |c| format!("&#x{:014x}", u32::from(c))),
    |secret| each(secret.chars(), |c| format!("\\u{{{:x}}}", u32::from(c))),
    |secret| each(secret.chars(), |c| format!("\\U{:08X}", u32::from(c))),
    |secret| each(secret.encode_utf16(), |unit| format!("%u{unit:04x}")),
    |secret| each(secret.bytes(), |byte| format!("\\{byte:03o}")),
    |secret| each(secret.bytes(), |byte| format!("={byte:02X}")),
    |secret| secret.replace('\'', "''"),
    |secret| secret.replace('"', "\"\""),
    |secret| secret.replace('%', "%%"),
    single_spaces,
    |secret| secret.chars().map(String::from).collect::<Vec<_>>().join("\0"),
    |secret| {
        let mut last = ' ';
        each(secret.chars(), |c| {
            let is_broken = std::mem::replace(&mut last, c).is_alphanumeric() && c.is_alphanumeric();
            if is_broken { format!("\r\n{c}") } else { c.to_string() }
        })
    },
];

/// The number of the last encoders, which insert characters that are shown if they follow the secret.
const SEPARATORS: usize = 2;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn nested_encodings_hide_no_secret(
        secret in "[a-zA-Z0-9]{2}[a-zA-Z0-9 ä€α😀\"'\\\\/%&<;#+=.-]{2,12}",
        layers in prop::collection::vec(0..ENCODERS.len(), 0..=3),
        upper in any::<bool>(),
    ) {
        prop_assume!(beginning(&secret, 4).is_some());
        let text = if upper { secret.to_uppercase() } else { secret.clone() };
        let encoded = layers.iter().fold(text, |text, layer| ENCODERS[*layer](&text));
        prop_assert_eq!(redact(&format!("[{encoded}]"), &[&secret]), "[…]", "{}", encoded);
    }
}

#[test]
fn an_escape_whose_second_character_is_cut_off_hides_no_secret() {
    for secret in ["A0A'", "ab\"c", "a\\bc"] {
        let escaped = secret.replace('\\', r"\\").replace('\'', r"\'").replace('"', r#"\""#);
        for encode in [|c: char| format!("&#x{:x}", u32::from(c)), |c| format!("&#{}", u32::from(c))] {
            let text: String = escaped.chars().map(encode).collect();
            assert_eq!(redact(&text, &[secret]), "…", "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// The encoding of the first four characters is the beginning of the encoding of the secret.
    #[test]
    fn a_cut_hides_no_secret(
        secret in "[a-zA-Z0-9]{2}[a-zA-Z0-9 ä€α😀\"'\\\\/%&<;#+=.-]{2,12}",
        layers in prop::collection::vec(0..ENCODERS.len() - SEPARATORS, 0..=2),
        separator in prop::option::of(ENCODERS.len() - SEPARATORS..ENCODERS.len()),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 10),
    ) {
        let encode = |text: &str| layers.iter().chain(&separator).fold(text.to_owned(), |text, layer| ENCODERS[*layer](&text));
        let Some(least) = beginning(&secret, 4) else { return Ok(()) };
        // What remains of the repetition of the last character before a cut is shown, and is not part of the secret.
        let last = secret.chars().last().map(String::from).unwrap_or_default();
        if layers.iter().any(|layer| ENCODERS[*layer](&last) == last.repeat(2)) {
            return Ok(());
        }
        let (encoded, least) = (encode(&secret), encode(least));
        let ends: Vec<usize> =
            (least.len()..=encoded.len()).filter(|end| encoded.is_char_boundary(*end)).collect();
        for cut in cuts.iter().map(|cut| ends[cut.index(ends.len())]) {
            let shown = redact(&format!("[{}", &encoded[..cut]), &[&secret]);
            prop_assert_eq!(shown.replace(['\0', '\r', '\n'], ""), "[…", "{}", &encoded[..cut]);
        }
    }
}

#[test]
fn the_rest_of_a_repeated_last_character_is_shown() {
    assert_eq!(redact("[a0A&euro;&quot;&quo", &["a0A€\""]), "[…&quo");
}

#[test]
fn each_character_outside_of_ascii_is_decoded() {
    for text in ["%C3%A4%C3%B6%C3%BC%C3%9F", "&auml;&ouml;&uuml;&szlig;"] {
        assert_eq!(redact(text, &["äöüß"]), "…", "{text}");
    }
}

#[test]
fn an_entity_of_any_name_hides_no_secret() {
    for (text, secret) in [
        ("pass&euro;word", "pass€word"),
        ("pass&ndash;word", "pass–word"),
        ("pass&hellip;word", "pass…word"),
        ("pass&centerdot;&notin;word", "pass·∉word"),
        ("pass&amp;CounterClockwiseContourIntegral;word", "pass∳word"),
        ("&pcy;&acy;&rcy;о&lcy;&softcy;", "пароль"),
        ("&kappa;&omega;&delta;&iota;&kappa;ό&sigmaf;", "κωδικός"),
        ("&euro;&euro;&euro;&euro;1", "€€€€1"),
        ("&pcy;&acy;&rcy;&ocy;", "пароль"),
        ("&pcy;&acy;&rcy;&ocy;&lc", "пароль"),
        ("&pcy;&acy;&rcy;&ocy;… x", "пароль"),
        ("ab&fjlig;ord", "abfjord"),
        ("&fjlig;ord", "fjord"),
        ("ab&amp;fjlig;", "abfj"),
        ("a&UnderBar;b&VerticalLine;c&DiacriticalGrave;d", "a_b|c`d"),
    ] {
        let shown = redact(text, &[secret]);
        assert_eq!(shown.strip_suffix(" x").unwrap_or(&shown), "…", "{text}");
    }
    for text in ["abc&euro;d", "abc&xyz;", "&;&1a;"] {
        assert_eq!(redact(text, &["abcdefgh", "пароль"]), text);
    }
}

#[test]
fn a_surrogate_pair_that_is_cut_hides_no_secret() {
    let text = r"abcd\ud83d\ude00";
    for end in 4..=text.len() {
        assert_eq!(redact(&text[..end], &["abcd😀efgh"]), "…", "{}", &text[..end]);
    }
}

#[test]
fn a_character_whose_bytes_are_cut_hides_no_secret() {
    assert_eq!(redact("a%D0%B1%D0%B2%D0%B3%D0", &["aбвгд"]), "…");
}

#[test]
fn what_is_no_part_of_a_secret_is_shown_beside_escapes() {
    for text in [r"abcd\101", r"abcd\ud83d.other", "abcd&#;efgh"] {
        assert_eq!(redact(text, &["abcdefgh"]), text);
    }
}

#[test]
fn a_doubled_or_collapsed_character_hides_no_secret() {
    for special in (' '..='~').filter(|c| !c.is_ascii_alphanumeric() && *c != '.') {
        let one = format!("ab{special}cdä{special}ef");
        let two = one.replace(special, &special.to_string().repeat(2));
        let damaged = two.replace('ä', "?");
        for (text, secret) in [(&two, &one), (&one, &two), (&damaged, &one)] {
            assert_eq!(redact(&format!("[{text}]"), &[secret]), "[…]", "{text} {secret}");
        }
    }
    assert_eq!(redact("[ab\t \ncd ef]", &["ab cd  \t ef"]), "[…]");
    assert_eq!(redact("[ab''cd... x]", &["ab'cdefghij"]), "[…... x]");
    assert_eq!(redact("[ab''c", &["ab'cdefghij"]), "[…");
    assert_eq!(redact("[ab''cd*** x]", &["ab'cdefghij"]), "[…*** x]");
    assert_eq!(redact("[aabbcc] [abbc]", &["abc1"]), "[aabbcc] [abbc]");
}

#[test]
fn a_percent_sign_that_is_not_encoded_hides_no_secret() {
    for (text, secret) in [
        ("pw=Sommer%%C3%A4pfel7&a=b", "Sommer%äpfel7"),
        ("pw=100%%20Rabatt!x&a=b", "100% Rabatt!x"),
        ("pw=Tr0ub%%3C4dor&a=b", "Tr0ub%<4dor"),
        ("pw=50%%off%%20key&a=b", "50%off% key"),
        ("pw=50%%off%%%%20key&a=b", "50%off%%20key"),
    ] {
        assert_eq!(redact(text, &[secret]), "pw=…&a=b", "{secret}");
    }
}

#[test]
fn an_entity_without_a_semicolon_may_be_followed_by_a_semicolon() {
    assert_eq!(redact("[p&ampx;yzabc]", &["p&x;yzabc"]), "[…]");
}

#[test]
fn the_text_after_a_secret_is_kept() {
    for rest in ["&nextparameteriswhatever", "=nextparameteriswhatever", "%nextparameteriswhatever", "&a=b"] {
        for end in ["", "…", "... x"] {
            let text = format!("key SECRETKEY1{rest}{end}");
            let shown = redact(&text, &["SECRETKEY1"]);
            assert_eq!(shown, format!("key …{rest}{end}"));
        }
    }
}

#[test]
fn a_text_is_decoded_three_times() {
    let text = |layers| (1..layers).fold("%68unter2".to_owned(), |text, _| text.replace('%', "%25"));
    for layers in 1..=3 {
        assert_eq!(redact(&text(layers), &["hunter2"]), "…", "{}", text(layers));
    }
    assert_eq!(redact(&text(4), &["hunter2"]), text(4));
}
