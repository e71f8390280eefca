//! Object storage: its user, keys and endpoint.
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::customer::Customer;
use crate::elastis::state::s3::{Key, S3User};
use crate::elastis::state::user;
use crate::elastis::wire::errors;

const KEYS: &str = "/v1/storage/user/keys";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("s3.endpoint", "GET", "/v1/storage/api/s3", endpoint),
    Endpoint::global("s3_user.get", "GET", "/v1/storage/user", get),
    Endpoint::global("s3_key.delete", "DELETE", KEYS, delete),
    Endpoint::global("s3_key.list", "GET", KEYS, list),
    Endpoint::global("s3_key.create", "POST", KEYS, create),
];

impl Customer {
    fn s3(&mut self) -> Result<&mut S3User, Response> {
        self.s3.as_mut().ok_or_else(|| errors::message(404, "Storage account not found."))
    }
}

fn endpoint(context: &mut Context<'_>) -> Answer {
    let url = if context.customer.s3.is_some() { "https://s3.elastis.example:8080/" } else { "/" };
    Ok(Response::json(200, &json!({"url": url})))
}

fn get(context: &mut Context<'_>) -> Answer {
    let user = context.customer.s3.get_or_insert_with(|| S3User::new(context.ids));
    let body = json!({
        "caps": [],
        "displayName": user::EMAIL,
        "email": "",
        "maxBuckets": 1000,
        "s3Credentials": user.keys(),
        "subusers": [],
        "suspended": 0,
        "swiftCredentials": [],
        "userId": user::EMAIL,
    });
    Ok(Response::json(200, &body))
}

fn list(context: &mut Context<'_>) -> Answer {
    Ok(Response::json(200, &context.customer.s3()?.keys()))
}

fn create(context: &mut Context<'_>) -> Answer {
    let user = context.customer.s3()?;
    user.keys.push(Key::new(context.ids));
    Ok(Response::json(200, &user.keys()))
}

fn delete(context: &mut Context<'_>) -> Answer {
    let access = context.fields().only(|fields| fields.need_text("access_key"))?;
    let keys = &mut context.customer.s3()?.keys;
    let at = keys.iter().position(|key| key.access == access);
    keys.remove(at.ok_or_else(|| errors::message(404, "Access key not found."))?);
    Ok(Response::empty(200))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::Value;

    use super::*;

    #[test]
    fn object_storage_has_no_account_before_its_first_use() {
        let mut lab = Lab::new();
        assert_eq!(lab.ok("GET", "/v1/storage/api/s3", ""), json!({"url": "/"}));
        assert_eq!(lab.ok("GET", "/v1/storage/bucket/list", ""), json!([]));
        let missing = (404, json!({"message": "Storage account not found."}));
        for (method, path) in [("GET", KEYS), ("POST", KEYS), ("GET", "/v1/storage/bucket?name=pang1")] {
            assert_eq!(lab.form(method, path, ""), missing, "{method} {path}");
        }
    }

    #[test]
    fn reading_the_user_or_creating_a_bucket_is_the_first_use() {
        let mut asked = Lab::new();
        let user = asked.ok("GET", "/v1/storage/user", "");
        assert_eq!((&user["userId"], &user["maxBuckets"]), (&json!("user@example.com"), &json!(1000)));
        assert_eq!(asked.ok("GET", "/v1/storage/user", ""), user);
        let mut made = Lab::new();
        made.ok("PUT", "/v1/storage/bucket", "name=pang1&billing_account_id=6");
        for mut lab in [asked, made] {
            assert_eq!(lab.ok("GET", "/v1/storage/api/s3", "")["url"], "https://s3.elastis.example:8080/");
            assert_eq!(lab.ok("GET", KEYS, "").as_array().unwrap().len(), 1);
        }
    }

    #[test]
    fn a_new_key_is_returned_with_all_keys_and_deleted_by_its_access_key() {
        let mut lab = Lab::new();
        let first = lab.ok("GET", "/v1/storage/user", "")["s3Credentials"].clone();
        let both = lab.ok("POST", KEYS, "");
        assert_eq!(both[0], first[0]);
        let access = both[0]["accessKey"].as_str().unwrap();
        assert_eq!((access.len(), both[0]["secretKey"].as_str().unwrap().len()), (20, 40));
        assert_eq!(lab.form("DELETE", KEYS, &format!("access_key={access}")), (200, Value::Null));
        assert_eq!(lab.status("DELETE", KEYS, &format!("access_key={access}")), 404);
        assert_eq!(lab.ok("GET", KEYS, ""), json!([both[1]]));
    }
}
