//! The documented place of each parameter.

/// The names of an operation's parameters by the place that carries them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    pub(crate) query: &'static [&'static str],
    pub(crate) form: &'static [&'static str],
    pub(crate) json: &'static [&'static str],
}

/// Returns the places of an operation's parameters; empty for an operation that takes parameters only in its path.
pub(crate) fn places(provider: &str, operation: &str) -> Places {
    let found = TABLE.iter().find(|(of, _)| *of == (provider, operation));
    found.map(|(_, places)| *places).unwrap_or_default()
}

/// As in the documented tables. For `credit.buy`, `credit.request_invoice` and
/// `billing_account.apply_for_invoice_payment` both places count: their tables say query, their samples send a form,
/// and so do clients. `credit.list` is a GET with form parameters, so both count there too.
static TABLE: &[((&str, &str), Places)] = &[
    (
        ("elastis", "user.update_profile"),
        Places {
            query: &[],
            form: &["first_name", "last_name", "phone_number", "personal_id_number"],
            json: &[],
        },
    ),
    (("elastis", "token.delete"), Places { query: &[], form: &["token_id"], json: &[] }),
    (
        ("elastis", "token.update"),
        Places {
            query: &[],
            form: &["billing_account_id", "description", "restricted", "token_id"],
            json: &[],
        },
    ),
    (
        ("elastis", "token.create"),
        Places { query: &[], form: &["billing_account_id", "description", "restricted"], json: &[] },
    ),
    (("elastis", "vm.delete"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm.get"), Places { query: &["uuid"], form: &[], json: &[] }),
    (
        ("elastis", "vm.change_password"),
        Places { query: &[], form: &["uuid", "username", "password"], json: &[] },
    ),
    (("elastis", "vm.update"), Places { query: &[], form: &["uuid", "name", "ram", "vcpu"], json: &[] }),
    (
        ("elastis", "vm.create"),
        Places {
            query: &[],
            form: &[
                "backup",
                "billing_account_id",
                "description",
                "designated_pool_uuid",
                "disks",
                "name",
                "os_name",
                "os_version",
                "password",
                "public_key",
                "ram",
                "source_replica",
                "source_uuid",
                "username",
                "vcpu",
                "reserve_public_ip",
                "network_uuid",
                "cloud_init",
                "disk_uuid",
            ],
            json: &[],
        },
    ),
    (("elastis", "vm.reinstall"), Places { query: &[], form: &["os_name", "os_version", "uuid"], json: &[] }),
    (("elastis", "vm.toggle_backup"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm.clone"), Places { query: &[], form: &["name", "uuid"], json: &[] }),
    (("elastis", "vm.release_public_ip"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm.reserve_public_ip"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm.rebuild"), Places { query: &[], form: &["replica_uuid", "uuid"], json: &[] }),
    (("elastis", "replica.delete"), Places { query: &[], form: &["replica_uuid"], json: &[] }),
    (("elastis", "replica.list"), Places { query: &["r_type", "uuid"], form: &[], json: &[] }),
    (("elastis", "replica.create"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm.start"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm.stop"), Places { query: &[], form: &["uuid", "force"], json: &[] }),
    (("elastis", "vm.rescue_start"), Places { query: &[], form: &["uuid"], json: &[] }),
    (("elastis", "vm_disk.add"), Places { query: &[], form: &["uuid", "size_gb"], json: &[] }),
    (
        ("elastis", "vm_disk.resize"),
        Places { query: &[], form: &["uuid", "disk_uuid", "size_gb"], json: &[] },
    ),
    (("elastis", "vm_disk.delete"), Places { query: &[], form: &["uuid", "storage_uuid"], json: &[] }),
    (
        ("elastis", "disk.create"),
        Places {
            query: &[],
            form: &["size_gb", "billing_account_id", "source_image_type", "source_image"],
            json: &[],
        },
    ),
    (("elastis", "disk.update"), Places { query: &[], form: &["billing_account_id"], json: &[] }),
    (("elastis", "disk.attach"), Places { query: &[], form: &["uuid", "storage_uuid"], json: &[] }),
    (("elastis", "disk.detach"), Places { query: &[], form: &["uuid", "storage_uuid"], json: &[] }),
    (("elastis", "bucket.create"), Places { query: &[], form: &["name", "billing_account_id"], json: &[] }),
    (("elastis", "bucket.update"), Places { query: &[], form: &["name", "billing_account_id"], json: &[] }),
    (("elastis", "bucket.delete"), Places { query: &["name"], form: &[], json: &[] }),
    (("elastis", "bucket.get"), Places { query: &["name"], form: &[], json: &[] }),
    (("elastis", "bucket.list"), Places { query: &["billing_account_id"], form: &[], json: &[] }),
    (("elastis", "s3_key.delete"), Places { query: &[], form: &["access_key"], json: &[] }),
    (("elastis", "network.create"), Places { query: &["name"], form: &[], json: &[] }),
    (("elastis", "network.rename"), Places { query: &[], form: &[], json: &["name"] }),
    (
        ("elastis", "floating_ip.create"),
        Places { query: &[], form: &[], json: &["billing_account_id", "name"] },
    ),
    (
        ("elastis", "floating_ip.list"),
        Places { query: &["billing_account_id", "vm_uuid"], form: &[], json: &[] },
    ),
    (
        ("elastis", "floating_ip.update"),
        Places { query: &[], form: &[], json: &["billing_account_id", "name"] },
    ),
    (("elastis", "floating_ip.assign"), Places { query: &[], form: &[], json: &["vm_uuid"] }),
    (
        ("elastis", "load_balancer.create"),
        Places {
            query: &[],
            form: &[],
            json: &[
                "display_name",
                "billing_account_id",
                "network_uuid",
                "reserve_public_ip",
                "rules",
                "targets",
            ],
        },
    ),
    (("elastis", "load_balancer.rename"), Places { query: &[], form: &[], json: &["display_name"] }),
    (
        ("elastis", "load_balancer.add_target"),
        Places { query: &[], form: &[], json: &["target_uuid", "target_type"] },
    ),
    (
        ("elastis", "load_balancer.add_rule"),
        Places { query: &[], form: &[], json: &["source_port", "target_port"] },
    ),
    (("elastis", "load_balancer.set_billing_account"), Places { query: &[], form: &[], json: &["set_id"] }),
    (("elastis", "billing_resource.list"), Places { query: &["id", "resource_type"], form: &[], json: &[] }),
    (
        ("elastis", "billing_resource.assign"),
        Places { query: &[], form: &["billing_account_id", "resource_type", "uuid"], json: &[] },
    ),
    (("elastis", "billing_account.delete"), Places { query: &[], form: &["billing_account_id"], json: &[] }),
    (("elastis", "billing_account.get"), Places { query: &["billing_account_id"], form: &[], json: &[] }),
    (
        ("elastis", "billing_account.update"),
        Places {
            query: &[],
            // Its table contains only the id; its text requires that all data fields are passed along.
            form: &["*"],
            json: &[],
        },
    ),
    (
        ("elastis", "billing_account.set_recurring_payment"),
        Places {
            query: &[],
            form: &[
                "is_recurring_payment_enabled",
                "recurring_payment_amount",
                "recurring_payment_threshold",
            ],
            json: &[],
        },
    ),
    (("elastis", "billing_account.list"), Places { query: &["show_shadow"], form: &[], json: &[] }),
    (
        ("elastis", "billing_account.set_default"),
        Places { query: &[], form: &["billing_account_id"], json: &[] },
    ),
    (
        ("elastis", "billing_account.unpaid_amount"),
        Places { query: &["billing_account_id"], form: &[], json: &[] },
    ),
    (
        ("elastis", "billing_account.apply_for_invoice_payment"),
        Places { query: &["billing_account_id"], form: &["billing_account_id"], json: &[] },
    ),
    (("elastis", "card.delete"), Places { query: &[], form: &["payment_object_id"], json: &[] }),
    (("elastis", "card.get"), Places { query: &["payment_object_id"], form: &[], json: &[] }),
    (("elastis", "card.add"), Places { query: &[], form: &["billing_account_id", "token"], json: &[] }),
    (("elastis", "card.list"), Places { query: &["billing_account_id"], form: &[], json: &[] }),
    (("elastis", "card.set_primary"), Places { query: &[], form: &["payment_object_id"], json: &[] }),
    (
        ("elastis", "credit.list"),
        Places { query: &["billing_account_id"], form: &["billing_account_id"], json: &[] },
    ),
    (
        ("elastis", "credit.buy"),
        Places {
            query: &["billing_account_id", "payment_object_id", "amount"],
            form: &["billing_account_id", "payment_object_id", "amount"],
            json: &[],
        },
    ),
    (
        ("elastis", "credit.request_invoice"),
        Places {
            query: &["billing_account_id", "amount"],
            form: &["billing_account_id", "amount"],
            json: &[],
        },
    ),
    (("elastis", "invoice.get"), Places { query: &["invoice_id"], form: &[], json: &[] }),
    (("elastis", "invoice.list"), Places { query: &["billing_account_id"], form: &[], json: &[] }),
    (("elastis", "invoice.pay_all"), Places { query: &[], form: &["billing_account_id"], json: &[] }),
    (
        ("elastis", "invoice.pay_amount"),
        Places { query: &[], form: &["amount", "billing_account_id"], json: &[] },
    ),
    (("elastis", "invoice.pay"), Places { query: &[], form: &["invoice_id"], json: &[] }),
    (("elastis", "usage.list"), Places { query: &["billing_account_id"], form: &[], json: &[] }),
    (("leaderssl-gpu", "auth.sign_in"), Places { query: &[], form: &["login", "password"], json: &[] }),
    (
        ("leaderssl-gpu", "order.create"),
        Places {
            query: &[],
            form: &["nomenclature_id", "os", "period_count"],
            // Below `/users/{user_id}` one client that orders for real posts JSON.
            json: &["nomenclature_id", "os", "period_count"],
        },
    ),
    (("inferno-vps", "api_key.get"), Places { query: &[], form: &[], json: &["email", "pass", "generate"] }),
    (("inferno-vps", "balance.get"), Places { query: &[], form: &[], json: &["cid"] }),
    (("inferno-vps", "order.create"), Places { query: &[], form: &[], json: &["cid", "key", "pid"] }),
    (("inferno-vps", "order.list"), Places { query: &[], form: &[], json: &["cid", "key"] }),
    (("inferno-vps", "order.cancel"), Places { query: &[], form: &[], json: &["cid", "key", "orderid"] }),
    (
        ("inferno-vps", "vps.install"),
        Places { query: &[], form: &[], json: &["cid", "key", "orderid", "ostpl", "sshkey_ids", "run"] },
    ),
    (
        ("inferno-vps", "vps.reinstall"),
        Places { query: &[], form: &[], json: &["cid", "key", "orderid", "ostpl", "sshkey_ids", "run"] },
    ),
    (("inferno-vps", "vps.info"), Places { query: &[], form: &[], json: &["cid", "key", "orderid", "ip"] }),
    (("inferno-vps", "vps.reboot"), Places { query: &[], form: &[], json: &["cid", "key", "orderid"] }),
    (("inferno-vps", "vps.stop"), Places { query: &[], form: &[], json: &["cid", "key", "orderid"] }),
    (("inferno-vps", "vps.boot"), Places { query: &[], form: &[], json: &["cid", "key", "orderid"] }),
    (("inferno-vps", "ssh_key.add"), Places { query: &[], form: &[], json: &["cid", "key", "sshkey"] }),
    (("inferno-vps", "ssh_key.list"), Places { query: &[], form: &[], json: &["cid", "key"] }),
    (("inferno-vps", "ssh_key.remove"), Places { query: &[], form: &[], json: &["cid", "key", "id"] }),
    (("inferno-vps", "service.list"), Places { query: &[], form: &[], json: &["cid", "key"] }),
    (("inferno-vps", "service.get"), Places { query: &[], form: &[], json: &["cid", "key", "serviceid"] }),
];
