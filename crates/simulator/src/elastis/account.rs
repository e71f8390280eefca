//! What belongs to the user and to no location.

use super::buckets::Bucket;
use super::s3::S3User;
use super::tokens::Token;
use super::user::User;
use crate::ids::Ids;
use crate::provider::Clock;

pub(super) struct Account {
    pub(super) user: User,
    pub(super) tokens: Vec<Token>,
    pub(super) buckets: Vec<Bucket>,
    /// `None` until object storage is used for the first time.
    pub(super) s3: Option<S3User>,
}

impl Account {
    pub(super) fn new(ids: &mut Ids, clock: &Clock) -> Self {
        let user = User::new(clock.now());
        let tokens = vec![Token::first(ids, clock.now())];
        Self { user, tokens, buckets: Vec::new(), s3: None }
    }
}
