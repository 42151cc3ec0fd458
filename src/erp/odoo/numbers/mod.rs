//! Document numbers in what people write. Odoo is asked for exact names, so what may be one is cut out here: at every mark
//! that is no part of a number, in any script. A number within a longer one is none.

mod letters;
mod part;
#[cfg(test)]
mod tests;
mod token;

use std::ops::Range;

use serde_json::{Value, json};

use self::letters::{CharKind, char_kind, fold, is_invisible};
use self::part::{NUMBER_CHARS_MAX, may_be, span, spelled, trimmed};
use self::token::{readings, tokens};

/// Odoo's names are looked up by their unique index, some microseconds each; a movement asks for at most so many, the first
/// in the text winning. 120 of each kind are a page of text, and 20 movements with all of them one statement of 200 KB.
const CANDIDATES_MAX: usize = 120;
/// What may be a document's name, and where it stands: `[name, from, to]`. Those that overlap are readings of one place, of
/// which the first that exists is meant; the longest come first.
pub type Candidate = (String, usize, usize);

/// Of metadata that names documents: what stands there as a whole counts too, whatever it looks like.
pub fn candidates_of_numbers(numbers: &[String]) -> Value {
    json!(in_numbers(numbers))
}

/// The names alone that one number may mean.
pub fn names(number: &str) -> Vec<String> {
    in_numbers(&[number.to_owned()]).into_iter().map(|candidate| candidate.0).collect()
}

fn in_numbers(numbers: &[String]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut from = 0;
    for number in numbers {
        let whole = number.trim();
        push(&mut found, whole, from..from + whole.len());
        collect_numbers(&mut found, number, from);
        from += number.len() + 1;
    }
    found
}

/// Of free texts.
pub fn candidates_of_texts(texts: &[String]) -> Value {
    let mut found = Vec::new();
    let mut from = 0;
    for text in texts {
        collect_numbers(&mut found, text, from);
        from += text.len() + 1;
    }
    json!(found)
}

/// Every reading of a text, as it is and, where it has signs without width, without them: they may stand between two
/// numbers or within one.
fn collect_numbers(found: &mut Vec<Candidate>, text: &str, from: usize) {
    let chars: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (from + at, c)).collect();
    let visible: Vec<(usize, char)> = chars.iter().copied().filter(|(_, c)| !is_invisible(*c)).collect();
    if visible.len() < chars.len() {
        chunks(found, &visible);
    }
    chunks(found, &chars);
}

/// What stands between white space: as it is, then what is in it.
fn chunks(found: &mut Vec<Candidate>, chars: &[(usize, char)]) {
    for chunk in chars.split(|(_, c)| c.is_whitespace()) {
        let chunk = trimmed(chunk, |c| !c.is_alphanumeric());
        if found.len() >= CANDIDATES_MAX {
            return;
        }
        if may_be(chunk) {
            push(found, &spelled(chunk), span(chunk));
        }
        let mut inner = Vec::new();
        // Hyphens and slashes of other keyboards may be meant as a number's, or stand between two.
        let other = |c: &char| !c.is_ascii() && char_kind(fold(*c)) == CharKind::Joint;
        let folded = |apart: bool| -> Vec<(usize, char)> {
            chunk.iter().map(|(at, c)| (*at, if apart && other(c) { ' ' } else { fold(*c) })).collect()
        };
        for apart in [false, true] {
            if !apart || chunk.iter().any(|(_, c)| other(c)) {
                tokens(&folded(apart)).into_iter().for_each(|token| readings(&mut inner, token));
            }
        }
        inner.sort_by_key(|(_, range)| std::cmp::Reverse(range.len()));
        for (name, range) in inner {
            push(found, &name, range.clone());
            let upper = name.to_uppercase();
            push(found, &upper, range);
        }
    }
}

fn push(found: &mut Vec<Candidate>, name: &str, range: Range<usize>) {
    let known = found.iter().any(|(known, from, to)| known == name && (*from..*to) == range);
    if found.len() < CANDIDATES_MAX && !known && !name.is_empty() && name.chars().count() <= NUMBER_CHARS_MAX {
        found.push((name.to_owned(), range.start, range.end));
    }
}
