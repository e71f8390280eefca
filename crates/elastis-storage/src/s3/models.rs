//! The models of object storage: the address, the user and the key pairs.

use http_core::SecretString;
use http_core::client::{json_text, listed_rows, object_row, push, take};
use http_core::wire::{Lenient, REDACTED};
use serde::de::Error as _;
use serde::{Deserializer, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_with::{DeserializeAs, SerializeAs};

http_core::wire::text_id! {
    /// The public half of a key pair; S3 clients call it the access key id.
    pub struct AccessKey;
}

http_core::wire::text_id! {
    /// The name of an object storage user, similar to an e-mail address.
    pub struct S3UserId;
}

http_core::wire::models! {
    /// The address of the S3 API.
    pub struct S3Endpoint {
        /// The address as the provider sends it, which is `/` before object storage is set up; see
        /// [`address`](Self::address).
        #[required]
        pub url: String,
    }
}

impl S3Endpoint {
    /// Convenience method: returns the address, or `None` before object storage is set up.
    pub fn address(&self) -> Option<&str> {
        self.url.contains("://").then_some(&self.url)
    }
}

http_core::wire::models! {
    /// An object storage key pair.
    pub struct S3Key {
        /// The access key, the public half of the key pair.
        #[serde(rename = "accessKey")]
        pub access_key: AccessKey,
        /// The secret key.
        #[serde(rename = "secretKey")]
        pub secret_key: Option<SecretString>,
        /// The user that owns the key pair.
        #[serde(rename = "userId")]
        pub user_id: Option<S3UserId>,
    }

    /// The account's object storage user.
    pub struct S3User {
        /// The user's id.
        #[serde(rename = "userId")]
        pub user_id: S3UserId,
        /// The human-readable name.
        #[serde(rename = "displayName")]
        pub display_name: Option<String>,
        /// The e-mail address.
        pub email: Option<String>,
        /// The maximum number of buckets.
        #[serde(rename = "maxBuckets")]
        pub max_buckets: Option<i64>,
        /// Whether the provider has suspended the user.
        pub suspended: bool,
        /// The key pairs of the user.
        #[serde(rename = "s3Credentials")]
        pub s3_credentials: Vec<S3Key>,
        /// The credentials for the Swift protocol, each as JSON whose format is not documented.
        #[serde_as(as = SecretJson)]
        #[serde(default)]
        #[serde(rename = "swiftCredentials")]
        pub swift_credentials: Vec<SecretString>,
        /// Administrative rights, as the provider sends them; their format is not documented.
        pub caps: Vec<Value>,
        /// Subordinate users, as the provider sends them; their format is not documented.
        pub subusers: Vec<Value>,
    }
}

/// A list of JSON values that may contain secrets. Any other value is decoded as a list with one item.
struct SecretJson;

impl<'de> DeserializeAs<'de, Vec<SecretString>> for SecretJson {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretString>, D::Error> {
        let json = json_text(deserializer)?;
        take(json.len())?;
        let mut secrets = Ok(Vec::new());
        let mut add = |item: &RawValue| {
            // A serialized model contains placeholders in place of its secrets.
            if let Ok(list) = &mut secrets
                && item.get().trim_matches('"') != REDACTED
                && let Err(error) = push(list, SecretString::from(item.get()))
            {
                secrets = Err(error);
            }
        };
        let find = if json.starts_with('[') { listed_rows } else { object_row };
        if !matches!(&*json, "null" | "\"\"" | "{}" | "false") {
            find(&json, &mut add).map_err(D::Error::custom)?;
        }
        secrets
    }
}

impl SerializeAs<Vec<SecretString>> for SecretJson {
    fn serialize_as<S: Serializer>(source: &Vec<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
        Lenient::serialize_as(source, serializer)
    }
}

#[cfg(test)]
mod tests {
    use http_core::ExposeSecret;

    use super::*;

    #[test]
    fn an_endpoint_without_a_host_has_no_address() {
        let address = |url: &str| S3Endpoint { url: url.into() }.address().map(str::to_owned);
        assert_eq!(address("/"), None);
        assert_eq!(address(""), None);
        assert_eq!(address("https://s3.elastis.id:8080/").as_deref(), Some("https://s3.elastis.id:8080/"));
    }

    #[test]
    fn secrets_of_a_user_are_not_shown() {
        let json = r#"{"userId": "u", "s3Credentials": [{"accessKey": "AK", "secretKey": "hunter2"}],
            "swiftCredentials": [{"user": "u:swift", "secret": {"key": "hunter2"}}], "suspended": 1}"#;
        let user: S3User = serde_json::from_str(json).unwrap();
        assert!(user.suspended);
        assert_eq!(user.s3_credentials[0].secret_key.as_ref().unwrap().expose_secret(), "hunter2");
        assert!(user.swift_credentials[0].expose_secret().contains("hunter2"));
        let shown = format!("{user:?} {}", serde_json::to_string(&user).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("AK"), "{shown}");
        let again: S3User = serde_json::from_str(&serde_json::to_string(&user).unwrap()).unwrap();
        assert!(again.s3_credentials[0].secret_key.is_none() && again.swift_credentials.is_empty());
    }

    #[test]
    fn a_user_with_only_an_id_is_decoded() {
        let user: S3User = serde_json::from_str(r#"{"userId": "u", "caps": null, "email": ""}"#).unwrap();
        assert!(user.caps.is_empty() && user.s3_credentials.is_empty() && user.email.is_none());
    }
}
