//! The user whom the API key belongs to.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::{Answer, Call, Endpoint};
use super::times::seconds;
use crate::provider::Reply;

/// The id of the only user.
pub(super) const ID: u64 = 8;
/// What the user signs in with.
pub(super) const EMAIL: &str = "user@example.com";

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("user.get", "GET", "/v1/user-resource/user", get),
    Endpoint::global("user.update_profile", "PATCH", "/v1/user-resource/user/profile", update_profile),
];

pub(super) struct User {
    pub(super) last_activity: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    first_name: String,
    last_name: String,
    phone_number: String,
    personal_id_number: String,
}

impl User {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            last_activity: now,
            created_at: now,
            updated_at: now,
            first_name: "Cloudia".to_owned(),
            last_name: "Iaas".to_owned(),
            phone_number: "+111111111".to_owned(),
            personal_id_number: "123456".to_owned(),
        }
    }

    fn profile(&self) -> Value {
        json!({
            "avatar": "https://s.gravatar.com/avatar/bbb?s=480&r=pg",
            "created_at": seconds(self.created_at),
            "email": EMAIL,
            "first_name": self.first_name,
            "id": 22,
            "last_name": self.last_name,
            "personal_id_number": self.personal_id_number,
            "phone_number": self.phone_number,
            "updated_at": seconds(self.updated_at),
            "user_id": ID,
        })
    }
}

fn get(call: &mut Call<'_>) -> Answer {
    let user = &call.account.user;
    let body = json!({
        "cookie_id": "61b0378574974ae88dbfec0feb9917bc",
        "id": ID,
        "last_activity": seconds(user.last_activity),
        "name": EMAIL,
        "profile": null,
        "profile_data": user.profile(),
        "state": {},
    });
    Ok(Reply::json(200, &body))
}

fn update_profile(call: &mut Call<'_>) -> Answer {
    let fields = call.form();
    let user = &mut call.account.user;
    for (name, kept) in [
        ("first_name", &mut user.first_name),
        ("last_name", &mut user.last_name),
        ("phone_number", &mut user.phone_number),
        ("personal_id_number", &mut user.personal_id_number),
    ] {
        if let Some(sent) = fields.text(name) {
            *kept = sent;
        }
    }
    user.updated_at = call.now;
    Ok(Reply::json(200, &user.profile()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Lab;

    #[test]
    fn a_profile_keeps_what_is_not_sent_and_the_plus_of_a_phone_number() {
        let mut lab = Lab::new();
        let profile = lab.ok("PATCH", "/v1/user-resource/user/profile", "phone_number=+98765&last_name=");
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
