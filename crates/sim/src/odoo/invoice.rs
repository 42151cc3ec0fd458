//! What people and clients do with an invoice: post, cancel, reset, link, note.

use serde_json::{Value, json};

use super::Odoo;
use super::call::{Call, object};
use super::error::{self, Result};
use super::num;
use super::rights::{INVOICE, READONLY, Session, USER};
use super::version::Version;

const MOVE: &str = "account.move";

impl Odoo {
    pub(super) fn move_method(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        let reads = matches!(call.method.as_str(), "get_portal_url" | "preview_invoice");
        self.check(who, MOVE, if reads { "read" } else { "write" })?;
        let mut answer = None;
        for id in &call.ids {
            if self.store.get(MOVE, *id).is_none() {
                return Err(error::missing(MOVE, *id, who.uid));
            }
            answer = match call.method.as_str() {
                "action_post" => {
                    self.post(*id)?;
                    Some(json!(false))
                }
                "get_portal_url" => Some(json!(self.portal_url(*id))),
                "preview_invoice" => {
                    Some(json!({"type": "ir.actions.act_url", "target": "self", "url": self.portal_url(*id)}))
                }
                "button_cancel" => {
                    self.cancel_entry(*id)?;
                    None
                }
                "button_draft" => {
                    self.redraft(*id)?;
                    None
                }
                _ => {
                    let line = num::int(call.argument("line_id")).unwrap_or_default();
                    self.assign(*id, line)?;
                    None
                }
            };
        }
        Ok(answer)
    }

    pub(super) fn is_invoice(&self, id: i64) -> bool {
        self.store.text(MOVE, id, "move_type") == "out_invoice"
    }

    /// An invoice, credit note or bill, no mere entry.
    pub(super) fn is_document(&self, id: i64) -> bool {
        !matches!(self.store.text(MOVE, id, "move_type"), "entry" | "")
    }

    /// The customer's link; makes the token when there is none.
    pub(super) fn portal_url(&mut self, id: i64) -> String {
        let mut token = self.store.text(MOVE, id, "access_token").to_owned();
        if token.is_empty() {
            token = super::calendar::uuid(&self.rng);
            self.store.set(MOVE, id, "access_token", json!(token));
        }
        format!("/my/invoices/{id}?access_token={token}")
    }

    /// A chatter note; gives its id, in 19 as a list.
    pub(super) fn message_post(&mut self, who: &Session, call: &Call) -> Result<Value> {
        self.check(who, &call.model, "read")?;
        let may = who.has(USER) && (call.model == "res.partner" || who.has(INVOICE) || who.has(READONLY));
        if !may {
            return Err(error::access("The requested operation cannot be completed due to security restrictions."));
        }
        let mut ids = Vec::new();
        for id in &call.ids {
            if self.store.get(&call.model, *id).is_none() {
                return Err(error::missing(&call.model, *id, who.uid));
            }
            ids.push(self.note(&call.model, *id, call.text("body")));
        }
        Ok(if self.version == Version::V19 { json!(ids) } else { json!(ids.first()) })
    }

    pub(super) fn note(&mut self, model: &str, id: i64, body: &str) -> i64 {
        let date = super::calendar::datetime(self.clock.now_ms());
        let row = json!({"model": model, "res_id": id, "body": format!("<p>{body}</p>"), "message_type": "comment",
            "date": date});
        self.store.insert("mail.message", object(row))
    }
}
