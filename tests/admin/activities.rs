//! Alerts as activities on the Stripe journal in Odoo, for those who never look anywhere else.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use quittance::config::Assignee;
use quittance::flow::alert;
use quittance::http::Request;
use quittance::ports::{Fut, Http, HttpFault, Runtime, Stmt};
use quittance_sim::odoo::{ActivityView, CLERK_LOGIN, Fault, INVOICING, Rule, Version};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::ODOO;

use super::alerts::Scene;
use super::*;
use crate::common::*;

const DAY: i64 = 86_400;

fn scene(seed: u64, version: Version, user: &str) -> Scene {
    let mut scene = Scene::around(World::new(seed, version));
    scene.world.odoo.borrow_mut().user("accountant", "key_of_the_accountant_01", &[INVOICING]);
    scene.world.set("ODOO_ALERTS", user);
    scene
}

fn open(scene: &Scene) -> Vec<ActivityView> {
    let odoo = scene.world.odoo.borrow();
    let journal = odoo.external("quittance.journal_stripe_1").unwrap();
    odoo.activities("account.journal", journal)
}

/// An event that a person has to look at.
fn park(scene: &mut Scene, minor: i64) {
    pay(&scene.world, &with(minor, "gbp", vec![]));
    scene.world.pass(120);
}

fn nothing_parked(scene: &Scene) {
    scene
        .world
        .db
        .run(&[Stmt::new("UPDATE inbox SET state = 'ignored', body = NULL WHERE state = 'parked'", [])])
        .unwrap();
}

#[test]
fn an_alert_is_one_activity_that_follows_it_and_ends_with_it() {
    for version in Version::ALL {
        let mut scene = scene(91, version, "accountant");
        park(&mut scene, 5_000);
        assert_eq!(scene.minute().len(), 1);
        assert!(open(&scene).is_empty(), "what the run before left is shown");
        scene.minute();
        let first = open(&scene);
        assert_eq!(first.len(), 1, "{version:?}");
        assert_eq!(
            (first[0].summary.as_str(), first[0].deadline.as_str()),
            ("Stripe: events are parked", "2026-11-21")
        );
        assert!(first[0].note.contains("parked: currency_inactive") && first[0].note.contains("replay"), "{first:?}");
        let accountant = scene.world.odoo.borrow().user_named("accountant");
        assert_eq!(first[0].user, accountant);
        // Nothing new: nothing is asked of Odoo.
        let asked = scene.hook.asked.borrow().len();
        (0..20).for_each(|_| drop((scene.later(60), scene.minute())));
        assert_eq!(scene.hook.asked.borrow().len(), asked);
        park(&mut scene, 6_000);
        scene.minute();
        scene.later(900);
        scene.minute();
        let more = open(&scene);
        assert_eq!((more.len(), more[0].id), (1, first[0].id), "the same activity");
        let parked = scene.world.db.query("SELECT id FROM inbox WHERE state = 'parked'").len();
        assert!(parked > 1 && more[0].note.contains(&format!("{parked} events parked")), "{more:?}");
        nothing_parked(&scene);
        scene.minute();
        scene.minute();
        assert!(open(&scene).iter().all(|activity| activity.done), "{version:?}");
        assert!(scene.world.db.query("SELECT * FROM activities").is_empty());
        scene.world.finish();
    }
}

#[test]
fn one_that_a_person_closed_comes_back_once_a_day_while_it_lasts() {
    let mut scene = scene(92, Version::V18, "accountant");
    park(&mut scene, 5_000);
    scene.minute();
    scene.minute();
    let id = open(&scene)[0].id;
    scene.world.odoo.borrow_mut().poke("mail.activity", id, "active", serde_json::json!(false));
    scene.later(3_600);
    scene.minute();
    assert_eq!(open(&scene).iter().filter(|activity| !activity.done).count(), 0);
    scene.later(DAY);
    scene.minute();
    assert_eq!(open(&scene).iter().filter(|activity| !activity.done).count(), 1);
    // Switched off, what is open is closed.
    scene.world.set("ODOO_ALERTS", "false");
    scene.minute();
    assert_eq!(open(&scene).iter().filter(|activity| !activity.done).count(), 0);
    nothing_parked(&scene);
    scene.minute();
    scene.world.finish();
}

