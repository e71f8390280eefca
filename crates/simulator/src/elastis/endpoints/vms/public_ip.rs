//! The older way to assign and unassign a public address of a VM.
use crate::elastis::endpoints::context::{Answer, Context};
use crate::elastis::wire::errors;

/// The address continues to exist, unassigned.
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
