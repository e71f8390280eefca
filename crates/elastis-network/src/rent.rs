//! VMs that exist only while some work runs.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use elastis_core::{Elastis, NewVm, Vm, VmId};
use http_core::client::{SentChange, in_sequence};
use http_core::recovery::{Noted, Ticket};
use http_core::rental::{Rental, RentalError};
use http_core::{Error, ErrorKind};
use tokio::time::{Instant, sleep};

use crate::ElastisNetwork;
use crate::floating_ips::{FloatingIp, FloatingIpUpdate};
use crate::release::{Release, release, unclear};

/// The time limit for the VM to boot.
const BOOT: Duration = Duration::from_secs(15 * 60);
/// The time after which deleting the VM and its addresses fails. A VM is locked while it is being created, which takes up
/// to 30 minutes.
const END: Duration = Duration::from_secs(45 * 60);
/// The time after which a VM that was not found will not appear any more: its create is no longer being processed.
const APPEARS_WITHIN: Duration = Duration::from_secs(30 * 60);
/// The minimum number of searches for the VM.
const SEARCHES: u32 = 5;
/// The delay between two attempts.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(15);
/// The timeout of each change to an address while its VM exists.
const EARLY: Duration = Duration::from_secs(30);

/// The VM that [`while_rented`](ElastisNetwork::while_rented) rents: a [`NewVm`], or a create on which you called
/// [`note`](http_core::recovery::Recover::note) to store its ticket first. [Mark](NewVm::marked) the VM of such a
/// create: without a marker, the rental cannot be ended after a lost response.
#[derive(Debug)]
pub struct VmToRent(Create);

#[derive(Debug)]
enum Create {
    New(Box<NewVm>),
    Noted(Box<Noted<Vm>>),
}

impl From<NewVm> for VmToRent {
    fn from(vm: NewVm) -> Self {
        Self(Create::New(Box::new(vm.marked())))
    }
}

impl From<Noted<Vm>> for VmToRent {
    fn from(noted: Noted<Vm>) -> Self {
        // A VM that is only likely to be the result may be another program's, and must not be deleted.
        Self(Create::Noted(Box::new(noted.only_certain())))
    }
}

pub(crate) async fn while_rented<R, E>(
    elastis: Elastis,
    vm: VmToRent,
    work: impl AsyncFnOnce(&Vm) -> Result<R, E>,
) -> Result<R, RentalError<R, E>> {
    let (rental, vm) = begin(elastis, vm).await?;
    rental.run(work(&vm)).await
}

#[cfg(feature = "blocking")]
pub(crate) fn while_rented_blocking<R, E>(
    elastis: Elastis,
    vm: VmToRent,
    work: impl FnOnce(&Vm) -> Result<R, E>,
) -> Result<R, RentalError<R, E>> {
    let (rental, vm) = Rental::begin_blocking(begin(elastis, vm))?;
    rental.run_blocking(|| work(&vm))
}

/// Ends the rental of a program that was killed.
#[inline]
pub(crate) async fn end_rented(elastis: Elastis, ticket: Ticket) -> Result<(), Error> {
    elastis.vms().find_created(&ticket).check()?;
    Rented::new(elastis, ticket, None).end().await
}

async fn begin<R, E>(elastis: Elastis, vm: VmToRent) -> Result<(Rental, Vm), RentalError<R, E>> {
    let (what, noted) = match vm.0 {
        Create::Noted(noted) => {
            // With another client, the VM would appear to be deleted while it runs.
            let search = elastis.vms().find_created(noted.ticket());
            search.check_same_client().map_err(RentalError::Start)?;
            ("the rented VM".to_owned(), *noted)
        }
        Create::New(vm) => {
            let what = format!("VM {:?}", vm.name);
            (what, elastis.vms().create(*vm).recover().note().await.map_err(RentalError::Start)?)
        }
    };
    let (ticket, is_unsent) = (noted.ticket().clone(), noted.is_unsent());
    let (sent, create) = in_sequence(noted.into_future());
    let rented = Rented::new(elastis.clone(), ticket, is_unsent.then_some(sent));
    // The rental begins before the create request is sent, because the response may be lost.
    let end = Arc::clone(&rented);
    let rental = Rental::new(what, move || Arc::clone(&end).end()).map_err(RentalError::Start)?;
    let vm = match create.await {
        Ok(created) => created.value,
        Err(error) if is_unsent && !error.is_outcome_unknown() => {
            // The VM was not created, so there is nothing to delete.
            rental.keep();
            return Err(RentalError::Start(error));
        }
        Err(error) => return Err(rental.give_up(error).await),
    };
    // The id is not set yet, so this cannot fail.
    let _ = rented.id.set(vm.uuid);
    match elastis.vms().wait(vm.uuid).until(Vm::is_running).timeout(BOOT).await {
        Ok(vm) => Ok((rental, vm)),
        Err(error) => Err(rental.give_up(error.into()).await),
    }
}

