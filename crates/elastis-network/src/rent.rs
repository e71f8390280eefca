//! A VM for as long as some work takes.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use elastis_core::{Elastis, NewVm, Vm, VmId};
use http_core::Error;
use http_core::recovery::Ticket;
use http_core::rental::{Rental, RentalError};
use tokio::sync::OnceCell;
use tokio::time::sleep;

use crate::ElastisNetwork;
use crate::release::release;

/// How long a VM may take to boot.
const BOOT: Duration = Duration::from_secs(15 * 60);
/// The end of a rental has patience with a provider that does not answer.
const ROUNDS: u32 = 5;
const BETWEEN_ROUNDS: Duration = Duration::from_secs(15);

pub(crate) async fn while_rented<R, E>(
    elastis: Elastis,
    vm: NewVm,
    work: impl AsyncFnOnce(&Vm) -> Result<R, E>,
) -> Result<R, RentalError<R, E>> {
    let (rental, vm) = begin(elastis, vm).await?;
    rental.run(work(&vm)).await
}

#[cfg(feature = "blocking")]
pub(crate) fn while_rented_blocking<R, E>(
    elastis: Elastis,
    vm: NewVm,
    work: impl FnOnce(&Vm) -> Result<R, E>,
) -> Result<R, RentalError<R, E>> {
    let (rental, vm) = Rental::begin_blocking(begin(elastis, vm))?;
    rental.run_blocking(|| work(&vm))
}

async fn begin<R, E>(elastis: Elastis, vm: NewVm) -> Result<(Rental, Vm), RentalError<R, E>> {
    let what = format!("VM {:?}", vm.name);
    let noted = elastis.vms().create(vm.marked()).recover().note().await.map_err(RentalError::Start)?;
    let rented = Arc::new(Rented {
        elastis: elastis.clone(),
        ticket: noted.ticket().clone(),
        id: OnceLock::new(),
        addresses: OnceCell::new(),
    });
    // Before the create is sent, whose response may be lost.
    let end = Arc::clone(&rented);
    let rental = Rental::new(what, move || Arc::clone(&end).end()).map_err(RentalError::Start)?;
    let vm = match noted.await {
        Ok(created) => created.value,
        Err(error) if !error.is_outcome_unknown() => {
            // It was not created: there is nothing to end.
            rental.keep();
            return Err(RentalError::Start(error));
        }
        Err(error) => return Err(rental.give_up(error).await),
    };
    // Nothing else sets it.
    let _ = rented.id.set(vm.uuid);
    match elastis.vms().wait(vm.uuid).until(Vm::is_running).timeout(BOOT).await {
        Ok(vm) => Ok((rental, vm)),
        Err(error) => Err(rental.give_up(error.into()).await),
    }
}

/// What is to be deleted.
struct Rented {
    elastis: Elastis,
    ticket: Ticket,
    id: OnceLock<VmId>,
    /// Looked up once, because a VM that is deleted no longer leads to them.
    addresses: OnceCell<Vec<IpAddr>>,
}

impl Rented {
    /// Deletes the VM with its addresses, and returns when they are gone.
    async fn end(self: Arc<Self>) -> Result<(), Error> {
        let mut result = Ok(());
        for round in 0..ROUNDS {
            if round > 0 {
                sleep(BETWEEN_ROUNDS).await;
            }
            result = self.delete().await;
            if result.is_ok() {
                break;
            }
        }
        result
    }

    async fn delete(&self) -> Result<(), Error> {
        let id = match self.id.get() {
            Some(id) => *id,
            // The marker makes this certain, so that no other VM is ever deleted.
            None => self.elastis.vms().find_created(&self.ticket).only_certain().await?.value.uuid,
        };
        let ips = self.elastis.floating_ips();
        let addresses = self
            .addresses
            .get_or_try_init(|| async {
                let held = ips.of_vm(id).await?;
                Ok::<_, Error>(held.iter().map(|ip| ip.address).collect())
            })
            .await?;
        self.elastis.vms().delete(id).optional().await?;
        self.elastis.vms().wait_deleted(id).await?;
        for address in addresses {
            release(&ips, *address, id.into()).await?;
        }
        Ok(())
    }
}
