//! What a payer wants to pay, checked against what the ERP says now.

use super::context::token_digest;
use super::offer::Offer;
use crate::erp::invoice::Invoice;
use crate::ledger::intents::Attempt;
use crate::money::Money;

/// What the payer wants, checked against what the ERP says now.
pub struct PaymentWish<'a> {
    pub invoice: &'a Invoice,
    pub offer: &'a Offer,
    /// Chosen by the payer; else whatever open attempt the offer allows goes on.
    pub chosen: Option<Money>,
    /// JSON of the invoice as shown.
    pub shown: String,
}

impl PaymentWish<'_> {
    /// Whether an open attempt may go on: of this payer, over what is wanted, and begun with the link of today.
    pub fn may_continue(&self, money: Money, row: &Attempt) -> bool {
        let wanted = self.chosen.map_or_else(|| self.offer.allows(money), |chosen| chosen == money);
        wanted && row.partner == self.invoice.payer.commercial && row.token == self.token_digest()
    }

    /// What the ledger keeps of the invoice's token.
    pub fn token_digest(&self) -> String {
        hex::encode(token_digest(self.invoice.token.as_ref().map_or("", |token| token.reveal())))
    }
}
