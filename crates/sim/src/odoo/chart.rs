//! What a new company comes with: accounts, journals, taxes, named as the generic chart of Odoo names them.

use serde_json::json;

use super::Odoo;
use super::call::object;
use super::version::Version;

/// Code, name, type, reconcilable. The order gives the ids.
const ACCOUNTS: &[(&str, &str, &str, bool)] = &[
    ("121000", "Account Receivable", "asset_receivable", true),
    ("400000", "Product Sales", "income", false),
    ("600000", "Expenses", "expense", false),
    ("251000", "Tax Received", "liability_current", false),
    ("443000", "Cash Discount Loss", "expense", false),
    ("101402", "Bank Suspense Account", "asset_current", false),
    ("101403", "Outstanding Receipts", "asset_current", true),
    ("101701", "Liquidity Transfer", "asset_current", true),
    ("101404", "Outstanding Payments", "asset_current", true),
    ("131000", "Tax Paid", "asset_current", false),
    ("211000", "Account Payable", "liability_payable", true),
    ("441000", "Foreign Exchange Gain", "income", false),
    ("450000", "Other Income", "income_other", false),
    ("620000", "Bank Fees", "expense", false),
    ("641000", "Foreign Exchange Loss", "expense", false),
    ("643000", "Cash Discount Gain", "income", false),
    ("999999", "Undistributed Profits/Losses", "equity_unaffected", false),
];

/// Name, code, type. The order gives the ids.
const JOURNALS: &[(&str, &str, &str)] = &[
    ("Customer Invoices", "INV", "sale"),
    ("Vendor Bills", "BILL", "purchase"),
    ("Miscellaneous Operations", "MISC", "general"),
    ("Bank", "BNK1", "bank"),
    ("Exchange Difference", "EXCH", "general"),
    ("Cash Basis Taxes", "CABA", "general"),
];

/// Column of the company, name of the account.
const DEFAULTS: &[(&str, &str)] = &[
    ("transfer_account_id", "Liquidity Transfer"),
    ("account_journal_suspense_account_id", "Bank Suspense Account"),
    ("income_currency_exchange_account_id", "Foreign Exchange Gain"),
    ("expense_currency_exchange_account_id", "Foreign Exchange Loss"),
    ("account_journal_early_pay_discount_loss_account_id", "Cash Discount Loss"),
    ("account_journal_early_pay_discount_gain_account_id", "Cash Discount Gain"),
];

impl Odoo {
    pub(super) fn install_chart(&mut self, company: i64) {
        for (code, name, kind, reconcile) in ACCOUNTS {
            self.account(company, code, name, kind, *reconcile);
        }
        for (column, name) in DEFAULTS {
            let account = self.account_named(company, name);
            self.store.set("res.company", company, column, json!(account));
        }
        for (name, code, kind) in JOURNALS {
            let name = match *code {
                "INV" if self.version == Version::V19 => "Sales",
                "BILL" if self.version == Version::V19 => "Purchases",
                _ => name,
            };
            self.chart_journal(company, name, code, kind);
        }
        for (column, name) in [("debit", "Outstanding Receipts"), ("credit", "Outstanding Payments")] {
            let id = format!("account.{company}_account_journal_payment_{column}_account_id");
            if let Some(account) = self.account_named(company, name) {
                self.store.tie(&id, "account.account", account, true);
            }
        }
        let exchange = self.journal_of(company, "EXCH");
        self.store.set("res.company", company, "currency_exchange_journal_id", json!(exchange));
        let late = self.journal_of(company, "CABA");
        self.store.set("res.company", company, "tax_cash_basis_journal_id", json!(late));
        let method = if self.version == Version::V19 { "round_globally" } else { "round_per_line" };
        self.store.set("res.company", company, "tax_calculation_rounding_method", json!(method));
        for (used, account) in [("sale", "Tax Received"), ("purchase", "Tax Paid")] {
            self.chart_tax(company, used, account);
        }
        if self.version == Version::V17 {
            for (column, name) in [("debit", "Outstanding Receipts"), ("credit", "Outstanding Payments")] {
                let account = self.account_named(company, name);
                let column = format!("account_journal_payment_{column}_account_id");
                self.store.set("res.company", company, &column, json!(account));
            }
        }
    }

    fn chart_tax(&mut self, company: i64, used: &str, account: &str) {
        let tax = json!({"name": "15%", "amount": 15, "type_tax_use": used, "amount_type": "percent", "sequence": 1,
            "company_id": company, "active": true, "is_base_affected": true, "tax_exigibility": "on_invoice"});
        let id = self.put("account.tax", tax);
        let account = self.account_named(company, account);
        let parts = json!([[0, 0, {"repartition_type": "base"}],
            [0, 0, {"repartition_type": "tax", "account_id": account}]]);
        let vals = json!({"invoice_repartition_line_ids": parts, "refund_repartition_line_ids": parts});
        self.created_tax(id, &object(vals));
    }

    fn chart_journal(&mut self, company: i64, name: &str, code: &str, kind: &str) {
        if kind == "bank" {
            self.bank_journal(company, name, code);
            return;
        }
        let account = match kind {
            "sale" => self.account_named(company, "Product Sales"),
            "purchase" => self.account_named(company, "Expenses"),
            _ => None,
        };
        let row = json!({"name": name, "code": code, "type": kind, "company_id": company, "active": true,
            "default_account_id": account});
        self.put("account.journal", row);
    }
}
