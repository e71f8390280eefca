//! API tokens.

mod recover;

use http_core::client::{Accepted, Form, Gone, Marker, Operation, decode_json, operations};
use http_core::recovery::{Create, Ensure, Recover, Ticket};
use http_core::wire::{DateTime, DecodeError, Utc};
use http_core::{Call, ListCall, SecretString};

use self::recover::WantedToken;
use crate::client::Elastis;
use crate::ids::{BillingAccountId, UserId};

impl Elastis {
    /// Returns the handle for tokens, the API keys of the user.
    pub fn tokens(&self) -> Tokens {
        Tokens { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/token";

operations![
    LIST = Operation::get("token.list", "/v1/user-resource/token/list"),
    CREATE = Operation::post("token.create", PATH)
        .with_recovery_hint("look for a token with this description in tokens().list()")
        .recoverable(),
    UPDATE = Operation::patch("token.update", PATH).confirmed(),
    DELETE = Operation::delete("token.delete", PATH).confirmed(),
];

/// The handle for API tokens; returned by [`Elastis::tokens`].
#[derive(Clone, Debug)]
pub struct Tokens {
    elastis: Elastis,
}

impl Tokens {
    /// Creates a token and returns all tokens of the user.
    ///
    /// Nothing in the response identifies the new token. [`recover`](Create::recover) returns the new token, even if
    /// the response is lost.
    ///
    /// `POST /v1/user-resource/token`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the token may exist.
    ///   **It grants access to the account.**
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the token of this client is restricted to a billing account.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::NewToken;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let token = elastis.tokens().create(NewToken::new("backup job").marked()).recover().await?.value;
    /// println!("token {} for {:?}", token.id, token.description);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, token: NewToken) -> Create<CreatedToken, Token> {
        let marker = token.marked.then(Marker::random);
        let description = match &marker {
            Some(marker) => marker.plant(&token.description),
            None => token.description,
        };
        let form = Form::new()
            .optional("billing_account_id", token.billing_account_id)
            .optional("description", Some(&description).filter(|text| !text.is_empty()))
            .optional("restricted", token.restricted.then_some(true));
        let wanted = WantedToken {
            description,
            billing_account_id: token.billing_account_id,
            restricted: token.restricted,
            marker,
        };
        let call = self.elastis.call(&CREATE).form(form).decode(|body| {
            let created: CreatedToken = decode_json(body)?;
            if created.tokens.is_empty() {
                Err(DecodeError::new("the response contains no token"))
            } else {
                Ok(created)
            }
        });
        Create::new(call, self.clone(), wanted, Accepted::unnamed)
    }

    /// Returns all tokens of the user, including their secrets.
    ///
    /// Assumed: the provider rejects this call for a restricted token.
    ///
    /// `GET /v1/user-resource/token/list`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the token of this client is restricted to a billing account.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for token in elastis.tokens().list().await? {
    ///     println!("{}: {:?}", token.id, token.description);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Token> {
        self.elastis.call(&LIST).list()
    }

    /// Updates a token. See [`TokenUpdate`] for the effect on its restriction.
    ///
    /// `PATCH /v1/user-resource/token`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no token with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the token of this client is restricted to a billing account.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::{NewToken, TokenUpdate};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let token = elastis.tokens().create(NewToken::new("backup job")).recover().await?.value;
    /// let update = TokenUpdate::unrestricted().with_description("nightly job");
    /// elastis.tokens().update(token.id, update).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn update(&self, id: TokenId, update: TokenUpdate) -> Call<()> {
        let form = Form::new()
            .optional("billing_account_id", update.billing_account_id)
            .optional("description", update.description.as_ref())
            .optional("restricted", update.restricted.then_some(true))
            .field("token_id", id);
        let tokens = self.clone();
        let read = move || {
            let rows: ListCall<TokenRow> = tokens.elastis.call(&LIST).list();
            rows.map(move |rows| {
                rows.iter().any(|row| {
                    row.id == id
                        && row.restricted == Some(update.restricted)
                        && (update.description.is_none() || update.description == row.description)
                        && (update.billing_account_id.is_none()
                            || update.billing_account_id == row.billing_account_id)
                })
            })
        };
        self.elastis.call(&UPDATE).form(form).confirm_by("", read).empty()
    }

