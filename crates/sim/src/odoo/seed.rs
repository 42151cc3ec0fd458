//! What stands in a new database, and what set-up adds to it.

use quittance::erp::odoo::procedure::{ALL, Procedure};
use quittance::erp::odoo::setup::roles::{CLEARING, ROLES, Role, TRANSIT};
use serde_json::{Value, json};

use super::Odoo;
use super::calendar;
use super::call::object;
use super::contacts::CUSTOMER;
use super::rights::{CONTACTS, GROUPS, INVOICE, MANAGER, SYSTEM, WORKER};

/// Name of the database.
pub const DATABASE: &str = "odoo";
/// The Settings user, by password or key.
pub const ADMIN_LOGIN: &str = "admin";
pub const ADMIN_KEY: &str = "sim-admin-key";
/// The Worker's user: Invoicing and nothing else.
pub const CLERK_LOGIN: &str = "clerk@example.com";
pub const CLERK_KEY: &str = "sim-clerk-key";

/// Code, decimal places, active at first.
const CURRENCIES: &[(&str, u32, bool)] = &[
    ("USD", 2, true),
    ("EUR", 2, true),
    ("GBP", 2, false),
    ("CHF", 2, false),
    ("JPY", 0, false),
    ("KWD", 3, false),
    ("BHD", 3, false),
    ("ISK", 0, false),
    ("TWD", 0, false),
];

/// Whose books a database that is set up keeps: the simulated merchant's, and those that tests name.
const OWNERS: &str = "test acct_1SimQuittance000 acct_1 acct_2";

const PARAMETERS: &[(&str, &str)] = &[
    ("web.base.url", "http://127.0.0.1:8069"),
    ("database.uuid", "5b0c2f5e-0f0e-4b1c-9a51-000000000001"),
    ("account_payment.enable_portal_payment", "True"),
];

/// Views that others extend: external id, type, enough of the text.
const VIEWS: &[(&str, &str, &str)] = &[
    ("account.view_move_form", "form", "<form><header/></form>"),
    ("account.portal_invoice_page", "qweb", "<t t-name=\"account.portal_invoice_page\"/>"),
];

impl Odoo {
    pub(super) fn put(&mut self, model: &str, row: Value) -> i64 {
        self.store.insert(model, object(row))
    }

    /// Installs the app Invoicing for one company in USD.
    pub(super) fn plant(&mut self) {
        for (model, label) in Vec::from_iter(self.schema.names().map(|(m, l)| (m.to_owned(), l.to_owned()))) {
            let id = self.put("ir.model", json!({"model": model, "name": label, "state": "base"}));
            let module = match model.split('.').next() {
                Some("res" | "ir") => "base",
                Some(other) => other,
                None => "base",
            };
            self.store.tie(&format!("{module}.model_{}", model.replace('.', "_")), "ir.model", id, true);
        }
        for name in ["base", "account", "payment", "account_payment"] {
            let latest = format!("{}.1.0", self.version.serie());
            self.put("ir.module.module", json!({"name": name, "state": "installed", "latest_version": latest}));
        }
        for (xml_id, name, implied) in GROUPS {
            let known: Vec<i64> = implied.iter().filter_map(|g| self.store.xid(g)).map(|(_, id)| id).collect();
            let row =
                json!({"name": name.rsplit('/').next(), "full_name": name, "xml_id": xml_id, "implied_ids": known});
            let id = self.put("res.groups", row);
            self.store.tie(xml_id, "res.groups", id, true);
        }
        for (name, places, active) in CURRENCIES {
            let rounding = super::num::float(rust_decimal::Decimal::new(1, *places));
            let row =
                json!({"name": name, "decimal_places": places, "rounding": rounding, "active": active, "rate": 1});
            let id = self.put("res.currency", row);
            self.store.tie(&format!("base.{name}"), "res.currency", id, true);
        }
        self.put("res.country", json!({"name": "United States", "code": "US"}));
        for (code, name) in [("inbound", "Manual Payment"), ("outbound", "Manual Payment")] {
            self.put("account.payment.method", json!({"name": name, "code": "manual", "payment_type": code}));
        }
        let todo = self.put("mail.activity.type", json!({"name": "To-Do", "category": "default", "active": true}));
        self.store.tie("mail.mail_activity_data_todo", "mail.activity.type", todo, false);
        self.put("payment.method", json!({"name": "Card", "code": "card", "active": true}));
        let stripe = json!({"name": "Stripe", "code": "none", "state": "disabled", "module_state": "uninstalled"});
        let stripe = self.put("payment.provider", stripe);
        self.store.tie("payment.payment_provider_stripe", "payment.provider", stripe, true);
        for (key, value) in PARAMETERS {
            self.put("ir.config_parameter", json!({"key": key, "value": value}));
        }
        self.put("res.lang", json!({"name": "English (US)", "code": "en_US", "active": true}));
        self.put("res.lang", json!({"name": "French / Français", "code": "fr_FR", "active": false}));
        for (xml_id, kind, arch) in VIEWS {
            let row = json!({"name": xml_id, "type": kind, "mode": "primary", "active": true, "arch": arch});
            let id = self.put("ir.ui.view", row);
            self.store.tie(xml_id, "ir.ui.view", id, false);
        }
        let company = self.company("My Company", "USD");
        self.store.set("payment.provider", stripe, "company_id", json!(company));
        self.user("__system__", "", &[SYSTEM]);
        let admin = self.user(ADMIN_LOGIN, ADMIN_KEY, &[SYSTEM, CONTACTS, MANAGER]);
        self.store.set("res.users", admin, "password", json!("admin"));
    }

