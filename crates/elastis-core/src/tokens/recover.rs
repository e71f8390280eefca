//! Finds a token after the response to its create request was lost.

use http_core::client::{Fit, Marker, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, LIST, Token, TokenRow, Tokens};
use crate::ids::BillingAccountId;

#[derive(Serialize, Deserialize)]
pub(super) struct WantedToken {
    pub(super) description: String,
    pub(super) billing_account_id: Option<BillingAccountId>,
    pub(super) restricted: bool,
    pub(super) marker: Option<Marker>,
}

impl Seek for WantedToken {
    type Handle = Tokens;
    type Row = TokenRow;
    type Found = Token;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, tokens: &Tokens) -> ListCall<TokenRow> {
        tokens.elastis.call(&LIST).list()
    }

    fn id(row: &TokenRow) -> String {
        row.id.to_string()
    }

    #[inline]
    fn fit(&self, row: &TokenRow) -> Fit {
        let account = self.billing_account_id.as_ref();
        Fit::new()
            .name(&self.description, row.description.as_deref())
            .field("restricted", Some(&self.restricted), row.restricted.as_ref())
            .field("billing_account_id", account, row.billing_account_id.as_ref())
            .marker(self.marker.as_ref(), row.description.as_deref())
    }

    #[inline]
    fn fetch(&self, tokens: &Tokens, id: &str) -> Call<Token> {
        tokens.list().only("token", id, |token| token.id.to_string())
    }

    fn marker(&self) -> Option<&Marker> {
        self.marker.as_ref()
    }

    fn found_id(token: &Token) -> String {
        token.id.to_string()
    }
}
