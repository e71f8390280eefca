//! Adapters for [`serde_with::serde_as`] that read what providers really write.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::value::RawValue;
use serde_with::{DeserializeAs, Same, SerializeAs, de::DeserializeAsWrap, ser::SerializeAsWrap};

use crate::wire::scalar::{read_scalar, scalar};

/// A whole number written as a number, as a float without fraction, or in text.
///
/// Fits every integer type; a number outside its range is an error.
///
/// ```
/// use http_core::wire::Int;
/// use serde_with::serde_as;
///
/// #[serde_as]
/// #[derive(serde::Deserialize)]
/// struct Port {
///     #[serde_as(as = "Int")]
///     number: u16,
///     #[serde_as(as = "Option<Int>")]
///     weight: Option<u8>,
/// }
///
/// let port: Port = serde_json::from_str(r#"{"number": "8080"}"#)?;
/// assert_eq!((port.number, port.weight), (8080, None));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Int;

impl<'de, T: TryFrom<i128>> DeserializeAs<'de, T> for Int {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        scalar(deserializer, "a whole number in range", |value| T::try_from(value.whole()?).ok())
    }
}

impl<T: Serialize> SerializeAs<T> for Int {
    fn serialize_as<S: Serializer>(source: &T, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

/// A boolean in any of PHP's spellings: `true`, `1`, `on`, `yes` and `false`, `0`, `off`, `no` and
/// empty text, all but the two booleans also in text. Absence is for `Option<Flag>`.
#[derive(Debug, Clone, Copy)]
pub struct Flag;

impl<'de> DeserializeAs<'de, bool> for Flag {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        read_scalar(deserializer)
    }
}

impl SerializeAs<bool> for Flag {
    fn serialize_as<S: Serializer>(source: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*source)
    }
}

/// Text, also where the provider writes a number or a boolean; written as text.
#[derive(Debug, Clone, Copy)]
pub struct Text;

impl<'de> DeserializeAs<'de, String> for Text {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        read_scalar(deserializer)
    }
}

impl SerializeAs<String> for Text {
    fn serialize_as<S: Serializer>(source: &String, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(source)
    }
}

/// For an `Option<T>`: null and empty text are `None`, anything else is read by `A`.
///
/// Put `#[serde(default)]` beside it where the field may be missing. For money say
/// `as = "Money"` on the `Option<Decimal>`, which means the same.
///
/// ```
/// use http_core::wire::{EmptyAsNone, Int};
/// use serde_with::serde_as;
///
/// #[serde_as]
/// #[derive(serde::Deserialize)]
/// struct Invoice {
///     #[serde_as(as = "EmptyAsNone<Int>")]
///     #[serde(default)]
///     order: Option<u64>,
///     #[serde_as(as = "EmptyAsNone")]
///     #[serde(default)]
///     note: Option<String>,
/// }
///
/// let invoice: Invoice = serde_json::from_str(r#"{"order": "", "note": "paid"}"#)?;
/// assert_eq!((invoice.order, invoice.note.as_deref()), (None, Some("paid")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EmptyAsNone<A = Same>(PhantomData<A>);

impl<'de, T, A: DeserializeAs<'de, T>> DeserializeAs<'de, Option<T>> for EmptyAsNone<A> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(EmptyVisitor::<A, T>(PhantomData))
    }
}

impl<T, A: SerializeAs<T>> SerializeAs<Option<T>> for EmptyAsNone<A> {
    fn serialize_as<S: Serializer>(source: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_option::<_, A, _>(source.as_ref(), serializer)
    }
}

pub(crate) fn serialize_option<T, A: SerializeAs<T>, S: Serializer>(
    source: Option<&T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    source.map(SerializeAsWrap::<T, A>::new).serialize(serializer)
}

struct EmptyVisitor<A, T>(PhantomData<(A, T)>);

impl<'de, T, A: DeserializeAs<'de, T>> Visitor<'de> for EmptyVisitor<A, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, null or empty text")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<T>, E> {
        A::deserialize_as(value.into_deserializer()).map(Some)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<T>, E> {
        A::deserialize_as(value.into_deserializer()).map(Some)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<T>, E> {
        A::deserialize_as(value.into_deserializer()).map(Some)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Option<T>, E> {
        A::deserialize_as(value.into_deserializer()).map(Some)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Option<T>, E> {
        if value.is_empty() { Ok(None) } else { A::deserialize_as(value.into_deserializer()).map(Some) }
    }

    fn visit_seq<L: SeqAccess<'de>>(self, list: L) -> Result<Option<T>, L::Error> {
        A::deserialize_as(SeqAccessDeserializer::new(list)).map(Some)
    }

    fn visit_map<M: MapAccess<'de>>(self, object: M) -> Result<Option<T>, M::Error> {
        A::deserialize_as(MapAccessDeserializer::new(object)).map(Some)
    }
}

