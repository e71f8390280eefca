//! The user that owns the API key.

use http_core::client::{Form, Operation, operations};
use http_core::wire::{DateTime, Utc};
use http_core::{Call, Error, SecretString};

use crate::client::Elastis;
use crate::ids::UserId;

impl Elastis {
    /// Returns the handle for the user that the API key belongs to.
    pub fn user(&self) -> Users {
        Users { elastis: self.clone() }
    }
}

operations![
    GET = Operation::get("user.get", "/v1/user-resource/user"),
    UPDATE_PROFILE = Operation::patch("user.update_profile", "/v1/user-resource/user/profile").confirmed(),
];

/// The handle for the user; returned by [`Elastis::user`].
#[derive(Clone, Debug)]
pub struct Users {
    elastis: Elastis,
}

impl Users {
    /// Returns the user that owns the API key, including the profile.
    ///
    /// `GET /v1/user-resource/user`
    ///
    /// # Errors
    ///
    /// - [`is_unauthorized`](http_core::Error::is_unauthorized): the provider does not accept the API key.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let user = elastis.user().get().await?;
    /// println!("{} is user {}", user.name, user.id);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self) -> Call<User> {
        self.elastis.call(&GET).json()
    }

    /// Updates the given fields of the profile and returns the whole profile.
    ///
    /// `PATCH /v1/user-resource/user/profile`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the update has no fields, or has an empty
    ///   value, which the provider would ignore.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::ProfileUpdate;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let update = ProfileUpdate::new().with_phone_number("+98765");
    /// let profile = elastis.user().update_profile(update).await?;
    /// assert_eq!(profile.phone_number.as_deref(), Some("+98765"));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn update_profile(&self, update: ProfileUpdate) -> Call<Profile> {
        let draft = self.elastis.call(&UPDATE_PROFILE);
        if update == ProfileUpdate::default() {
            return draft
                .invalid(Error::invalid_argument("the update is empty: set at least one field"))
                .json();
        }
        let form = Form::new()
            .optional("first_name", update.first_name.as_ref())
            .optional("last_name", update.last_name.as_ref())
            .optional("phone_number", update.phone_number.as_ref())
            .optional("personal_id_number", update.personal_id_number.as_ref());
        let user = self.clone();
        let read = move || {
            user.get()
                .and_then(|user| user.profile_data.ok_or_else(|| Error::not_found("the user has no profile")))
        };
        draft.form(form).confirm_by_state(read, move |profile| update.is_in(profile)).json()
    }
}

/// The update of a profile: fields that are `None` keep their values.
///
/// A field cannot be cleared: the provider ignores empty values, so an empty value is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileUpdate {
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The phone number, in any format.
    pub phone_number: Option<String>,
    /// The identity card number.
    pub personal_id_number: Option<String>,
}

impl ProfileUpdate {
    /// Creates an update without fields.
    pub fn new() -> Self {
        Self::default()
    }

    fn is_in(&self, profile: &Profile) -> bool {
        let fields = [
            (&self.first_name, &profile.first_name),
            (&self.last_name, &profile.last_name),
            (&self.phone_number, &profile.phone_number),
            (&self.personal_id_number, &profile.personal_id_number),
        ];
        fields.into_iter().all(|(wanted, now)| wanted.is_none() || wanted == now)
    }

    /// Sets the first name.
    pub fn with_first_name(mut self, name: impl Into<String>) -> Self {
        self.first_name = Some(name.into());
        self
    }

    /// Sets the last name.
    pub fn with_last_name(mut self, name: impl Into<String>) -> Self {
        self.last_name = Some(name.into());
        self
    }

    /// Sets the phone number, in any format.
    pub fn with_phone_number(mut self, number: impl Into<String>) -> Self {
        self.phone_number = Some(number.into());
        self
    }

    /// Sets the identity card number.
    pub fn with_personal_id_number(mut self, number: impl Into<String>) -> Self {
        self.personal_id_number = Some(number.into());
        self
    }
}

http_core::wire::models! {
    /// The user that owns the API key.
    pub struct User {
        /// The user's id.
        pub id: UserId,
        /// The name to sign in with, usually an e-mail address.
        pub name: String,
        /// The user's session in the web interface.
        pub cookie_id: Option<SecretString>,
        /// The time of the user's last activity.
        pub last_activity: Option<DateTime<Utc>>,
        /// The kind of profile. The documentation shows only empty values.
        pub profile: Option<String>,
        /// The user's name, e-mail address and other personal data.
        pub profile_data: Option<Profile>,
        /// The state of the web interface, as the provider sends it; its format is not documented.
        pub state: Option<serde_json::Value>,
    }

    /// The personal data of a user.
    pub struct Profile {
        /// The id of the profile, not of the user.
        pub id: Option<u64>,
        /// The id of the user.
        pub user_id: Option<UserId>,
        /// The first name.
        pub first_name: Option<String>,
        /// The last name.
        pub last_name: Option<String>,
        /// The e-mail address.
        pub email: Option<String>,
        /// The phone number, in any format.
        pub phone_number: Option<String>,
        /// The identity card number.
        pub personal_id_number: Option<String>,
        /// The URL of a picture.
        pub avatar: Option<String>,
        /// The time at which the profile was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}
