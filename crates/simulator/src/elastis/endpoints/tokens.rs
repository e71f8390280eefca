//! API tokens, some of which have restricted access.
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::token::Token;
use crate::elastis::wire::errors;

const PATH: &str = "/v1/user-resource/token";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("token.delete", "DELETE", PATH, delete),
    Endpoint::global("token.update", "PATCH", PATH, update),
    Endpoint::global("token.create", "POST", PATH, create),
    Endpoint::global("token.list", "GET", "/v1/user-resource/token/list", list),
];

/// Rejects restricted tokens. Assumed: the responses contain secrets, so a restricted token could be used to read an
/// unrestricted one.
fn unrestricted(context: &Context<'_>) -> Result<(), Response> {
    context.caller.restricted_to.map_or(Ok(()), |_| Err(errors::forbidden()))
}

fn show(context: &Context<'_>) -> Response {
    Response::json(200, &context.customer.tokens.iter().map(Token::json).collect())
}

fn list(context: &mut Context<'_>) -> Answer {
    unrestricted(context)?;
    Ok(show(context))
}

fn create(context: &mut Context<'_>) -> Answer {
    unrestricted(context)?;
    let mut fields = context.fields();
    // Only `true` restricts a new token; in an update, any value does.
    let restricted = fields.flag("restricted").unwrap_or(false);
    let named = fields.whole("billing_account_id").filter(|id| *id != 0);
    let billing_account =
        if restricted { fields.need("billing_account_id", named) } else { named.unwrap_or(0) };
    let description = fields.text("description").unwrap_or_default();
    fields.finish()?;
    if billing_account != 0 {
        context.may_charge(billing_account)?;
    }
    context.customer.tokens.push(Token {
        id: context.ids.number(0),
        kong_id: context.ids.uuid(),
        secret: context.ids.token(32),
        description,
        restricted,
        billing_account,
        created_at: context.now,
        updated_at: None,
    });
    Ok(show(context))
}

fn update(context: &mut Context<'_>) -> Answer {
    unrestricted(context)?;
    let mut fields = context.fields();
    let id = fields.need_whole("token_id");
    // Any value restricts the token. Assumed: leaving the parameter out lifts the restriction.
    let restricted = fields.is_sent("restricted");
    let named = fields.whole("billing_account_id").filter(|id| *id != 0);
    let description = fields.text("description");
    let found = context.customer.tokens.iter().position(|token| token.id == id);
    let kept = found.and_then(|at| context.customer.tokens.get(at)).map(|token| token.billing_account);
    if restricted && found.is_some() {
        fields.need("billing_account_id", named.or(kept.filter(|id| *id != 0)));
    }
    fields.finish()?;
    if let Some(named) = named {
        context.may_charge(named)?;
    }
    let token = context.customer.tokens.iter_mut().find(|token| token.id == id);
    let token = token.ok_or_else(|| errors::error(400, "Failed to update token."))?;
    token.restricted = restricted;
    token.billing_account = named.unwrap_or(token.billing_account);
    if let Some(description) = description {
        token.description = description;
    }
    token.updated_at = Some(context.now);
    Ok(show(context))
}

