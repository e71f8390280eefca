//! The user that owns the API key.
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::user::{EMAIL, ID};
use crate::elastis::wire::times::seconds;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("user.get", "GET", "/v1/user-resource/user", get),
    Endpoint::global("user.update_profile", "PATCH", "/v1/user-resource/user/profile", update_profile),
];

fn get(context: &mut Context<'_>) -> Answer {
    let user = &context.customer.user;
    let body = json!({
        "cookie_id": "61b0378574974ae88dbfec0feb9917bc",
        "id": ID,
        "last_activity": seconds(user.last_activity),
        "name": EMAIL,
        "profile": null,
        "profile_data": user.profile(),
        "state": {},
    });
    Ok(Response::json(200, &body))
}

fn update_profile(context: &mut Context<'_>) -> Answer {
    const NAMES: [&str; 4] = ["first_name", "last_name", "phone_number", "personal_id_number"];
    let mut fields = context.fields();
    let [first, last, phone, personal] = NAMES.map(|name| fields.text(name));
    fields.finish()?;
    let user = &mut context.customer.user;
    for (sent, kept) in [
        (first, &mut user.first_name),
        (last, &mut user.last_name),
        (phone, &mut user.phone_number),
        (personal, &mut user.personal_id_number),
    ] {
        if let Some(sent) = sent {
            *kept = sent;
        }
    }
    user.updated_at = context.now;
    Ok(Response::json(200, &user.profile()))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;

    #[test]
    fn a_profile_update_keeps_missing_fields_and_the_plus_of_a_phone_number() {
        let mut lab = Lab::new();
        let profile = lab.ok("PATCH", "/v1/user-resource/user/profile", "phone_number=%2B98765&last_name=");
        assert_eq!(profile["phone_number"], "+98765");
        assert_eq!(profile["last_name"], "Iaas");
        assert_eq!(lab.ok("GET", "/v1/user-resource/user", "")["profile_data"], profile);
    }

    #[test]
    fn every_request_counts_as_activity() {
        let mut lab = Lab::new();
        lab.pass(3600);
        let user = lab.ok("GET", "/v1/user-resource/user", "");
        assert_eq!(user["last_activity"], "2026-01-01 01:00:00");
        assert_eq!(user["profile_data"]["created_at"], "2026-01-01 00:00:00");
    }
}
