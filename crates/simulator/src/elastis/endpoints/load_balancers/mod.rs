//! Network load balancers.

#[cfg(test)]
mod tests;
use serde_json::{Value, json};

use super::context::{Answer, Context, Endpoint};
use crate::base::{Ids, Response};
use crate::elastis::state::load_balancer::{LoadBalancer, Rule, Target};
use crate::elastis::state::site::Site;
use crate::elastis::state::user;
use crate::elastis::wire::caller::{Caller, may_use, reachable};
use crate::elastis::wire::errors;
use crate::elastis::wire::fields::{Fields, as_uuid};
use crate::elastis::wire::times::seconds;

const LIST: &str = "/v1/network/load_balancers";
const ONE: &str = "/v1/network/load_balancers/{load_balancer_uuid}";
const TARGETS: &str = "/v1/network/load_balancers/{load_balancer_uuid}/targets";
const TARGET: &str = "/v1/network/load_balancers/{load_balancer_uuid}/targets/{target_uuid}";
const RULES: &str = "/v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules";
const RULE: &str = "/v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules/{rule_uuid}";
const PAYER: &str = "/v1/network/load_balancers/{load_balancer_uuid}/billing_account";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("load_balancer.list", "GET", LIST, list),
    Endpoint::located("load_balancer.get", "GET", ONE, get),
    Endpoint::located("load_balancer.create", "POST", LIST, create),
    Endpoint::located("load_balancer.rename", "PATCH", ONE, rename),
    Endpoint::located("load_balancer.delete", "DELETE", ONE, delete),
    Endpoint::located("load_balancer.add_target", "POST", TARGETS, add_target),
    Endpoint::located("load_balancer.remove_target", "DELETE", TARGET, remove_target),
    Endpoint::located("load_balancer.add_rule", "POST", RULES, add_rule),
    Endpoint::located("load_balancer.remove_rule", "DELETE", RULE, remove_rule),
    Endpoint::located("load_balancer.set_billing_account", "PUT", PAYER, set_billing_account),
];

impl Site {
    pub(crate) fn load_balancer(
        &mut self,
        uuid: &str,
        caller: Caller,
    ) -> Result<&mut LoadBalancer, Response> {
        let live = |balancer: &&mut LoadBalancer| balancer.uuid == uuid && balancer.deleted_at.is_none();
        let found = self.load_balancers.iter_mut().find(live);
        reachable(found, caller, |balancer| balancer.billing_account, errors::unknown_load_balancer)
    }

    fn target_json(&self, target: &Target) -> Value {
        let vm = self.vms.iter().find(|vm| vm.uuid == target.vm && vm.deleted_at.is_none());
        json!({
            "created_at": seconds(target.created_at),
            "target_uuid": target.vm,
            "target_type": "vm",
            "target_ip_address": vm.map(|vm| &vm.private_ipv4),
        })
    }

    pub(crate) fn load_balancer_json(&self, balancer: &LoadBalancer) -> Value {
        let mut body = json!({
            "uuid": balancer.uuid,
            "network_uuid": balancer.network,
            "user_id": user::ID,
            "billing_account_id": balancer.billing_account,
            "created_at": seconds(balancer.created_at),
            "updated_at": seconds(balancer.updated_at),
            "is_deleted": balancer.deleted_at.is_some(),
            "private_address": balancer.private_address,
            "forwarding_rules": balancer.rules.iter().map(Rule::json).collect::<Value>(),
            "targets": balancer.targets.iter().map(|target| self.target_json(target)).collect::<Value>(),
        });
        if let Some(name) = &balancer.display_name {
            body["display_name"] = json!(name);
        }
        if let Some(at) = balancer.deleted_at {
            body["deleted_at"] = json!(seconds(at));
        }
        body
    }
}

/// Finds the load balancer in the path and applies a change to it.
fn change<T>(
    context: &mut Context<'_>,
    change: impl FnOnce(&mut LoadBalancer, &mut Ids) -> Result<T, Response>,
) -> Result<T, Response> {
    let uuid = context.path_uuid("load_balancer_uuid")?;
    let balancer = context.site.load_balancer(&uuid, context.caller)?;
    let changed = change(balancer, context.ids)?;
    balancer.updated_at = context.now;
    Ok(changed)
}

fn get(context: &mut Context<'_>) -> Answer {
    let uuid = context.path_uuid("load_balancer_uuid")?;
    let found = context.site.load_balancers.iter().find(|balancer| balancer.uuid == uuid);
    let found = reachable(found, context.caller, |row| row.billing_account, errors::unknown_load_balancer)?;
    Ok(Response::json(200, &context.site.load_balancer_json(found)))
}

fn list(context: &mut Context<'_>) -> Answer {
    let site = &*context.site;
    let live = site.load_balancers.iter().filter(|balancer| balancer.deleted_at.is_none());
    let own = live.filter(|balancer| may_use(context.caller, balancer.billing_account));
    Ok(Response::json(200, &own.map(|balancer| site.load_balancer_json(balancer)).collect()))
}