    /// What `quittance setup odoo` leaves, for the first company.
    pub(super) fn set_up(&mut self) {
        let group =
            json!({"name": "Quittance Worker", "full_name": "Quittance Worker", "xml_id": WORKER, "implied_ids": []});
        let group = self.put("res.groups", group);
        self.store.tie(WORKER, "res.groups", group, false);
        self.set_up_company(1);
        let partner = self.put("res.partner", json!({"name": "Stripe: payments to allocate", "active": true}));
        self.store.tie("quittance.partner_unallocated", "res.partner", partner, false);
        for (name, title) in [("partner_stripe", "Stripe"), ("partner_platform", "Stripe platform")] {
            let partner = self.put("res.partner", json!({"name": title, "active": true, "is_company": true}));
            self.store.tie(&format!("quittance.{name}"), "res.partner", partner, false);
        }
        let model = self.store.find("ir.model", "model", &json!("res.partner"));
        let field = self.put(
            "ir.model.fields",
            json!({"model_id": model, "model": "res.partner", "name": CUSTOMER, "field_description": "Stripe customer",
                "ttype": "char", "state": "manual", "index": true}),
        );
        self.store.tie("quittance.field_partner_customer", "ir.model.fields", field, false);
        for procedure in &ALL {
            self.install(procedure);
        }
        self.user(CLERK_LOGIN, CLERK_KEY, &[INVOICE, WORKER]);
    }

    /// Stripe journal, accounts of all roles and provider of a company.
    pub fn set_up_company(&mut self, company: i64) {
        let journal = self.bank_journal(company, "Stripe", "STRP");
        let admin = self.store.find("res.users", "login", &json!(ADMIN_LOGIN));
        self.store.set("account.journal", journal, "create_uid", json!(admin));
        self.store.tie(&format!("quittance.journal_stripe_{company}"), "account.journal", journal, false);
        for role in ROLES.into_iter().filter(|role| !role.optional) {
            let account = self.role_account(company, &role);
            self.store.tie(&format!("quittance.{}", role.external(company)), "account.account", account, false);
        }
        self.pay_into_clearing(company, journal);
        self.payout_model(company);
        let row = json!({"name": "Stripe (Quittance)", "code": "none", "state": "disabled", "company_id": company});
        let provider = self.put("payment.provider", row);
        self.store.tie(&format!("quittance.provider_{company}"), "payment.provider", provider, false);
        self.set_up_mark(company);
        self.keeps_books_of(company, OWNERS);
    }

    /// The sequence that bookings draw their marks from.
    pub fn set_up_mark(&mut self, company: i64) {
        let made = calendar::datetime(self.clock.now_ms());
        let row = json!({"name": "Quittance: mark of the bookings", "implementation": "standard", "create_date": made});
        let sequence = self.put("ir.sequence", row);
        self.store.tie(&format!("quittance.sequence_mark_{company}"), "ir.sequence", sequence, false);
        self.store.commit();
    }

