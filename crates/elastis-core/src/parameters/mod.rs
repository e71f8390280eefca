//! The rules for the values of a new VM.

mod check;

use std::collections::BTreeMap;

pub use check::{BrokenRule, Violation};
use http_core::Call;
use http_core::client::{Operation, operations};
use serde_json::Value;

use crate::client::Elastis;

impl Elastis {
    /// Returns the handle for parameters, the rules for the values of new VMs.
    pub fn parameters(&self) -> Parameters {
        Parameters { elastis: self.clone() }
    }
}

operations![VM = Operation::get("parameters.vm", "/v1/api/parameters/vm"),];

/// The handle for the rules for new VMs; returned by [`Elastis::parameters`].
#[derive(Clone, Debug)]
pub struct Parameters {
    elastis: Elastis,
}

impl Parameters {
    /// Returns the rules for the values of a new VM. [`check`](VmParameters::check) applies them.
    ///
    /// `GET /v1/api/parameters/vm`
    ///
    /// # Examples
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
    #[inline]
    pub fn vm(&self) -> Call<VmParameters> {
        self.elastis.call(&VM).json()
    }
}

http_core::wire::models! {
    /// The rules for the values of a new VM.
    #[serde(transparent)]
    pub struct VmParameters {
        /// One rule for each parameter of the request that creates a VM.
        pub rules: Vec<VmParameter>,
    }
}

http_core::wire::open_enum! {
    /// The kind of rule for a parameter.
    pub enum Constraint {
        /// A number from [`min`](VmParameter::min) to [`max`](VmParameter::max).
        Range = "range",
        /// A string that matches [`expression`](VmParameter::expression).
        Regexp = "regexp",
        /// One of [`values`](VmParameter::values).
        Enum = "enum",
    }
}

http_core::wire::models! {
    /// The rule for one parameter.
    pub struct VmParameter {
        /// The parameter's name in the provider's requests, e.g. `ram`.
        #[required]
        pub parameter: String,
        /// The kind of the rule.
        pub constraint: Option<Constraint>,
        /// The type of the value: `integer` or `string`.
        pub r#type: Option<String>,
        /// A description of the parameter.
        pub description: Option<String>,
        /// Whether the parameter is required.
        pub mandatory: bool,
        /// The smallest allowed number.
        pub min: Option<i64>,
        /// The largest allowed number.
        pub max: Option<i64>,
        /// The regular expression that the value must match. It may use lookahead.
        pub expression: Option<String>,
        /// The allowed values.
        pub values: Option<Vec<String>>,
        /// The parameter that [`limits`](Self::limits) depend on, e.g. `os_name`.
        pub limited_by: Option<String>,
        /// The rules that replace this one for certain values of [`limited_by`](Self::limited_by).
        pub limits: Vec<Limit>,
        /// The exceptions to the rule, as the provider sends them; their format is not documented. A rule with
        /// exceptions is not checked.
        pub ignore_for: Option<Value>,
    }

    /// The rule that replaces the general one if another parameter has a certain value. A field that is `None` does not
    /// replace anything.
    pub struct Limit {
        /// Whether the parameter is required.
        pub mandatory: Option<bool>,
        /// The smallest allowed number.
        pub min: Option<i64>,
        /// The largest allowed number.
        pub max: Option<i64>,
        /// The regular expression that the value must match.
        pub expression: Option<String>,
        /// The allowed values.
        pub values: Option<Vec<String>>,
        /// All other members, including the name and value of the other parameter.
        #[serde(flatten)]
        pub others: BTreeMap<String, Value>,
    }
}
