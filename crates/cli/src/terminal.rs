//! The one place that writes to the terminal. Much of what is shown was written by others (names in Odoo, texts at Stripe,
//! a program's own words): it moves no cursor, hides nothing and forges no line.

use std::io::Write;

/// One line of the answer, on standard output.
pub fn out(line: &str) {
    write(&mut std::io::stdout().lock(), &format!("{}\n", plain(line)));
}

/// One line beside the answer.
pub fn err(line: &str) {
    write(&mut std::io::stderr().lock(), &format!("{}\n", plain(line)));
}

/// A question, which the answer follows on the same line.
pub fn ask(question: &str) {
    write(&mut std::io::stderr().lock(), &plain(question));
}

/// A reader that has gone, as `head` does, is no fault.
fn write(to: &mut dyn Write, text: &str) {
    let _gone = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

/// A text without what a terminal acts upon: control characters, and those that turn the direction of writing or are not
/// seen. Further lines are set in, so that none passes for one of ours.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => plain.push_str("\n  "),
            '\t' => plain.push(' '),
            c if c.is_control() || is_invisible(c) => plain.push(char::REPLACEMENT_CHARACTER),
            c => plain.push(c),
        }
    }
    plain
}

/// Marks of direction, separators of lines, and characters without a width. Source: Unicode, general categories Cf, Zl, Zp.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_words_reach_the_terminal_as_words() {
        for (text, shown) in [
            ("INV/2026/00007 Jörg 日本 ة", "INV/2026/00007 Jörg 日本 ة"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}x", "\u{fffd}[2J\u{fffd}]0;title\u{fffd}x"),
            ("a\rEQUAL", "a\u{fffd}EQUAL"),
            ("a\nEQUAL\tb", "a\n  EQUAL b"),
            ("\u{9b}31m\u{7f}\u{0}", "\u{fffd}31m\u{fffd}\u{fffd}"),
            ("\u{202e}00.1\u{202c} \u{2066}x\u{2069}", "\u{fffd}00.1\u{fffd} \u{fffd}x\u{fffd}"),
            ("a\u{200b}b\u{2028}c\u{feff}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
        ] {
            assert_eq!(plain(text), shown, "{text:?}");
        }
    }

    /// JSON stays JSON.
    #[test]
    fn a_document_of_many_lines_is_read_back() {
        let value = serde_json::json!({"name": "a\u{1b}\n\u{202e}", "list": [1, 2]});
        let text = plain(&serde_json::to_string_pretty(&value).unwrap());
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["list"], value["list"]);
        assert_eq!(read["name"], "a\u{1b}\n\u{fffd}");
    }
}
