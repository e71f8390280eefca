//! Every operation of every crate.

use std::collections::BTreeMap;

/// One operation and the crate that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path template, with the query where that tells operations apart.
    pub(crate) path: &'static str,
}

impl Endpoint {
    /// The path with every `{name}` replaced, and what stands in their place.
    pub(crate) fn fill(&self, mut value: impl FnMut(&str) -> String) -> (String, BTreeMap<String, String>) {
        let mut segments = BTreeMap::new();
        let template = self.path.split('?').next().unwrap_or_default();
        let path = template.split('/').map(|part| match name_of(part) {
            Some(name) => segments.entry(name.to_owned()).or_insert_with(|| value(name)).clone(),
            None => part.to_owned(),
        });
        (path.collect::<Vec<_>>().join("/"), segments)
    }

    /// Whether the path fits the template, names standing for anything.
    pub(crate) fn serves(&self, method: &str, path: &str) -> bool {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        let mut fits = || loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(ours), Some(theirs)) if ours == theirs || name_of(ours).is_some() => {}
                _ => return false,
            }
        };
        self.method == method && fits()
    }
}

/// `name` of the template's part `{name}`.
pub(crate) fn name_of(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

pub(crate) const ALL: &[Endpoint] = &[
    Endpoint { package: "elastis-core", name: "user.get", method: "GET", path: "/v1/user-resource/user" },
    Endpoint {
        package: "elastis-core",
        name: "user.update_profile",
        method: "PATCH",
        path: "/v1/user-resource/user/profile",
    },
    Endpoint {
        package: "elastis-core",
        name: "token.delete",
        method: "DELETE",
        path: "/v1/user-resource/token",
    },
    Endpoint {
        package: "elastis-core",
        name: "token.update",
        method: "PATCH",
        path: "/v1/user-resource/token",
    },
    Endpoint {
        package: "elastis-core",
        name: "token.create",
        method: "POST",
        path: "/v1/user-resource/token",
    },
    Endpoint {
        package: "elastis-core",
        name: "token.list",
        method: "GET",
        path: "/v1/user-resource/token/list",
    },
    Endpoint { package: "elastis-core", name: "location.list", method: "GET", path: "/v1/config/locations" },
    Endpoint { package: "elastis-core", name: "vm.delete", method: "DELETE", path: "/v1/user-resource/vm" },
    Endpoint { package: "elastis-core", name: "vm.get", method: "GET", path: "/v1/user-resource/vm" },
    Endpoint {
        package: "elastis-core",
        name: "vm.change_password",
        method: "PATCH",
        path: "/v1/user-resource/vm/user",
    },
    Endpoint { package: "elastis-core", name: "vm.update", method: "PATCH", path: "/v1/user-resource/vm" },
    Endpoint { package: "elastis-core", name: "vm.create", method: "POST", path: "/v1/user-resource/vm" },
    Endpoint {
        package: "elastis-core",
        name: "host_pool.list",
        method: "GET",
        path: "/v1/user-resource/host_pool/list",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm.reinstall",
        method: "POST",
        path: "/v1/user-resource/vm/reinstall",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm.toggle_backup",
        method: "POST",
        path: "/v1/user-resource/vm/backup",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm.clone",
        method: "POST",
        path: "/v1/user-resource/vm/clone",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm.release_public_ip",
        method: "DELETE",
        path: "/v1/user-resource/vm/ip/public",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm.reserve_public_ip",
        method: "POST",
        path: "/v1/user-resource/vm/ip/public",
    },
    Endpoint { package: "elastis-core", name: "vm.list", method: "GET", path: "/v1/user-resource/vm/list" },
    Endpoint {
        package: "elastis-core",
        name: "vm.rebuild",
        method: "POST",
        path: "/v1/user-resource/vm/rebuild",
    },
    Endpoint {
        package: "elastis-core",
        name: "replica.delete",
        method: "DELETE",
        path: "/v1/user-resource/vm/replica",
    },
    Endpoint {
        package: "elastis-core",
        name: "replica.list",
        method: "GET",
        path: "/v1/user-resource/vm/replica",
    },
    Endpoint {
        package: "elastis-core",
        name: "replica.create",
        method: "POST",
        path: "/v1/user-resource/vm/replica",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm.start",
        method: "POST",
        path: "/v1/user-resource/vm/start",
    },
    Endpoint { package: "elastis-core", name: "vm.stop", method: "POST", path: "/v1/user-resource/vm/stop" },
    Endpoint {
        package: "elastis-core",
        name: "vm.rescue_start",
        method: "POST",
        path: "/v1/user-resource/vm/rescue_start",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm_disk.add",
        method: "POST",
        path: "/v1/user-resource/vm/storage",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm_disk.resize",
        method: "PATCH",
        path: "/v1/user-resource/vm/storage",
    },
    Endpoint {
        package: "elastis-core",
        name: "vm_disk.delete",
        method: "DELETE",
        path: "/v1/user-resource/vm/storage",
    },
    Endpoint { package: "elastis-storage", name: "disk.create", method: "POST", path: "/v1/storage/disks" },
    Endpoint {
        package: "elastis-storage",
        name: "disk.get",
        method: "GET",
        path: "/v1/storage/disks/{disk_uuid}",
    },
    Endpoint { package: "elastis-storage", name: "disk.list", method: "GET", path: "/v1/storage/disks" },
    Endpoint {
        package: "elastis-storage",
        name: "disk.update",
        method: "PATCH",
        path: "/v1/storage/disks/{disk_uuid}",
    },
    Endpoint {
        package: "elastis-storage",
        name: "disk.delete",
        method: "DELETE",
        path: "/v1/storage/disks/{disk_uuid}",
    },
    Endpoint {
        package: "elastis-storage",
        name: "disk.attach",
        method: "POST",
        path: "/v1/user-resource/vm/storage/attach",
    },
    Endpoint {
        package: "elastis-storage",
        name: "disk.detach",
        method: "POST",
        path: "/v1/user-resource/vm/storage/detach",
    },
    Endpoint { package: "elastis-storage", name: "s3.endpoint", method: "GET", path: "/v1/storage/api/s3" },
    Endpoint { package: "elastis-storage", name: "bucket.create", method: "PUT", path: "/v1/storage/bucket" },
    Endpoint {
        package: "elastis-storage",
        name: "bucket.update",
        method: "PATCH",
        path: "/v1/storage/bucket",
    },
    Endpoint {
        package: "elastis-storage",
        name: "bucket.delete",
        method: "DELETE",
        path: "/v1/storage/bucket",
    },
    Endpoint { package: "elastis-storage", name: "bucket.get", method: "GET", path: "/v1/storage/bucket" },
    Endpoint {
        package: "elastis-storage",
        name: "bucket.list",
        method: "GET",
        path: "/v1/storage/bucket/list",
    },
    Endpoint { package: "elastis-storage", name: "s3_user.get", method: "GET", path: "/v1/storage/user" },
    Endpoint {
        package: "elastis-storage",
        name: "s3_key.delete",
        method: "DELETE",
        path: "/v1/storage/user/keys",
    },
    Endpoint {
        package: "elastis-storage",
        name: "s3_key.list",
        method: "GET",
        path: "/v1/storage/user/keys",
    },
    Endpoint {
        package: "elastis-storage",
        name: "s3_key.create",
        method: "POST",
        path: "/v1/storage/user/keys",
    },
    Endpoint {
        package: "elastis-network",
        name: "network.get",
        method: "GET",
        path: "/v1/network/network/{network_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "network.list",
        method: "GET",
        path: "/v1/network/networks",
    },
    Endpoint {
        package: "elastis-network",
        name: "network.create",
        method: "POST",
        path: "/v1/network/network",
    },
    Endpoint {
        package: "elastis-network",
        name: "network.delete",
        method: "DELETE",
        path: "/v1/network/network/{network_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "network.set_default",
        method: "PUT",
        path: "/v1/network/network/{network_uuid}/default",
    },
    Endpoint {
        package: "elastis-network",
        name: "network.rename",
        method: "PATCH",
        path: "/v1/network/network/{network_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.create",
        method: "POST",
        path: "/v1/network/ip_addresses",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.list",
        method: "GET",
        path: "/v1/network/ip_addresses",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.get",
        method: "GET",
        path: "/v1/network/ip_addresses/{public_ipv4_address}",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.update",
        method: "PATCH",
        path: "/v1/network/ip_addresses/{public_ipv4_address}",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.delete",
        method: "DELETE",
        path: "/v1/network/ip_addresses/{public_ipv4_address}",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.assign",
        method: "POST",
        path: "/v1/network/ip_addresses/{public_ipv4_address}/assign",
    },
    Endpoint {
        package: "elastis-network",
        name: "floating_ip.unassign",
        method: "POST",
        path: "/v1/network/ip_addresses/{public_ipv4_address}/unassign",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.list",
        method: "GET",
        path: "/v1/network/load_balancers",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.get",
        method: "GET",
        path: "/v1/network/load_balancers/{load_balancer_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.create",
        method: "POST",
        path: "/v1/network/load_balancers",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.rename",
        method: "PATCH",
        path: "/v1/network/load_balancers/{load_balancer_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.delete",
        method: "DELETE",
        path: "/v1/network/load_balancers/{load_balancer_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.add_target",
        method: "POST",
        path: "/v1/network/load_balancers/{load_balancer_uuid}/targets",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.remove_target",
        method: "DELETE",
        path: "/v1/network/load_balancers/{load_balancer_uuid}/targets/{target_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.add_rule",
        method: "POST",
        path: "/v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.remove_rule",
        method: "DELETE",
        path: "/v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules/{rule_uuid}",
    },
    Endpoint {
        package: "elastis-network",
        name: "load_balancer.set_billing_account",
        method: "PUT",
        path: "/v1/network/load_balancers/{load_balancer_uuid}/billing_account",
    },
    Endpoint { package: "elastis-core", name: "parameters.vm", method: "GET", path: "/v1/api/parameters/vm" },
    Endpoint { package: "elastis-core", name: "image.list", method: "GET", path: "/v1/config/vm_images" },
    Endpoint {
        package: "elastis-core",
        name: "image.list_plain_os",
        method: "GET",
        path: "/v1/config/vm_images/plain_os",
    },
    Endpoint {
        package: "elastis-core",
        name: "image.list_app_catalog",
        method: "GET",
        path: "/v1/config/vm_images/app_catalog",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_resource.list",
        method: "GET",
        path: "/v1/user-resource/billing_resources",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_resource.assign",
        method: "POST",
        path: "/v1/user-resource/resource_billing",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.delete",
        method: "DELETE",
        path: "/v1/payment/billing_account",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.get",
        method: "GET",
        path: "/v1/payment/billing_account",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.update",
        method: "PUT",
        path: "/v1/payment/billing_account",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.set_recurring_payment",
        method: "PUT",
        path: "/v1/payment/billing_account/{billing_account_id}/recurring_payment",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.list",
        method: "GET",
        path: "/v1/payment/billing_account/list",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.set_default",
        method: "POST",
        path: "/v1/payment/billing_account/set_default",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.unpaid_amount",
        method: "GET",
        path: "/v1/payment/billing_account/unpaid_amount",
    },
    Endpoint {
        package: "elastis-billing",
        name: "billing_account.apply_for_invoice_payment",
        method: "POST",
        path: "/v1/payment/apply_for_invoice_payment",
    },
    Endpoint { package: "elastis-billing", name: "card.delete", method: "DELETE", path: "/v1/payment/card" },
    Endpoint { package: "elastis-billing", name: "card.get", method: "GET", path: "/v1/payment/card" },
    Endpoint { package: "elastis-billing", name: "card.add", method: "POST", path: "/v1/payment/card" },
    Endpoint { package: "elastis-billing", name: "card.list", method: "GET", path: "/v1/payment/card/list" },
    Endpoint {
        package: "elastis-billing",
        name: "card.set_primary",
        method: "PUT",
        path: "/v1/payment/card/set_primary",
    },
    Endpoint {
        package: "elastis-billing",
        name: "credit.list",
        method: "GET",
        path: "/v1/payment/credit/list",
    },
    Endpoint {
        package: "elastis-billing",
        name: "credit.buy",
        method: "POST",
        path: "/v1/payment/credit/buy",
    },
    Endpoint {
        package: "elastis-billing",
        name: "credit.request_invoice",
        method: "POST",
        path: "/v1/payment/credit/request_invoice",
    },
    Endpoint { package: "elastis-billing", name: "invoice.get", method: "GET", path: "/v1/payment/invoice" },
    Endpoint {
        package: "elastis-billing",
        name: "invoice.list",
        method: "GET",
        path: "/v1/payment/invoice/list",
    },
    Endpoint {
        package: "elastis-billing",
        name: "invoice.pay_all",
        method: "POST",
        path: "/v1/payment/pay_all",
    },
    Endpoint {
        package: "elastis-billing",
        name: "invoice.pay_amount",
        method: "POST",
        path: "/v1/payment/pay_amount",
    },
    Endpoint {
        package: "elastis-billing",
        name: "invoice.pay",
        method: "POST",
        path: "/v1/payment/pay_invoice",
    },
    Endpoint {
        package: "elastis-billing",
        name: "campaign.has_active",
        method: "GET",
        path: "/v1/payment/has_active_campaigns",
    },
    Endpoint {
        package: "elastis-billing",
        name: "pricing.policy",
        method: "GET",
        path: "/v1/pricing/policy",
    },
    Endpoint { package: "elastis-billing", name: "usage.list", method: "GET", path: "/v1/charging/usage" },
    Endpoint { package: "leaderssl-gpu", name: "auth.sign_in", method: "POST", path: "/api/v1/users/signin" },
    Endpoint {
        package: "leaderssl-gpu",
        name: "product.list",
        method: "GET",
        path: "/api/v1/users/{user_id}/servers/products",
    },
    Endpoint {
        package: "leaderssl-gpu",
        name: "order.create",
        method: "POST",
        path: "/api/v1/servers/order",
    },
    Endpoint {
        package: "leaderssl-gpu",
        name: "server.list",
        method: "GET",
        path: "/api/v1/users/{user_id}/servers",
    },
    Endpoint {
        package: "leaderssl-gpu",
        name: "server.start",
        method: "POST",
        path: "/api/v1/users/{user_id}/servers/{id}/start",
    },
    Endpoint {
        package: "leaderssl-gpu",
        name: "server.stop",
        method: "POST",
        path: "/api/v1/users/{user_id}/servers/{id}/stop",
    },
    Endpoint {
        package: "leaderssl-gpu",
        name: "server.suspend",
        method: "POST",
        path: "/api/v1/users/{user_id}/servers/{id}/suspend",
    },
    Endpoint {
        package: "leaderssl-gpu",
        name: "server.resume",
        method: "POST",
        path: "/api/v1/users/{user_id}/servers/{id}/resume",
    },
    Endpoint {
        package: "inferno-vps",
        name: "api_key.get",
        method: "POST",
        path: "/api_client.php?action=getApiKey",
    },
    Endpoint {
        package: "inferno-vps",
        name: "catalog.list",
        method: "POST",
        path: "/api_client.php?action=list",
    },
    Endpoint {
        package: "inferno-vps",
        name: "balance.get",
        method: "POST",
        path: "/api_client.php?action=balance",
    },
    Endpoint {
        package: "inferno-vps",
        name: "order.create",
        method: "POST",
        path: "/api_client.php?action=create",
    },
    Endpoint {
        package: "inferno-vps",
        name: "order.list",
        method: "POST",
        path: "/api_client.php?action=orders",
    },
    Endpoint {
        package: "inferno-vps",
        name: "order.cancel",
        method: "POST",
        path: "/api_client.php?action=cancel",
    },
    Endpoint {
        package: "inferno-vps",
        name: "vps.install",
        method: "POST",
        path: "/api_client.php?action=install",
    },
    Endpoint {
        package: "inferno-vps",
        name: "vps.reinstall",
        method: "POST",
        path: "/api_client.php?action=reinstall",
    },
    Endpoint {
        package: "inferno-vps",
        name: "vps.info",
        method: "POST",
        path: "/api_client.php?action=getinfo",
    },
    Endpoint {
        package: "inferno-vps",
        name: "vps.reboot",
        method: "POST",
        path: "/api_client.php?action=reboot",
    },
    Endpoint {
        package: "inferno-vps",
        name: "vps.stop",
        method: "POST",
        path: "/api_client.php?action=stop",
    },
    Endpoint {
        package: "inferno-vps",
        name: "vps.boot",
        method: "POST",
        path: "/api_client.php?action=boot",
    },
    Endpoint {
        package: "inferno-vps",
        name: "ssh_key.add",
        method: "POST",
        path: "/api_client.php?action=sshkey.add",
    },
    Endpoint {
        package: "inferno-vps",
        name: "ssh_key.list",
        method: "POST",
        path: "/api_client.php?action=sshkey.list",
    },
    Endpoint {
        package: "inferno-vps",
        name: "ssh_key.remove",
        method: "POST",
        path: "/api_client.php?action=sshkey.remove",
    },
    Endpoint {
        package: "inferno-vps",
        name: "service.list",
        method: "POST",
        path: "/api_client.php?action=services",
    },
    Endpoint {
        package: "inferno-vps",
        name: "service.get",
        method: "POST",
        path: "/api_client.php?action=getService",
    },
];

/// The crates that have operations, in the order of the house.
pub(crate) fn packages() -> Vec<&'static str> {
    let mut packages: Vec<_> = ALL.iter().map(|endpoint| endpoint.package).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}
