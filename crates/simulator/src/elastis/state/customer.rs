//! The part of the user's state that belongs to no location.

use super::bucket::Bucket;
use super::s3::S3User;
use super::token::Token;
use super::user::User;
use crate::base::{Clock, Ids, Kept};

pub(crate) struct Customer {
    pub(crate) user: User,
    pub(crate) tokens: Kept<Token>,
    pub(crate) buckets: Kept<Bucket>,
    /// `None` until object storage is used for the first time.
    pub(crate) s3: Option<S3User>,
    /// Whether a clone gets a public address.
    pub(crate) clones_with_address: bool,
}

impl Customer {
    pub(crate) fn new(ids: &mut Ids, clock: &Clock) -> Self {
        let user = User::new(clock.now());
        let tokens = vec![Token::first(ids, clock.now())].into();
        Self { user, tokens, buckets: Kept::default(), s3: None, clones_with_address: false }
    }
}
