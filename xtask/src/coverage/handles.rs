//! Compiles only if each handle in `METHODS.md` exists and has the expected type, on which rustdoc finds the methods.
//! Written by `cargo xtask operations --write`.

use elastis_billing::ElastisBilling;
use elastis_network::ElastisNetwork;
use elastis_storage::ElastisStorage;

const _: fn(&leaderssl_gpu::Client) = |client| {
    let _: leaderssl_gpu::Auth = client.auth();
    let _: leaderssl_gpu::Orders = client.orders();
    let _: leaderssl_gpu::Products = client.products();
    let _: leaderssl_gpu::Servers = client.servers();
};

const _: fn(&inferno_vps::Client) = |client| {
    let _: inferno_vps::Orders = client.orders();
    let _: inferno_vps::Services = client.services();
    let _: inferno_vps::SshKeys = client.ssh_keys();
    let _: inferno_vps::Vpses = client.vps();
};

const _: fn(&elastis_core::Elastis) = |elastis| {
    let _: elastis_core::HostPools = elastis.host_pools();
    let _: elastis_core::Images = elastis.images();
    let _: elastis_core::Locations = elastis.locations();
    let _: elastis_core::Parameters = elastis.parameters();
    let _: elastis_core::Replicas = elastis.replicas();
    let _: elastis_core::Tokens = elastis.tokens();
    let _: elastis_core::Users = elastis.user();
    let _: elastis_core::VmDisks = elastis.vm_disks();
    let _: elastis_core::Vms = elastis.vms();
};

const _: fn(&elastis_core::Elastis) = |elastis| {
    let _: elastis_storage::Buckets = elastis.buckets();
    let _: elastis_storage::Disks = elastis.disks();
    let _: elastis_storage::S3 = elastis.s3();
    let _: elastis_storage::S3Keys = elastis.s3().keys();
};

const _: fn(&elastis_core::Elastis) = |elastis| {
    let _: elastis_network::FloatingIps = elastis.floating_ips();
    let _: elastis_network::LoadBalancers = elastis.load_balancers();
    let _: elastis_network::Networks = elastis.networks();
};

const _: fn(&elastis_core::Elastis) = |elastis| {
    let _: elastis_billing::BillingAccounts = elastis.billing_accounts();
    let _: elastis_billing::BillingResources = elastis.billing_resources();
    let _: elastis_billing::Campaigns = elastis.campaigns();
    let _: elastis_billing::Cards = elastis.cards();
    let _: elastis_billing::Credit = elastis.credit();
    let _: elastis_billing::Invoices = elastis.invoices();
    let _: elastis_billing::Pricing = elastis.pricing();
    let _: elastis_billing::Usage = elastis.usage();
};
