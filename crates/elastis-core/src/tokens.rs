//! API tokens.

use http_core::client::{Form, Operation};
use http_core::wire::{DateTime, Utc};
use http_core::{Call, SecretString};

use crate::client::Elastis;
use crate::ids::{BillingAccountId, UserId};

impl Elastis {
    /// Returns the handle for API tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/token";

pub(crate) const LIST: Operation = Operation::get("token.list", "/v1/user-resource/token/list");
pub(crate) const CREATE: Operation = Operation::post("token.create", PATH)
    .with_recovery_hint("look for it by its description in tokens().list()");
pub(crate) const UPDATE: Operation = Operation::patch("token.update", PATH);
pub(crate) const DELETE: Operation = Operation::delete("token.delete", PATH);

/// The keys of the API; from [`Elastis::tokens`].
#[derive(Clone, Debug)]
pub struct Tokens {
    elastis: Elastis,
}

impl Tokens {
    /// All tokens of the user, secrets included. Assumed: a restricted token is refused.
    ///
    /// `GET /v1/user-resource/token/list`
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for token in elastis.tokens().list().await? {
    ///     println!("{}: {:?}", token.id, token.description);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> Call<Vec<Token>> {
        self.elastis.call(&LIST).list()
    }

    /// Makes a token. The provider answers with all tokens: [`CreatedToken::token`] finds the new one.
    ///
    /// `POST /v1/user-resource/token`
    ///
    /// ```
    /// use elastis_core::NewToken;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let created = elastis.tokens().create(NewToken::new("backup job")).await?;
    /// let token = created.token().ok_or("no token came back")?;
    /// println!("token {} of {}", token.id, created.tokens.len());
    /// # Ok(()) });
    /// ```
    pub fn create(&self, token: NewToken) -> Call<CreatedToken> {
        let form = Form::new()
            .optional("billing_account_id", token.billing_account_id)
            .field("description", token.description)
            .optional("restricted", token.restricted.then_some(true));
        self.elastis.call(&CREATE).form(form).json()
    }

    /// Changes a token. See [`TokenUpdate`] for what happens to its restriction.
    ///
    /// `PATCH /v1/user-resource/token`
    ///
    /// ```
    /// use elastis_core::{NewToken, TokenUpdate};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let created = elastis.tokens().create(NewToken::new("backup job")).await?;
    /// if let Some(token) = created.token() {
    ///     let update = TokenUpdate::unrestricted().with_description("nightly job");
    ///     elastis.tokens().update(token.id, update).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn update(&self, id: TokenId, update: TokenUpdate) -> Call<()> {
        let form = Form::new()
            .optional("billing_account_id", update.billing_account_id)
            .optional("description", update.description)
            .optional("restricted", update.restricted.then_some(true))
            .field("token_id", id);
        self.elastis.call(&UPDATE).form(form).empty()
    }

    /// Deletes a token. What uses it is locked out at once, this client too if it is its own.
    ///
    /// `DELETE /v1/user-resource/token`
    ///
    /// ```
    /// use elastis_core::NewToken;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let created = elastis.tokens().create(NewToken::new("backup job")).await?;
    /// if let Some(token) = created.token() {
    ///     elastis.tokens().delete(token.id).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, id: TokenId) -> Call<()> {
        self.elastis.call(&DELETE).form(Form::new().field("token_id", id)).empty()
    }
}

http_core::integer_id! {
    /// The number of a token.
    pub struct TokenId;
}

/// A token to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewToken {
    /// What it is for; it makes the token findable.
    pub description: String,
    /// The billing account that resources made with it are charged to.
    pub billing_account_id: Option<BillingAccountId>,
    /// Whether it reaches that account's resources only.
    pub restricted: bool,
}

impl NewToken {
    /// A token that may do everything.
    pub fn new(description: impl Into<String>) -> Self {
        Self { description: description.into(), billing_account_id: None, restricted: false }
    }

    /// Charges what is made with it to this account, unless a call names another.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }

    /// Lets it reach the resources of this account only.
    pub fn restricted_to(mut self, account: BillingAccountId) -> Self {
        self.restricted = true;
        self.with_billing_account(account)
    }
}

/// The update of a token.
///
/// The provider keeps no restriction that is not sent again, so every change says whether the token is
/// restricted from then on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenUpdate {
    /// The new description; `None` keeps it.
    pub description: Option<String>,
    /// The new billing account; `None` keeps it.
    pub billing_account_id: Option<BillingAccountId>,
    /// Whether it reaches that account's resources only.
    pub restricted: bool,
}

impl TokenUpdate {
    /// The token reaches everything from now on.
    pub fn unrestricted() -> Self {
        Self { description: None, billing_account_id: None, restricted: false }
    }

    /// The token reaches the resources of its billing account only from now on.
    pub fn restricted() -> Self {
        Self { restricted: true, ..Self::unrestricted() }
    }

    /// Changes the description.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Changes the billing account.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }
}

http_core::models! {
    /// All tokens, right after one was made.
    #[serde(transparent)]
    pub struct CreatedToken {
        /// All tokens of the user.
        #[required]
        pub tokens: Vec<Token>,
    }
}

impl CreatedToken {
    /// Ours: the new one, which has the highest number.
    pub fn token(&self) -> Option<&Token> {
        self.tokens.iter().max_by_key(|token| token.id)
    }

    /// Ours: [`token`](Self::token) by value.
    pub fn into_token(self) -> Option<Token> {
        self.tokens.into_iter().max_by_key(|token| token.id)
    }
}

http_core::models! {
    /// A token.
    pub struct Token {
        /// The number of the token.
        pub id: TokenId,
        /// The API key itself.
        pub token: SecretString,
        /// What it is for.
        pub description: Option<String>,
        /// Whether it reaches the resources of its billing account only.
        pub restricted: bool,
        /// The account that resources made with it are charged to.
        #[serde_as(as = "http_core::wire::ZeroAsNone")]
        #[serde(default)]
        pub billing_account_id: Option<BillingAccountId>,
        /// The user whose token it is.
        pub user_id: Option<UserId>,
        /// The user's id in the provider's gateway.
        pub consumer_id: Option<String>,
        /// The token's id in the provider's gateway.
        pub kong_id: Option<String>,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
    }
}