fn create(context: &mut Context<'_>) -> Answer {
    let mut fields = Fields::json(context.request)?;
    if !fields.has("targets") {
        return Err(errors::crash(&context.request.path, context.now));
    }
    // Assumed: the defaults for the payer, the network and the public address.
    let named = fields.whole("billing_account_id").filter(|id| *id != 0);
    let payer = named.or(context.caller.restricted_to).unwrap_or_else(|| context.billing.default_account());
    let network = fields.uuid("network_uuid");
    let public = fields.flag("reserve_public_ip").unwrap_or(true);
    let display_name = fields.text("display_name");
    let (rules, targets) = (fields.list("rules"), fields.list("targets"));
    fields.finish()?;
    let rules = rules.into_iter().map(ports).collect::<Result<Vec<_>, _>>()?;
    let targets = targets.into_iter().map(target).collect::<Result<Vec<_>, _>>()?;
    for vm in &targets {
        context.site.vm(vm, context.caller)?;
    }
    context.may_charge(payer)?;
    let mut balancer = LoadBalancer {
        uuid: context.ids.uuid(),
        display_name,
        network: String::new(),
        billing_account: payer,
        private_address: String::new(),
        created_at: context.now,
        updated_at: context.now,
        deleted_at: None,
        rules: Vec::new(),
        targets: Vec::new(),
    };
    for rule in rules {
        balancer.add_rule(rule, context.ids, context.now)?;
    }
    for vm in targets {
        balancer.add_target(vm, context.now)?;
    }
    // The network is chosen last, so that a rejected load balancer leaves no default network behind.
    balancer.network = context.site.network_or_default(network.as_deref(), context.ids, context.now)?;
    balancer.private_address = context.site.free_address(&balancer.network)?.0;
    let body = context.site.load_balancer_json(&balancer);
    if public {
        let (uuid, private) = (&balancer.uuid, &balancer.private_address);
        context.site.reserve_for_load_balancer(uuid, private, payer, context.ids, context.now)?;
    }
    context.site.load_balancers.push(balancer);
    Ok(Response::json(200, &body))
}

fn rename(context: &mut Context<'_>) -> Answer {
    let mut fields = Fields::json(context.request)?;
    let name = fields.need_text("display_name");
    fields.finish()?;
    change(context, |balancer, _| {
        balancer.display_name = Some(name);
        Ok(())
    })?;
    get(context)
}

fn delete(context: &mut Context<'_>) -> Answer {
    let now = context.now;
    let uuid = change(context, |balancer, _| {
        balancer.deleted_at = Some(now);
        Ok(balancer.uuid.clone())
    })?;
    context.site.unassign_all(&uuid, context.now);
    Ok(Response::empty(200))
}

fn target(mut fields: Fields) -> Result<String, Response> {
    let uuid = fields.need_uuid("target_uuid");
    let kind = fields.need_text("target_type");
    if !kind.is_empty() && kind != "vm" {
        fields.refuse("target_type", "Value is not one of: vm");
    }
    fields.finish().map(|()| uuid)
}

fn add_target(context: &mut Context<'_>) -> Answer {
    let uuid = target(Fields::json(context.request)?)?;
    let balancer = context.path_uuid("load_balancer_uuid")?;
    context.site.load_balancer(&balancer, context.caller)?;
    context.site.vm(&uuid, context.caller)?;
    let now = context.now;
    change(context, |balancer, _| balancer.add_target(uuid.clone(), now))?;
    Ok(Response::json(200, &context.site.target_json(&Target { vm: uuid, created_at: now })))
}

fn remove_target(context: &mut Context<'_>) -> Answer {
    let uuid = as_uuid(context.parameters.get("target_uuid"));
    change(context, |balancer, _| {
        let at = balancer.targets.iter().position(|target| Some(&target.vm) == uuid.as_ref());
        at.map(|at| balancer.targets.remove(at)).ok_or_else(|| errors::message(404, "Target not found"))
    })?;
    Ok(Response::empty(200))
}

fn ports(mut fields: Fields) -> Result<(u64, u64), Response> {
    let mut port = |name| fields.need_within(name, 1..=65_535);
    let both = (port("source_port"), port("target_port"));
    fields.finish().map(|()| both)
}

/// Adds a forwarding rule. As documented, the response has only the two ports; the load balancer has the rule's UUID.
fn add_rule(context: &mut Context<'_>) -> Answer {
    let both = ports(Fields::json(context.request)?)?;
    let now = context.now;
    change(context, |balancer, ids| balancer.add_rule(both, ids, now))?;
    Ok(Response::json(200, &json!({"source_port": both.0, "target_port": both.1})))
}

fn remove_rule(context: &mut Context<'_>) -> Answer {
    let uuid = as_uuid(context.parameters.get("rule_uuid"));
    change(context, |balancer, _| {
        let at = balancer.rules.iter().position(|rule| Some(&rule.uuid) == uuid.as_ref());
        at.map(|at| balancer.rules.remove(at))
            .ok_or_else(|| errors::message(404, "Forwarding rule not found"))
    })?;
    Ok(Response::empty(200))
}

fn set_billing_account(context: &mut Context<'_>) -> Answer {
    let mut fields = Fields::json(context.request)?;
    let payer = fields.need_whole("set_id");
    fields.finish()?;
    let uuid = context.path_uuid("load_balancer_uuid")?;
    context.site.load_balancer(&uuid, context.caller)?;
    context.may_charge(payer)?;
    change(context, |balancer, _| {
        balancer.billing_account = payer;
        Ok(())
    })?;
    get(context)
}
