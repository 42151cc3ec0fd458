//! One Odoo database as the ERP: each call runs one procedure there.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::answer::{self, Check};
use super::booking_procedure::BookingProcedure;
use super::discover::{self, Discovery, not_installed};
use super::error::{self, OdooError, OdooErrorKind};
use super::procedure::{self, ASSIGN_RECEIPT, CHECK, FORM, LINK_CUSTOMER, Procedure, READ_INVOICE, SHOW_ALERTS};
use super::transport::Client;
use super::{alerts, assign, invoices, logo, receipts};
use crate::config::{Matching, Odoo};
use crate::erp::alert::Notices;
use crate::erp::booking::{Answer, AssignResult};
use crate::erp::fault::Fault;
use crate::erp::invoice::{CustomerLink, Invoices, Logo};
use crate::erp::mark::Marks;
use crate::erp::traits::{Books, Invoicing, Notifier};
use crate::error::{Code, Error};
use crate::movement::{Movement, MovementKind};
use crate::ports::{Fut, Http, Kv};

/// So many characters of an API key are kept by Odoo as they are, to find it by; of the rest it has a hash.
const KEY_START: usize = 8;

/// Whose Stripe movements an Odoo is called for. Each procedure compares it with what set-up stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The ledger's own account, where it is known before the call. Movements name theirs by their keys.
    pub account: Option<String>,
    /// `None` where no Stripe key is at hand: then only what set-up stored is looked at.
    pub livemode: Option<bool>,
    /// The highest mark that the ledger has had from this Odoo.
    pub mark: Option<i64>,
}

/// One Odoo database as the ERP.
pub struct OdooErp {
    pub(super) config: Odoo,
    matching: Matching,
    owner: Owner,
    client: Client,
    kv: Rc<dyn Kv>,
    found: RefCell<Option<Discovery>>,
    marks: Cell<Marks>,
}

impl OdooErp {
    pub fn new(config: &Odoo, matching: &Matching, owner: Owner, http: Rc<dyn Http>, kv: Rc<dyn Kv>) -> Self {
        let (client, marks) = (Client::new(config, http), Cell::new(Marks::above(owner.mark)));
        let (config, matching) = (config.clone(), matching.clone());
        Self { config, matching, owner, client, kv, found: RefCell::new(None), marks }
    }

    /// Runs `check`: what the database says of its own readiness.
    pub async fn check(&self) -> Result<Check, OdooError> {
        let start: String = self.config.api_key.reveal().chars().take(KEY_START).collect();
        answer::parse_check(self.run(&CHECK, json!({"key": start})).await?)
    }

    /// The hashes that the installed procedures say they have, by name. An empty list of movements books nothing.
    pub async fn hashes(&self) -> Result<Vec<(&'static str, String)>, OdooError> {
        let mut hashes = Vec::new();
        for procedure in procedure::ALL {
            let value = self.run(&procedure, json!({"movements": []})).await?;
            let hash = value.get("hash").and_then(Value::as_str).unwrap_or_default();
            hashes.push((procedure.name, hash.to_owned()));
        }
        Ok(hashes)
    }

    /// The first thing that would keep a booking from working.
    pub fn problem(&self, check: &Check) -> Option<String> {
        let own = self.config.company.unwrap_or(check.company);
        let unready = Some(own).filter(|company| !check.companies.contains(company));
        check.problems.first().cloned().or_else(|| unready.map(|company| format!("not_configured:{company}")))
    }

    /// One call of a procedure with its input, to which the form, the company and the owner are added. What was remembered of the server may be stale (another key, a
    /// restored database): it is found anew once, and the call repeated; its keys make that safe.
    pub(super) async fn run(&self, procedure: &Procedure, mut input: Value) -> Result<Value, OdooError> {
        let (account, livemode) = (&self.owner.account, self.owner.livemode);
        let all = json!({"v": FORM, "company": self.config.company, "account": account, "livemode": livemode});
        for (name, value) in all.as_object().into_iter().flatten() {
            if input.get(name).is_none_or(Value::is_null) {
                receipts::extend(&mut input, json!({ name: value }));
            }
        }
        let known = self.cached_discovery().await;
        let fresh = known.is_none();
        let found = match known {
            Some(found) => found,
            None => self.discover().await?,
        };
        let result = match self.call(&found, procedure, &input).await {
            Err(error) if !fresh && may_be_stale(error.kind) => {
                self.call(&self.discover().await?, procedure, &input).await
            }
            result => result,
        };
        // The procedures look before they touch; what is still missing now is the action itself.
        result.map_err(|error| match error.kind {
            OdooErrorKind::Missing => not_installed(procedure),
            _ => error,
        })
    }