/// The VM and addresses to delete at the end.
struct Rented {
    elastis: Elastis,
    ticket: Ticket,
    /// Whether the create was sent; `None` if it was sent before the rental began, perhaps by another process.
    sent: Option<SentChange>,
    id: OnceLock<VmId>,
    /// The addresses that are still to be released; `None` before they were listed. They cannot be found once the VM is
    /// deleted.
    addresses: Mutex<Option<BTreeMap<IpAddr, FloatingIp>>>,
}

impl Rented {
    fn new(elastis: Elastis, ticket: Ticket, sent: Option<SentChange>) -> Arc<Self> {
        Arc::new(Self { elastis, ticket, sent, id: OnceLock::new(), addresses: Mutex::default() })
    }

    /// Deletes the addresses and the VM, and returns when all of them are deleted.
    #[inline]
    async fn end(self: Arc<Self>) -> Result<(), Error> {
        if self.sent.as_ref().is_some_and(|sent| !sent.may_have_been_sent()) {
            return Ok(());
        }
        let begun = Instant::now();
        let age = match self.sent {
            // The ticket may be much older than the request.
            Some(_) => Duration::ZERO,
            None => SystemTime::now().duration_since(self.ticket.noted_at().into()).unwrap_or_default(),
        };
        let mut searches = 0;
        loop {
            let error = match self.delete().await {
                Ok(kept) => return kept.map_or(Ok(()), |address| Err(unclear(address))),
                Err(error) => error,
            };
            // A search that ended because of an error has a source.
            let is_search = error.kind() == ErrorKind::Unrecovered && error.source().is_none();
            searches += u32::from(is_search);
            let may_appear = age + begun.elapsed() < APPEARS_WITHIN;
            if (searches >= SEARCHES && !may_appear) || begun.elapsed() + BETWEEN_ATTEMPTS > END {
                return Err(error);
            }
            sleep(BETWEEN_ATTEMPTS).await;
        }
    }

    /// Deletes the addresses and the VM. Returns an address that was not released because it may not be the VM's.
    #[inline]
    async fn delete(&self) -> Result<Option<IpAddr>, Error> {
        let ips = self.elastis.floating_ips();
        // The name by which the addresses are found if the process is killed after the VM was deleted.
        let name = format!("rental {}", self.ticket.name());
        let id = if let Some(id) = self.id.get() {
            *id
        } else {
            // The marker makes the result certain, so that no other VM is ever deleted.
            let found = match self.elastis.vms().find_created(&self.ticket).only_certain().await {
                Ok(found) => found.value.uuid,
                Err(error) => {
                    return Err(match self.release_named(&name).await {
                        Ok(()) => error,
                        Err(left) => error.with_advice(format!(
                            "floating IPs named {name:?} could not be released and may still be billed: {}",
                            left.message()
                        )),
                    });
                }
            };
            // Once deleted, the VM can no longer be found, but its id is still needed to release its addresses.
            *self.id.get_or_init(|| found)
        };
        let held = match ips.held_by_vm(id).await {
            Ok(held) => held,
            Err(error) if self.with_addresses(|addresses| addresses.is_none()) => return Err(error),
            Err(_) => Vec::new(),
        };
        self.with_addresses(|addresses| {
            let addresses = addresses.get_or_insert_default();
            for ip in &held {
                let known = addresses.entry(ip.address).or_insert_with(|| ip.clone());
                if ip.is_assigned_to(id) {
                    known.clone_from(ip);
                }
            }
        });
        // If this process is killed, the next process can find the addresses only through the VM, so they are deleted
        // before the VM. An address that the provider does not delete while it is assigned gets a name, by which the
        // next process finds it.
        for ip in held.into_iter().filter(|ip| ip.is_assigned_to(id)) {
            if ips.delete(ip.address).optional().timeout(EARLY).await.is_ok() {
                // From now on, another program may reserve the same address.
                self.forget(ip.address);
            } else if ip.name.as_ref() != Some(&name) {
                let update = FloatingIpUpdate::new().with_name(&name);
                let _ = ips.update(ip.address, update).timeout(EARLY).await;
            }
        }
        self.elastis.vms().delete(id).optional().await?;
        self.elastis.vms().wait_deleted(id).await?;
        let mut kept = None;
        for ip in self.with_addresses(|addresses| addresses.clone()).unwrap_or_default().values() {
            match release(&ips, ip, &id.into()).await? {
                Release::Unclear => kept = Some(ip.address),
                // From now on, the address belongs to others.
                Release::Released | Release::Reassigned => self.forget(ip.address),
            }
        }
        Ok(kept)
    }

