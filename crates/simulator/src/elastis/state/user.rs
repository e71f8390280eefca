//! The only user.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::elastis::wire::times::seconds;

/// The id of the only user.
pub(crate) const ID: u64 = 8;

/// The user's login.
pub(crate) const EMAIL: &str = "user@example.com";

pub(crate) struct User {
    pub(crate) last_activity: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) phone_number: String,
    pub(crate) personal_id_number: String,
}

impl User {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
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

    pub(crate) fn profile(&self) -> Value {
        json!({
            "avatar": "https://avatars.example/bbb.png",
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
