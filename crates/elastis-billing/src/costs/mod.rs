//! Everything that is currently billed in all locations, with idle resources marked.

mod read;
mod rows;
mod table;

use std::fmt;

use elastis_core::{BillingAccountId, LocationSlug};
use http_core::Error;
use http_core::wire::Decimal;

pub(crate) use read::read;

/// The average number of hours in a month, used to convert hourly costs to monthly costs.
const HOURS_PER_MONTH: u32 = 730;

/// Everything that is currently billed in all locations; returned by
/// [`ElastisBilling::costs`](crate::ElastisBilling::costs).
///
/// [`Display`](fmt::Display) formats the costs as a table that is at most 80 columns wide, with rounded amounts. All
/// amounts are in the account's currency, which the API does not name.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Costs {
    /// The billed resources, grouped by location.
    pub rows: Vec<Cost>,
    /// The lists that could not be read. **Their costs are neither in the rows nor in the totals.**
    pub failures: Vec<CostFailure>,
}

impl Costs {
    /// Returns the total cost of all rows: a lower bound, unless [`is_complete`](Self::is_complete).
    pub fn total(&self) -> TotalCost {
        TotalCost::of(&self.rows)
    }

    /// Returns the total cost of the idle rows: a lower bound, like [`total`](Self::total).
    pub fn idle_total(&self) -> TotalCost {
        TotalCost::of(self.idle())
    }

    /// Returns the rows of idle resources, which cost money although nothing uses them.
    pub fn idle(&self) -> impl Iterator<Item = &Cost> {
        self.rows.iter().filter(|row| row.idle.is_some())
    }

    /// Returns whether everything could be read and has a known cost, so that [`total`](Self::total) is complete.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.total().unknown == 0
    }
}

/// A billed resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// The kind of resource.
    pub kind: CostKind,
    /// The id that calls use: a UUID, the address of a floating IP, or the name of a bucket.
    pub id: String,
    /// The name of the resource; for a snapshot or backup, the name of its VM or disk.
    pub name: Option<String>,
    /// The location of the resource; `None` for buckets, which do not belong to a location.
    pub location: Option<LocationSlug>,
    /// The billing account that pays.
    pub billing_account_id: Option<BillingAccountId>,
    /// The cost of one hour according to the price list, before discount and tax. `None` if the cost is unknown: the
    /// list has no price for floating IPs and load balancers, and a resource's size may be missing from the response.
    /// [`Usage::list`](crate::Usage::list) returns the cost so far.
    pub hourly: Option<Decimal>,
    /// The reason why the resource is idle; `None` if it is in use, or if its use is unknown.
    pub idle: Option<Idle>,
}

impl Cost {
    /// Returns the cost of a month of 730 hours, or `None` if it is unknown.
    pub fn monthly(&self) -> Option<Decimal> {
        self.hourly?.checked_mul(HOURS_PER_MONTH.into())
    }

    /// Returns whether the resource costs money although nothing uses it.
    pub fn is_idle(&self) -> bool {
        self.idle.is_some()
    }
}

/// The kind of a billed resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CostKind {
    /// A VM with its disks and its Windows license. Assumed: only the disks of a stopped VM are billed.
    Vm,
    /// A disk that is not attached to any VM.
    Disk,
    /// A snapshot of a disk. Assumed: it is billed by size.
    Snapshot,
    /// An automatic backup of a disk. Assumed: it is billed by size.
    Backup,
    /// A floating IP.
    FloatingIp,
    /// A load balancer.
    LoadBalancer,
    /// A bucket. Assumed: its size is rounded up to whole GiB.
    Bucket,
}

impl fmt::Display for CostKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vm => "VM",
            Self::Disk => "disk",
            Self::Snapshot => "snapshot",
            Self::Backup => "backup",
            Self::FloatingIp => "floating IP",
            Self::LoadBalancer => "load balancer",
            Self::Bucket => "bucket",
        })
    }
}

/// The reason why a resource is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Idle {
    /// The VM is stopped; its disks are still billed.
    Stopped,
    /// The disk is not attached to any VM.
    Unattached,
    /// The floating IP is not assigned.
    Unassigned,
    /// The load balancer has no targets.
    NoTargets,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stopped => "stopped",
            Self::Unattached => "unattached",
            Self::Unassigned => "unassigned",
            Self::NoTargets => "no targets",
        })
    }
}

/// The total cost of several resources: a lower bound if the cost of one of them is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TotalCost {
    /// The total hourly cost of the resources whose cost is known.
    pub hourly: Decimal,
    /// The total cost of the same resources for a month of 730 hours.
    pub monthly: Decimal,
    /// The number of resources whose cost is unknown. **Their cost is included in neither total.**
    pub unknown: usize,
}

impl TotalCost {
    fn of<'a>(rows: impl IntoIterator<Item = &'a Cost>) -> Self {
        rows.into_iter().fold(Self::default(), |total, row| {
            // A sum beyond the range of a decimal counts as unknown.
            total.plus(row).unwrap_or(Self { unknown: total.unknown + 1, ..total })
        })
    }

    fn plus(self, row: &Cost) -> Option<Self> {
        let hourly = self.hourly.checked_add(row.hourly?)?;
        Some(Self { hourly, monthly: self.monthly.checked_add(row.monthly()?)?, ..self })
    }
}

/// A list that could not be read. Its costs are unknown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CostFailure {
    /// The location; `None` for buckets and prices, which do not belong to a location, and for a location that cannot be
    /// decoded.
    pub location: Option<LocationSlug>,
    /// The list that could not be read, e.g. `disks`.
    pub what: &'static str,
    /// The error of the call.
    pub error: Error,
}

impl fmt::Display for CostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        write!(f, "{}: {}", self.what, self.error)
    }
}
