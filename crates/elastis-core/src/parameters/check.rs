//! Finds values that the provider would reject, before anything is sent.

use std::fmt;

use http_core::ExposeSecret;

use super::{Constraint, VmParameter, VmParameters};
use crate::vms::{Field, NewVm, VmSource};

impl VmParameters {
    /// Convenience method: returns all rules that a new VM is certain to violate.
    ///
    /// Rules that cannot be checked locally are not included: see [`unchecked`](Self::unchecked). Only the provider
    /// knows the size of a replica or disk and the operating system on it. For those sources, the rules about operating
    /// system, disk size and login are therefore checked only if a value is set.
    #[inline]
    pub fn check(&self, vm: &NewVm) -> Vec<Violation> {
        let judged = self.judge(vm).into_iter();
        judged.filter_map(|(rule, verdict)| Some(rule.violation(verdict.err()??))).collect()
    }

    /// Convenience method: returns the rules that [`check`](Self::check) leaves unchecked for a new VM: regular
    /// expressions (unless the feature `check-patterns` is enabled), and rules with an undocumented constraint or
    /// undocumented exceptions.
    #[inline]
    pub fn unchecked(&self, vm: &NewVm) -> Vec<&VmParameter> {
        let unjudged = self.judge(vm).into_iter().filter(|(_, verdict)| matches!(verdict, Err(None)));
        unjudged.map(|(rule, _)| rule.original).collect()
    }

    #[inline]
    fn judge(&self, vm: &NewVm) -> Vec<(Rule<'_>, Verdict)> {
        let fields: Vec<_> = vm.fields().map(|(name, field)| (name, field.into_text())).collect();
        let field = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, field)| field);
        let value = |name: &str| match field(name)? {
            Field::Plain(value) => Some(&**value),
            Field::Secret(value) => Some(value.expose_secret()),
            // The value is present but cannot be checked. The call that creates the VM reports the mistake.
            Field::Number(_) | Field::Invalid(_) => None,
        };
        let judge = |rule| {
            let rule = Rule::new(rule, value);
            let verdict = match value(&rule.original.parameter) {
                Some(value) => rule.judge(value),
                None if field(&rule.original.parameter).is_some() => Err(None),
                None if rule.mandatory && is_expected(vm, &rule.original.parameter) => {
                    Err(Some(BrokenRule::Missing))
                }
                None => Ok(()),
            };
            // A rule with exceptions may not apply, and the format of exceptions is not documented.
            let verdict = verdict.map_err(|broken| broken.filter(|_| rule.original.ignore_for.is_none()));
            (rule, verdict)
        };
        self.rules.iter().map(judge).collect()
    }
}

/// Returns whether a missing parameter has no other source, such as cloud-init or a replica.
fn is_expected(vm: &NewVm, parameter: &str) -> bool {
    let users = vm.cloud_init.as_ref().is_some_and(crate::vms::CloudInit::defines_users);
    match parameter {
        "username" | "password" if users => false,
        "os_name" | "os_version" | "disks" | "username" | "password" => {
            matches!(vm.source, VmSource::Image { .. })
        }
        _ => true,
    }
}

/// Returns a scalar, e.g. a number, as it is written in a request.
fn text_of(scalar: &serde_json::Value) -> String {
    scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)
}

/// `Ok` if the rule is met, `Err(Some(..))` if it is violated, `Err(None)` if it cannot be checked.
type Verdict = Result<(), Option<BrokenRule>>;

/// A rule, including the limits that result from other parameters.
struct Rule<'a> {
    original: &'a VmParameter,
    because: Option<(String, String)>,
    mandatory: bool,
    min: Option<i64>,
    max: Option<i64>,
    expression: Option<&'a str>,
    values: Option<&'a [String]>,
}

