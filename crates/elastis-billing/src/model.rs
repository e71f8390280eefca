//! How the fields of this crate's models are read.

/// Declares models whose fields are read leniently by their type: one table in place of an adapter at each
/// field. Money is exact, moments come in any form, numbers and booleans also in text; what is not an
/// `Option` and has no entry here must be there.
macro_rules! models {
    ($( $(#[$meta:meta])* $vis:vis struct $name:ident { $($fields:tt)* } )+) => {$(
        #[serde_with::apply(
            Decimal => #[serde_as(as = "::http_core::wire::Money")],
            Option<Decimal> => #[serde_as(as = "::http_core::wire::Money")] #[serde(default)],
            Option<DateTime<Utc>> => #[serde_as(as = "::http_core::wire::Timestamp")] #[serde(default)],
            String => #[serde_as(as = "::serde_with::DefaultOnNull<::http_core::wire::Text>")] #[serde(default)],
            Option<String> => #[serde_as(as = "::http_core::wire::EmptyAsNone<::http_core::wire::Text>")] #[serde(default)],
            bool => #[serde_as(as = "::serde_with::DefaultOnNull<::http_core::wire::Flag>")] #[serde(default)],
            Option<bool> => #[serde_as(as = "::http_core::wire::EmptyAsNone<::http_core::wire::Flag>")] #[serde(default)],
            Option<u32> => #[serde_as(as = "::http_core::wire::EmptyAsNone<::http_core::wire::Int>")] #[serde(default)],
            Option<u64> => #[serde_as(as = "::http_core::wire::EmptyAsNone<::http_core::wire::Int>")] #[serde(default)],
            Vec => #[serde_as(as = "::http_core::wire::Rows")] #[serde(default)],
        )]
        #[serde_with::serde_as]
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        $(#[$meta])*
        $vis struct $name { $($fields)* }
    )+};
}

pub(crate) use models;