/// For an `Option<T>` that must never cost its row: null and whatever `A` cannot read are `None`.
///
/// It looks at the value's own JSON text, hence works where serde_json reads directly, not under
/// `flatten`, `untagged` or an internally tagged enum. Put `#[serde(default)]` beside it where the
/// field may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Opt<A = Same>(PhantomData<A>);

impl<'de, T, A: for<'a> DeserializeAs<'a, T>> DeserializeAs<'de, Option<T>> for Opt<A> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        // A reader that failed halfway leaves its source in the middle of the value, so the value's
        // end is found first.
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let mut source = serde_json::Deserializer::from_str(json.get());
        let value = Option::<DeserializeAsWrap<T, A>>::deserialize(&mut source);
        #[cfg(feature = "tracing")]
        // Empty text is a way to say nothing, no surprise.
        if value.is_err() && json.get() != "\"\"" {
            tracing::warn!(bytes = json.get().len(), "an optional value could not be read and is left out");
        }
        Ok(value.ok().flatten().map(DeserializeAsWrap::into_inner))
    }
}

impl<T, A: SerializeAs<T>> SerializeAs<Option<T>> for Opt<A> {
    fn serialize_as<S: Serializer>(source: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_option::<_, A, _>(source.as_ref(), serializer)
    }
}

/// A list whose rows are read by `A`; null is an empty list.
///
/// Put `#[serde(default)]` beside it where the field may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Rows<A = Same>(PhantomData<A>);

impl<'de, T, A: DeserializeAs<'de, T>> DeserializeAs<'de, Vec<T>> for Rows<A> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        Option::<DeserializeAsWrap<Vec<T>, Vec<A>>>::deserialize(deserializer)
            .map(|rows| rows.map(DeserializeAsWrap::into_inner).unwrap_or_default())
    }
}

