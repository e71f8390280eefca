//! Deletes a resource together with its public addresses.

use std::net::IpAddr;
use std::time::Duration;

use http_core::{Call, CallSequence, Error, ErrorKind, Wait};

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
    /// The addresses that were kept, because they were assigned to another resource, or released and reserved again, in
    /// the meantime.
    pub reassigned: Vec<IpAddr>,
    /// The addresses that could not be released, with the errors, e.g. because the provider reports that an address is
    /// or was assigned, but not to which resource. **They are still billed**: call [`FloatingIps::delete`] again.
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

/// Sends `delete` for the resource `id`, then releases the addresses that `held` listed beforehand. `deleted` shows that
/// the resource is really gone: as long as it exists, it uses its addresses.
pub(crate) fn delete_with_addresses<T: Clone + Send + 'static>(
    ips: FloatingIps,
    id: AssigneeId,
    held: impl Future<Output = Result<Vec<FloatingIp>, Error>> + Send + 'static,
    delete: Call<()>,
    deleted: Wait<Option<T>>,
) -> CallSequence<Released> {
    CallSequence::new(async move {
        let held = held.await?;
        match delete.await {
            // An earlier attempt or another program has deleted the resource, if a read shows the same.
            Err(error) if error.is_not_found() && !held.is_empty() => {
                deleted.timeout(Duration::ZERO).await.map_err(|_| error)?;
            }
            Ok(()) if !held.is_empty() => {
                deleted.await.map_err(|still| {
                    let advice =
                        "its addresses were not released and are still billed: call this method again";
                    Error::from(still).with_advice(advice)
                })?;
            }
            outcome => outcome?,
        }
        let mut outcome = Released::default();
        for ip in held {
            match release(&ips, &ip, &id).await {
                Ok(Release::Released) => outcome.released.push(ip.address),
                Ok(Release::Reassigned) => outcome.reassigned.push(ip.address),
                Ok(Release::Unclear) => outcome.failed.push((ip.address, unclear(ip.address))),
                Err(error) => outcome.failed.push((ip.address, error)),
            }
        }
        Ok(outcome)
    })
}

/// The outcome for an address of a deleted VM or load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    Released,
    /// The address is now assigned to another resource, or was reserved again after it was released.
    Reassigned,
    /// No response contains the id of the resource that the address is or was assigned to.
    Unclear,
}

/// Releases an address that was assigned to the deleted resource `id`. `before` is the address before the deletion; it
/// may have been reassigned while the deletion was in progress.
#[inline]
pub(crate) async fn release(
    ips: &FloatingIps,
    before: &FloatingIp,
    id: &AssigneeId,
) -> Result<Release, Error> {
    let address = before.address;
    let Some(ip) = ips.get(address).optional().await?.filter(|ip| !ip.is_deleted()) else {
        return Ok(Release::Released);
    };
    match ip.assigned_to.as_ref().map(AssigneeId::uuid) {
        Some(None) => return Ok(Release::Unclear),
        Some(other) if other != id.uuid() => return Ok(Release::Reassigned),
        Some(_) => {
            ips.unassign(address).await?;
        }
        None if before.is_other_reservation(&ip) => return Ok(Release::Reassigned),
        None if before.is_assigned_to(id.clone()) && ip.is_unassigned() => {}
        None => return Ok(Release::Unclear),
    }
    ips.delete(address).optional().await.map(|_| Release::Released)
}

/// Creates the error for [`Release::Unclear`].
pub(crate) fn unclear(address: IpAddr) -> Error {
    let message = format!(
        "{address} is or was assigned to a resource whose id is missing in the response; it was not released"
    );
    let advice = "check what uses it, and release it with floating_ips().delete(..)";
    Error::new(ErrorKind::Decode, message).with_advice(advice)
}
