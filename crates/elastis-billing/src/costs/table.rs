//! Prints costs as a table.

use std::fmt;

use http_core::wire::Decimal;

use super::{Cost, Costs, TotalCost};

const WIDTH: usize = 80;
const NAME: usize = 23;
const LOCATION: usize = 9;
const MONEY: usize = 10;

impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, &["what", "name", "location", "hourly", "monthly", "idle"])?;
        for row in &self.rows {
            line(f, &cells(row).each_ref().map(String::as_str))?;
        }
        let is_read = self.failures.is_empty();
        total(f, "total", &self.total(), is_read)?;
        total(f, "idle", &self.idle_total(), is_read)?;
        writeln!(f, "Amounts are in the account's currency, before discount and tax.")?;
        match self.total().unknown {
            0 => {}
            1 => writeln!(f, "1 cost is unknown and not in the totals.")?,
            many => writeln!(f, "{many} costs are unknown and not in the totals.")?,
        }
        if !self.failures.is_empty() {
            writeln!(f, "The following could not be read and is not in this table:")?;
        }
        self.failures.iter().try_for_each(|failure| wrapped(f, &failure.to_string()))
    }
}

fn cells(row: &Cost) -> [String; 6] {
    [
        row.kind.to_string(),
        cut(row.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&row.id), NAME),
        cut(row.location.as_ref().map_or("", |slug| slug.as_str()), LOCATION),
        row.hourly.map_or_else(|| "unknown".to_owned(), |cost| money(cost, 6)),
        row.monthly().map_or_else(|| "unknown".to_owned(), |cost| money(cost, 2)),
        row.idle.map(|idle| idle.to_string()).unwrap_or_default(),
    ]
}

/// Prints a total, marked as a lower bound if some of its parts are missing.
fn total(f: &mut fmt::Formatter<'_>, what: &str, total: &TotalCost, is_read: bool) -> fmt::Result {
    let bound = if total.unknown == 0 && is_read { "" } else { "at least" };
    line(f, &[what, bound, "", &money(total.hourly, 6), &money(total.monthly, 2), ""])
}

fn line(
    f: &mut fmt::Formatter<'_>,
    [what, name, location, hourly, monthly, idle]: &[&str; 6],
) -> fmt::Result {
    let text =
        format!("{what:<13} {name:<NAME$} {location:<LOCATION$} {hourly:>MONEY$} {monthly:>MONEY$} {idle}");
    writeln!(f, "{}", text.trim_end())
}

/// Formats an amount with at most `places` decimal places, and fewer if the column is too narrow.
fn money(value: Decimal, places: u32) -> String {
    let rounded = |places: u32| format!("{:.*}", places as usize, value.round_dp(places));
    let mut fitting = (0..=places).rev().map(rounded).filter(|text| text.len() <= MONEY);
    fitting.next().unwrap_or_else(|| "too large".to_owned())
}

/// Shortens a string of unknown origin and replaces its control characters.
fn cut(text: &str, width: usize) -> String {
    let mut shown: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(width + 1).collect();
    if shown.chars().count() > width {
        shown = shown.chars().take(width - 1).chain(['…']).collect();
    }
    shown
}

/// Wraps a string at the table's width, with continuation lines indented.
fn wrapped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut used = 0;
    for word in text.split_whitespace() {
        let word = cut(word, WIDTH - 4);
        let length = word.chars().count();
        match used {
            0 => {
                write!(f, "  {word}")?;
                used = 2 + length;
            }
            _ if used + 1 + length > WIDTH => {
                write!(f, "\n    {word}")?;
                used = 4 + length;
            }
            _ => {
                write!(f, " {word}")?;
                used += 1 + length;
            }
        }
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use elastis_core::LocationSlug;
    use http_core::{Error, ErrorKind};
    use proptest::prelude::*;

    use super::*;
    use crate::costs::{CostFailure, CostKind, Idle};

    proptest! {
        #[test]
        fn no_line_is_wider_than_80_columns(
            name in ".{0,60}", slug in ".{0,20}", digits: i64, scale in 0_u32..28, reason in "(\\PC{0,90} ){0,5}",
        ) {
            let location = Some(LocationSlug::from(slug));
            let row = Cost {
                kind: CostKind::LoadBalancer,
                id: "id".into(),
                name: Some(name),
                location: location.clone(),
                billing_account_id: None,
                hourly: Some(Decimal::new(digits, scale)),
                idle: Some(Idle::Unattached),
            };
            let error = Error::new(ErrorKind::Decode, reason);
            let costs = Costs {
                rows: vec![row.clone(), row],
                failures: vec![CostFailure { location, what: "load balancers", error }],
            };
            let table = costs.to_string();
            prop_assert!(table.lines().all(|line| line.chars().count() <= WIDTH), "{table}");
            prop_assert!(!table.chars().any(|c| c.is_control() && c != '\n'), "{table}");
        }
    }

    #[test]
    fn the_table_says_which_amounts_it_contains() {
        let table = Costs::default().to_string();
        assert_eq!(
            table.lines().last(),
            Some("Amounts are in the account's currency, before discount and tax.")
        );
    }

    #[test]
    fn a_cost_is_rounded_to_the_width_of_its_column() {
        assert_eq!(money(Decimal::new(342, 7), 6), "0.000034");
        assert_eq!(money(Decimal::new(19, 3), 6), "0.019000");
        assert_eq!(money(Decimal::new(12_345_678_901, 5), 6), "123456.789");
        assert_eq!(money(Decimal::MAX, 2), "too large");
    }
}
