//! Operations: endpoints as data.

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

/// What sending a request twice does, and so whether a call is repeated after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Changes nothing. Repeated after a failure that may be temporary.
    Read,
    /// The second request leaves the same state (stop, rename, delete). Repeated like [`Effect::Read`].
    Idempotent,
    /// The second request creates, charges, toggles or reboots again. Repeated only when the first attempt provably
    /// never left this computer, or when the provider rejected it unprocessed (status 429).
    NonIdempotent,
}

impl Effect {
    /// Returns the effect in lower case, as the coverage table shows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::NonIdempotent => "non-idempotent",
        }
    }
}

/// Whether the result of an operation whose response was lost can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// Not declared, as for operations that only read.
    Unknown,
    /// The result can be found: the method returns a [`Create`](crate::recovery::Create).
    Recoverable,
    /// The result is known: a read decides whether the wanted state is there.
    Confirmed,
    /// The result cannot be found, for this reason.
    Impossible(&'static str),
}

/// Declares the operations of a file, as constants of the crate and in the file's `OPERATIONS`.
///
/// [`all_operations!`](crate::client::all_operations) joins the lists of the files. A file that is missing there has an
/// unused constant, which the compiler reports.
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

/// Joins the lists of the files that [`operations!`](crate::client::operations) declares.
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

/// One endpoint of a provider.
///
/// The URL, the span's name, the retry decision, the fixture's name and the row in the coverage table all come
/// from the same constant.
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
        }
    }

    /// Creates a `GET` operation, which only reads.
    pub const fn get(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Get, path, Effect::Read)
    }

    /// Creates a `POST` operation, not to be sent twice unless [`idempotent`](Self::idempotent) or [`read`](Self::read)
    /// follows.
    pub const fn post(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Post, path, Effect::NonIdempotent)
    }

    /// Creates a `PUT` operation, which leaves the same state when sent twice unless
    /// [`non_idempotent`](Self::non_idempotent) follows.
    pub const fn put(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Put, path, Effect::Idempotent)
    }

    /// Creates a `PATCH` operation, which leaves the same state when sent twice unless
    /// [`non_idempotent`](Self::non_idempotent) follows.
    pub const fn patch(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Patch, path, Effect::Idempotent)
    }

    /// Creates a `DELETE` operation, which leaves the same state when sent twice unless
    /// [`non_idempotent`](Self::non_idempotent) follows.
    pub const fn delete(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Delete, path, Effect::Idempotent)
    }

    /// Returns the operation of a request without a constant of its own.
    pub(crate) const fn untyped(method: Method) -> &'static Self {
        match method {
            Method::Get => &const { Self::new("request", Method::Get, "", Effect::Read) },
            Method::Post => &const { Self::new("request", Method::Post, "", Effect::NonIdempotent) },
            Method::Put => &const { Self::new("request", Method::Put, "", Effect::NonIdempotent) },
            Method::Patch => &const { Self::new("request", Method::Patch, "", Effect::NonIdempotent) },
            Method::Delete => &const { Self::new("request", Method::Delete, "", Effect::NonIdempotent) },
        }
    }

    /// Declares that this operation only reads, whatever its method.
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

    /// Declares that the operation belongs to a location, which the [`Dialect`](crate::client::Dialect) places in the
    /// request.
    pub const fn location_scoped(mut self) -> Self {
        self.location_scoped = true;
        self
    }

    /// Declares that the operation is sent without credentials.
    pub const fn unauthenticated(mut self) -> Self {
        self.authenticated = false;
        self
    }

    /// Sets how a caller can check whether the operation happened, for the error of a call whose response was lost.
    pub const fn with_recovery_hint(mut self, hint: &'static str) -> Self {
        self.recovery_hint = Some(hint);
        self
    }

    /// Sets what the operation requires, and how a caller checks that: the advice if the provider rejects the operation
    /// without a reason.
    pub const fn requires(mut self, requirement: &'static str) -> Self {
        self.requirement = Some(requirement);
        self
    }

    /// Declares that the result of a lost response can be found: the method returns a
    /// [`Create`](crate::recovery::Create).
    pub const fn recoverable(mut self) -> Self {
        self.recovery = Recovery::Recoverable;
        self
    }

    /// Declares that a read decides whether the operation happened if the response is lost; see
    /// [`CallBuilder::confirm_by`](crate::client::CallBuilder::confirm_by). A call of an operation that is declared so and
    /// has no such read, or has one and is not declared so, fails before it is sent.
    pub const fn confirmed(mut self) -> Self {
        self.recovery = Recovery::Confirmed;
        self
    }

    /// Declares why the result of a lost response cannot be found, as the end of the sentence "it cannot be
    /// recovered, because ...", or "a lost response cannot be confirmed, because ..." of what may be repeated.
    pub const fn unrecoverable(mut self, because: &'static str) -> Self {
        self.recovery = Recovery::Impossible(because);
        self
    }

    /// Names the member of the response that holds the created resource's id, for the error of a response that cannot
    /// be decoded otherwise.
    pub const fn returns_id(mut self, key: &'static str) -> Self {
        self.id_key = Some(key);
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

    /// Returns whether this is a request without a constant of its own, from `client.request(..)`.
    pub const fn is_untyped(&self) -> bool {
        self.path.is_empty()
    }

    /// Returns what a second request would do.
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

    /// Returns whether the result of a lost response can be found.
    pub const fn recovery(&self) -> Recovery {
        self.recovery
    }

    pub(crate) const fn id_key(&self) -> Option<&'static str> {
        self.id_key
    }

    pub(crate) const fn requirement(&self) -> Option<&'static str> {
        self.requirement
    }

    pub(crate) const fn recovery_hint(&self) -> Option<&'static str> {
        self.recovery_hint
    }
}
