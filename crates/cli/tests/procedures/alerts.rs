//! Alerts become activities of a user on the Stripe journal, one each; and a key is asked when it ends.

use serde_json::{Value, json};

use super::place::Place;

pub fn play(place: &mut Place) {
    place.enter(0);
    keys(place);
    one_alert(place);
    markup(place);
    whose(place);
    place.show("where nothing was set up", &json!({"company": 999_999, "alerts": [alert("parked", "x", "y")]}));
    place.enter(1);
    let second = place.enter(1);
    place.show("in the second company", &json!({"company": second, "alerts": [alert("parked", "There", "too")]}));
    place.alerts("in the second company: the activities", 1);
}

fn alert(id: &str, what: &str, todo: &str) -> Value {
    json!({"id": id, "summary": format!("Stripe: {id}"), "what": what, "todo": todo})
}

fn keys(place: &mut Place) {
    let start: String = place.clerks_key().chars().take(8).collect();
    place.run("the key that is used", "check", &json!({"key": start}));
    place.run("no such key", "check", &json!({"key": "00000000"}));
    place.run("a key that is no key", "check", &json!({"key": "' OR 1"}));
}

fn one_alert(place: &mut Place) {
    place.show("nothing to show", &json!({}));
    place.show("an alert", &json!({"alerts": [alert("parked", "1 event is parked.", "Look.")]}));
    place.alerts("an alert: the activities", 0);
    place.show(
        "more of it, and another",
        &json!({"at": "2026-11-23 08:00:00", "alerts": [
        alert("parked", "2 events are parked.", "Look."), alert("expiring:RPC_SECRET", "It ends.", "Renew it.")]}),
    );
    place.alerts("more of it: the activities", 0);
    place.do_activity("Stripe: parked");
    place.alerts("a person has done one: the activities", 0);
    place.show(
        "it lasts all the same",
        &json!({"at": "2026-11-24 08:00:00", "alerts": [alert("parked", "2 events.", "Look.")]}),
    );
    place.alerts("it lasts: the activities", 0);
    place.show("both are over", &json!({"over": ["parked", "expiring:RPC_SECRET"]}));
    place.alerts("both are over: the activities", 0);
    place.show("over once more", &json!({"over": ["parked", "never"]}));
    place.show("it begins again", &json!({"alerts": [alert("parked", "Again.", "Look.")], "over": ["unallocated"]}));
    place.delete_activity("Stripe: parked");
    place.show("a person has deleted it", &json!({"alerts": [alert("parked", "Still.", "Look.")]}));
    place.alerts("deleted, and opened again: the activities", 0);
}

/// Nothing of a text is markup, whatever it holds.
fn markup(place: &mut Place) {
    let nasty = "<script>alert(1)</script> <img src=x onerror=alert(1)> & \"quoted\" 'too' <b>bold</b> {{7*7}} %s";
    place.show("markup in the texts", &json!({"alerts": [alert("books", nasty, "<a href=\"javascript:x\">here</a>")]}));
    place.alerts("markup in the texts: the activities", 0);
    place.show("markup: over", &json!({"over": ["books"]}));
}

fn whose(place: &mut Place) {
    let to = |user: &str, id: &str| json!({"user": user, "alerts": [alert(id, "For somebody.", "Look.")]});
    place.show("for a user", &to(&place.clerks_login(), "paused"));
    place.show("for a user who is not there", &to("nobody@example.com", "unallocated"));
    place.show("for a user who looks like a statement", &to("' OR '1'='1", "books"));
    place.alerts("for users: the activities", 0);
}
