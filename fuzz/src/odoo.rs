//! What an ERP answers, whichever transport brings it: every movement gets exactly one verdict, and no verdict holds more of
//! the answer than an operator may read.

use std::rc::Rc;

use quittance::config::{ErpConfig, Matching, Rpc, Secret};
use quittance::erp::odoo::error::DETAIL_CHARS_MAX;
use quittance::erp::odoo::{OdooErp, Owner, books, procedure};
use quittance::erp::json_rpc::RpcErp;
use quittance::erp::{Answer, Erp, Fault};
use quittance::error::Error;
use quittance::movement::{Movement, MovementKind, Reference};
use quittance::ports::Http;
use serde_json::{Value, json};

use crate::double::{Kept, Network, Nobody, config, holds_no_secret, now};
use crate::parts;

/// A code of ours or Odoo's and a sentence of ours stand before Odoo's own words.
const SENTENCE_CHARS_MAX: usize = DETAIL_CHARS_MAX + 120;

/// `how PART answer PART answer …`: the first byte of `how` says which version, and whether it is known beforehand.
pub fn run(data: &[u8]) {
    let all = parts(data);
    let (how, answers) = all.split_first().map_or((0, &[][..]), |(first, rest)| (*first.first().unwrap_or(&0), rest));
    let network = || -> Rc<dyn Http> { Rc::new(Network::of(answers)) };
    let config = config();
    let delivery = config.delivery.as_ref().expect("settings");
    let ErpConfig::Odoo(settings) = &delivery.erp else { return };
    let known = Kept((how & 1 == 0).then(|| found(if how & 2 == 0 { 18 } else { 19 })));
    let owner = Owner { account: Some("acct_1".to_owned()), livemode: Some(false), mark: None };
    let odoo = OdooErp::new(settings, &delivery.matching, owner, network(), Rc::new(known));
    all_of(&odoo, &delivery.matching);
    now(odoo.hashes()).ok();
    if let Ok(check) = now(odoo.check()) {
        odoo.problem(&check);
    }
    let rpc = Rpc { url: "https://odoo.example/rpc".into(), secret: Secret::new("0123456789abcdef0123456789abcdef") };
    all_of(&RpcErp::new(&rpc, None, network(), Rc::new(Nobody::default())), &delivery.matching);
    if let Some(value) = answers.first().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok()) {
        books::parse_answer(&value).ok();
    }
}

fn all_of(erp: &dyn Erp, _: &Matching) {
    let movements = [movement("pi_1", MovementKind::Paid), movement("pi_2", MovementKind::Paid), movement("pi_3", MovementKind::Processing)];
    match now(erp.apply(&movements)) {
        Ok(answers) => {
            assert_eq!(answers.len(), movements.len(), "a movement without a verdict");
            for answer in answers {
                if let Answer::Refused(error) | Answer::Retry(error) = answer {
                    sound(&error);
                }
            }
        }
        Err(fault) => fault_is_sound(&fault),
    }
    for result in
        [now(erp.probe()), now(erp.link_customers(&[])), now(erp.invoices(&[7])).map(drop), now(erp.logo(1)).map(drop)]
    {
        if let Err(fault) = result {
            fault_is_sound(&fault);
        }
    }
}

fn fault_is_sound(fault: &Fault) {
    match fault {
        Fault::TimedOut(error) | Fault::Transient(error) | Fault::Connection(error) => sound(error),
    }
}

fn sound(error: &Error) {
    assert!(error.detail.chars().count() <= SENTENCE_CHARS_MAX, "{} characters: {}", error.detail.len(), error.detail);
    assert!(!error.detail.contains("Traceback (most recent call last)"), "{}", error.detail);
    holds_no_secret(&error.to_string());
}

/// What KV remembers of a server.
fn found(major: i64) -> String {
    let actions: Vec<(&str, i64)> = procedure::ALL.iter().zip(1..).map(|(p, id)| (p.name, id)).collect();
    json!({"session": {"major": major, "uid": 2}, "actions": actions}).to_string()
}

fn movement(payment: &str, kind: MovementKind) -> Movement {
    Movement {
        key: format!("stripe:acct_1:{payment}:succeeded"),
        kind,
        account: "acct_1".into(),
        livemode: false,
        payment: payment.into(),
        charge: None,
        method: None,
        money: quittance::money::Money::new(1_099, "USD".parse().expect("a currency")),
        occurred: crate::double::NOW,
        customer: None,
        reason: None,
        reference: Reference::default(),
        flags: vec![],
        detail: None,
    }
}
