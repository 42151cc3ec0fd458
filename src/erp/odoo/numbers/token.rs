//! A run of letters, digits and the marks that may join them, and the numbers that it may be read as.

use std::ops::Range;

use super::letters::{CharKind, char_kind};
use super::part::{may_be, span, spelled, trimmed};

/// Pieces of a name between `/`, `-`, `.` and `_`; Odoo's usual have three.
const PIECES: usize = 12;
/// Digits of what Odoo's own payments add to a number: `INV/2026/00007-1`.
/// Source: payment_transaction.py, `_compute_reference`, which counts.
const COUNTER: usize = 3;

/// Runs of letters, digits and the marks that join them.
pub fn tokens(chunk: &[(usize, char)]) -> Vec<&[(usize, char)]> {
    let mut all = Vec::new();
    let mut begin = 0;
    for at in 0..=chunk.len() {
        let (before, here) = (at.checked_sub(1).and_then(|b| chunk.get(b)), chunk.get(at));
        let cut = match (before.map(|(_, c)| char_kind(*c)), here.map(|(_, c)| char_kind(*c))) {
            (Some(CharKind::Mark), _) | (_, Some(CharKind::Mark) | None) => true,
            (Some(CharKind::Joint), Some(CharKind::Joint)) => true,
            // Another script begins: prose without a space. Its letters before a digit may be the number's own.
            (Some(CharKind::Letter), Some(CharKind::Foreign)) | (Some(CharKind::Foreign), Some(CharKind::Letter)) => {
                true
            }
            (Some(CharKind::Digit), Some(CharKind::Foreign)) => true,
            _ => false,
        };
        if cut {
            let token = trimmed(chunk.get(begin..at).unwrap_or_default(), |c| char_kind(c) > CharKind::Foreign);
            if token.iter().any(|(_, c)| c.is_ascii_digit()) {
                all.push(token);
            }
            begin = at;
        }
    }
    all
}

/// The ways to read a token: whole; without words that are stuck to it; each of several numbers that are; and each of these
/// without the counter of Odoo's payments.
pub fn readings(found: &mut Vec<(String, Range<usize>)>, token: &[(usize, char)]) {
    let token = Token::from_chars(token);
    let last = token.words.len();
    token.add(found, 0, last);
    let begin = |at: &usize| *at == 0 || token.is_aside(at - 1, *at - 1);
    if last > PIECES {
        return;
    }
    for from in (0..last).take_while(begin).filter(|from| *from == 0 || token.has_letter_first(*from)) {
        // Where the same prefix begins again, another number does.
        let again = |at: &usize| token.has_letter_first(from) && token.words.get(*at) == token.words.get(from);
        let ends = (from + 1..last).filter(again).chain([last]);
        ends.fold(from, |begin, end| {
            token.ends(found, begin, end);
            end
        });
    }
}

/// A run of pieces with joints between them.
struct Token<'a> {
    chars: &'a [(usize, char)],
    pieces: Vec<Range<usize>>,
    words: Vec<String>,
}

impl<'a> Token<'a> {
    fn from_chars(chars: &'a [(usize, char)]) -> Self {
        let pieces = pieces(chars);
        let words = pieces.iter().map(|piece| spelled(chars.get(piece.clone()).unwrap_or_default())).collect();
        Self { chars, pieces, words }
    }

    /// The pieces `from` to before `to`, where they may be a number.
    fn add(&self, found: &mut Vec<(String, Range<usize>)>, from: usize, to: usize) {
        let (first, last) = (self.pieces.get(from), to.checked_sub(1).and_then(|to| self.pieces.get(to)));
        let part = first.zip(last).and_then(|(first, last)| self.chars.get(first.start..last.end)).unwrap_or_default();
        if may_be(part) {
            found.push((spelled(part), span(part)));
        }
    }

    /// These pieces; without words at their end; and without a counter.
    fn ends(&self, found: &mut Vec<(String, Range<usize>)>, begin: usize, mut end: usize) {
        self.add(found, begin, end);
        while end > begin + 1 && self.is_aside(end - 1, end - 2) {
            end -= 1;
            self.add(found, begin, end);
        }
        if end > begin + 1 && self.is_counter(begin, end - 1) {
            self.add(found, begin, end - 1);
        }
    }

    fn joint(&self, after: usize) -> Option<char> {
        self.pieces.get(after).and_then(|piece| self.chars.get(piece.end)).map(|(_, c)| *c)
    }

    fn has_letter_first(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.starts_with(|c: char| !c.is_ascii_digit()))
    }

    /// A word that is no part of a number: one of prose, which has small letters or another script (`Rechnung-`, `-thanks`),
    /// or any that `.` or `_` joins (`No.INV/…`). `X/INV/…` and `INV/…/A` are other numbers.
    fn is_aside(&self, at: usize, joint: usize) -> bool {
        self.words.get(at).is_some_and(|word| {
            let prose = word.chars().any(char::is_lowercase) || word.chars().all(|c| char_kind(c) == CharKind::Foreign);
            word.chars().all(|c| !c.is_ascii_digit()) && (prose || matches!(self.joint(joint), Some('.' | '_')))
        })
    }

    /// `-1` of `INV/2026/00007-1`; but not the day of `2026-11-20`, nor `-001`, which Odoo does not write.
    fn is_counter(&self, begin: usize, at: usize) -> bool {
        let counts =
            |word: &String| word.len() <= COUNTER && !word.starts_with('0') && word.chars().all(|c| c.is_ascii_digit());
        let named = self.has_letter_first(begin) || self.joint(at.saturating_sub(2)) != Some('-');
        named && self.words.get(at).is_some_and(counts) && self.joint(at - 1) == Some('-')
    }
}

/// Where the pieces between the joining marks stand.
fn pieces(token: &[(usize, char)]) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut begin = 0;
    for (at, (_, c)) in token.iter().enumerate() {
        if char_kind(*c) == CharKind::Joint {
            all.push(begin..at);
            begin = at + 1;
        }
    }
    all.push(begin..token.len());
    all
}
