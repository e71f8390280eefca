//! Changes the size of a VM, which must be stopped for the change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_core::client::in_sequence;
use http_core::rental::Rental;
use http_core::{CallSequence, Error};
use tokio::time::sleep;

use super::{Vm, VmSize, VmUpdate, Vms};
use crate::ids::VmId;

impl Vms {
    /// Convenience method: changes the processors and memory of a VM, and does nothing if the VM already has them. **A
    /// running VM is shut down** for the change and started again, even if the change fails. In that case, the method
    /// returns the error of the change. If the provider refuses to stop the VM, nothing is changed or started; **if the
    /// VM's guest did not shut down in time, it may still do so later**, and the VM is then off.
    ///
    /// If the future is dropped after the stop request was sent, a background thread waits up to ten minutes for the VM
    /// to shut down, and starts it again; [`settle`](http_core::rental::settle) waits for that thread. If the response
    /// to the stop request or to the change is lost, the VM is started in the same way before the method returns.
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not accept the size.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    /// - Any error whose message says that **the VM may be stopped**: starting it again failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::VmSize;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().resize(vm.uuid, VmSize::new(4, 4096)).await?;
    /// assert!(vm.is_running());
    /// assert_eq!(vm.vcpu, Some(4));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn resize(&self, id: VmId, size: VmSize) -> CallSequence<Vm> {
        let vms = self.clone();
        CallSequence::new(async move {
            let vm = vms.get(id).await?;
            if vm.size() == Some(size) {
                return Ok(vm);
            }
            let update = VmUpdate::new().with_size(size);
            if !vm.is_running() {
                return vms.update(id, update).await;
            }
            let (stopping, stop) = in_sequence(vms.stop(id).into_future());
            // Created before the stop request is sent, so that the VM is started again in every case. A VM that somebody
            // else stops before that stays off.
            let may_stop = Arc::new(AtomicBool::new(true));
            let (restart, late) = (vms.clone(), Arc::clone(&may_stop));
            let rental = Rental::new(format!("VM {id}"), move || {
                let (vms, may_stop, is_sent) =
                    (restart.clone(), late.load(Ordering::SeqCst), stopping.may_have_been_sent());
                async move { if is_sent { start_again(vms, id, may_stop).await } else { Ok(()) } }
            })?
            .left_as("may have been left stopped by a resize");
            let changed = match stop.await {
                Ok(_) => {
                    may_stop.store(false, Ordering::SeqCst);
                    vms.update(id, update).await
                }
                Err(error) if error.is_outcome_unknown() => Err(error),
                Err(error) => {
                    rental.keep();
                    return Err(error.with_advice(REFUSED));
                }
            };
            // The provider may still be stopping or changing the VM, which is locked in the meantime.
            if let Some(error) = changed.as_ref().err().filter(|error| error.is_outcome_unknown()) {
                let error = error.clone();
                return Err(match rental.end().await {
                    Ok(()) => error,
                    Err(start) => left_stopped(error, &start),
                });
            }
            let started = vms.start(id).await;
            rental.keep();
            match (changed, started) {
                (Ok(_), Ok(vm)) => Ok(vm),
                (Ok(_), Err(start)) => Err(start.with_advice(STOPPED)),
                (Err(error), Ok(_)) => Err(error),
                (Err(error), Err(start)) => Err(left_stopped(error, &start)),
            }
        })
    }
}

/// The provider may have rejected the stop request because the guest did not shut down in time.
const REFUSED: &str = "the VM was not stopped, and its size is unchanged; a guest that is still shutting down turns the \
                       VM off later: check the VM's state, and start it with vms().start(..)";
const STOPPED: &str = "the VM may be stopped: start it with vms().start(..)";

#[inline]
fn left_stopped(error: Error, start: &Error) -> Error {
    error.with_advice(STOPPED).with_advice(format!("starting it failed: {}", start.message()))
}

/// The time limit for the guest's shutdown.
const SHUTDOWN: Duration = Duration::from_secs(600);
/// The maximum number of start requests: a VM that is being changed is locked for a while.
const STARTS: u32 = 20;
/// The delay between two start requests.
const BETWEEN_STARTS: Duration = Duration::from_secs(15);
/// The time to wait for the VM to boot before the start request is sent again.
const BOOT: Duration = Duration::from_secs(60);

/// Starts a VM that was stopped, and returns once it is running. First waits for a stop that may still be in progress,
/// because it would otherwise take effect after the start.
#[inline]
async fn start_again(vms: Vms, id: VmId, may_stop: bool) -> Result<(), Error> {
    if may_stop {
        // A VM that has not stopped by then keeps running, and starting a running VM changes nothing. The outage in
        // which the response to the stop request was lost may last longer than a few polls.
        let down = vms.wait(id).until(|vm| vm.is_stopped() || vm.is_deleted());
        let _ = down.timeout(SHUTDOWN).max_failed_polls(u32::MAX).await;
    }
    let mut result = Ok(());
    for _ in 0..STARTS {
        let started = vms.start(id).await;
        let up = vms.wait(id).until(|vm| vm.is_running() || vm.is_deleted()).timeout(BOOT).await;
        result = match (started, up) {
            (_, Ok(_)) => return Ok(()),
            (Err(error), _) => Err(error),
            (Ok(_), Err(error)) => Err(error.into()),
        };
        sleep(BETWEEN_STARTS).await;
    }
    result
}

