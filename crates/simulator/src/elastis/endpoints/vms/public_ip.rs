//! The older way to give a VM a public address and to take it away.
use crate::elastis::endpoints::call::{Answer, Call};
use crate::elastis::wire::refusals;

/// The address goes on existing, unassigned.
pub(crate) fn release(call: &mut Call<'_>) -> Answer {
    let uuid = call.vm_uuid()?;
    call.site.idle_vm(&uuid, call.caller, call.clock)?;
    call.site.unassign_all(&uuid, call.now);
    call.show_vm(&uuid)
}

pub(crate) fn reserve(call: &mut Call<'_>) -> Answer {
    let uuid = call.vm_uuid()?;
    let payer = call.site.idle_vm(&uuid, call.caller, call.clock)?.billing_account;
    if call.site.floating_ips.iter().any(|ip| ip.is_assigned_to(&uuid)) {
        return Err(refusals::error(400, "Virtual machine has a public IP already."));
    }
    call.site.reserve_for_vm(&uuid, payer, call.ids, call.now)?;
    call.show_vm(&uuid)
}