    async fn call(&self, found: &Discovery, procedure: &Procedure, input: &Value) -> Result<Value, OdooError> {
        let action = found.action(procedure)?;
        // English, because details are read by operators and kept; no rule here depends on them.
        let named = Map::from_iter([("context".to_owned(), json!({"quittance": input, "lang": "en_US"}))]);
        let client = self.client.with_timeout(procedure.timeout_ms());
        let value = client.call(found.session, "ir.actions.server", "run", Some(&[action]), named).await?;
        match value {
            Value::Object(_) => Ok(value),
            // Some other action stands under this id.
            _ => Err(OdooError::new(
                OdooErrorKind::NotInstalled,
                "The action is not Quittance's; run `quittance setup odoo`.",
            )),
        }
    }

    async fn cached_discovery(&self) -> Option<Discovery> {
        let held = self.found.borrow().clone();
        match held {
            Some(found) => Some(found),
            None => {
                let found = discover::cached(&self.client, self.kv.as_ref()).await;
                self.found.replace(found.clone());
                found
            }
        }
    }

    async fn discover(&self) -> Result<Discovery, OdooError> {
        let found = discover::find(&self.client, self.kv.as_ref()).await?;
        self.found.replace(Some(found.clone()));
        Ok(found)
    }

    /// One call for each procedure that is needed, one after the other. Should a later one fail, the keys of the earlier
    /// ones are known when all are sent again.
    async fn apply_all(&self, movements: &[Movement]) -> Result<Vec<Answer>, Fault> {
        let mut booked: HashMap<String, Answer> = HashMap::new();
        for booking in [
            BookingProcedure::RECEIPT,
            BookingProcedure::REFUND,
            BookingProcedure::CREDIT_NOTE,
            BookingProcedure::ENTRY,
            BookingProcedure::FEES,
        ] {
            let is_booked_by_it =
                |m: &&Movement| BookingProcedure::for_kind(m.kind).is_some_and(|of| of.procedure == booking.procedure);
            let mine: Vec<Movement> = movements.iter().filter(is_booked_by_it).cloned().collect();
            if !mine.is_empty() {
                let answers = self.apply_group(&booking, &mine).await?;
                booked.extend(mine.into_iter().map(|m| m.key).zip(answers));
            }
        }
        Ok(movements
            .iter()
            .map(|m| match (booked.get(&m.key), BookingProcedure::for_kind(m.kind)) {
                (Some(answer), _) => answer.clone(),
                (None, Some(_)) => Answer::Retry(Error::of(Code::ErpBusy)),
                (None, None) => {
                    Answer::Refused(Error::new(Code::ErpRefused, "No money moved, so there is nothing to book."))
                }
            })
            .collect())
    }

    async fn apply_group(&self, booking: &BookingProcedure, movements: &[Movement]) -> Result<Vec<Answer>, Fault> {
        let inputs: Vec<Value> = movements.iter().map(|m| (booking.input)(m, &self.config, &self.matching)).collect();
        let result = self.run(&booking.procedure, json!({ "movements": inputs, "mark": self.owner.mark })).await;
        match result.and_then(|value| answer::answers(value, &booking.procedure, movements, &inputs)) {
            Ok((answers, mark)) => {
                if !movements.is_empty() {
                    let mut marks = self.marks.get();
                    marks.take(mark);
                    self.marks.set(marks);
                }
                Ok(answers)
            }
            Err(error) if movements.len() > 1 && may_be_one_movement(error.kind) => Err(Fault::TimedOut(error.into())),
            Err(error) if error.kind == OdooErrorKind::Refused => Ok(vec![Answer::Refused(error.into())]),
            Err(error) => Err(error.fault()),
        }
    }
}