    /// Releases the addresses that an earlier process named before it deleted the VM.
    #[inline]
    async fn release_named(&self, name: &str) -> Result<(), Error> {
        let ips = self.elastis.floating_ips();
        let mut found = ips.find_by_name(name).tolerant().await?;
        let mut result =
            found.errors.pop().map_or(Ok(()), |row| Err(Error::new(ErrorKind::Decode, row.to_string())));
        for ip in found.items.iter().filter(|ip| ip.is_unassigned()) {
            let deleted = ips.delete(ip.address).optional().await;
            result = result.and(deleted.map(drop));
        }
        result
    }

    fn forget(&self, address: IpAddr) {
        self.with_addresses(|addresses| addresses.get_or_insert_default().remove(&address));
    }

    fn with_addresses<T>(&self, work: impl FnOnce(&mut Option<BTreeMap<IpAddr, FloatingIp>>) -> T) -> T {
        work(&mut self.addresses.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use elastis_core::{Login, Os, VmSize};
    use hostkit_simulator::{Boot, Fault, Simulator};
    use http_core::wire::{DateTime, Utc};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_time_of_the_search_counts_from_when_the_create_was_sent() {
        let day = Duration::from_secs(24 * 60 * 60);
        // The rental sends a create that was noted a day before, or searches for one that was sent a day before.
        for is_sent_now in [true, false] {
            let simulator = Simulator::builder().strict().start().await.unwrap();
            let access = simulator.elastis();
            let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build().unwrap();
            let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
            let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login).marked();
            let new = new.with_billing_account(access.billing_accounts[0].into());
            let noted = elastis.vms().create(new).recover().note().await.unwrap();
            let mut ticket = serde_json::to_value(noted.ticket()).unwrap();
            ticket["noted_at"] = DateTime::<Utc>::from(SystemTime::now() - day).to_rfc3339().into();
            let ticket = serde_json::from_value(ticket).unwrap();
            simulator.fail("vm.create", Fault::ResetThenProcessed(Boot::After(Duration::from_secs(25 * 60))));
            let (sent, create) = in_sequence(noted.into_future());
            timeout(Duration::from_secs(1), create).await.unwrap_err();

            let rented = Rented::new(elastis.clone(), ticket, is_sent_now.then_some(sent));
            let (begun, ended) = (Instant::now(), rented.end().await);
            if is_sent_now {
                ended.unwrap();
                assert!(elastis.vms().list().await.unwrap().iter().all(Vm::is_deleted));
                assert_eq!(simulator.books().created("elastis/vm"), 1);
            } else {
                assert_eq!(ended.unwrap_err().kind(), ErrorKind::Unrecovered);
                assert!(begun.elapsed() < Duration::from_secs(10 * 60), "{:?}", begun.elapsed());
            }
        }
    }
}