    /// Deletes a token. **Programs that use it lose access immediately**, including this client if the token is its
    /// own.
    ///
    /// `DELETE /v1/user-resource/token`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no token with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the token of this client is restricted to a billing account.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::NewToken;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let token = elastis.tokens().create(NewToken::new("backup job")).recover().await?.value;
    /// elastis.tokens().delete(token.id).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn delete(&self, id: TokenId) -> Call<()> {
        let tokens = self.clone();
        // The list contains at least this client's token, so an empty list proves nothing.
        let read = move || tokens.list().gone(move |token| token.id == id).map(Gone::unless_empty);
        self.elastis.call(&DELETE).form(Form::new().field("token_id", id)).confirm_gone("", read).empty()
    }

    /// Returns the token with this description, or creates it as `create(..).recover()` does if there is none. Markers
    /// are not compared.
    ///
    /// **This is not a lock**: see [`Ensure`].
    ///
    /// # Errors
    ///
    /// - Several tokens have this description; [`candidates`](http_core::Error::candidates) returns their ids.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the description is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::NewToken;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let token = elastis.tokens().ensure(NewToken::new("backup job")).await?.into_value();
    /// assert_eq!(elastis.tokens().ensure(NewToken::new("backup job")).await?.into_value().id, token.id);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn ensure(&self, token: NewToken) -> Ensure<Token> {
        Ensure::new(Some(&token.description.clone()), self.create(token))
    }

    /// Finds the token of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Token> {
        Recover::find::<WantedToken>(self.clone(), ticket)
    }
}

http_core::wire::integer_id! {
    /// The id of an API token.
    pub struct TokenId;
}

/// The request for a new token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewToken {
    /// The purpose of the token. An empty description is not sent. A token without a description can be found only by
    /// its id.
    pub description: String,
    /// The billing account that pays for resources created with the token.
    pub billing_account_id: Option<BillingAccountId>,
    /// Whether the token has access only to the resources of its billing account.
    pub restricted: bool,
    /// Whether a marker is added to the description; see [`marked`](Self::marked).
    pub marked: bool,
}

impl NewToken {
    /// Creates a request for a token with access to everything.
    pub fn new(description: impl Into<String>) -> Self {
        Self { description: description.into(), billing_account_id: None, restricted: false, marked: false }
    }

    /// Creates a request for a token with access to everything and without a description.
    pub fn without_description() -> Self {
        Self::new("")
    }

    /// Adds a random marker to the description. You can remove it later with [`Tokens::update`]. If the response to the
    /// create is lost, [`recover`](Create::recover) then finds the token with certainty.
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Sets the account that pays for resources created with the token, unless a call specifies another one.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }

    /// Restricts the token to the resources of `account`. This account also pays for new resources.
    pub fn restricted_to(mut self, account: BillingAccountId) -> Self {
        self.restricted = true;
        self.with_billing_account(account)
    }
}

/// The update of a token.
///
/// The provider drops a restriction that is not sent again, so every update specifies whether the token is restricted
/// afterwards.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenUpdate {
    /// The new description; `None` keeps it.
    pub description: Option<String>,
    /// The new billing account; `None` keeps it.
    pub billing_account_id: Option<BillingAccountId>,
    /// Whether the token has access only to the resources of its billing account.
    pub restricted: bool,
}

impl TokenUpdate {
    /// Creates an update that gives the token access to everything.
    pub fn unrestricted() -> Self {
        Self { description: None, billing_account_id: None, restricted: false }
    }

    /// Creates an update that restricts the token to the resources of its billing account.
    pub fn restricted() -> Self {
        Self { restricted: true, ..Self::unrestricted() }
    }

    /// Sets the new description.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the new billing account.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }
}

http_core::wire::models! {
    /// All tokens of the user after a token was created.
    #[serde(transparent)]
    pub struct CreatedToken {
        /// All tokens of the user, including the new one.
        pub tokens: Vec<Token>,
    }
}

http_core::wire::models! {
    /// A token as it appears in a list; only the id is required.
    struct TokenRow {
        id: TokenId,
        description: Option<String>,
        restricted: Option<bool>,
        billing_account_id: Option<BillingAccountId>,
    }
}

http_core::wire::models! {
    /// An API token.
    pub struct Token {
        /// The token's id.
        pub id: TokenId,
        /// The API key.
        pub token: Option<SecretString>,
        /// The purpose of the token.
        pub description: Option<String>,
        /// Whether the token has access only to the resources of its billing account.
        pub restricted: bool,
        /// The account that pays for resources created with the token.
        #[serde_as(as = http_core::wire::ZeroAsNone)]
        #[serde(default)]
        pub billing_account_id: Option<BillingAccountId>,
        /// The user that owns the token.
        pub user_id: Option<UserId>,
        /// The user's id in the provider's gateway.
        pub consumer_id: Option<String>,
        /// The token's id in the provider's gateway.
        pub kong_id: Option<String>,
        /// The time at which the token was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}
