//! What the lines of a payment's entry are called.

use rust_decimal::Decimal;

use super::Odoo;
use super::num;
use super::version::Version;

const PAYMENT: &str = "account.payment";

impl Odoo {
    /// 17: kind, amount, partner and day in American words. 18 and 19: the payment method and the memo.
    pub(super) fn payment_label(&self, id: i64) -> String {
        let s = &self.store;
        let int = |column: &str| s.int(PAYMENT, id, column).unwrap_or_default();
        if self.version != Version::V17 {
            let way = s.text("account.payment.method.line", int("payment_method_line_id"), "name");
            let memo = s.text(PAYMENT, id, "memo");
            return if memo.is_empty() { way.to_owned() } else { format!("{way}: {memo}") };
        }
        let outbound = s.text(PAYMENT, id, "payment_type") == "outbound";
        let kind = match (s.text(PAYMENT, id, "partner_type"), outbound) {
            ("supplier", true) => "Vendor Payment",
            ("supplier", false) => "Vendor Reimbursement",
            (_, true) => "Customer Reimbursement",
            (_, false) => "Customer Payment",
        };
        let currency = int("currency_id");
        let amount = self.american(self.amount(PAYMENT, id, "amount"), currency);
        let mut parts = vec![format!("{kind} {amount}")];
        parts.extend(s.int(PAYMENT, id, "partner_id").map(|p| s.text("res.partner", p, "name").to_owned()));
        let day = s.text(PAYMENT, id, "date");
        let at = |from: usize, to: usize| day.get(from..to).unwrap_or("");
        parts.push(format!("{}/{}/{}", at(5, 7), at(8, 10), at(0, 4)));
        parts.join(" - ")
    }

    /// `$ 1,240.50`, `80.00 €`, with a space that does not break.
    fn american(&self, amount: Decimal, currency: i64) -> String {
        let text = num::fixed(amount, self.places(currency));
        let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
        let mut digits = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                digits.push(',');
            }
            digits.push(digit);
        }
        let (symbol, before) = match self.store.text("res.currency", currency, "name") {
            "USD" => ("$", true),
            "EUR" => ("€", false),
            code => (code, false),
        };
        if before { format!("{symbol}\u{a0}{digits}{rest}") } else { format!("{digits}{rest}\u{a0}{symbol}") }
    }
}
