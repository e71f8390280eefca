// error[E0599]: no method named `networks` found for reference `&Elastis` in the current scope
// help: trait `ElastisNetwork` which provides `networks` is implemented but not in scope
// use hostkit::prelude::ElastisNetwork;
use hostkit::elastis_core::Elastis;

pub(crate) fn networks(elastis: &Elastis) {
    let _ = elastis.networks();
}
