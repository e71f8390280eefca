//! The older endpoints that assign a public address to a VM and unassign it.
use crate::elastis::endpoints::context::{Answer, Context};
use crate::elastis::wire::errors;

/// Unassigns the VM's address, which continues to exist.
pub(crate) fn release(context: &mut Context<'_>) -> Answer {
    let uuid = context.vm_uuid()?;
    context.site.idle_vm(&uuid, context.caller, context.clock)?;
    context.site.unassign_all(&uuid, context.now);
    context.show_vm(&uuid)
}

pub(crate) fn reserve(context: &mut Context<'_>) -> Answer {
    let uuid = context.vm_uuid()?;
    let payer = context.site.idle_vm(&uuid, context.caller, context.clock)?.billing_account;
    if context.site.floating_ips.iter().any(|ip| ip.is_assigned_to(&uuid)) {
        return Err(errors::error(400, "Virtual machine has a public IP already."));
    }
    context.site.reserve_for_vm(&uuid, payer, context.ids, context.now)?;
    context.show_vm(&uuid)
}
