//! A change in an account's credit.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::elastis::billing::money::number;

/// A change in an account's credit; spending is negative.
#[derive(Debug)]
pub(crate) struct CreditRecord {
    pub(crate) account: u64,
    pub(crate) amount: Decimal,
    pub(crate) created: i64,
    pub(crate) description: &'static str,
}

impl CreditRecord {
    pub(crate) fn json(&self, id: usize) -> Value {
        json!({
            "amount": number(self.amount),
            "billing_account_id": self.account,
            "created": self.created,
            "description": self.description,
            "id": id,
        })
    }
}
