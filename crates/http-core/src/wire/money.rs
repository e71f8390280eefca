use std::str::FromStr;

use rust_decimal::Decimal;
use serde::Serializer;

use crate::wire::scalar::{FromScalar, Scalar};

/// An amount of money: read exactly from JSON numbers in any notation and from numbers in strings, and written as a
/// string.
///
/// It is read from the digits in the JSON, because a float would lose some of them.
impl FromScalar for Decimal {
    const EXPECTED: &'static str = "an amount of money, a decimal number of at most 28 digits";
    const EXACT: bool = true;

    fn from_scalar(value: &Scalar<'_>) -> Option<Self> {
        value.with_text(|number| decimal(number.trim()))?
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Reads a decimal number in any notation. Digits beyond the precision of `Decimal` are rounded, e.g. those of a float
/// that should have been zero (`5.551115123125783e-17`). Returns `None` for a number that is too large.
fn decimal(number: &str) -> Option<Decimal> {
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let digits = Decimal::from_str(digits).ok()?;
    if exponent == "0" || digits.is_zero() {
        return Some(digits);
    }
    let digits = digits.normalize();
    let mut mantissa = digits.mantissa();
    let mut scale = i64::from(digits.scale()).checked_sub(i64::from_str(exponent).ok()?)?;
    while mantissa != 0 && scale > 0 && (mantissa % 10 == 0 || scale > i64::from(Decimal::MAX_SCALE)) {
        mantissa = (mantissa + 5 * mantissa.signum()) / 10;
        scale -= 1;
    }
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    if scale < 0 {
        mantissa = mantissa.checked_mul(10_i128.checked_pow(u32::try_from(-scale).ok()?)?)?;
        scale = 0;
    }
    Decimal::try_from_i128_with_scale(mantissa, u32::try_from(scale).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    crate::wire::models! {
        struct Price {
            amount: Decimal,
            discount: Option<Decimal>,
        }
    }

    fn read(amount: &str) -> serde_json::Result<Decimal> {
        serde_json::from_str::<Price>(&format!(r#"{{"amount": {amount} }}"#)).map(|price| price.amount)
    }

    #[test]
    fn a_fraction_that_a_float_would_round_is_read_exactly() {
        assert_eq!(read("0.30000000000000004").unwrap().to_string(), "0.30000000000000004");
        assert_eq!(
            read("12345678901234567890.12345678").unwrap().to_string(),
            "12345678901234567890.12345678"
        );
    }

    #[test]
    fn numbers_are_read_from_strings_and_in_scientific_notation() {
        for (json, expected) in [
            (r#""5.00""#, "5.00"),
            (r#"" 60 ""#, "60"),
            ("5", "5"),
            ("-0.5", "-0.5"),
            ("1e3", "1000"),
            ("1.5E-7", "0.00000015"),
            (r#""2.50e+1""#, "25"),
            ("0e99999", "0"),
            ("1000000000000000000000000000e-30", "0.001"),
            ("5.551115123125783e-17", "0.0000000000000000555111512313"),
            ("-5.551115123125783e-17", "-0.0000000000000000555111512313"),
            ("0.00000000000000005551115123125783", "0.0000000000000000555111512313"),
            ("1e-29", "0"),
            ("5e-324", "0"),
            ("1e-9000000000000000000", "0"),
        ] {
            assert_eq!(read(json).unwrap().to_string(), expected, "{json}");
        }
    }

    #[test]
    fn an_invalid_amount_is_rejected_without_being_quoted() {
        for json in [
            r#""hunter2""#,
            r#""""#,
            r#""1,5""#,
            r#""NaN""#,
            "null",
            "true",
            "[]",
            r#"{"a": 1}"#,
            "1e99",
            "1e9223372036854775807",
            "1e-9223372036854775808",
            r#""1e""#,
            r#""-""#,
            "79228162514264337593543950336",
        ] {
            let message = read(json).unwrap_err().to_string();
            assert!(message.starts_with("expected an amount of money"), "{json}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn null_an_empty_string_and_an_absent_field_are_none() {
        for json in [r#""amount": 1"#, r#""amount": 1, "discount": null"#, r#""amount": 1, "discount": """#] {
            let price: Price = serde_json::from_str(&format!("{{{json}}}")).unwrap();
            assert_eq!(price.discount, None, "{json}");
        }
    }

    #[test]
    fn an_amount_is_written_as_a_string_so_that_no_reader_rounds_it() {
        let price: Price = serde_json::from_str(r#"{"amount": 5.00, "discount": 1}"#).unwrap();
        let json = serde_json::to_string(&price).unwrap();
        assert_eq!(json, r#"{"amount":"5.00","discount":"1"}"#);
    }

    #[test]
    fn an_amount_is_read_from_a_value() {
        let value = serde_json::json!({"amount": 0.1});
        assert_eq!(serde_json::from_value::<Price>(value).unwrap().amount.to_string(), "0.1");
    }

    #[test]
    fn with_flatten_an_amount_is_at_least_as_exact_as_a_float() {
        #[derive(Debug, Deserialize)]
        struct Flat {
            #[serde(flatten)]
            price: Price,
        }
        let amount = |json: &str| serde_json::from_str::<Flat>(json).unwrap().price.amount.to_string();
        assert_eq!(amount(r#"{"amount": 5.1}"#), "5.1");
        assert_eq!(amount(r#"{"amount": "0.1000000000000000000000001"}"#), "0.1000000000000000000000001");
        // All digits are kept if another crate enables serde_json's feature `arbitrary_precision`.
        let read = amount(r#"{"amount": 0.1000000000000000000000001}"#);
        assert!(["0.1", "0.1000000000000000000000001"].contains(&&*read), "{read}");
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        (-79_228_162_514_264_337_593_543_950_335_i128..=79_228_162_514_264_337_593_543_950_335, 0..=28_u32)
            .prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa, scale))
    }

    proptest! {
        #[test]
        fn any_decimal_is_read_exactly_in_every_notation(decimal in any_decimal()) {
            let scientific = format!("{}e-{}", decimal.mantissa(), decimal.scale());
            for json in [decimal.to_string(), format!(r#""{decimal}""#), scientific] {
                prop_assert_eq!(read(&json).unwrap(), decimal);
            }
        }

        #[test]
        fn any_decimal_round_trips(decimal in any_decimal()) {
            let price = Price { amount: decimal, discount: Some(decimal) };
            let back: Price = serde_json::from_str(&serde_json::to_string(&price).unwrap()).unwrap();
            prop_assert_eq!((back.amount, back.amount.scale()), (decimal, decimal.scale()));
            prop_assert_eq!(back.discount, Some(decimal));
        }

        #[test]
        fn no_string_causes_a_panic(text in any::<String>()) {
            let _ = read(&serde_json::to_string(&text).unwrap());
            let _ = decimal(&text);
        }
    }
}