impl<T, A: SerializeAs<T>> SerializeAs<Vec<T>> for Rows<A> {
    fn serialize_as<S: Serializer>(source: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        SerializeAsWrap::<Vec<T>, Vec<A>>::new(source).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_with::serde_as;

    use super::*;

    #[serde_as]
    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Row {
        #[serde_as(as = "Int")]
        port: u16,
        #[serde_as(as = "Option<Int>")]
        signed: Option<i64>,
        #[serde_as(as = "Flag")]
        on: bool,
        #[serde_as(as = "Vec<Flag>")]
        flags: Vec<bool>,
        #[serde_as(as = "Text")]
        text: String,
        #[serde_as(as = "EmptyAsNone<Int>")]
        empty: Option<u64>,
        #[serde_as(as = "EmptyAsNone")]
        list: Option<Vec<u8>>,
        #[serde_as(as = "Opt<Int>")]
        optional: Option<u64>,
        #[serde_as(as = "Opt")]
        nested: Option<Nested>,
        #[serde_as(as = "Rows<Int>")]
        rows: Vec<u8>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Nested {
        size: u64,
    }

    fn read(json: &str) -> serde_json::Result<Row> {
        serde_json::from_str(json)
    }

    fn refusal(json: &str) -> String {
        read(json).unwrap_err().to_string()
    }

    #[test]
    fn a_whole_number_is_read_from_number_float_and_text() {
        for json in ["80", "80.0", "8e1", r#""80""#, r#"" 80 ""#, r#""80.0""#] {
            assert_eq!(read(&format!(r#"{{"port": {json}}}"#)).unwrap().port, 80, "{json}");
        }
        assert_eq!(read(r#"{"signed": "-9223372036854775808"}"#).unwrap().signed, Some(i64::MIN));
        assert_eq!(read(r#"{"signed": null}"#).unwrap().signed, None);
    }

    #[test]
    fn a_number_outside_its_type_or_with_a_fraction_is_refused() {
        for json in
            ["65536", "-1", "1.5", "1e300", r#""1.5""#, r#""inf""#, r#""""#, "null", "true", "[1]", "{}"]
        {
            let message = refusal(&format!(r#"{{"port": {json}}}"#));
            assert!(message.starts_with("expected a whole number in range, found"), "{json}: {message}");
        }
    }

    #[test]
    fn a_refusal_names_the_kind_of_value_and_never_the_value() {
        assert!(
            refusal(r#"{"port": "hunter2"}"#)
                .starts_with("expected a whole number in range, found text of 7 bytes")
        );
        assert!(
            refusal(r#"{"on": {"hunter2": "hunter2"}}"#)
                .starts_with("expected true or false, found an object")
        );
    }

    #[test]
    fn a_flag_is_read_in_all_spellings() {
        for json in ["true", "1", "1.0", r#""1""#, r#""on""#, r#""true""#, r#""yes""#] {
            assert!(read(&format!(r#"{{"on": {json}}}"#)).unwrap().on, "{json}");
        }
        let off = r#"{"flags": [false, 0, "0", "off", "false", "no", ""]}"#;
        assert_eq!(read(off).unwrap().flags, [false; 7]);
        for json in ["2", "null", r#""running""#, r#""2""#, "[]"] {
            assert!(read(&format!(r#"{{"on": {json}}}"#)).is_err(), "{json}");
        }
    }

    #[test]
    fn text_is_read_from_numbers_and_booleans_as_json_writes_them() {
        for (json, text) in [(r#""a\/b""#, "a/b"), ("5", "5"), ("-5", "-5"), ("2.0", "2.0"), ("true", "true")]
        {
            assert_eq!(read(&format!(r#"{{"text": {json}}}"#)).unwrap().text, text);
        }
        assert!(read(r#"{"text": null}"#).is_err());
    }

    #[test]
    fn empty_text_and_null_are_none_and_all_else_is_read() {
        for json in ["{}", r#"{"empty": "", "list": ""}"#, r#"{"empty": null, "list": null}"#] {
            assert_eq!(read(json).unwrap(), Row::default());
        }
        let row = read(r#"{"empty": "7", "list": [1, 2]}"#).unwrap();
        assert_eq!((row.empty, row.list), (Some(7), Some(vec![1, 2])));
        assert!(read(r#"{"empty": "x"}"#).is_err());
    }

    #[test]
    fn an_unreadable_optional_value_leaves_the_rest_of_its_row_readable() {
        for json in [r#""x""#, "[[1], 2]", r#"{"a": [1]}"#, "true", "-1", "null"] {
            let row = read(&format!(r#"{{"optional": {json}, "port": 1}}"#)).unwrap();
            assert_eq!((row.optional, row.port), (None, 1), "{json}");
        }
        let row = read(r#"{"nested": {"size": {"unit": ["GB"]}}, "port": 1}"#).unwrap();
        assert_eq!((row.nested, row.port), (None, 1));
        let row = read(r#"{"nested": {"size": 5}, "optional": "6"}"#).unwrap();
        assert_eq!((row.nested, row.optional), (Some(Nested { size: 5 }), Some(6)));
    }

    #[test]
    fn rows_come_from_a_list_or_null() {
        assert_eq!(read(r#"{"rows": ["1", 2]}"#).unwrap().rows, [1, 2]);
        assert!(read(r#"{"rows": null}"#).unwrap().rows.is_empty());
        assert!(read(r#"{"rows": "x"}"#).is_err());
    }

    #[test]
    fn a_number_in_the_disguise_of_arbitrary_precision_is_a_number() {
        let number = |text: &str| format!(r#"{{"$serde_json::private::Number": "{text}"}}"#);
        let json = format!(
            r#"{{"port": {}, "on": {}, "text": {}, "empty": {}, "signed": {}}}"#,
            number("80"),
            number("1"),
            number("2.0"),
            number("3"),
            number("-1")
        );
        let row = read(&json).unwrap();
        assert_eq!((row.port, row.on, row.text.as_str()), (80, true, "2.0"));
        assert_eq!((row.empty, row.signed), (Some(3), Some(-1)));
    }

    proptest! {
        #[test]
        fn any_row_round_trips(
            port in any::<u16>(), signed in any::<Option<i64>>(), on in any::<bool>(),
            flags in any::<Vec<bool>>(), text in any::<String>(), empty in any::<Option<u64>>(),
            list in any::<Option<Vec<u8>>>(), optional in any::<Option<u64>>(),
            size in any::<Option<u64>>(), rows in any::<Vec<u8>>(),
        ) {
            let nested = size.map(|size| Nested { size });
            let row = Row { port, signed, on, flags, text, empty, list, optional, nested, rows };
            prop_assert_eq!(read(&serde_json::to_string(&row).unwrap()).unwrap(), row);
        }
    }
}
