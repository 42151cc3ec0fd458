//! Columns, and amounts as people read them.

/// No line is longer.
pub const WIDTH: usize = 100;

/// `-1,234.50` of `-1234.50`.
pub fn grouped(amount: &str) -> String {
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// An amount at the right edge of a column, without commas where they would not fit.
pub fn right(amount: &str, width: usize) -> String {
    let grouped = grouped(amount);
    let fits = grouped.len() < width;
    format!("{:>width$}", if fits { grouped.as_str() } else { amount })
}

/// A text in at most so many characters, on one line; its indent stays.
pub fn cut(text: &str, width: usize) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let words = text.split(['\n', '\r', '\t']).map(str::trim_end).collect::<Vec<_>>().join(" ");
    let line = format!("{:indent$}{}", "", words.trim());
    match line.chars().count() > width {
        true => line.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => line,
    }
}

/// A text at the left edge of a column, cut to leave a space before the next.
pub fn left_aligned(text: &str, width: usize) -> String {
    let text = cut(text, width.saturating_sub(1));
    format!("{text:<width$}")
}

/// `1 item`, `1,200 items`.
pub fn plural(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{} {what}{end}", grouped(&count.to_string()))
}

/// A sentence on as many lines as it needs, under its lead.
pub fn wrap(lead: &str, text: &str) -> Vec<String> {
    let indent = " ".repeat(lead.chars().count());
    let mut lines = vec![lead.to_owned()];
    for word in text.split_whitespace() {
        let room = lines.last().is_some_and(|line| line.chars().count() + 1 + word.chars().count() <= WIDTH);
        match lines.last_mut() {
            Some(line) if line.trim().len() < lead.trim().len() + 1 && line.len() == lead.len() => line.push_str(word),
            Some(line) if room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        for (amount, want) in [
            ("0", "0"),
            ("-12.30", "-12.30"),
            ("123", "123"),
            ("1234", "1,234"),
            ("-123456.789", "-123,456.789"),
            ("1234567.00", "1,234,567.00"),
        ] {
            assert_eq!(grouped(amount), want);
        }
        assert_eq!(right("1234567.00", 10), "1234567.00");
        assert_eq!(right("1234567.00", 13), " 1,234,567.00");
    }

    #[test]
    fn sentences_are_wrapped_under_their_lead() {
        let lines = wrap("note  ", &"word ".repeat(40));
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("note  word word"), "{lines:?}");
        assert!(lines[1].starts_with("      word"), "{lines:?}");
    }

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(cut("Łódź und\nMünchen", 9), "Łódź und…");
        assert_eq!(cut("  in\n", 9), "  in");
        assert_eq!(left_aligned("abc", 5), "abc  ");
        assert_eq!(left_aligned("abcdef", 5), "abc… ");
    }
}
