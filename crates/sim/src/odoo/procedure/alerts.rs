//! The procedure `show_alerts`: what wants a person is an activity on the Stripe journal, one for each alert.

use serde_json::{Value, json};

use super::owner::Owner;
use super::setup::{self, Books};
use super::{FORM, Work, guarded, text, zone};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;

const ACTIVITY: &str = "mail.activity";
const JOURNAL: &str = "account.journal";
const USERS: &str = "res.users";

/// Opens, writes anew and closes.
pub fn show_alerts(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let list = |name: &str| input.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let (opened, over) = (list("alerts"), list("over"));
    if opened.is_empty() && over.is_empty() {
        return Ok(json!({"v": FORM, "hash": hash(code)}));
    }
    let company = input.get("company").and_then(num::int).unwrap_or(setup.company);
    let home = setup::home_of(odoo, company, &setup.companies).filter(|_| setup.companies.contains(&company));
    let journal = home.and_then(|home| setup::record(odoo, &format!("journal_stripe_{home}")));
    let (Some(home), Some(journal)) = (home, journal) else { return Err(setup.not_configured(company)) };
    // A fault of the books is among what there is to show.
    let (zone, owner) = (setup::zone_of(odoo, home)?, Owner::of(odoo, home));
    owner.held(home, text(input, "account"), input.get("livemode"))?;
    let books = Books { home, journal, zone, owner, ..Books::default() };
    let day = zone::day(text(input, "at"), &books.zone).unwrap_or_default();
    let mut work = Work { odoo, setup, results: Default::default() };
    let user = work.assignee(text(input, "user"), &books);
    let mut told = Vec::new();
    for alert in &opened {
        let status = work.show_alert(alert, &books, user.unwrap_or(work.setup.uid), &day);
        told.push(json!({"id": text(alert, "id"), "status": status}));
    }
    for id in over.iter().filter_map(Value::as_str) {
        told.push(json!({"id": id, "status": work.close_alert(id, &books)}));
    }
    Ok(json!({"v": FORM, "hash": hash(code), "found": user.is_some(), "alerts": told}))
}

fn name(id: &str, books: &Books) -> String {
    format!("quittance.alert_{}_{id}", books.home)
}

/// As Odoo keeps a text that was escaped: in a paragraph, with apostrophes and quotation marks as they were.
fn paragraph(plain: &str) -> String {
    let plain = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<p>{plain}</p>")
}

impl Work<'_> {
    fn assignee(&self, login: &str, books: &Books) -> Option<i64> {
        let s = &self.odoo.store;
        let user = match login {
            "" => s.int(JOURNAL, books.journal, "create_uid"),
            login => s.find(USERS, "login", &json!(login)),
        }?;
        let active = num::truthy(&s.value(USERS, user, "active"));
        (active && s.list(USERS, user, "company_ids").contains(&books.home)).then_some(user)
    }

    /// The activity of an alert that nobody has done yet.
    fn standing_activity(&self, id: &str, books: &Books) -> Option<i64> {
        let s = &self.odoo.store;
        let (_, activity) = s.tied(&name(id, books))?;
        let ours = s.text(ACTIVITY, activity, "res_model") == JOURNAL
            && s.int(ACTIVITY, activity, "res_id") == Some(books.journal);
        (ours && num::truthy(&s.value(ACTIVITY, activity, "active"))).then_some(activity)
    }

    fn show_alert(&mut self, alert: &Value, books: &Books, user: i64, day: &str) -> &'static str {
        let id = text(alert, "id");
        let note = paragraph(&format!("{} {}", text(alert, "what"), text(alert, "todo")));
        let summary = text(alert, "summary");
        if let Some(activity) = self.standing_activity(id, books) {
            self.odoo.store.set(ACTIVITY, activity, "summary", json!(summary));
            self.odoo.store.set(ACTIVITY, activity, "note", json!(note));
            return "updated";
        }
        let activity = self.odoo.schedule(user, JOURNAL, books.journal, summary, day, &note);
        self.odoo.store.tie(&name(id, books), ACTIVITY, activity, true);
        "opened"
    }

    fn close_alert(&mut self, id: &str, books: &Books) -> &'static str {
        let Some(activity) = self.standing_activity(id, books) else { return "gone" };
        self.odoo.activity_done(activity);
        "closed"
    }
}
