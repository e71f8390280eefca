//! Operations: endpoints as data.

#[cfg(test)]
mod tests;

use crate::wire::members::members;
use crate::wire::peek::names_id;
use crate::wire::words::ERRORS;

/// The HTTP methods that the providers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// Returns the method as it appears in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

/// The effect of sending a request twice. It decides whether a failed call is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Changes nothing. Retried after any temporary failure.
    Read,
    /// A second request leaves the same state (stop, rename, delete). Retried like [`Effect::Read`].
    Idempotent,
    /// A second request creates, charges, toggles or reboots again. Retried only if the first request provably never
    /// left this computer, or if it was rejected without being processed (status 429, or a refused HTTP/2 stream).
    NonIdempotent,
}

impl Effect {
    /// Returns the effect in lower case, as shown in the coverage table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::NonIdempotent => "non-idempotent",
        }
    }
}

/// Whether the result of an operation can be found after its response was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// Not declared, as for read operations.
    Unknown,
    /// The result can be found: the method returns a [`Create`](crate::recovery::Create).
    Recoverable,
    /// The result can be checked: a read shows whether the resource is in the wanted state.
    Confirmed,
    /// The result cannot be found, for the given reason.
    Impossible(&'static str),
}

/// Declares the operations of a file: a constant for each operation, and the list `OPERATIONS`, which contains all of
/// them.
///
/// [`all_operations!`](crate::client::all_operations) joins the lists of all files. If it omits a file, the
/// `OPERATIONS` constant of that file is unused, and the compiler warns about it.
///
/// ```
/// mod disks {
///     use http_core::client::{Operation, operations};
///
///     operations![
///         GET = Operation::get("disk.get", "/v1/storage/disks/{disk_uuid}").location_scoped(),
///         LIST = Operation::get("disk.list", "/v1/storage/disks").location_scoped(),
///     ];
/// }
/// # mod user {
/// #     http_core::client::operations![GET = http_core::client::Operation::get("user.get", "/v1/user")];
/// # }
///
/// use http_core::client::{Operation, all_operations};
///
/// const OPERATIONS: &[Operation] = all_operations![disks, user];
/// assert_eq!(OPERATIONS, [disks::GET, disks::LIST, user::GET]);
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __operations {
    ($($name:ident = $operation:expr),+ $(,)?) => {
        $(pub(crate) const $name: $crate::client::Operation = $operation;)+

        pub(crate) const OPERATIONS: &[$crate::client::Operation] = &[$($name),+];
    };
}

/// Joins the lists that [`operations!`](crate::client::operations) declares, one per file.
#[doc(hidden)]
#[macro_export]
macro_rules! __all_operations {
    ($($($file:ident)::+),+ $(,)?) => {{
        const FILES: &[&[$crate::client::Operation]] = &[$($($file)::+::OPERATIONS),+];
        const ALL: [$crate::client::Operation; $crate::__private::count(FILES)] = $crate::__private::join(FILES);
        &ALL
    }};
}

/// Returns the number of operations in all files.
pub const fn count(mut files: &[&[Operation]]) -> usize {
    let mut count = 0;
    while let [file, rest @ ..] = files {
        count += file.len();
        files = rest;
    }
    count
}

/// Returns the operations of all files; there are `N` of them.
pub const fn join<const N: usize>(mut files: &[&[Operation]]) -> [Operation; N] {
    let mut all = [*Operation::untyped(Method::Get); N];
    let mut rest: &mut [Operation] = &mut all;
    while let [file, others @ ..] = files {
        let (own, behind) = rest.split_at_mut(file.len());
        own.copy_from_slice(file);
        (rest, files) = (behind, others);
    }
    all
}

/// An endpoint of a provider, described as data.
///
/// The URL, the span name, the retry decision, the fixture name and the row in the coverage table are all derived from
/// this constant.
///
/// ```
/// use http_core::client::{Effect, Operation};
///
/// const STOP: Operation = Operation::post("vm.stop", "/v1/user-resource/vm/stop").idempotent().location_scoped();
/// assert_eq!(STOP.name(), "vm.stop");
/// assert_eq!(STOP.effect(), Effect::Idempotent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    method: Method,
    path: &'static str,
    effect: Effect,
    location_scoped: bool,
    authenticated: bool,
    recovery_hint: Option<&'static str>,
    requirement: Option<&'static str>,
    recovery: Recovery,
    id_key: Option<&'static str>,
    result_keys: &'static [&'static str],
}

impl Operation {
    const fn new(name: &'static str, method: Method, path: &'static str, effect: Effect) -> Self {
        Self {
            name,
            method,
            path,
            effect,
            location_scoped: false,
            authenticated: true,
            recovery_hint: None,
            requirement: None,
            recovery: Recovery::Unknown,
            id_key: None,
            result_keys: &["id", "uuid"],
        }
    }

