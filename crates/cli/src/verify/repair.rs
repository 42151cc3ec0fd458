//! What to run, or to do in Odoo, about one difference.

use super::finding::{Cause, Finding};

/// The steps in their order: a command as it is typed, or a sentence of what to do in Odoo. Empty where nothing is to be done.
pub fn plan(finding: &Finding) -> Vec<String> {
    let txn = finding.transaction.as_deref().unwrap_or("txn_…");
    let entry = finding.entry.as_ref().map_or_else(
        || "the entry".to_owned(),
        |entry| match entry.name.as_str() {
            "" => format!("entry {}", entry.id),
            name => format!("entry {name}"),
        },
    );
    let odoo = |what: String| format!("in Odoo: {what}");
    let events = |what: &str| format!("quittance events {what} {txn}");
    match finding.cause {
        Cause::NotPosted => {
            let since = finding.day.as_deref().map(before).unwrap_or_default();
            vec![format!("quittance recover{since} --act"), events("show"), events("replay")]
        }
        Cause::Parked => vec![events("show"), events("replay")],
        Cause::Deleted => {
            vec![odoo(format!("book {} on the balance account by hand, with {txn} as reference", amount(finding)))]
        }
        Cause::Draft => vec![odoo(format!("post {entry}"))],
        Cause::Cancelled => vec![odoo(format!("reset {entry} to draft, then post it"))],
        Cause::Changed => {
            vec![odoo(format!("put the line of {entry} on the balance account right: {}", finding.detail))]
        }
        Cause::Shared => vec![odoo(format!("book the movement {txn} by hand: {entry} is another one's"))],
        Cause::OtherCurrency => {
            vec![odoo(format!("move the line of {entry} to the balance account of its settlement currency"))]
        }
        Cause::OtherBalance => vec![odoo(format!("move the line of {entry} off the balance account"))],
        Cause::BeforeCutOver => vec![odoo(format!("reverse {entry}, or correct the opening entry"))],
        Cause::NotInStripe => vec![odoo(format!("find out who booked {entry}, and reverse it"))],
        Cause::Foreign => vec![odoo(format!("move {} to another account", lines(finding, &entry)))],
        Cause::OpeningMissing => {
            vec!["quittance setup odoo".to_owned(), odoo("check the opening entry that it drafts, and post it".into())]
        }
        Cause::OpeningDraft => vec![odoo(format!("check {entry}, and post it"))],
        Cause::OpeningDiffers => vec![odoo(format!("correct {entry} by {}", amount(finding)))],
        Cause::DateMoved | Cause::Newer | Cause::IgnoredDatabase => Vec::new(),
    }
}

/// What is missing in the books: the difference the other way round.
fn amount(finding: &Finding) -> String {
    format!("{} {}", -finding.amount.to_decimal(), finding.amount.currency)
}

fn lines(finding: &Finding, entry: &str) -> String {
    match finding.lines.as_slice() {
        [] => entry.to_owned(),
        lines => format!("line {} of {entry}", lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The day before: the company's zone may be ahead of UTC.
fn before(day: &str) -> String {
    let number = super::arguments::number(day);
    number.map(|number| format!(" --since {}", quittance::date::iso((number - 1) * 86_400))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::finding::JournalEntryRef;
    use quittance::money::Money;

    fn finding(cause: Cause) -> Finding {
        let entry = Some(JournalEntryRef { id: 7, name: "STRP/2026/00007".into(), date: "2026-11-02".into() });
        let money = Money { minor: -1_230, currency: "USD".parse().unwrap() };
        let (transaction, day) = (Some("txn_1".to_owned()), Some("2026-11-01".to_owned()));
        Finding { transaction, entry, day, lines: vec![3, 4], ..Finding::new(cause, money) }
    }

    #[test]
    fn every_cause_that_is_none_of_time_has_a_plan() {
        let not_posted = plan(&finding(Cause::NotPosted));
        assert_eq!(not_posted[0], "quittance recover --since 2026-10-31 --act");
        assert_eq!(not_posted[2], "quittance events replay txn_1");
        assert_eq!(
            plan(&finding(Cause::Deleted)),
            ["in Odoo: book 12.30 USD on the balance account by hand, with txn_1 as reference"]
        );
        assert_eq!(
            plan(&finding(Cause::Foreign)),
            ["in Odoo: move line 3, 4 of entry STRP/2026/00007 to another account"]
        );
        for cause in [Cause::DateMoved, Cause::Newer, Cause::IgnoredDatabase] {
            assert!(cause.is_harmless() && plan(&finding(cause)).is_empty());
        }
        for cause in [
            Cause::Parked,
            Cause::Draft,
            Cause::Cancelled,
            Cause::Changed,
            Cause::Shared,
            Cause::OtherCurrency,
            Cause::OtherBalance,
            Cause::BeforeCutOver,
            Cause::NotInStripe,
            Cause::OpeningMissing,
            Cause::OpeningDraft,
            Cause::OpeningDiffers,
        ] {
            assert!(!plan(&finding(cause)).is_empty(), "{cause:?}");
        }
    }
}
