//! The GPU servers for rent and their prices per billing period.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::time::time;

/// A GPU server model, which has one product per billing period.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) configuration_id: u64,
    code: &'static str,
    name: &'static str,
    pub(super) os: &'static [&'static str],
    /// The number of units.
    pub(super) units: usize,
    /// The number of minutes for which other customers initially occupy the units; 0 if the units are free.
    pub(super) taken_for_minutes: i64,
    weight: u64,
    prices: &'static [(u64, Period, &'static str)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    Minute,
    Day,
    Week,
    Month,
}

impl Period {
    fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn of_billing(self) -> &'static str {
        match self {
            Self::Minute => "per-minute billing",
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
        }
    }

    pub(super) fn length(self) -> TimeDelta {
        match self {
            Self::Minute => TimeDelta::minutes(1),
            Self::Day => TimeDelta::days(1),
            Self::Week => TimeDelta::weeks(1),
            Self::Month => TimeDelta::days(30),
        }
    }
}

const ALL_OS: &[&str] = &["centos", "ubuntu", "windows", "debian", "ubuntu-22.04-cuda"];
const LINUX: &[&str] = &["centos", "ubuntu"];

pub(super) static MODELS: &[Model] = &[
    Model {
        configuration_id: 11,
        code: "GPU:Nvidia:GTX1080:2",
        name: "2 x GeForce GTX 1080",
        os: ALL_OS,
        units: 4,
        taken_for_minutes: 0,
        weight: 10,
        prices: &[
            (534, Period::Minute, "0.02"),
            (540, Period::Day, "17.5"),
            (543, Period::Week, "91.11"),
            (547, Period::Month, "350"),
        ],
    },
    Model {
        configuration_id: 12,
        code: "GPU:Nvidia:GTX1080:4",
        name: "4 x GeForce GTX 1080",
        os: LINUX,
        units: 1,
        taken_for_minutes: 0,
        weight: 20,
        prices: &[(535, Period::Minute, "0.03"), (544, Period::Week, "182.22")],
    },
    Model {
        configuration_id: 13,
        code: "GPU:Nvidia:GTX1080TI:8",
        name: "8 x GeForce GTX 1080TI",
        os: ALL_OS,
        units: 2,
        taken_for_minutes: 90,
        weight: 30,
        prices: &[
            (536, Period::Minute, "0.085"),
            (545, Period::Week, "400.00"),
            (549, Period::Month, "1500.0"),
        ],
    },
];

/// A product: a GPU server for a billing period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product {
    pub(super) id: u64,
    pub(super) model: &'static Model,
    pub(super) period: Period,
    price: &'static str,
}

impl Product {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        MODELS.iter().flat_map(|model| {
            model.prices.iter().map(move |&(id, period, price)| Self { id, model, period, price })
        })
    }

    pub(super) fn find(id: u64) -> Option<Self> {
        Self::all().find(|product| product.id == id)
    }

    pub(super) fn name(&self) -> String {
        format!("{} ({})", self.model.name, self.period.of_billing())
    }

    pub(super) fn code(&self) -> String {
        let period = self.period.name();
        let (first, rest) = period.split_at(1);
        format!("{}:{}{rest}", self.model.code, first.to_uppercase())
    }

    pub(super) fn to_json(self, free_time: Option<DateTime<Utc>>) -> Value {
        json!({
            "code": self.code(),
            "currency": "EUR",
            "free_time": free_time.map(time),
            "id": self.id,
            "minute_supported": self.model.prices.iter().any(|(_, period, _)| *period == Period::Minute),
            "name": self.name(),
            "os": self.model.os,
            "period_count": 1,
            "period_type": self.period.name(),
            "price": self.price,
            "server_configuration_id": self.model.configuration_id,
            "weight": self.model.weight,
        })
    }
}
