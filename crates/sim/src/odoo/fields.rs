//! Values of fields: stored ones, computed ones, and how `read` shows both.

use serde_json::{Value, json};

use super::Odoo;
use super::error::{self, Result};
use super::num;
use super::schema::{Field, FieldKind};
use super::version::Version;

impl Odoo {
    /// The field of a model, also one that somebody added by ir.model.fields.
    pub(super) fn field(&self, model: &str, name: &str) -> Option<Field> {
        if let Some(field) = self.schema.model(model)?.fields.get(name) {
            return Some(field.clone());
        }
        let added = self.store.find_all("ir.model.fields", "name", &json!(name));
        let row = added.into_iter().find(|id| self.store.text("ir.model.fields", *id, "model") == model)?;
        let (kind, ttype) = super::schema::kind(self.store.text("ir.model.fields", row, "ttype"));
        let relation = self.store.text("ir.model.fields", row, "relation").to_owned();
        Some(Field { kind, ttype, relation, inverse: String::new(), required: false, default: None })
    }

    pub(super) fn known_field(&self, model: &str, name: &str) -> Result<Field> {
        self.field(model, name).ok_or_else(|| {
            let what = if self.version == Version::V19 { "" } else { "model " };
            error::value(format!("Invalid field '{name}' on {what}'{model}'"))
        })
    }

    /// A field's value as the database holds it (ids, not names), computed where the real one computes it.
    pub(super) fn value(&self, model: &str, id: i64, name: &str) -> Value {
        let s = &self.store;
        let stored = s.value(model, id, name);
        match (model, name) {
            (_, "id") => json!(id),
            (_, "display_name") => json!(self.display_name(model, id)),
            ("ir.model.data", "complete_name") => {
                json!(format!("{}.{}", s.text(model, id, "module"), s.text(model, id, "name")))
            }
            ("account.move", "access_url") if s.text(model, id, "move_type") != "entry" => {
                json!(format!("/my/invoices/{id}"))
            }
            ("account.move", "invoice_line_ids") => {
                let product = |l: &i64| s.text("account.move.line", *l, "display_type") == "product";
                json!(s.list(model, id, "line_ids").into_iter().filter(product).collect::<Vec<_>>())
            }
            ("account.move", "invoice_payments_widget") => self.payments_widget(id),
            ("res.company", "root_id") => json!(self.root_company(id)),
            ("res.company", "parent_ids") => {
                json!(self.company_and_parents(id).into_iter().rev().collect::<Vec<_>>())
            }
            ("account.move", "invoice_currency_rate") => num::float(self.document_rate(id)),
            ("account.tax", "invoice_repartition_line_ids") => json!(self.parts_of_tax(id, "invoice")),
            ("account.tax", "refund_repartition_line_ids") => json!(self.parts_of_tax(id, "refund")),
            ("account.tax", "price_include") => json!(self.price_included(id)),
            ("account.move.line", "tax_ids") => json!(self.in_sequence(&s.list(model, id, name))),
            ("account.payment", "reconciled_invoice_ids") => json!(self.paid_invoices(id)),
            ("account.payment", "is_reconciled") => json!(self.payment_line(id).is_some_and(|l| self.reconciled(l))),
            ("account.payment", "is_matched") => json!(self.is_matched(id)),
            ("account.payment.method.line", "code" | "payment_type") => {
                let method = s.int(model, id, "payment_method_id").unwrap_or_default();
                s.value("account.payment.method", method, name)
            }
            ("account.payment.method.line", "company_id") => {
                s.value("account.journal", s.int(model, id, "journal_id").unwrap_or_default(), name)
            }
            ("account.move.line", "move_name") => {
                s.value("account.move", s.int(model, id, "move_id").unwrap_or_default(), "name")
            }
            ("res.partner", "commercial_partner_id") => json!(self.commercial_partner(id)),
            ("res.partner", "email_normalized") => self.address(id),
            ("account.journal", "inbound_payment_method_line_ids") => json!(self.method_lines(id, "inbound")),
            ("account.journal", "outbound_payment_method_line_ids") => json!(self.method_lines(id, "outbound")),
            _ => match self.field(model, name) {
                Some(field) if field.kind == FieldKind::One2many => json!(self.inverse(model, id, &field)),
                _ => stored,
            },
        }
    }

    fn inverse(&self, model: &str, id: i64, field: &Field) -> Vec<i64> {
        let found = self.store.find_all(&field.relation, &field.inverse, &json!(id));
        let mine = |line: &i64| match field.relation.as_str() {
            "mail.message" => self.store.text("mail.message", *line, "model") == model,
            "mail.activity" => self.store.text("mail.activity", *line, "res_model") == model,
            _ => true,
        };
        found.into_iter().filter(mine).collect()
    }

    pub(super) fn commercial_partner(&self, id: i64) -> i64 {
        self.store.int("res.partner", id, "parent_id").map_or(id, |parent| self.commercial_partner(parent))
    }

    pub(super) fn method_lines(&self, journal: i64, payment_type: &str) -> Vec<i64> {
        let lines = self.store.find_all("account.payment.method.line", "journal_id", &json!(journal));
        let of_type = |id: &i64| self.value("account.payment.method.line", *id, "payment_type") == payment_type;
        lines.into_iter().filter(of_type).collect()
    }

    pub(super) fn display_name(&self, model: &str, id: i64) -> String {
        let s = &self.store;
        let name = s.text(model, id, "name");
        match model {
            "account.account" if self.version < Version::V19 => format!("{} {name}", s.text(model, id, "code")),
            "account.payment.method.line" if self.version > Version::V17 => {
                let journal = s.int(model, id, "journal_id").unwrap_or_default();
                format!("{name} ({})", s.text("account.journal", journal, "name"))
            }
            "account.move" if !s.text(model, id, "ref").is_empty() => format!("{name} ({})", s.text(model, id, "ref")),
            "payment.transaction" => s.text(model, id, "reference").to_owned(),
            _ => name.to_owned(),
        }
    }

    /// A value as `read` shows it: many2one as `[id, name]`, nothing as `false` (`0` for numbers).
    pub(super) fn shown(&self, model: &str, id: i64, name: &str, field: &Field) -> Value {
        let raw = self.value(model, id, name);
        match field.kind {
            FieldKind::Many2one => match num::int(&raw) {
                Some(other) => json!([other, self.display_name(&field.relation, other)]),
                None => json!(false),
            },
            FieldKind::One2many | FieldKind::Many2many => {
                if raw.is_array() {
                    raw
                } else {
                    json!([])
                }
            }
            FieldKind::Bool => json!(num::truthy(&raw)),
            FieldKind::Int => json!(num::int(&raw).unwrap_or_default()),
            FieldKind::Float => num::float(num::decimal(&raw).unwrap_or_default()),
            _ if raw.is_null() || raw == "" => json!(false),
            _ => raw,
        }
    }
}