impl<'a> Rule<'a> {
    fn new<'v>(original: &'a VmParameter, value: impl Fn(&str) -> Option<&'v str>) -> Self {
        let mut rule = Self {
            original,
            because: None,
            mandatory: original.mandatory,
            min: original.min,
            max: original.max,
            expression: original.expression.as_deref(),
            values: original.values.as_deref(),
        };
        let Some((by, other)) = original.limited_by.as_deref().and_then(|by| Some((by, value(by)?))) else {
            return rule;
        };
        let meant =
            |limit: &&super::Limit| limit.others.get(by).is_some_and(|wanted| text_of(wanted) == other);
        for limit in original.limits.iter().filter(meant) {
            rule.because = Some((by.to_owned(), other.to_owned()));
            rule.mandatory = limit.mandatory.unwrap_or(rule.mandatory);
            rule.min = limit.min.or(rule.min);
            rule.max = limit.max.or(rule.max);
            rule.expression = limit.expression.as_deref().or(rule.expression);
            rule.values = limit.values.as_deref().or(rule.values);
        }
        rule
    }

    #[inline]
    fn judge(&self, value: &str) -> Verdict {
        match &self.original.constraint {
            Some(Constraint::Range) => self.judge_number(value),
            Some(Constraint::Enum) => self.values.map_or(Ok(()), |values| {
                let known = values.iter().any(|known| known == value);
                if known { Ok(()) } else { Err(Some(BrokenRule::NotOneOf(values.to_vec()))) }
            }),
            Some(Constraint::Regexp) => {
                self.expression.map_or(Ok(()), |wanted| match matches(wanted, value) {
                    Some(true) => Ok(()),
                    Some(false) => Err(Some(BrokenRule::NoMatch(wanted.to_owned()))),
                    None => Err(None),
                })
            }
            Some(Constraint::Other(_)) => Err(None),
            None => Ok(()),
        }
    }

    #[inline]
    fn judge_number(&self, value: &str) -> Verdict {
        // Wide enough for every number that a request can contain.
        let Ok(value) = value.parse::<i128>() else { return Err(None) };
        match (self.min, self.max) {
            (Some(min), _) if value < min.into() => Err(Some(BrokenRule::Below(min))),
            (_, Some(max)) if value > max.into() => Err(Some(BrokenRule::Above(max))),
            _ => Ok(()),
        }
    }

    #[inline]
    fn violation(&self, rule: BrokenRule) -> Violation {
        Violation { parameter: self.original.parameter.clone(), rule, because: self.because.clone() }
    }
}

/// Returns whether a value matches; `None` if the expression cannot be evaluated.
#[cfg(feature = "check-patterns")]
fn matches(expression: &str, value: &str) -> Option<bool> {
    fancy_regex::Regex::new(expression).ok()?.is_match(value).ok()
}

#[cfg(not(feature = "check-patterns"))]
fn matches(_: &str, _: &str) -> Option<bool> {
    None
}

/// A rule that a new VM violates. It never contains the value, which may be a password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The parameter's name in the provider's requests, e.g. `ram`.
    pub parameter: String,
    /// The rule that is violated.
    pub rule: BrokenRule,
    /// The name and value of the other parameter that makes the rule apply, e.g. `os_name` and `windows`.
    pub because: Option<(String, String)>,
}

