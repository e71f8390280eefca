//! Serialized models can be read back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use serde_json::Value;

use super::{Code, Number, Part, Status, Whole};
use crate::wire::{DateTime, Decimal, Utc};

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0..=28_u32)
        .prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa.into(), scale))
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (-62_135_596_800..253_402_300_799_i64, 0..1_000_000_000_u32)
        .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
}

fn part() -> impl Strategy<Value = Part> {
    (any::<u64>(), prop::option::of(".+")).prop_map(|(size, name)| Part { size, name })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ]
}

fn status() -> impl Strategy<Value = Status> {
    ".+".prop_map(Status::from)
}

fn whole() -> impl Strategy<Value = Whole> {
    let needed = (
        (any::<u64>(), ".*", any::<u32>(), any::<i64>(), decimal(), status(), any::<Ipv4Addr>()),
        (
            any::<Ipv6Addr>(),
            part(),
            ".*",
            any::<bool>(),
            any::<bool>(),
            ".*",
            prop::collection::vec(".*", 0..3),
        ),
        (prop::collection::vec(part(), 0..3), prop::collection::btree_map(".*", any::<u8>(), 0..3), value()),
    );
    let optional = (
        (any::<Option<u64>>(), prop::option::of(".+"), any::<Option<u8>>(), prop::option::of(decimal())),
        (
            prop::option::of(status()),
            prop::option::of(time()),
            any::<Option<IpAddr>>(),
            prop::option::of(".+"),
        ),
        (
            any::<Option<bool>>(),
            prop::option::of(part()),
            prop::option::of(prop::collection::vec(".*", 0..3)),
        ),
        (prop::option::of(prop::collection::btree_map(".*", any::<i8>(), 0..3)), prop::option::of(value())),
        (any::<Option<u16>>(), any::<u64>()),
    );
    (needed, optional).prop_map(|((n1, n2, n3), (o1, o2, o3, o4, o5))| Whole {
        id: Number::new(n1.0),
        code: Code::new(n1.1),
        count: n1.2,
        delta: n1.3,
        price: n1.4,
        status: n1.5,
        v4: n1.6,
        v6: n2.0,
        part: n2.1,
        text: n2.2,
        flag: n2.3,
        needed_flag: n2.4,
        needed_text: n2.5,
        texts: n2.6,
        parts: n3.0,
        map: n3.1,
        any: n3.2,
        id_option: o1.0.map(Number::new),
        code_option: o1.1.map(Code::new),
        count_option: o1.2,
        price_option: o1.3,
        status_option: o2.0,
        time_option: o2.1,
        ip_option: o2.2,
        text_option: o2.3,
        flag_option: o3.0,
        part_option: o3.1,
        texts_option: o3.2,
        map_option: o4.0,
        any_option: o4.1,
        renamed: o5.0,
        adapted: o5.1,
    })
}

proptest! {
    #[test]
    fn any_model_round_trips(whole in whole()) {
        let json = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Whole>(&json).unwrap(), &whole);
        prop_assert_eq!(&serde_json::from_slice::<Whole>(json.as_bytes()).unwrap(), &whole);
        let value = serde_json::to_value(&whole).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Whole>(value).unwrap(), &whole);
    }
}
