//! From an event to movements of money, with whatever Stripe answers to the questions in between.

use quittance::config::{Config, ErpConfig, Odoo};
use quittance::erp::odoo;
use quittance::movement::{Movement, MovementKind, Reference};
use quittance::stripe::client::Client;
use quittance::stripe::event::{self, Envelope};
use quittance::stripe::map::{self, Reach, Reading, Scope};
use quittance::stripe::{balance, fetch, payouts};

use crate::double::{Network, config, now};
use crate::parts;

/// `event PART answer PART answer …`.
pub fn run(data: &[u8]) {
    let all = parts(data);
    let (body, answers) = all.split_first().map_or((&[][..], &[][..]), |(first, rest)| (*first, rest));
    let config = config();
    let delivery = config.delivery.as_ref().expect("settings");
    if let Ok(envelope) = event::parse_event(body) {
        let account = envelope.account.clone().unwrap_or_else(|| "acct_1".into());
        let reach = if envelope.account.is_none() { Reach::All } else { Reach::Nothing };
        let scope = Scope::new(&envelope, &account, &delivery.matching).with_reach(reach);
        map::transactions(Some(body));
        let network = Network::of(answers);
        let client = Client::new(&network, &delivery.stripe).for_account(&account);
        // A text for people is foul, and everything else is read as before.
        let foul = with_foul_text(body);
        assert_eq!(map::read_event(&scope, Some(body)).is_ok(), map::read_event(&scope, Some(&foul)).is_ok(), "a text keeps money out");
        for reading in [map::read_event(&scope, Some(&foul)), map::read_event(&scope, Some(body)), map::read_event(&scope, None)].into_iter().flatten() {
            follow(&client, &scope, &config, reading);
        }
    }
    // The balance transaction is the first answer, or the first part where there is no event.
    let envelope = nameless();
    let scope = Scope::new(&envelope, "acct_1", &delivery.matching);
    let network = Network::of(if answers.is_empty() { &all } else { answers });
    let client = Client::new(&network, &delivery.stripe);
    if let Ok(found) = now(balance::read_transaction(&client, &scope, "txn_1", &[])) {
        check(&scope, &config, &found.movements);
        if let Ok(movements) = now(balance::with_documents(&client, &scope, found)) {
            check(&scope, &config, &movements);
        }
    }
}

fn follow(client: &Client<'_>, scope: &Scope<'_>, config: &Config, reading: Reading) {
    match reading {
        Reading::Pointer(pointer) => {
            if let Ok(resolved) = now(fetch::resolve(client, scope, pointer)) {
                assert!(!matches!(resolved.reading, Reading::Pointer(_)), "a pointer that was followed to the end");
                follow(client, scope, config, resolved.reading);
            }
        }
        Reading::Movement(mut movement) | Reading::Known(mut movement) => {
            // A refusal of Stripe's leaves it as it is.
            now(fetch::add_reference(client, &mut movement, scope)).ok();
            check(scope, config, &[movement]);
        }
        Reading::Movements(movements) => check(scope, config, &movements),
        Reading::PayoutParts { payout } => {
            let mut cursor = payouts::PartsCursor::start(&payout);
            if now(cursor.step(client)).is_ok()
                && let Ok(movement) = now(cursor.reconciliation(client, scope))
            {
                check(scope, config, &[movement]);
            }
        }
        Reading::Waits { .. } | Reading::Ignore(_) | Reading::Unsupported => {}
    }
}

/// What every movement keeps to.
fn check(scope: &Scope<'_>, config: &Config, movements: &[Movement]) {
    let delivery = config.delivery.as_ref().expect("settings");
    let ErpConfig::Odoo(erp) = &delivery.erp else { return };
    for movement in movements {
        let silent = scope.reach != Reach::Nothing || movement.reference == Reference::default();
        assert!(silent, "another's text chooses a document: {:?}", movement.reference);
        assert!(movement.key.starts_with(&format!("stripe:{}:", scope.account)), "{}", movement.key);
        assert_eq!(movement.account, scope.account);
        let signed = matches!(movement.kind, MovementKind::Settled | MovementKind::FeesBilled | MovementKind::PayoutReconciled);
        assert!(signed || movement.money.minor >= 0, "{} of {}", movement.key, movement.money);
        let text = serde_json::to_string(movement).expect("a movement is JSON");
        let again: Movement = serde_json::from_str(&text).expect("and can be read again");
        assert_eq!(&again, movement);
        check_input(movement, erp, delivery);
    }
}

/// Half of a surrogate pair, a NUL and a byte that is no UTF-8 at the beginning of each description.
fn with_foul_text(body: &[u8]) -> Vec<u8> {
    const BEGIN: &[u8] = br#""description":""#;
    let mut foul = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(BEGIN) {
            foul.extend_from_slice(BEGIN);
            foul.extend_from_slice(b"\\ud83d\\u0000\xff");
            rest = after;
        } else {
            foul.push(*first);
            rest = after;
        }
    }
    foul
}

fn check_input(movement: &Movement, erp: &Odoo, delivery: &quittance::config::Delivery) {
    let input = odoo::procedure_input(movement, erp, &delivery.matching);
    let texts = ["match", "lines", "say"].map(|name| input[name].to_string());
    assert!(!texts.iter().any(|text| text.contains("\\u0000")), "PostgreSQL takes no NUL: {texts:?}");
    assert!(input.is_null() || input["key"] == movement.key.as_str(), "{input}");
}

fn nameless() -> Envelope {
    Envelope {
        id: "txn_1".into(),
        kind: balance::BALANCE_TRANSACTION.into(),
        account: None,
        livemode: false,
        api_version: None,
        created: crate::double::NOW,
        object: "txn_1".into(),
        subject: "txn_1".into(),
        thin: false,
    }
}
