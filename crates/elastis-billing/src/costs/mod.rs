//! What is billed now, in all locations, and what of it is idle.

mod read;
mod table;

use std::fmt;

use elastis_core::{BillingAccountId, LocationSlug};
use http_core::Error;
use http_core::wire::Decimal;

pub(crate) use read::read;

/// The average number of hours in a month, by which hourly costs become monthly ones.
const HOURS_PER_MONTH: u32 = 730;

/// What is billed now, in all locations; from [`ElastisBilling::costs`](crate::ElastisBilling::costs).
///
/// [`Display`](fmt::Display) prints a table of at most 80 columns, with rounded costs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Costs {
    /// Everything that is billed, location by location.
    pub rows: Vec<Cost>,
    /// What could not be read. **What is billed there is neither in the rows nor in the totals.**
    pub failures: Vec<CostFailure>,
}

impl Costs {
    /// Returns what all rows cost together.
    pub fn total(&self) -> TotalCost {
        TotalCost::of(&self.rows)
    }

    /// Returns what the idle rows cost together.
    pub fn idle_total(&self) -> TotalCost {
        TotalCost::of(self.idle())
    }

    /// Returns the rows that cost money although nothing uses them.
    pub fn idle(&self) -> impl Iterator<Item = &Cost> {
        self.rows.iter().filter(|row| row.idle.is_some())
    }

    /// Whether everything could be read and has a known cost, so that [`total`](Self::total) is all that is billed.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.total().unknown == 0
    }
}

/// A resource that is billed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// What kind of resource is billed.
    pub kind: CostKind,
    /// The id by which calls name the resource: a UUID, the address of a floating IP, the name of a bucket.
    pub id: String,
    /// The name of the resource; of a snapshot or backup, the name of its VM or disk.
    pub name: Option<String>,
    /// The location of the resource; `None` for buckets, which belong to no location.
    pub location: Option<LocationSlug>,
    /// The account that pays.
    pub billing_account: Option<BillingAccountId>,
    /// The cost of one hour by the price list, before discount and tax. `None` if it is unknown: the list has no
    /// price for floating IPs and load balancers, and a resource may not say its size. What they have cost so far is in
    /// [`Usage::list`](crate::Usage::list).
    pub hourly: Option<Decimal>,
    /// Why the resource is idle; `None` if it is in use, or if that is not known.
    pub idle: Option<Idle>,
}

impl Cost {
    /// Returns the cost of a month of 730 hours, if it is known.
    pub fn monthly(&self) -> Option<Decimal> {
        self.hourly?.checked_mul(HOURS_PER_MONTH.into())
    }

    /// Whether the resource costs money although nothing uses it.
    pub fn is_idle(&self) -> bool {
        self.idle.is_some()
    }
}

/// What kind of resource is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CostKind {
    /// A VM with its disks and its Windows license. Assumed: a stopped one costs only its disks.
    Vm,
    /// A disk that no VM has.
    Disk,
    /// A snapshot of a disk. Assumed: it is billed by its size.
    Snapshot,
    /// An automatic backup of a disk. Assumed: it is billed by its size.
    Backup,
    /// A floating IP.
    FloatingIp,
    /// A load balancer.
    LoadBalancer,
    /// A bucket. Assumed: each GiB begun is billed.
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

/// Why a resource is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Idle {
    /// The VM is stopped; its disks are billed.
    Stopped,
    /// No VM has the disk.
    Unattached,
    /// Nothing has the floating IP.
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

/// What several resources cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TotalCost {
    /// The cost of one hour, of the resources whose cost is known.
    pub hourly: Decimal,
    /// The cost of a month of 730 hours, of the resources whose cost is known.
    pub monthly: Decimal,
    /// The number of resources whose cost is unknown. **Their cost is in neither sum.**
    pub unknown: usize,
}

impl TotalCost {
    fn of<'a>(rows: impl IntoIterator<Item = &'a Cost>) -> Self {
        rows.into_iter().fold(Self::default(), |total, row| {
            // A sum beyond the range of a decimal is as unknown as one that is not given.
            total.plus(row).unwrap_or(Self { unknown: total.unknown + 1, ..total })
        })
    }

    fn plus(self, row: &Cost) -> Option<Self> {
        let hourly = self.hourly.checked_add(row.hourly?)?;
        Some(Self { hourly, monthly: self.monthly.checked_add(row.monthly()?)?, ..self })
    }
}

/// Something that could not be read, so that its costs are unknown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CostFailure {
    /// The location; `None` for buckets and prices, which belong to no location.
    pub location: Option<LocationSlug>,
    /// What could not be read, e.g. `disks`.
    pub what: &'static str,
    /// Why.
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