/// Kinds that a wrong memory of the server explains.
fn may_be_stale(kind: OdooErrorKind) -> bool {
    matches!(
        kind,
        OdooErrorKind::Auth
            | OdooErrorKind::Rights
            | OdooErrorKind::Missing
            | OdooErrorKind::NotInstalled
            | OdooErrorKind::Changed
            | OdooErrorKind::Protocol
    )
}

/// Kinds that one movement of a list can cause: halving the list finds it.
fn may_be_one_movement(kind: OdooErrorKind) -> bool {
    matches!(kind, OdooErrorKind::Refused | OdooErrorKind::Crashed)
}

impl Books for OdooErp {
    fn apply<'a>(&'a self, movements: &'a [Movement]) -> Fut<'a, Result<Vec<Answer>, Fault>> {
        Box::pin(self.apply_all(movements))
    }

    fn marks(&self) -> Marks {
        self.marks.get()
    }

    fn supports(&self, kind: MovementKind) -> bool {
        BookingProcedure::for_kind(kind).is_some()
    }

    /// One for each procedure.
    fn batch_group(&self, kind: MovementKind) -> u8 {
        BookingProcedure::for_kind(kind).map_or(u8::MAX, |booking| booking.order)
    }

    fn assign<'a>(&'a self, key: &'a str, invoice: &'a str) -> Fut<'a, Result<AssignResult, Error>> {
        Box::pin(async move {
            let account = key.split(':').nth(1).unwrap_or_default();
            let company = self.config.company_of(account);
            let asked = json!({"key": key, "company": company, "invoice": invoice, "note": self.config.note});
            let value = self.run(&ASSIGN_RECEIPT, asked).await.map_err(|error| error.fault().error())?;
            assign::parse_answer(&value)
        })
    }

    fn probe(&self) -> Fut<'_, Result<(), Fault>> {
        Box::pin(async {
            let check = self.check().await.map_err(OdooError::fault)?;
            match self.problem(&check) {
                // And whether a booking can be called: with nothing to book.
                None => self.apply_group(&BookingProcedure::RECEIPT, &[]).await.map(drop),
                Some(problem) => Err(Fault::Connection(error::problem(&problem))),
            }
        })
    }
}

impl Notifier for OdooErp {
    fn key_expiry(&self) -> Fut<'_, Result<Option<i64>, Fault>> {
        Box::pin(async { self.check().await.map(|check| check.key.and_then(|key| key.ends)).map_err(OdooError::fault) })
    }

    fn show_alerts<'a>(&'a self, notices: &'a Notices) -> Fut<'a, Result<bool, Fault>> {
        Box::pin(async {
            let value = self.run(&SHOW_ALERTS, alerts::show_alerts_input(notices)).await;
            value.map(|value| alerts::is_user_known(&value)).map_err(OdooError::fault)
        })
    }
}

impl Invoicing for OdooErp {
    fn invoices<'a>(&'a self, ids: &'a [i64]) -> Fut<'a, Result<Invoices, Fault>> {
        Box::pin(async {
            if ids.is_empty() {
                return Ok(Invoices::default());
            }
            let value = self.run(&READ_INVOICE, invoices::read_invoice_input(ids, self.config.company)).await;
            value.and_then(|value| invoices::parse_invoices(&value, &READ_INVOICE)).map_err(OdooError::fault)
        })
    }

    fn logo(&self, company: i64) -> Fut<'_, Result<Option<Logo>, Fault>> {
        Box::pin(async move { logo::company_logo(&self.client, company).await.map_err(OdooError::fault) })
    }

    fn link_customers<'a>(&'a self, links: &'a [CustomerLink]) -> Fut<'a, Result<(), Fault>> {
        Box::pin(async {
            if links.is_empty() {
                return Ok(());
            }
            let value = self.run(&LINK_CUSTOMER, invoices::link_customer_input(links)).await;
            value.and_then(|value| invoices::check_links(&value, &LINK_CUSTOMER)).map_err(OdooError::fault)
        })
    }
}
