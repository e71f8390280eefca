//! Who asks, and what they reach.

use super::refusals;
use crate::base::Response;

/// The holder of an API token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// The user that owns the token.
    pub(crate) user_id: u64,
    /// The one billing account that a restricted token may touch.
    pub(crate) restricted_to: Option<u64>,
}

/// Whether the caller's token reaches what this billing account pays for.
pub(crate) fn may_use(caller: Caller, billing_account: u64) -> bool {
    caller.restricted_to.is_none_or(|only| only == billing_account)
}

/// Passes a resource on if there is one and the caller's token reaches it.
pub(crate) fn reachable<T>(
    found: Option<T>,
    caller: Caller,
    payer: impl Fn(&T) -> u64,
    unknown: impl FnOnce() -> Response,
) -> Result<T, Response> {
    let found = found.ok_or_else(unknown)?;
    if may_use(caller, payer(&found)) { Ok(found) } else { Err(refusals::forbidden()) }
}
