//! The object storage user.

use serde_json::{Value, json};

use super::user;
use crate::base::{Ids, Kept};

pub(crate) struct Key {
    pub(crate) access: String,
    pub(crate) secret: String,
}

impl Key {
    pub(crate) fn new(ids: &mut Ids) -> Self {
        Self { access: ids.token(20).to_ascii_uppercase(), secret: ids.token(40) }
    }
}

/// The object storage user, with its key pairs.
pub(crate) struct S3User {
    pub(crate) keys: Kept<Key>,
}

impl S3User {
    pub(crate) fn new(ids: &mut Ids) -> Self {
        let mut keys = Kept::default();
        keys.push(Key::new(ids));
        Self { keys }
    }

    pub(crate) fn keys(&self) -> Value {
        let keys = self.keys.iter();
        keys.map(|key| json!({"accessKey": key.access, "secretKey": key.secret, "userId": user::EMAIL}))
            .collect()
    }
}
