//! Ordered servers and their states.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::products::{Period, Product};
use super::time::time;
use crate::base::{Clock, Pending};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    Off,
    Booting,
    Up,
}

/// An ordered server. A server from the pool has an address only while it is in use.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) id: u64,
    pub(super) product: Product,
    pub(super) os: String,
    pub(super) token: String,
    pub(super) period_count: u32,
    /// The address of a server outside the pool, which other customers may occupy.
    pub(super) assigned: Option<&'static str>,
    pub(super) power: Pending<Power>,
    pub(super) suspended: bool,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// The duration of all earlier sessions.
    pub(super) used: TimeDelta,
}

impl Server {
    pub(super) fn new(id: u64, product: Product, os: &str, token: String, clock: &Clock) -> Self {
        Self {
            id,
            product,
            os: os.to_owned(),
            token,
            period_count: 1,
            assigned: None,
            power: Pending::settled(Power::Off, clock),
            suspended: false,
            started_at: None,
            ended_at: None,
            used: TimeDelta::zero(),
        }
    }

    /// Returns whether the server occupies a unit of its model.
    pub(super) fn in_use(&mut self, clock: &Clock) -> bool {
        self.power.peek(clock) != Power::Off
    }

    pub(super) fn start(&mut self, clock: &Clock) {
        self.suspended = false;
        self.started_at = Some(clock.now());
        self.ended_at = None;
        self.power.go(Power::Booting, Power::Up, clock);
    }

    pub(super) fn stop(&mut self, suspend: bool, clock: &Clock) {
        let session = self.session(clock);
        self.used += session;
        self.suspended = suspend;
        self.ended_at = Some(clock.now());
        self.power = Pending::settled(Power::Off, clock);
    }

    /// Returns whether the server can be suspended. Suspension is cheaper only for servers billed by the minute.
    pub(super) fn may_suspend(&mut self, clock: &Clock) -> bool {
        self.power.peek(clock) == Power::Up && self.product.period == Period::Minute
    }

    fn session(&mut self, clock: &Clock) -> TimeDelta {
        match self.power.peek(clock) {
            Power::Up => clock.now() - self.power.since(),
            _ => TimeDelta::zero(),
        }
    }

    /// Returns the duration of all sessions in seconds, rounded down to whole minutes.
    fn uptime(&mut self, clock: &Clock) -> i64 {
        (self.used + self.session(clock)).num_minutes() * 60
    }

    /// Returns the end of the paid time. Servers billed by the minute are paid at least until the end of the current
    /// minute.
    fn valid_to(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let start = self.started_at?;
        let until = self.ended_at.unwrap_or(now);
        let paid = self.product.period.length() * i32::try_from(self.period_count).unwrap_or(i32::MAX);
        Some(match self.product.period {
            Period::Minute => start + paid.max(TimeDelta::minutes((until - start).num_minutes() + 1)),
            _ => start + paid,
        })
    }

    /// Returns the server as it appears in the list. `free_time` is the time at which a unit of its model becomes free,
    /// or `None` if one is free now.
    pub(super) fn row(&mut self, free_time: Option<DateTime<Utc>>, clock: &Clock) -> Value {
        let status = match (self.power.read(clock), free_time, self.assigned) {
            (Power::Up, ..) => "up",
            (Power::Booting, ..) => "booting",
            (Power::Off, None, _) => "available",
            (Power::Off, Some(_), Some(_)) => "busy",
            (Power::Off, Some(_), None) => "queued",
        };
        let placed = self.assigned.is_some() || self.suspended || self.in_use(clock);
        let ip = self.assigned.map_or_else(|| format!("203.0.113.{}", self.id % 250 + 1), str::to_owned);
        let or_queued = |text: String| if placed { text } else { "Queued".to_owned() };
        let mut row = json!({
            "id": self.id,
            "ip": or_queued(ip),
            "name": or_queued(format!("LTBV{}", self.id % 250 + 1)),
            "config": self.product.name(),
            "start_at": self.started_at.map(time),
            "end_at": self.ended_at.map(time),
            "valid_to": self.valid_to(clock.now()).map(time),
            "status": status,
            "username": if self.os.starts_with("windows") { "Administrator" } else { "root" },
            "os_type": self.os,
            "token": self.token,
            "resume_available": status == "available" && self.suspended,
            "suspend_available": self.may_suspend(clock),
            "uptime": self.uptime(clock),
        });
        // A directly assigned server lacks the newer fields.
        if let (None, Some(row)) = (self.assigned, row.as_object_mut()) {
            let newer = json!({
                "remaining": null,
                "progress": match status { "booting" => 50, "up" => 100, _ => 0 },
                // Assumed: the content of this field.
                "boot_status": match status {
                    "booting" => json!({"stage": "install", "percent": 50}),
                    _ => Value::Null,
                },
                "code": self.product.code(),
                "os": self.os,
                "server_alias": null,
                "description": "",
                "nomenclature_id": self.product.id,
                "nomenclature_ids": [self.product.id],
                "period_count": self.period_count,
                "free_time": free_time.map(time),
            });
            row.extend(newer.as_object().cloned().unwrap_or_default());
        }
        row
    }
}