#[cfg(test)]
mod tests {
    use hostkit_simulator::{Fault, Simulator};
    use http_core::rental::settled;
    use tokio::time::timeout;

    use super::*;
    use crate::{Elastis, Login, NewVm, Os};

    async fn started() -> (Simulator, Elastis, VmId) {
        let simulator = Simulator::builder().strict().start().await.unwrap();
        let access = simulator.elastis();
        let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build().unwrap();
        let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
        let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login);
        let new = new.with_billing_account(access.billing_accounts[0].into());
        let id = elastis.vms().create(new).await.unwrap().uuid;
        (simulator, elastis, id)
    }

    #[tokio::test(start_paused = true)]
    async fn a_vm_whose_guest_shuts_down_slowly_is_started_again() {
        for (shutdown, failed_reads) in [(1, 0), (30, 0), (300, 0), (590, 0), (300, 60)] {
            let (simulator, elastis, id) = started().await;
            let vms = elastis.vms();
            simulator.fail("vm.stop", Fault::SlowProcessing(Duration::from_secs(shutdown)));
            timeout(Duration::from_millis(500), vms.stop(id).into_future()).await.unwrap_err();
            assert!(vms.get(id).await.unwrap().is_running(), "the stop takes effect later");
            simulator.fail("vm.get", vec![Fault::status(503); failed_reads]);
            start_again(vms.clone(), id, true).await.unwrap();
            sleep(SHUTDOWN).await;
            assert!(vms.get(id).await.unwrap().is_running(), "{shutdown} s");
            assert_eq!(simulator.count("vm.start"), 1, "{shutdown} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_vm_that_was_never_stopped_or_is_deleted_needs_no_start() {
        let (_simulator, elastis, id) = started().await;
        start_again(elastis.vms(), id, true).await.unwrap();
        elastis.vms().delete(id).await.unwrap();
        start_again(elastis.vms(), id, false).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_stop_changes_and_starts_nothing() {
        for status in [400, 403, 409, 422] {
            let (simulator, elastis, id) = started().await;
            simulator.fail("vm.stop", Fault::status(status));
            let error = elastis.vms().resize(id, VmSize::new(4, 4096)).await.unwrap_err();
            assert!(!error.is_outcome_unknown() && error.to_string().contains(REFUSED), "{error}");
            assert!(REFUSED.contains("was not stopped") && REFUSED.contains("still shutting down"));
            assert!(settled(Duration::from_secs(1)).await.is_empty());
            let sent = ["vm.stop", "vm.update", "vm.start"].map(|name| simulator.count(name));
            assert_eq!(sent, [1, 0, 0], "{status}");
            let vm = elastis.vms().get(id).await.unwrap();
            assert!(vm.is_running() && vm.size() == Some(VmSize::new(2, 2048)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_resize_that_is_dropped_before_it_stops_the_vm_starts_nothing() {
        let (simulator, elastis, id) = started().await;
        let vms = elastis.vms();
        simulator.fail("vm.stop", Fault::retry_after(429, "30"));
        let resize = vms.resize(id, VmSize::new(4, 4096)).into_future();
        timeout(Duration::from_secs(10), resize).await.unwrap_err();
        assert_eq!(simulator.count("vm.stop"), 1);
        vms.stop(id).await.unwrap();
        assert!(settled(2 * SHUTDOWN).await.is_empty());
        assert!(vms.get(id).await.unwrap().is_stopped() && simulator.count("vm.start") == 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_start_waits_for_a_change_whose_response_was_lost() {
        let (simulator, elastis, id) = started().await;
        let locked = Fault::response(409, r#"{"message": "Virtual machine is locked."}"#);
        simulator.fail("vm.update", [Fault::ResetBefore, locked.clone()]);
        simulator.fail("vm.start", [locked.clone(), locked]);
        let error = elastis.vms().resize(id, VmSize::new(4, 4096)).await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.operation() == Some("vm.update"), "{error:?}");
        assert!(elastis.vms().get(id).await.unwrap().is_running(), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_whose_response_was_lost_is_awaited_and_undone() {
        let (simulator, elastis, id) = started().await;
        // The stop takes longer than the timeout of an attempt, and the VM is locked in the meantime.
        let locked = Fault::response(409, r#"{"message": "Virtual machine is locked."}"#);
        simulator.fail("vm.stop", [Fault::SlowProcessing(Duration::from_secs(200)), locked]);
        let short = Elastis::builder(simulator.elastis().key)
            .base_url(simulator.elastis().base_url)
            .no_proxy()
            .write_timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        let error = short.vms().resize(id, VmSize::new(4, 4096)).await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.operation() == Some("vm.stop"), "{error:?}");
        sleep(SHUTDOWN).await;
        assert!(elastis.vms().get(id).await.unwrap().is_running());
        assert!(settled(Duration::ZERO).await.is_empty());
    }
}