    /// Creates a `GET` operation, which only reads.
    pub const fn get(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Get, path, Effect::Read)
    }

    /// Creates a non-idempotent `POST` operation; chain [`idempotent`](Self::idempotent) or [`read`](Self::read) to
    /// change that.
    pub const fn post(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Post, path, Effect::NonIdempotent)
    }

    /// Creates an idempotent `PUT` operation; chain [`non_idempotent`](Self::non_idempotent) to change that.
    pub const fn put(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Put, path, Effect::Idempotent)
    }

    /// Creates an idempotent `PATCH` operation; chain [`non_idempotent`](Self::non_idempotent) to change that.
    pub const fn patch(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Patch, path, Effect::Idempotent)
    }

    /// Creates an idempotent `DELETE` operation; chain [`non_idempotent`](Self::non_idempotent) to change that.
    pub const fn delete(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Delete, path, Effect::Idempotent)
    }

    /// Returns the operation for a request that has no constant of its own.
    pub(crate) const fn untyped(method: Method) -> &'static Self {
        match method {
            Method::Get => &const { Self::new("request", Method::Get, "", Effect::Read) },
            Method::Post => &const { Self::new("request", Method::Post, "", Effect::NonIdempotent) },
            Method::Put => &const { Self::new("request", Method::Put, "", Effect::NonIdempotent) },
            Method::Patch => &const { Self::new("request", Method::Patch, "", Effect::NonIdempotent) },
            Method::Delete => &const { Self::new("request", Method::Delete, "", Effect::NonIdempotent) },
        }
    }

    /// Declares that this operation only reads, regardless of its HTTP method.
    pub const fn read(mut self) -> Self {
        self.effect = Effect::Read;
        self
    }

    /// Declares that a second request leaves the same state.
    pub const fn idempotent(mut self) -> Self {
        self.effect = Effect::Idempotent;
        self
    }

    /// Declares that a second request creates, charges, toggles or reboots again.
    pub const fn non_idempotent(mut self) -> Self {
        self.effect = Effect::NonIdempotent;
        self
    }

    /// Declares that the operation belongs to a location. The [`Dialect`](crate::client::Dialect) adds the location to
    /// the request.
    pub const fn location_scoped(mut self) -> Self {
        self.location_scoped = true;
        self
    }

    /// Declares that the operation is sent without credentials.
    pub const fn unauthenticated(mut self) -> Self {
        self.authenticated = false;
        self
    }

    /// Sets the advice that an error shows if the response was lost: how to check whether the operation happened.
    pub const fn with_recovery_hint(mut self, hint: &'static str) -> Self {
        self.recovery_hint = Some(hint);
        self
    }

    /// Sets the advice that an error shows if the provider gave no explanation: the precondition of the operation, and
    /// how to check it.
    pub const fn requires(mut self, requirement: &'static str) -> Self {
        self.requirement = Some(requirement);
        self
    }

    /// Declares that the result can be found after a lost response: the method returns a
    /// [`Create`](crate::recovery::Create).
    pub const fn recoverable(mut self) -> Self {
        self.recovery = Recovery::Recoverable;
        self
    }

    /// Declares that, if the response is lost, a read determines whether the operation happened; see
    /// [`CallBuilder::confirm_by`](crate::client::CallBuilder::confirm_by). If the operation is declared as confirmed
    /// and the call has no such read, or if the call has one without this declaration, the call fails before it is
    /// sent.
    pub const fn confirmed(mut self) -> Self {
        self.recovery = Recovery::Confirmed;
        self
    }

    /// Declares why the result cannot be found after a lost response. `because` completes the sentence "it cannot be
    /// recovered, because ...", or "a lost response cannot be confirmed, because ..." if the operation is idempotent.
    pub const fn unrecoverable(mut self, because: &'static str) -> Self {
        self.recovery = Recovery::Impossible(because);
        self
    }

    /// Sets the JSON key of the created resource's id. If the response cannot be decoded, the error still reports the
    /// id found under this key.
    pub const fn returns_id(mut self, key: &'static str) -> Self {
        self.id_key = Some(key);
        self
    }

    /// Sets the JSON keys, besides that of the id, under which only the response to a successful request contains an id;
    /// the default is `id` and `uuid`. Such a response to a non-idempotent operation never proves that nothing
    /// happened, whatever its status is.
    pub const fn with_result_keys(mut self, keys: &'static [&'static str]) -> Self {
        self.result_keys = keys;
        self
    }

    /// Returns the name, e.g. `vm.stop`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the HTTP method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Returns the path template below the base URL, e.g. `/v1/storage/disks/{disk_uuid}`.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Returns whether this is the operation of an untyped request, which `client.request(..)` creates.
    pub const fn is_untyped(&self) -> bool {
        self.path.is_empty()
    }

    /// Returns the effect of sending the request twice.
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Returns whether the operation belongs to a location.
    pub const fn is_location_scoped(&self) -> bool {
        self.location_scoped
    }

    /// Returns whether the operation is sent with credentials.
    pub const fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Returns whether the result can be found after a lost response.
    pub const fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Returns this operation for a call with this effect. Only that of an untyped request becomes weaker: what proves
    /// that an operation succeeded is the same for all of its calls.
    pub(crate) const fn called_with(mut self, effect: Effect) -> Self {
        if self.is_untyped() || effect as u8 > self.effect as u8 {
            self.effect = effect;
        }
        self
    }

    pub(crate) const fn id_key(&self) -> Option<&'static str> {
        self.id_key
    }

    /// Returns whether a response contains the id of a result.
    pub(crate) fn is_result(&self, body: &[u8]) -> bool {
        names_id(body, self.result_keys) || self.id_key.is_some_and(|key| names_id(body, &[key]))
    }

    /// Returns whether a response contains the id of a result outside of its error. An error often names the existing
    /// resource that prevents the operation. In a body that is not a complete object, an id may belong to anything.
    pub(crate) fn is_result_beside_error(&self, body: &[u8]) -> bool {
        let (mut found, mut rest) = (false, body);
        let is_object = members(body, |key, value| {
            if ERRORS.iter().any(|name| key.eq_ignore_ascii_case(name)) {
                let end = rest.as_ptr_range().end as usize - value.as_ptr_range().end as usize;
                let (before, after) = rest.split_at(rest.len() - end);
                found |= self.is_result(&before[..before.len() - value.len()]);
                rest = after;
            }
        });
        found || self.is_result(if is_object { rest } else { body })
    }

    pub(crate) const fn requirement(&self) -> Option<&'static str> {
        self.requirement
    }

    pub(crate) const fn recovery_hint(&self) -> Option<&'static str> {
        self.recovery_hint
    }
}
