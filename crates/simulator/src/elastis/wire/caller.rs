//! The caller of an operation, and the caller's access to resources.

use super::errors;
use crate::base::Response;

/// The holder of an API token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// The user that owns the token.
    pub(crate) user_id: u64,
    /// The only billing account that a restricted token has access to.
    pub(crate) restricted_to: Option<u64>,
}

/// Returns whether the caller's token has access to resources that are billed to this account.
pub(crate) fn may_use(caller: Caller, billing_account: u64) -> bool {
    caller.restricted_to.is_none_or(|only| only == billing_account)
}

/// Returns a resource if it exists and the caller's token has access to it.
pub(crate) fn reachable<T>(
    found: Option<T>,
    caller: Caller,
    payer: impl Fn(&T) -> u64,
    unknown: impl FnOnce() -> Response,
) -> Result<T, Response> {
    let found = found.ok_or_else(unknown)?;
    if may_use(caller, payer(&found)) { Ok(found) } else { Err(errors::forbidden()) }
}
