use super::*;

/// The names that are looked for where nothing but these exists: by place, the first reading that exists.
fn met(text: &str, there: &[&str]) -> Vec<String> {
    let found: Vec<Candidate> = serde_json::from_value(candidates_of_texts(&[text.to_owned()])).unwrap();
    let mut taken: Vec<Candidate> = Vec::new();
    for (name, from, to) in found {
        if there.contains(&name.as_str()) && !taken.iter().any(|(_, a, b)| from < *b && *a < to) {
            taken.push((name, from, to));
        }
    }
    taken.sort_by_key(|(_, from, _)| *from);
    taken.into_iter().map(|(name, _, _)| name).collect()
}

const SEVEN: &str = "INV/2026/00007";
const EIGHT: &str = "INV/2026/00008";

#[test]
fn marks_that_are_stuck_to_a_number() {
    for text in [
        "INV/2026/00007",
        "n°INV/2026/00007",
        "nºINV/2026/00007",
        "№INV/2026/00007",
        "#INV/2026/00007!",
        "„INV/2026/00007“",
        "«INV/2026/00007»",
        "‹INV/2026/00007›.",
        "【INV/2026/00007】",
        "（INV/2026/00007）",
        "Rechnung:INV/2026/00007",
        "Rechnung-INV/2026/00007",
        "No.INV/2026/00007",
        "NO.INV/2026/00007",
        "ref_INV/2026/00007",
        "INV/2026/00007.",
        "INV/2026/00007/",
        "INV/2026/00007…",
        "INV/2026/00007—thanks",
        "INV/2026/00007-thanks",
        "INV/2026/00007.Thanks",
        "PAID.INV/2026/00007.THANKS",
        "PAID–INV/2026/00007–THANKS",
        "-INV/2026/00007-",
        "INV/2026/00007-1",
        "INV/2026/00007-12.",
        "n°INV/2026/00007-2",
        "inv/2026/00007",
        "paid-inv/2026/00007",
        "请支付INV/2026/00007谢谢",
        "فاتورةINV/2026/00007،",
        "счетINV/2026/00007",
        "\u{202b}INV/2026/00007\u{202c}",
        "INV/\u{200e}2026/\u{200e}00007",
        "\u{feff}INV/2026/00007\u{200b}",
        "x\u{a0}INV/2026/00007\u{202f}y",
        "ＩＮＶ／２０２６／００００７",
        "INV/٢٠٢٦/٠٠٠٠٧",
        "INV∕2026⁄00007",
        "https://shop.example/orders/INV/2026/00007?a=1",
        "INV/2026/00007\u{fffd}",
        "💳INV/2026/00007💳",
    ] {
        assert_eq!(met(text, &[SEVEN]), [SEVEN], "{text}");
    }
    for (text, name) in [
        ("RE–2026–00007", "RE-2026-00007"),
        ("R&D/2026/7", "R&D/2026/7"),
        ("請求書2026-0001", "請求書2026-0001"),
        ("СЧ/2026/7", "СЧ/2026/7"),
        ("F#2026!1", "F#2026!1"),
        ("S00012-1", "S00012"),
        ("2026/00007-1", "2026/00007"),
    ] {
        assert_eq!(met(text, &[name]), [name], "{text}");
    }
}

#[test]
fn several_numbers_in_one_text() {
    for mark in
        [";", ", ", "|", "\n", "\t", "&", " and ", " und ", "；", "、", "+", "/", "-", "–", "\u{200b}", "·", ") ("]
    {
        let text = format!("{SEVEN}{mark}{EIGHT}");
        assert_eq!(met(&text, &[SEVEN, EIGHT]), [SEVEN, EIGHT], "{text}");
    }
    assert_eq!(met("INV/2026/00007,INV/2026/00008-1", &[SEVEN, EIGHT]), [SEVEN, EIGHT]);
}

#[test]
fn a_number_within_a_longer_one_is_none() {
    for text in [
        "INV/2026/000071",
        "XINV/2026/00007",
        "ÉINV/2026/00007",
        "INV/2026/00007A",
        "X/INV/2026/00007",
        "AT-INV/2026/00007",
        "INV/2026/00007/2",
        "INV/2026/00007/A",
        "1INV/2026/00007",
        "INV/2026/00007-001",
        "INV/2026/0000",
    ] {
        assert_eq!(met(text, &[SEVEN]), [""; 0], "{text}");
    }
    assert_eq!(met(SEVEN, &["2026/00007", "INV/2026", "INV/2026/0000"]), [""; 0]);
    assert_eq!(met("2026-11-20", &["2026-11", "11-20"]), [""; 0]);
    // What exists as it stands is meant, and not what is in it.
    assert_eq!(met("INV/2026/00007-1", &[SEVEN, "INV/2026/00007-1"]), ["INV/2026/00007-1"]);
    assert_eq!(met("R&D/2026/7", &["D/2026/7", "R&D/2026/7"]), ["R&D/2026/7"]);
}

#[test]
fn no_mark_is_an_obstacle() {
    // All of the planes' beginning, and some of each script after it.
    for c in ('\0'..'\u{3400}').chain(('\u{3400}'..=char::MAX).step_by(61)).filter(|c| !c.is_alphanumeric()) {
        for text in [format!("{c}{SEVEN}{c}"), format!("paid{c}{SEVEN}{c}thanks"), format!("{c}{c}{SEVEN}-1{c}")] {
            assert_eq!(met(&text, &[SEVEN]), [SEVEN], "{c:?} {text}");
        }
    }
}

#[test]
fn as_many_as_are_looked_up() {
    let long = "A1/2 ".repeat(10_000) + &"x-1".repeat(100_000);
    let found = candidates_of_texts(&[long.clone(), long.clone()]);
    assert_eq!(found.as_array().unwrap().len(), CANDIDATES_MAX);
    assert!(candidates_of_numbers(&[long]).as_array().unwrap().len() <= CANDIDATES_MAX);
    assert_eq!(
        candidates_of_numbers(&["12345".into(), " a ".into(), "".into()]),
        json!([["12345", 0, 5], ["a", 6, 7]])
    );
    let texts = ["Order 7 of 2026", "tel. 12345", "", "of 12"].map(str::to_owned);
    assert_eq!(candidates_of_texts(&texts), json!([]));
}
