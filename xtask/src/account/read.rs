//! Calls the read operations through their public methods.

use elastis_billing::ElastisBilling;
use elastis_core::{Elastis, ReplicaKind};
use elastis_network::ElastisNetwork;
use elastis_storage::ElastisStorage;
use http_core::Call;
use serde::Serialize;
use serde_json::Value;

use super::{Account, Arguments};
use crate::failure::Result;

/// Converts the value of a call to JSON, with secrets redacted.
fn json<T: Serialize + 'static>(call: impl Into<Call<T>>) -> Call<Value> {
    call.into().map(|value| serde_json::to_value(value).unwrap_or_default())
}

impl Account {
    /// Returns the typed call of a read operation, or `None` for any other operation.
    pub(crate) fn read(&self, operation: &str, given: &Arguments) -> Result<Option<Call<Value>>> {
        match self {
            Self::LeaderSsl(client) => leaderssl(client, operation, given),
            Self::Inferno(client) => inferno(client, operation, given),
            Self::Elastis(elastis) => self::elastis(elastis, operation, given),
        }
    }
}

fn leaderssl(
    client: &leaderssl_gpu::Client,
    operation: &str,
    given: &Arguments,
) -> Result<Option<Call<Value>>> {
    Ok(Some(match operation {
        "auth.sign_in" => {
            json(client.auth().sign_in(given.get::<String>("login")?, given.get::<String>("password")?))
        }
        "product.list" => json(client.products().list()),
        "server.list" => json(client.servers().list()),
        _ => return Ok(None),
    }))
}

fn inferno(client: &inferno_vps::Client, operation: &str, given: &Arguments) -> Result<Option<Call<Value>>> {
    Ok(Some(match operation {
        "api_key.get" => json(client.api_key(given.get::<String>("email")?, given.get::<String>("pass")?)),
        "balance.get" => json(client.balance()),
        "catalog.list" => json(client.catalog()),
        "order.list" => json(client.orders().list()),
        "vps.info" => match given.optional("ip")? {
            Some(address) => json(client.vps().find(address)),
            None => json(client.vps().get(given.get("orderid")?)),
        },
        "ssh_key.list" => json(client.ssh_keys().list()),
        "service.list" => json(client.services().list()),
        "service.get" => json(client.services().get(given.get("serviceid")?)),
        _ => return Ok(None),
    }))
}

fn elastis(elastis: &Elastis, operation: &str, given: &Arguments) -> Result<Option<Call<Value>>> {
    let account = || given.get("billing_account_id");
    Ok(Some(match operation {
        "user.get" => json(elastis.user().get()),
        "token.list" => json(elastis.tokens().list()),
        "location.list" => json(elastis.locations().list()),
        "host_pool.list" => json(elastis.host_pools().list()),
        "image.list" => json(elastis.images().list()),
        "image.list_plain_os" => json(elastis.images().list_plain_os()),
        "image.list_app_catalog" => json(elastis.images().list_app_catalog()),
        "parameters.vm" => json(elastis.parameters().vm()),
        "vm.list" => json(elastis.vms().list()),
        "vm.get" => json(elastis.vms().get(given.get("uuid")?)),
        "replica.list" => {
            let kind = given.optional("r_type")?.unwrap_or(ReplicaKind::Snapshot);
            json(elastis.replicas().list(given.get("uuid")?, kind))
        }
        "disk.list" => json(elastis.disks().list()),
        "disk.get" => json(elastis.disks().get(given.get("disk_uuid")?)),
        "bucket.list" => match given.optional("billing_account_id")? {
            Some(account) => json(elastis.buckets().list_paid_by(account)),
            None => json(elastis.buckets().list()),
        },
        "bucket.get" => json(elastis.buckets().get(given.get::<String>("name")?)),
        "s3.endpoint" => json(elastis.s3().endpoint()),
        "s3_user.get" => json(elastis.s3().user()),
        "s3_key.list" => json(elastis.s3().keys().list()),
        "network.list" => json(elastis.networks().list()),
        "network.get" => json(elastis.networks().get(given.get("network_uuid")?)),
        "floating_ip.list" => json(elastis.floating_ips().list()),
        "floating_ip.get" => {
            json(elastis.floating_ips().get(given.get::<std::net::IpAddr>("public_ipv4_address")?))
        }
        "load_balancer.list" => json(elastis.load_balancers().list()),
        "load_balancer.get" => json(elastis.load_balancers().get(given.get("load_balancer_uuid")?)),
        "billing_account.list" => match given.optional("show_shadow")? {
            Some(true) => json(elastis.billing_accounts().list_with_deleted()),
            _ => json(elastis.billing_accounts().list()),
        },
        "billing_account.get" => json(elastis.billing_accounts().get(account()?)),
        "billing_account.unpaid_amount" => {
            json(elastis.billing_accounts().unpaid_amount(account()?).map(|amount| amount.to_string()))
        }
        "billing_resource.list" => json(elastis.billing_resources().list(given.get("id")?)),
        "card.list" => json(elastis.cards().list(account()?)),
        "card.get" => json(elastis.cards().get(given.get("payment_object_id")?)),
        "credit.list" => json(elastis.credit().list(account()?)),
        "invoice.list" => json(elastis.invoices().list(account()?)),
        "invoice.get" => json(elastis.invoices().get(given.get("invoice_id")?)),
        "campaign.has_active" => json(elastis.campaigns().has_active()),
        "pricing.policy" => json(elastis.pricing().policy()),
        "usage.list" => json(elastis.usage().list(account()?)),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations;

    #[test]
    fn every_read_operation_has_a_method() {
        let given = [
            ("billing_account_id", "6"),
            ("disk_uuid", "e624e5cb-e0f9-4b59-8686-0a4c829027c6"),
            ("uuid", "e624e5cb-e0f9-4b59-8686-0a4c829027c6"),
            ("network_uuid", "e624e5cb-e0f9-4b59-8686-0a4c829027c6"),
            ("load_balancer_uuid", "e624e5cb-e0f9-4b59-8686-0a4c829027c6"),
            ("public_ipv4_address", "192.0.2.1"),
            ("payment_object_id", "6"),
            ("invoice_id", "6"),
            ("id", "6"),
            ("name", "bucket"),
            ("orderid", "6"),
            ("serviceid", "6"),
            ("login", "l"),
            ("password", "p"),
            ("email", "e"),
            ("pass", "p"),
        ];
        let given = Arguments(given.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let accounts = [
            Account::LeaderSsl(leaderssl_gpu::Client::new("l", "p").unwrap()),
            Account::Inferno(inferno_vps::Client::new(777, "k").unwrap()),
            Account::Elastis(Elastis::new("k").unwrap()),
        ];
        let mut methods = 0;
        for endpoint in operations::all() {
            let account = match endpoint.package {
                "leaderssl-gpu" => &accounts[0],
                "inferno-vps" => &accounts[1],
                _ => &accounts[2],
            };
            let has_method = account.read(endpoint.name, &given).unwrap().is_some();
            assert_eq!(has_method, endpoint.effect == "read", "{}", endpoint.name);
            methods += usize::from(has_method);
        }
        assert!(methods > 40, "{methods}");
    }
}
