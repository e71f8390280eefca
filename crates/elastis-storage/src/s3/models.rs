//! What the provider tells of the users of object storage.

use http_core::SecretString;
use http_core::wire::{Lenient, REDACTED};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_with::{DeserializeAs, SerializeAs};

http_core::wire::text_id! {
    /// The public half of a key pair; S3 clients call it access key id.
    pub struct AccessKey;
}

http_core::wire::text_id! {
    /// The name of a user of object storage; it looks like an e-mail address.
    pub struct S3UserId;
}

http_core::wire::models! {
    /// Where the S3 API is.
    pub struct S3Endpoint {
        /// The address in the provider's words: `/` while object storage is not set up; see
        /// [`address`](Self::address).
        #[required]
        pub url: String,
    }
}

impl S3Endpoint {
    /// The address, once there is one.
    pub fn address(&self) -> Option<&str> {
        self.url.contains("://").then_some(&self.url)
    }
}

http_core::wire::models! {
    /// A key pair of object storage.
    #[serde(rename_all = "camelCase")]
    pub struct S3Key {
        /// The public half.
        pub access_key: AccessKey,
        /// The secret half.
        pub secret_key: Option<SecretString>,
        /// Whose it is.
        pub user_id: Option<S3UserId>,
    }

    /// The user of object storage that the account has.
    #[serde(rename_all = "camelCase")]
    pub struct S3User {
        /// The user.
        pub user_id: S3UserId,
        /// The name for people.
        pub display_name: Option<String>,
        /// The e-mail address.
        pub email: Option<String>,
        /// How many buckets the user may have.
        pub max_buckets: Option<i64>,
        /// Whether the provider has locked the user out.
        pub suspended: bool,
        /// The key pairs.
        pub s3_credentials: Vec<S3Key>,
        /// Credentials for the Swift protocol, each in the provider's own JSON, whose form is not documented.
        #[serde_as(as = "SecretJson")]
        #[serde(default)]
        pub swift_credentials: Vec<SecretString>,
        /// Administrative rights, as the provider gives them; their form is not documented.
        pub caps: Vec<Value>,
        /// Users below this one, as the provider gives them; their form is not documented.
        pub subusers: Vec<Value>,
    }
}

/// A list of any JSON that is known to contain a secret somewhere; what is no list is taken for its only item.
struct SecretJson;

impl<'de> DeserializeAs<'de, Vec<SecretString>> for SecretJson {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretString>, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let items: Vec<&RawValue> = match json.get() {
            "null" | "\"\"" | "{}" | "false" => Vec::new(),
            list if list.starts_with('[') => serde_json::from_str(list).map_err(D::Error::custom)?,
            _ => vec![&json],
        };
        // What a serialized model shows in its place is no secret.
        let items = items.into_iter().map(RawValue::get).filter(|item| item.trim_matches('"') != REDACTED);
        Ok(items.map(SecretString::from).collect())
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
    fn an_endpoint_without_a_host_is_no_address() {
        let address = |url: &str| S3Endpoint { url: url.into() }.address().map(str::to_owned);
        assert_eq!(address("/"), None);
        assert_eq!(address(""), None);
        assert_eq!(address("https://s3.elastis.id:8080/").as_deref(), Some("https://s3.elastis.id:8080/"));
    }

    #[test]
    fn no_secret_of_a_user_is_shown_wherever_it_stands() {
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
    fn a_user_with_nothing_but_a_name_is_read() {
        let user: S3User = serde_json::from_str(r#"{"userId": "u", "caps": null, "email": ""}"#).unwrap();
        assert!(user.caps.is_empty() && user.s3_credentials.is_empty() && user.email.is_none());
    }
}
