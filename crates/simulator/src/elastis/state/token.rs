//! An API token.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::user;
use crate::base::Ids;
use crate::elastis::wire::times::seconds;

pub(crate) const API_KEY: &str = "elastis-simulator-api-key";

pub(crate) const CONSUMER: &str = "9b68f9e5-34a5-41bb-8938-944c17e38723";

pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) kong_id: String,
    pub(crate) secret: String,
    pub(crate) description: String,
    pub(crate) restricted: bool,
    pub(crate) billing_account: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Creates the first token of an account, without restrictions.
    pub(crate) fn first(ids: &mut Ids, now: DateTime<Utc>) -> Self {
        Self {
            id: ids.number(0),
            kong_id: ids.uuid(),
            secret: API_KEY.to_owned(),
            description: "first token".to_owned(),
            restricted: false,
            billing_account: 0,
            created_at: now,
            updated_at: None,
        }
    }

    pub(crate) fn opens(&self, key: &str) -> bool {
        self.secret == key
    }

    /// Returns the only billing account that a restricted token has access to; `None` for other tokens.
    pub(crate) fn restricted_to(&self) -> Option<u64> {
        self.restricted.then_some(self.billing_account)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "billing_account_id": self.billing_account,
            "consumer_id": CONSUMER,
            "created_at": seconds(self.created_at),
            "description": self.description,
            "id": self.id,
            "kong_id": self.kong_id,
            "restricted": self.restricted,
            "token": self.secret,
            "updated_at": self.updated_at.map(seconds),
            "user_id": user::ID,
        })
    }
}
