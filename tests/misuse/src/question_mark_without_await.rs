// error[E0277]: the `?` operator can only be applied to values that implement `Try`
// the `?` operator cannot be applied to type `ListCall<hostkit::prelude::Vm>`
use hostkit::elastis_core::Elastis;

pub(crate) fn list(elastis: &Elastis) -> Result<(), hostkit::Error> {
    let _ = elastis.vms().list()?;
    Ok(())
}