fn delete(context: &mut Context<'_>) -> Answer {
    unrestricted(context)?;
    let id = context.fields().only(|fields| fields.need_whole("token_id"))?;
    let tokens = &mut context.customer.tokens;
    let at = tokens.iter().position(|token| token.id == id);
    let at = at.ok_or_else(|| errors::error(400, "Failed to delete kong token."))?;
    tokens.remove(at);
    Ok(Response::json(200, &json!({"success": true})))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::{Lab, NEW_VM};
    use serde_json::json;

    const TOKEN: &str = "/v1/user-resource/token";

    fn restricted(lab: &mut Lab, account: u64) -> (u64, String) {
        let form = format!("description=narrow&restricted=true&billing_account_id={account}");
        let tokens = lab.ok("POST", TOKEN, &form);
        let token = tokens.as_array().unwrap().last().unwrap().clone();
        assert_eq!((&token["restricted"], &token["billing_account_id"]), (&json!(true), &json!(account)));
        (token["id"].as_u64().unwrap(), token["token"].as_str().unwrap().to_owned())
    }

    #[test]
    fn a_new_token_is_returned_with_all_tokens_and_authenticates() {
        let mut lab = Lab::new();
        let (_, secret) = restricted(&mut lab, 6);
        assert_eq!(lab.ok("GET", "/v1/user-resource/token/list", "").as_array().unwrap().len(), 2);
        lab.key = secret;
        assert_eq!(lab.status("GET", "/v1/user-resource/vm/list", ""), 200);
    }

    #[test]
    fn a_restricted_token_sees_only_its_account_and_need_not_name_it() {
        let mut lab = Lab::new();
        let other = lab.new_vm("billing_account_id=129072");
        let (_, secret) = restricted(&mut lab, 6);
        lab.key = secret;
        let own = lab.ok("POST", "/v1/user-resource/vm", NEW_VM);
        assert_eq!(own["billing_account"], 6);
        let seen = lab.ok("GET", "/v1/user-resource/vm/list", "");
        assert_eq!(seen.as_array().unwrap().len(), 1);
        assert_eq!(seen[0]["uuid"], own["uuid"]);
        let (status, body) = lab.form("POST", "/v1/user-resource/vm/stop", &format!("uuid={other}"));
        assert_eq!(status, 403);
        assert!(body["errors"]["consumer::resource_forbidden"].is_object());
        assert_eq!(
            lab.status("POST", "/v1/user-resource/vm", &format!("{NEW_VM}&billing_account_id=129072")),
            403
        );
        assert_eq!(lab.status("GET", "/v1/user-resource/token/list", ""), 403);
    }

    #[test]
    fn a_restricted_token_has_no_access_to_other_accounts() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=129072");
        let disk = lab.ok("POST", "/v1/storage/disks", "size_gb=5&billing_account_id=129072");
        lab.ok("PUT", "/v1/storage/bucket", "name=photos&billing_account_id=129072");
        let balancer = json!({"billing_account_id": 129_072, "targets": []});
        let balancer = lab.ok_json("POST", "/v1/network/load_balancers", &balancer);
        let ip = lab.ok("GET", "/v1/network/ip_addresses", "")[0]["address"].clone();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        lab.key = restricted(&mut lab, 6).1;
        for (list, one) in [
            ("/v1/user-resource/vm/list", format!("/v1/user-resource/vm?uuid={vm}")),
            ("/v1/storage/disks", format!("/v1/storage/disks/{}", text(&disk["uuid"]))),
            ("/v1/storage/bucket/list", "/v1/storage/bucket?name=photos".to_owned()),
            ("/v1/network/ip_addresses", format!("/v1/network/ip_addresses/{}", text(&ip))),
            ("/v1/network/load_balancers", format!("/v1/network/load_balancers/{}", text(&balancer["uuid"]))),
        ] {
            assert_eq!(lab.ok("GET", list, ""), json!([]), "{list}");
            assert_eq!(lab.status("GET", &one, ""), 403, "{one}");
        }
    }

    #[test]
    fn leaving_out_the_restriction_lifts_it() {
        let mut lab = Lab::new();
        let (id, secret) = restricted(&mut lab, 6);
        let update = |lab: &mut Lab, form: &str| {
            let tokens = lab.ok("PATCH", TOKEN, &format!("token_id={id}&{form}"));
            tokens.as_array().unwrap().iter().find(|token| token["id"] == id).unwrap().clone()
        };
        let token = update(&mut lab, "restricted=false");
        assert_eq!((&token["restricted"], &token["description"]), (&json!(true), &json!("narrow")));
        let token = update(&mut lab, "description=wide");
        assert_eq!((&token["restricted"], &token["description"]), (&json!(false), &json!("wide")));
        lab.key = secret;
        assert_eq!(lab.status("GET", "/v1/user-resource/token/list", ""), 200);
    }

    #[test]
    fn a_restriction_needs_an_account_that_exists() {
        let mut lab = Lab::new();
        let (status, body) = lab.form("POST", TOKEN, "restricted=true");
        assert_eq!(
            (status, &body["errors"]["billing_account_id"]),
            (400, &json!("Required parameter 'billing_account_id' not supplied"))
        );
        let (_, body) = lab.form("POST", TOKEN, "restricted=true&billing_account_id=99");
        assert_eq!(body["errors"]["Error"], "Provided billing account is incorrect.");
    }

    #[test]
    fn a_new_token_is_restricted_by_true_and_an_updated_one_by_any_value() {
        let mut lab = Lab::new();
        let created = |lab: &mut Lab, value: &str| {
            let tokens = lab.ok("POST", TOKEN, &format!("restricted={value}&billing_account_id=6"));
            tokens.as_array().unwrap().last().unwrap().clone()
        };
        assert_eq!(created(&mut lab, "true")["restricted"], true);
        let free = created(&mut lab, "false");
        assert_eq!(free["restricted"], false);
        let tokens = lab.ok("PATCH", TOKEN, &format!("token_id={}&restricted=false", free["id"]));
        assert_eq!(tokens.as_array().unwrap().last().unwrap()["restricted"], true);
    }

    #[test]
    fn a_deleted_token_is_rejected_and_not_deleted_twice() {
        let mut lab = Lab::new();
        let (id, secret) = restricted(&mut lab, 6);
        assert_eq!(lab.ok("DELETE", TOKEN, &format!("token_id={id}")), json!({"success": true}));
        let (status, body) = lab.form("DELETE", TOKEN, &format!("token_id={id}"));
        assert_eq!((status, body), (400, json!({"errors": {"Error": "Failed to delete kong token."}})));
        let (_, body) = lab.form("PATCH", TOKEN, &format!("token_id={id}"));
        assert_eq!(body["errors"]["Error"], "Failed to update token.");
        lab.key = secret;
        assert_eq!(lab.status("GET", "/v1/user-resource/vm/list", ""), 403);
    }
}
