//! Deletes a resource together with its public addresses.

use std::net::IpAddr;

use http_core::{Call, CallSequence, Error, ErrorKind, ListCall};

use crate::floating_ips::{AssigneeId, FloatingIp, FloatingIps};

/// The outcome for each address of a deleted VM or load balancer.
///
/// Check [`failed`](Self::failed): the VM or load balancer is deleted, but **you are still billed for an address that
/// was not released**.
#[derive(Clone, Debug, Default)]
#[must_use = "an address that was not released is still billed"]
#[non_exhaustive]
pub struct Released {
    /// The released addresses. You are no longer billed for them.
    pub released: Vec<IpAddr>,
    /// The addresses that were kept, because they were assigned to another resource in the meantime.
    pub reassigned: Vec<IpAddr>,
    /// The addresses that could not be released, with the errors, e.g. because the provider reports that an address is
    /// assigned, but not to which resource. **They are still billed**: call
    /// [`FloatingIps::delete`] again.
    pub failed: Vec<(IpAddr, Error)>,
}

impl Released {
    /// Returns the released addresses, or the first failure.
    ///
    /// # Errors
    ///
    /// - The error of the first address that could not be released.
    pub fn into_result(self) -> Result<Vec<IpAddr>, Error> {
        match self.failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(self.released),
        }
    }
}

/// Sends `delete` for the resource `id`, then releases the addresses that `held` listed beforehand.
pub(crate) fn delete_with_addresses(
    ips: FloatingIps,
    id: AssigneeId,
    held: ListCall<FloatingIp>,
    delete: Call<()>,
) -> CallSequence<Released> {
    CallSequence::new(async move {
        let held = held.await?;
        match delete.await {
            // The resource existed a moment ago, so an earlier attempt or another program has deleted it.
            Err(error) if error.is_not_found() && !held.is_empty() => {}
            outcome => outcome?,
        }
        let mut outcome = Released::default();
        for address in held.iter().map(|ip| ip.address) {
            match release(&ips, address, &id).await {
                Ok(true) => outcome.released.push(address),
                Ok(false) => outcome.reassigned.push(address),
                Err(error) => outcome.failed.push((address, error)),
            }
        }
        Ok(outcome)
    })
}

/// Releases an address unless it is now assigned to a resource other than `id`: it may have been reassigned while the
/// deletion was in progress. Returns whether the address was released.
pub(crate) async fn release(ips: &FloatingIps, address: IpAddr, id: &AssigneeId) -> Result<bool, Error> {
    let Some(ip) = ips.get(address).optional().await?.filter(|ip| !ip.is_deleted()) else { return Ok(true) };
    match ip.assigned_to.as_ref().and_then(AssigneeId::uuid) {
        Some(other) if Some(other) != id.uuid() => return Ok(false),
        Some(_) => {
            ips.unassign(address).await?;
        }
        None if ip.is_unassigned() => {}
        None => {
            let message =
                format!("{address} is assigned to a resource whose id cannot be read; it was not released");
            let advice = "check what uses it, and release it with floating_ips().delete(..)";
            return Err(Error::new(ErrorKind::Decode, message).with_advice(advice));
        }
    }
    ips.delete(address).optional().await.map(|_| true)
}
