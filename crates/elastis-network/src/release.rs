//! Deleting what has public addresses together with these addresses.

use std::net::IpAddr;

use http_core::{Call, CallSequence, Error, ListCall};

use crate::floating_ips::{AssigneeId, FloatingIp, FloatingIps};

/// What became of the addresses of something that was deleted.
///
/// Look at it: the thing itself is gone when there is one of these, yet an address that is still here is still
/// paid for.
#[derive(Clone, Debug, Default)]
#[must_use = "an address that was not released is still paid for"]
#[non_exhaustive]
pub struct Released {
    /// Given back; no longer paid for.
    pub released: Vec<IpAddr>,
    /// Left alone, because something else had got them by the time of their turn.
    pub reassigned: Vec<IpAddr>,
    /// Not given back, and why; try [`FloatingIps::delete`] again.
    pub failed: Vec<(IpAddr, Error)>,
}

impl Released {
    /// The first failure as an error, or else the addresses that were given back.
    pub fn into_result(self) -> Result<Vec<IpAddr>, Error> {
        match self.failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(self.released),
        }
    }
}

/// Deletes what `id` names by `delete`, then the addresses that `held` found it to have before.
pub(crate) fn delete_with_addresses(
    ips: FloatingIps,
    id: AssigneeId,
    held: ListCall<FloatingIp>,
    delete: Call<()>,
) -> CallSequence<Released> {
    CallSequence::new(async move {
        let held = held.await?;
        match delete.await {
            // It was there a moment ago, so an earlier try, or somebody else, has deleted it.
            Err(error) if error.is_not_found() && !held.is_empty() => {}
            outcome => outcome?,
        }
        let mut outcome = Released::default();
        for address in held.iter().map(|ip| ip.address) {
            match release(&ips, address, id).await {
                Ok(true) => outcome.released.push(address),
                Ok(false) => outcome.reassigned.push(address),
                Err(error) => outcome.failed.push((address, error)),
            }
        }
        Ok(outcome)
    })
}

/// Gives an address back unless something other than `id` has it by now; deleting takes long enough for that.
pub(crate) async fn release(ips: &FloatingIps, address: IpAddr, id: AssigneeId) -> Result<bool, Error> {
    let Some(ip) = ips.get(address).optional().await? else { return Ok(true) };
    match ip.assigned_to {
        Some(other) if other != id => return Ok(false),
        Some(_) => {
            ips.unassign(address).await?;
        }
        None => {}
    }
    ips.delete(address).optional().await.map(|_| true)
}