    /// Stores whose books a company keeps, as set-up does: `test acct_1 acct_2`.
    pub fn keeps_books_of(&mut self, company: i64, owners: &str) {
        const PARAMETER: &str = "ir.config_parameter";
        let key = format!("quittance.stripe_{company}");
        match self.store.find(PARAMETER, "key", &json!(key)) {
            Some(row) => self.store.set(PARAMETER, row, "value", json!(owners)),
            None => drop(self.put(PARAMETER, json!({"key": key, "value": owners}))),
        }
        self.store.commit();
    }

    /// Whose books a company keeps, as it is stored.
    pub fn owners(&self, company: i64) -> String {
        const PARAMETER: &str = "ir.config_parameter";
        let row = self.store.find(PARAMETER, "key", &json!(format!("quittance.stripe_{company}")));
        row.map_or("test", |row| self.store.text(PARAMETER, row, "value")).to_owned()
    }

    /// Stores one more Stripe account whose books a company keeps.
    pub fn add_owner(&mut self, company: i64, account: &str) {
        let owners = self.owners(company);
        self.keeps_books_of(company, &format!("{owners} {account}"));
    }

    /// A further settlement currency of a company: its own journal, whose balance account holds this currency.
    pub fn settle_in(&mut self, company: i64, currency: &str) {
        let id = self.store.find("res.currency", "name", &json!(currency));
        let (title, code) = (format!("Stripe {currency}"), format!("ST{currency}"));
        let journal = self.foreign_bank_journal(company, &title, &code, id);
        let name = format!("quittance.journal_stripe_{company}_{}", currency.to_lowercase());
        self.store.tie(&name, "account.journal", journal, false);
        self.pay_into_clearing(company, journal);
        self.store.commit();
    }

    /// Bank lines of payouts go to the in-transit account.
    fn payout_model(&mut self, company: i64) {
        let transit = self.store.xid(&format!("quittance.{}", TRANSIT.external(company))).map(|(_, id)| id);
        let model = json!({"name": "Stripe payout", "company_id": company, "match_label": "contains",
            "match_label_param": "stripe", "active": true, "sequence": 5});
        let model = self.put("account.reconcile.model", model);
        self.store.tie(&format!("quittance.model_payout_{company}"), "account.reconcile.model", model, false);
        let line = json!({"model_id": model, "account_id": transit, "amount_type": "percentage", "amount_string": "100",
            "label": "Stripe payout"});
        let line = self.put("account.reconcile.model.line", line);
        let name = format!("quittance.model_payout_line_{company}");
        self.store.tie(&name, "account.reconcile.model.line", line, false);
    }

    /// Payments by the journal move the clearing account.
    fn pay_into_clearing(&mut self, company: i64, journal: i64) {
        let clearing = self.store.xid(&format!("quittance.{}", CLEARING.external(company))).map(|(_, id)| id);
        for line in self.store.find_all("account.payment.method.line", "journal_id", &json!(journal)) {
            self.store.set("account.payment.method.line", line, "payment_account_id", json!(clearing));
        }
    }

    /// The account of a role, its code the next free one near those of its type.
    fn role_account(&mut self, company: i64, role: &Role) -> i64 {
        let first = match role.kind {
            "asset_current" => 101_500,
            "asset_receivable" => 121_001,
            "expense" => 620_001,
            "income_other" => 450_001,
            _ => 201_001,
        };
        let taken: Vec<String> = self
            .accounts_of(company)
            .iter()
            .map(|a| self.store.text("account.account", *a, "code").to_owned())
            .collect();
        let code = (first..).map(|code: i64| code.to_string()).find(|code| !taken.contains(code)).unwrap_or_default();
        let account = self.account(company, &code, role.title, role.kind, role.reconcile);
        self.store.set("account.account", account, "non_trade", json!(role.non_trade));
        account
    }

    fn install(&mut self, procedure: &Procedure) {
        let group = self.store.xid(WORKER).map(|(_, id)| id);
        let model = self.store.xid("account.model_account_move").map(|(_, id)| id);
        let mut row = object(json!({"name": format!("Quittance: {}", procedure.name), "model_id": model,
            "model_name": "account.move", "state": "code", "code": procedure.code()}));
        row.insert(self.version.groups_field().into(), json!([group]));
        let id = self.store.insert("ir.actions.server", row);
        self.store.tie(&format!("quittance.proc_{}", procedure.name), "ir.actions.server", id, false);
    }
}