#[test]
fn who_is_asked() {
    for (setting, user, unknown) in
        [("true", Some("admin"), 0), ("accountant", Some("accountant"), 0), ("nobody@x", Some(CLERK_LOGIN), 1)]
    {
        let mut scene = scene(93, Version::V19, setting);
        pay(&scene.world, &Pay::card(700, "usd"));
        scene.world.pass(120);
        scene.minute();
        scene.minute();
        let asked = open(&scene);
        let wanted = user.and_then(|login| scene.world.odoo.borrow().user_named(login));
        assert_eq!((asked.len(), asked[0].user), (1, wanted), "{setting}");
        assert_eq!(scene.world.logged("alert_user_unknown").len(), unknown, "{setting}");
        scene.world.finish();
    }
    assert_eq!(scene(94, Version::V18, "true").world.config.admin.activity, Some(Assignee::Maker));
}

#[test]
fn no_text_becomes_markup_in_odoos_activities() {
    let mut scene = scene(95, Version::V18, "accountant");
    let nasty = "<script>alert(1)</script><img src=x onerror=alert(1)> & \"x\"";
    act(&scene.world, "/admin/api/proof", serde_json::json!({"verdict": "differs", "summary": nasty}));
    scene.world.set("ADMIN_TOKEN", TOKEN);
    act(&scene.world, "/admin/api/proof", serde_json::json!({"verdict": "differs", "summary": nasty}));
    scene.minute();
    scene.minute();
    let note = open(&scene)[0].note.clone();
    assert!(note.contains("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp;"), "{note}");
    assert!(!note.contains("<script") && !note.contains("<img"), "{note}");
    scene.world.finish();
}

/// Whoever does not answer: requests to this address never end.
struct Mute {
    start: &'static str,
    others: std::rc::Rc<dyn Http>,
}

impl Http for Mute {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        if request.url.starts_with(self.start) {
            return Box::pin(std::future::pending());
        }
        self.others.send(request, timeout)
    }
}

#[test]
fn an_odoo_that_is_down_holds_up_no_post_and_no_receiver_an_activity() {
    let mut scene = scene(96, Version::V18, "accountant");
    park(&mut scene, 5_000);
    scene.minute();
    // Odoo is down: told in the log, tried again.
    scene.world.odoo.borrow_mut().dial.add(Rule::always(Fault::Down));
    scene.later(60);
    scene.minute();
    assert_eq!(scene.world.logged("alert_not_shown").len(), 1);
    assert!(open(&scene).is_empty());
    scene.world.odoo.borrow_mut().dial.clear();
    // Odoo never answers, and there is something new to post.
    pay(&scene.world, &Pay::card(700, "usd"));
    scene.world.pass(120);
    let mute = |start: &'static str| Runtime {
        http: std::rc::Rc::new(Mute { start, others: scene.rt.http.clone() }),
        ..scene.rt.clone()
    };
    let begun = |rt: &Runtime| {
        scene.world.db.begin_invocation();
        let run = pin!(alert::minute(rt, &scene.world.config));
        assert!(matches!(run.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    };
    begun(&mute(ODOO));
    let told = scene.told();
    assert!(told.len() == 1 && told[0].contains("1 receipt has money"), "{told:?}");
    // The receiver never answers, and Odoo is told all the same.
    scene.later(DAY);
    begun(&mute("https://hooks.slack.com"));
    assert_eq!(open(&scene).len(), 2);
    nothing_parked(&scene);
    scene.world.finish();
}

#[test]
fn where_set_up_has_not_installed_it_odoo_is_asked_for_it_once_in_a_quarter_of_an_hour() {
    let mut scene = scene(97, Version::V18, "accountant");
    park(&mut scene, 5_000);
    scene.minute();
    scene.world.odoo.borrow_mut().dial.add(Rule::always(Fault::ProcedureMissing));
    for _ in 0..14 {
        scene.minute();
        scene.later(60);
    }
    let told = scene.world.logged("alert_not_shown");
    assert!(told.len() == 1 && told[0].fields["code"] == "erp_procedure_missing", "{told:?}");
    scene.world.odoo.borrow_mut().dial.clear();
    scene.later(120);
    scene.minute();
    assert_eq!(open(&scene).len(), 1);
    nothing_parked(&scene);
    scene.world.finish();
}
