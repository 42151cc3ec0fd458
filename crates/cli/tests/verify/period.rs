//! A period's table and the open items, from both sides made by hand.

use quittance::erp::odoo::books::{Entry, Open, OpenDay, Role, RoleSum, Sum, Totals};
use quittance_cli::verify::items::{Limits, accounts, residues};
use quittance_cli::verify::period::{Days, Period, credit_note, fee_months, group, movements, period, refunds};
use quittance_cli::verify::report::{EQUAL, OPEN_ITEMS, Verdict};
use quittance_cli::verify::stripe::Fee;

use crate::both_sides::{BothSides, currency, sum, transaction, usd};

fn days(from: &str, to: &str) -> Days {
    Days { from: from.into(), to: to.into() }
}

/// The table of a period that ends on the day of the comparison; `moved` are the sums since its first day, which Odoo
/// makes.
fn table(known: &BothSides, from: &str) -> Period {
    let to = known.at.clone().unwrap();
    let mut totals = Totals { parts: known.parts(usd()), ..known.totals.clone() };
    let since = |date: &str| date >= from && date <= to.as_str();
    let ours = known.entries.values().filter(|e| e.state.as_deref() == Some("posted"));
    let ours = ours.filter(|e| e.date.as_deref().is_some_and(since));
    let minor = |sums: &[Sum]| -> i64 { sums.iter().map(|s| s.amount.mantissa() as i64).sum() };
    totals.parts[0].moved = sum(ours.map(|e| minor(&e.sums)).sum(), usd());
    let foreign = known.totals.foreign.iter().filter(|f| since(&f.date));
    totals.parts[2].moved = sum(foreign.map(|f| minor(std::slice::from_ref(&f.sum))).sum(), usd());
    let sides = known.sides(&totals);
    let section = known.compare();
    period(&sides, &section, &days(from, &to)).unwrap()
}

/// Opening, lines and closing add up on both sides, and their differences too.
fn sound(period: &Period) {
    let nets: i64 = period.lines.iter().map(|line| line.net.minor).sum();
    let books: i64 = period.lines.iter().map(|line| line.books.minor).sum();
    assert_eq!(period.opening.minor + nets, period.closing.minor, "{period:?}");
    assert_eq!(period.books_opening.minor + books, period.books_closing.minor, "{period:?}");
    for line in &period.lines {
        assert_eq!(line.gross.minor - line.fees.minor, line.net.minor, "{line:?}");
    }
}

fn line<'p>(period: &'p Period, category: &str) -> &'p quittance_cli::verify::period::Line {
    period.lines.iter().find(|line| line.category == category).unwrap()
}

#[test]
fn a_period_goes_from_its_opening_to_its_closing() {
    let mut known = BothSides::whole(20);
    known.at = Some("2026-11-15".into());
    let table = table(&known, "2026-11-06");
    sound(&table);
    assert_eq!(table.opening.minor, 5_000 + 1_500);
    assert_eq!(table.books_opening.minor, 5_000 + 1_500);
    let charges = line(&table, "charge");
    assert_eq!((charges.count, charges.net.minor, charges.fees.minor), (10, 10_500, 300));
    assert_eq!(charges.books.minor, 10_500);
    assert_eq!(table.closing, table.books_closing);
    assert_eq!(table.fees[0].amount.minor, 300);
}

#[test]
fn a_date_moved_out_of_the_period_shows_in_its_category() {
    let mut known = BothSides::whole(20);
    known.at = Some("2026-11-10".into());
    known.entry("txn_004").date = Some("2026-11-08".into());
    known.entry("txn_009").date = Some("2026-11-12".into());
    known.foreign(7, 777, "2026-11-09");
    let table = table(&known, "2026-11-06");
    sound(&table);
    // 4.00 came in from before, 9.00 went out to after.
    assert_eq!(line(&table, "charge").books.minor - line(&table, "charge").net.minor, 400 - 900);
    assert_eq!(line(&table, "foreign lines").books.minor, 777);
    assert_eq!(table.books_opening.minor - table.opening.minor, -400);
    let moved: Vec<&str> = table.timing.iter().map(|t| t.transaction.as_str()).collect();
    assert_eq!(moved, ["txn_004", "txn_009"]);
}

