//! docs/PRIVACY.md has every column of the ledger once, with whose it is; and what is marked as forgotten is.

use std::collections::BTreeSet;
use std::fs;

use quittance_sim::d1::{D1, MIGRATIONS};

/// Columns of the ledger as its migrations make it.
fn columns() -> BTreeSet<String> {
    let db = D1::new(MIGRATIONS).unwrap();
    let sql = "SELECT t.name || '.' || c.name AS it FROM sqlite_schema t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    db.query(sql).iter().filter_map(|row| Some(row.get("it")?.as_str()?.to_owned())).collect()
}

/// Cells of the rows of the ledger's table.
fn rows() -> Vec<Vec<String>> {
    let page = fs::read_to_string("docs/PRIVACY.md").unwrap();
    let table = page.split("| columns |").nth(1).unwrap().split("\n\n").next().unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    table.lines().skip(2).map(cells).collect()
}

fn named(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_column_is_on_the_page_with_whose_it_is() {
    let (columns, mut listed) = (columns(), Vec::new());
    assert!(columns.len() > 100, "{} columns", columns.len());
    for row in rows() {
        let [names, whose, what, until, forgotten] = row.as_slice() else { panic!("five cells: {row:?}") };
        assert!(["person", "id", "operator", "none"].contains(&whose.as_str()), "whose: {row:?}");
        assert!(what.len() > 10 && !until.is_empty() && !forgotten.is_empty(), "{row:?}");
        assert!(whose != "person" || forgotten == "yes", "what tells of a payer in words is forgotten: {row:?}");
        listed.extend(named(names).map(str::to_owned));
    }
    let once: BTreeSet<String> = listed.iter().cloned().collect();
    let missing: Vec<&String> = columns.difference(&once).collect();
    assert!(missing.is_empty(), "docs/PRIVACY.md says nothing of {missing:?}");
    let gone: Vec<&String> = once.difference(&columns).collect();
    assert!(gone.is_empty(), "docs/PRIVACY.md has columns that are no more: {gone:?}");
    assert_eq!(once.len(), listed.len(), "a column twice");
}

/// Where a world may have data about people is where the page says so.
#[test]
fn the_watch_allows_what_the_page_says() {
    let marked: BTreeSet<String> = rows()
        .iter()
        .filter(|row| row[1] == "person" || row[1] == "operator")
        .flat_map(|row| named(&row[0]).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let allowed: BTreeSet<String> =
        quittance_sim::world::personal::ALLOWED.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    assert!(allowed.is_subset(&marked), "{allowed:?} beside {marked:?}");
}