/// A violated rule, with its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenRule {
    /// The parameter is required and has no value.
    Missing,
    /// The number is below this minimum.
    Below(i64),
    /// The number is above this maximum.
    Above(i64),
    /// The value is not one of these.
    NotOneOf(Vec<String>),
    /// The value does not match this regular expression.
    NoMatch(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameter = &self.parameter;
        match &self.rule {
            BrokenRule::Missing => write!(f, "{parameter} is required"),
            BrokenRule::Below(min) => write!(f, "{parameter} must be at least {min}"),
            BrokenRule::Above(max) => write!(f, "{parameter} must be at most {max}"),
            BrokenRule::NotOneOf(values) => write!(f, "{parameter} must be one of {}", values.join(", ")),
            BrokenRule::NoMatch(expression) => write!(f, "{parameter} must match {expression}"),
        }?;
        match &self.because {
            Some((name, value)) => write!(f, " if {name} is {value}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vms::{CloudInit, Login, Os, ReplicaSource, VmSize};

    const RULES: &str = r#"[
        {"constraint": "range", "mandatory": true, "max": 240, "min": "20", "parameter": "disks"},
        {"constraint": "regexp", "expression": "^[0-9a-zA-Z][-0-9a-zA-Z]{2,}[0-9a-zA-Z]$", "mandatory": true,
            "parameter": "name"},
        {"constraint": "enum", "mandatory": true, "parameter": "os_name", "values": ["ubuntu", "windows"]},
        {"constraint": "enum", "limited_by": "os_name", "mandatory": true, "parameter": "os_version",
            "limits": [{"os_name": "ubuntu", "values": ["16.04"]}, {"os_name": "windows", "values": [2016]}]},
        {"constraint": "regexp", "expression": "^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$", "mandatory": true,
            "parameter": "password"},
        {"constraint": "range", "limited_by": "os_name", "limits": [{"min": 1024, "os_name": "windows"}],
            "mandatory": true, "max": 65536, "min": 512, "parameter": "ram"},
        {"constraint": "regexp", "expression": "^(?=.{1,30}$)[a-zA-Z_][0-9a-zA-Z_-]*$", "limited_by": "os_name",
            "limits": [{"mandatory": false, "os_name": "windows"}], "mandatory": true, "parameter": "username"},
        {"constraint": "range", "limited_by": "os_name", "limits": [{"min": 2, "os_name": "windows"}],
            "mandatory": true, "max": 16, "min": 1, "parameter": "vcpu"},
        {"constraint": "horoscope", "parameter": "description", "new_key": {"a": [1]}},
        {"constraint": "range", "min": 1, "max": 2, "mandatory": true, "parameter": "moon", "ignore_for": ["x"]}
    ]"#;

    fn rules() -> VmParameters {
        serde_json::from_str(RULES).unwrap()
    }

    fn image(os: &str, version: &str, disk_gib: u64, size: VmSize) -> NewVm {
        NewVm::from_image("web-1", Os::new(os, version), disk_gib, size, Login::new("example", "Password123"))
    }

    fn found(vm: &NewVm) -> Vec<String> {
        rules().check(vm).iter().map(Violation::to_string).collect()
    }

    #[test]
    fn a_valid_vm_violates_no_rule() {
        assert_eq!(found(&image("ubuntu", "16.04", 20, VmSize::new(1, 512))), [""; 0]);
        assert_eq!(found(&image("windows", "2016", 240, VmSize::new(16, 65_536))), [""; 0]);
    }

    #[test]
    fn an_invalid_value_hides_no_violation_and_is_not_reported_as_missing() {
        let rules: VmParameters = serde_json::from_str(
            r#"[{"mandatory": true, "parameter": "name"}, {"mandatory": true, "parameter": "cloud_init"},
                {"mandatory": true, "parameter": "public_key"}]"#,
        )
        .unwrap();
        let invalid = CloudInit::new().write_file(crate::vms::WriteFile::new("/x", "").with_mode(0o10000));
        let vm = image("ubuntu", "16.04", 20, VmSize::new(1, 512))
            .with_cloud_init(invalid)
            .with_public_key("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----");
        assert_eq!(rules.check(&vm), []);
        vm.form().unwrap_err();
        assert_eq!(found(&vm), [""; 0], "the same as without the invalid values");
    }

    #[test]
    fn every_violated_rule_is_reported() {
        assert_eq!(
            found(&image("ubuntu", "2016", 19, VmSize::new(17, 65_537))),
            [
                "disks must be at least 20",
                "os_version must be one of 16.04 if os_name is ubuntu",
                "ram must be at most 65536",
                "vcpu must be at most 16"
            ]
        );
        assert_eq!(
            found(&image("plan9", "4", 241, VmSize::new(0, 511))),
            [
                "disks must be at most 240",
                "os_name must be one of ubuntu, windows",
                "ram must be at least 512",
                "vcpu must be at least 1"
            ]
        );
    }

    #[test]
    fn limits_that_depend_on_another_parameter_replace_the_general_ones() {
        assert_eq!(
            found(&image("windows", "2016", 20, VmSize::new(1, 1023))),
            [
                "ram must be at least 1024 if os_name is windows",
                "vcpu must be at least 2 if os_name is windows"
            ]
        );
        let vm = |os: &str, version: &str| {
            image(os, version, 20, VmSize::new(2, 2048)).with_login(Login::password("Password123"))
        };
        assert_eq!(found(&vm("ubuntu", "16.04")), ["username is required"]);
        assert_eq!(found(&vm("windows", "2016")), [""; 0]);
    }

    #[test]
    fn numbers_of_any_size_and_numbers_in_conditions_are_compared() {
        let size = VmSize::new(2, u64::MAX);
        assert_eq!(found(&image("ubuntu", "16.04", 20, size)), ["ram must be at most 65536"]);
        for vcpu in ["2", "\"2\""] {
            let rules: VmParameters = serde_json::from_str(&format!(
                r#"[{{"constraint": "range", "limited_by": "vcpu", "parameter": "ram",
                    "limits": [{{"vcpu": {vcpu}, "max": 4096}}]}}]"#
            ))
            .unwrap();
            let found = |vcpu, ram| rules.check(&image("ubuntu", "16.04", 20, VmSize::new(vcpu, ram))).len();
            assert_eq!((found(2, 4096), found(2, 4097), found(1, 4097)), (0, 1, 0));
        }
    }

    #[test]
    fn values_from_a_replica_disk_or_cloud_init_are_not_missing() {
        let id = "f80b1d62-ffe4-43ef-9210-60f05445456a";
        let size = VmSize::new(1, 512);
        let source = ReplicaSource::new(id.parse().unwrap(), "r".into());
        assert_eq!(found(&NewVm::from_replica("copy", source.clone(), size)), [""; 0]);
        assert_eq!(found(&NewVm::from_disk("copy", id.parse().unwrap(), size)), [""; 0]);
        let small = NewVm::from_replica("copy", source.with_disk_gib(5), size);
        assert_eq!(found(&small), ["disks must be at least 20"]);
        let nobody = image("ubuntu", "16.04", 20, size).with_login(Login::none());
        assert_eq!(found(&nobody), ["password is required", "username is required"]);
        let users = nobody.with_cloud_init(CloudInit::new().with("users", ["default"]));
        assert_eq!(found(&users), [""; 0]);
    }

    #[test]
    fn rules_with_an_unknown_constraint_or_exception_count_as_unchecked() {
        let vm = image("ubuntu", "16.04", 20, VmSize::new(1, 512)).with_description("d");
        let rules = rules();
        let unchecked: Vec<&str> = rules.unchecked(&vm).iter().map(|rule| &*rule.parameter).collect();
        let patterns: &[&str] =
            if cfg!(feature = "check-patterns") { &[] } else { &["name", "password", "username"] };
        for name in patterns.iter().chain(&["description", "moon"]) {
            assert!(unchecked.contains(name), "{name}");
        }
        assert_eq!(unchecked.len(), patterns.len() + 2);
    }

    #[cfg(feature = "check-patterns")]
    #[test]
    fn patterns_with_lookahead_are_matched() {
        let vm = |name: &str, username: &str, password: &str| {
            let login = Login::new(username, password);
            NewVm::from_image(name, Os::new("ubuntu", "16.04"), 20, VmSize::new(1, 512), login)
        };
        let broken = |vm: &NewVm| {
            let violations = rules().check(vm);
            violations.into_iter().map(|violation| violation.parameter).collect::<Vec<_>>()
        };
        assert_eq!(broken(&vm("web-1", "example", "Password123")), [""; 0]);
        assert_eq!(broken(&vm("-web", "1example", "password123")), ["name", "password", "username"]);
        assert_eq!(broken(&vm("web", &"x".repeat(31), "Pass123")), ["name", "password", "username"]);
    }

    #[test]
    fn a_violation_never_contains_the_value() {
        let vm = image("hunter2", "hunter2", 20, VmSize::new(1, 512)).with_login(Login::new("x", "hunter2"));
        assert!(!format!("{:?}", rules().check(&vm)).contains("hunter2"));
    }
}