#[test]
fn an_opening_within_the_period_is_its_opening() {
    let mut known = BothSides::whole(5);
    known.at = Some("2026-11-30".into());
    let table = table(&known, "2026-10-01");
    sound(&table);
    assert_eq!((table.opening.minor, table.books_opening.minor), (5_000, 5_000));
}

#[test]
fn categories_have_their_groups() {
    let of = ["charge", "partial_capture_reversal", "refund_failure", "dispute_reversal", "network_cost", "tax"];
    assert_eq!(of.map(group), ["charges", "charges", "refunds", "disputes", "fees", "tax"]);
    let of = ["currency_conversion", "risk_reserved_funds", "minimum_balance_hold", "topup", "payout_reversal"];
    assert_eq!(of.map(group), ["conversion", "reserves", "reserves", "top-ups", "payouts"]);
    assert_eq!(group("whatever Stripe thinks of next"), "adjustments");
}

#[test]
fn fees_by_month_are_of_utc_and_by_type() {
    let mut known = BothSides::whole(0);
    // 2026-10-31 23:30 UTC, which is November in Berlin.
    let mut first = transaction("txn_1", 1_000);
    first.created = 1_793_489_400;
    first.fee_details.push(Fee { amount: 6, r#type: "tax".into() });
    known.add(first, "2026-11-01");
    let mut apart = transaction("txn_2", -250);
    (apart.amount, apart.fee, apart.created) = (-250, 0, 1_793_500_000);
    apart.fee_details.clear();
    (apart.r#type, apart.reporting_category) = ("stripe_fx_fee".into(), "fee".into());
    known.add(apart, "2026-11-01");
    let totals = known.totals.clone();
    let of = fee_months(&known.sides(&totals), usd(), &days("2026-10-15", "2026-11-14"));
    let told: Vec<String> = of.iter().map(|f| format!("{} {} {} {}", f.month, f.kind, f.apart, f.amount)).collect();
    let want =
        ["2026-10 stripe_fee false 0.30 USD", "2026-10 tax false 0.06 USD", "2026-11 stripe_fx_fee true 2.50 USD"];
    assert_eq!(told, want);
}

#[test]
fn credit_notes_of_the_periods_refunds() {
    let mut known = BothSides::whole(2);
    let mut refund = transaction("txn_r", -500);
    (refund.reporting_category, refund.source) = ("refund".into(), Some("re_1".into()));
    known.add(refund, "2026-11-05");
    let totals = known.totals.clone();
    let sides = known.sides(&totals);
    let found = refunds(&sides, &days("2026-11-01", "2026-11-30"));
    assert_eq!(found.len(), 1);
    assert!(refunds(&sides, &days("2026-11-06", "2026-11-30")).is_empty());
    let intended = "2026-11-05".to_owned();
    let none = Entry { intended: intended.clone(), ..Entry::default() };
    assert_eq!(credit_note(found[0], &none).state, "none");
    let gone = Entry { claim: true, ..none.clone() };
    assert_eq!(credit_note(found[0], &gone).state, "deleted");
    let named = Some("RINV/2026/00001".to_owned());
    let date = Some("2026-11-06".to_owned());
    let made = Entry { claim: true, id: Some(5), name: named, state: Some("posted".into()), date, intended, ..none };
    let note = credit_note(found[0], &made);
    assert_eq!((note.refund.as_str(), note.state.as_str()), ("re_1", "posted"));
    assert_eq!(note.entry.unwrap().name, "RINV/2026/00001");
}

#[test]
fn movements_one_by_one_in_the_order_of_time() {
    let mut known = BothSides::whole(3);
    known.transactions[0].created += 500;
    known.unbook("txn_002");
    let totals = known.totals.clone();
    let all = movements(&known.sides(&totals), |_| true).unwrap();
    let told: Vec<(&str, i64)> = all.iter().map(|m| (m.transaction.as_str(), m.books.minor)).collect();
    assert_eq!(told, [("txn_002", 0), ("txn_003", 300), ("txn_001", 100)]);
    assert_eq!(movements(&known.sides(&totals), |day| day == "2026-11-03").unwrap().len(), 1);
}

fn open(line: i64, date: &str, minor: i64) -> Open {
    let (name, partner, label) = (format!("STRP/{line}"), "Ada".into(), "pi_1".into());
    Open { sum: sum(minor, usd()), line, id: line, name, date: date.into(), partner, label, key: None }
}

fn role(name: &str, open: Vec<Open>) -> Role {
    let days = open.iter().map(|o| OpenDay { date: o.date.clone(), count: 1, value: o.sum.value }).collect();
    let total = open.iter().map(|o| o.sum.value).sum();
    let all = Sum { currency: usd(), amount: total, value: total };
    let sums = vec![RoleSum { sum: all.clone(), moved: all }];
    let (code, name_) = ("1".into(), format!("Stripe {name}"));
    Role { role: name.into(), id: 1, code, name: name_, reconcile: true, sums, open, days }
}

#[test]
fn open_items_age_and_fall_overdue() {
    let at = ["2026-11-30", "2026-11-23", "2026-11-22", "2026-10-31", "2026-10-30", "2026-09-01", "2026-08-31"];
    let open: Vec<Open> = (1..).zip(at).map(|(n, date)| open(n, date, n * 100)).collect();
    let totals = Totals { roles: vec![role("clearing", open)], ..Totals::default() };
    let told = &accounts(&totals, "2026-11-30", &Limits::default())[0];
    let ages: Vec<(&str, usize)> = told.ages.iter().map(|a| (a.days.as_str(), a.items)).collect();
    assert_eq!(ages, [("0-7", 2), ("8-30", 2), ("31-90", 2), ("over 90", 1)]);
    assert_eq!(told.ages[1].value.to_string(), "7.00");
    assert_eq!((told.items, told.overdue), (7, 5), "more than 7 days");
    let days: Vec<i64> = told.open.iter().map(|item| item.days).collect();
    assert_eq!(days, [0, 7, 8, 30, 31, 90, 91]);
    let limits = Limits::parse("clearing=60, transit=3").unwrap();
    assert_eq!(accounts(&totals, "2026-11-30", &limits)[0].overdue, 2);
    for bad in ["clearing", "fees=3", "clearing=x", "clearing=-1"] {
        assert!(Limits::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn suspense_and_overdue_items_are_reasons_to_look() {
    let known = BothSides::whole(2);
    let sections = [known.compare()];
    let verdict = |roles: Vec<Role>| {
        let totals = Totals { roles, ..Totals::default() };
        Verdict::from_sections(&sections, &[], &accounts(&totals, "2026-11-30", &Limits::default()), None)
    };
    assert_eq!(verdict(vec![role("clearing", vec![open(1, "2026-11-29", 5)])]).exit, EQUAL);
    assert_eq!(verdict(vec![role("suspense", Vec::new())]).exit, EQUAL);
    assert_eq!(verdict(vec![role("suspense", vec![open(1, "2026-11-29", 5)])]).exit, OPEN_ITEMS);
    let late = verdict(vec![role("transit", vec![open(1, "2026-11-01", 5)])]);
    assert_eq!((late.exit, late.sentences[1].as_str()), (OPEN_ITEMS, "1 overdue item is open on Stripe transit."));
}

#[test]
fn an_advance_may_be_taxed_already() {
    let money = role("advances", vec![open(1, "2026-11-29", -500), open(2, "2026-11-29", 500)]);
    let totals = Totals { roles: vec![money], ..Totals::default() };
    let told = &accounts(&totals, "2026-11-30", &Limits::default())[0];
    let notes: Vec<&str> = told.open.iter().map(|item| item.note).collect();
    assert_eq!(notes, ["advance, tax point possibly reached", ""]);
}

#[test]
fn value_that_is_left_where_no_amount_is() {
    let eur = currency("EUR");
    let zero = Sum { currency: eur, amount: "0.00".parse().unwrap(), value: "1.37".parse().unwrap() };
    let mut clearing = role("clearing", Vec::new());
    clearing.sums = vec![RoleSum { sum: zero.clone(), moved: zero.clone() }];
    let mut one = open(9, "2026-11-01", 0);
    one.sum = zero;
    clearing.open = vec![one];
    let totals = Totals { roles: vec![clearing], ..Totals::default() };
    let left = residues(&totals, usd());
    assert_eq!(left.len(), 2);
    assert_eq!((left[0].line, left[1].line), (None, Some(9)));
    assert!(residues(&totals, eur).is_empty(), "in the company's own currency there is no other value");
}
