//! A period in which a resource had constant costs.

use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Utc};
use rust_decimal::Decimal;

use super::resource::Resource;
use crate::elastis::billing::pricing::hourly;

/// A period in which a resource had constant costs.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) resource: Resource,
    pub(crate) from: DateTime<Utc>,
    /// `None` while the period lasts.
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Span {
    pub(crate) fn is_of(&self, other: &Resource) -> bool {
        self.resource.kind == other.kind && self.resource.uuid == other.uuid
    }

    /// Returns whether the period and the resource's current state belong to the same row of the usage list.
    pub(crate) fn costs_like(&self, other: &Resource) -> bool {
        fn row(resource: &Resource) -> (u64, Decimal, bool, &str) {
            (resource.billing_account_id, hourly(resource), resource.running, &resource.description)
        }
        self.is_of(other) && row(&self.resource) == row(other)
    }

    pub(crate) fn in_month(&self, now: DateTime<Utc>) -> TimeDelta {
        let from = self.from.max(month_start(now));
        (self.until.unwrap_or(now) - from).max(TimeDelta::zero())
    }
}

/// Returns the first instant of the month that contains `now`.
pub(crate) fn month_start(now: DateTime<Utc>) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(now.year(), now.month(), 1, 0, 0, 0).single().unwrap_or(now)
}
