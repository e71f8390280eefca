//! What a new VM may look like.

mod check;

use std::collections::BTreeMap;

pub use check::{BrokenRule, Violation};
use http_core::Call;
use http_core::client::{Operation, operations};
use serde_json::Value;

use crate::client::Elastis;

impl Elastis {
    /// Returns the handle for the parameters of VMs: the values that a new VM may have.
    pub fn parameters(&self) -> Parameters {
        Parameters { elastis: self.clone() }
    }
}

operations![VM = Operation::get("parameters.vm", "/v1/api/parameters/vm"),];

/// The rules for new resources; from [`Elastis::parameters`].
#[derive(Clone, Debug)]
pub struct Parameters {
    elastis: Elastis,
}

impl Parameters {
    /// The rules for a new VM, to be shown to people or to be asked by
    /// [`check`](VmParameters::check).
    ///
    /// `GET /v1/api/parameters/vm`
    ///
    /// ```
    /// use elastis_core::{Login, NewVm, Os, VmSize};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let rules = elastis.parameters().vm().await?;
    /// let login = Login::new("example", "Password123");
    /// let vm = NewVm::from_image("web-1", Os::new("ubuntu", "22.04-lts"), 5, VmSize::new(2, 2048), login);
    /// let violations = rules.check(&vm);
    /// assert_eq!(violations[0].to_string(), "disks must be at least 20");
    /// # Ok(()) });
    /// ```
    pub fn vm(&self) -> Call<VmParameters> {
        self.elastis.call(&VM).json()
    }
}

http_core::wire::models! {
    /// The rules for a new VM.
    #[serde(transparent)]
    pub struct VmParameters {
        /// One rule for each parameter of a create call.
        #[required]
        pub rules: Vec<VmParameter>,
    }
}

http_core::wire::open_enum! {
    /// What binds the value of a parameter.
    pub enum Constraint {
        /// It is a number from [`min`](VmParameter::min) to [`max`](VmParameter::max).
        Range = "range",
        /// It matches [`expression`](VmParameter::expression).
        Regexp = "regexp",
        /// It is one of [`values`](VmParameter::values).
        Enum = "enum",
    }
}

http_core::wire::models! {
    /// The rule for one parameter.
    pub struct VmParameter {
        /// The name of the parameter, as the provider's calls have it, e.g. `ram`.
        #[required]
        pub parameter: String,
        /// What binds its value.
        pub constraint: Option<Constraint>,
        /// The type of the value: `integer` or `string`.
        pub r#type: Option<String>,
        /// What it is, in words.
        pub description: Option<String>,
        /// Whether it must be given.
        pub mandatory: bool,
        /// The least number.
        pub min: Option<i64>,
        /// The greatest number.
        pub max: Option<i64>,
        /// The regular expression, which may look ahead.
        pub expression: Option<String>,
        /// The allowed values.
        pub values: Option<Vec<String>>,
        /// The parameter on which [`limits`](Self::limits) depend, e.g. `os_name`.
        pub limited_by: Option<String>,
        /// Other rules for certain values of that parameter.
        pub limits: Vec<Limit>,
        /// For what the rule does not hold, as the provider gives it; its form is not documented. Such a rule is
        /// not checked.
        pub ignore_for: Option<Value>,
    }

    /// What a rule is in place of the general one where another parameter has a certain value.
    pub struct Limit {
        /// Whether it must be given.
        pub mandatory: Option<bool>,
        /// The least number.
        pub min: Option<i64>,
        /// The greatest number.
        pub max: Option<i64>,
        /// The regular expression.
        pub expression: Option<String>,
        /// The allowed values.
        pub values: Option<Vec<String>>,
        /// All else, among it the other parameter with its value.
        #[serde(flatten)]
        pub others: BTreeMap<String, Value>,
    }
}
