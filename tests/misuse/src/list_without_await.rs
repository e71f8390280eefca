// error[E0599]: no method named `unwrap` found for struct `ListCall<T>` in the current scope
// error[E0277]: `ListCall<hostkit::prelude::Vm>` is not an iterator
// error[E0277]: the `?` operator can only be applied to values that implement `Try`
use hostkit::elastis_core::Elastis;

pub(crate) fn list(elastis: &Elastis) {
    let _ = elastis.vms().list().unwrap();
}

pub(crate) fn iterate(elastis: &Elastis) {
    for _ in elastis.vms().list() {}
}

pub(crate) fn question(elastis: &Elastis) -> Result<(), hostkit::Error> {
    let _ = elastis.vms().list()?;
    Ok(())
}
