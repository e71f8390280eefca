//! An order, its service, and the VPS that is installed for it.

use chrono::{DateTime, TimeDelta, Utc};

use super::catalog::Product;
use super::php::{Php, amount, map, number, quoted, text};
use crate::base::Clock;
use crate::base::Pending;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Active,
    Cancelled,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Active => "Active",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// An order for one product.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) ordernum: u64,
    pub(super) invoice_id: u64,
    pub(super) service_id: u64,
    pub(super) product: &'static Product,
    pub(super) status: Status,
    pub(super) ordered_at: DateTime<Utc>,
    pub(super) paid_at: Option<DateTime<Utc>>,
    pub(super) vps: Option<Vps>,
}

impl Order {
    pub(super) fn pay(&mut self, clock: &Clock) {
        self.status = Status::Active;
        self.paid_at = Some(clock.now());
    }

    fn next_due(&self) -> Php {
        Php::Date(self.paid_at.map(|paid| paid + TimeDelta::days(30)))
    }

    fn ip(&self) -> Php {
        text(self.vps.as_ref().map_or("", |vps| &vps.ip))
    }

    /// Returns the order as it appears in the order list.
    pub(super) fn row(&self) -> Php {
        let unpaid = self.status == Status::Pending;
        map([
            ("id", quoted(self.id)),
            ("ordernum", quoted(self.ordernum)),
            ("amount", amount(self.product.price)),
            ("invoiceid", quoted(self.invoice_id)),
            ("status", text(self.status.name())),
            ("nextduedate", self.next_due()),
            ("payStatus", text(if unpaid { "Unpaid" } else { "Paid" })),
            ("unpaidInvoices", number(u8::from(unpaid))),
            ("dedicatedip", self.ip()),
            ("productids", quoted(self.service_id)),
        ])
    }

    /// Returns the service that belongs to the order.
    pub(super) fn service(&self) -> Vec<(&'static str, Php)> {
        vec![
            ("id", quoted(self.service_id)),
            ("orderid", quoted(self.id)),
            ("pid", quoted(self.product.pid)),
            ("name", text(self.product.name)),
            ("status", text(self.status.name())),
            ("amount", amount(self.product.price)),
            ("billingcycle", text("Monthly")),
            ("regdate", Php::Date(Some(self.ordered_at))),
            ("nextduedate", self.next_due()),
            ("dedicatedip", self.ip()),
        ]
    }

    /// Returns the order with its VPS, which counts as a read.
    pub(super) fn info(&mut self, clock: &Clock) -> Php {
        let vps = self.vps.as_mut().and_then(|vps| vps.info(clock));
        map([
            ("result", text("success")),
            ("orderid", number(self.id)),
            ("orderStatus", text(self.status.name())),
            ("productStatus", text(self.status.name())),
            ("dedicatedip", text("")),
            ("vps_info", vps.unwrap_or_else(|| map([]))),
        ])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    Queued,
    On,
    Off,
}

/// A VPS that is installed or queued for installation.
#[derive(Debug)]
pub(super) struct Vps {
    pub(super) main_id: u64,
    pub(super) ip: String,
    pub(super) password: String,
    pub(super) template: String,
    pub(super) ssh_keys: Vec<u64>,
    pub(super) power: Pending<Power>,
}

impl Vps {
    /// Returns the details of the VPS; `None` while it is queued.
    fn info(&mut self, clock: &Clock) -> Option<Php> {
        let power = self.power.read(clock);
        (power != Power::Queued).then(|| {
            map([
                ("result", text("success")),
                ("message", text("")),
                ("main_id", quoted(self.main_id)),
                ("vps_name", text(self.ip.replace('.', "-"))),
                ("ip", text(self.ip.as_str())),
                ("real_state", text(if power == Power::On { "Включен" } else { "Выключен" })),
                ("online", Php::Bool(power == Power::On)),
                ("vps_password", text(self.password.as_str())),
            ])
        })
    }
}
