//! A part of a text, with the place of each character.

use std::ops::Range;

use super::letters::fold;

/// The longest and the shortest of a name that is looked for, in characters; a number of Odoo's has some ten.
pub const NUMBER_CHARS_MAX: usize = 64;
const NUMBER_CHARS_MIN: usize = 4;

/// Without what is `foul` at its ends.
pub fn trimmed(mut part: &[(usize, char)], foul: impl Fn(char) -> bool) -> &[(usize, char)] {
    while let [(_, first), rest @ ..] = part
        && foul(*first)
    {
        part = rest;
    }
    while let [rest @ .., (_, last)] = part
        && foul(*last)
    {
        part = rest;
    }
    part
}

/// A digit in it and something that is none, and of a number's length.
pub fn may_be(part: &[(usize, char)]) -> bool {
    let digits = part.iter().filter(|(_, c)| fold(*c).is_ascii_digit()).count();
    (1..part.len()).contains(&digits) && (NUMBER_CHARS_MIN..=NUMBER_CHARS_MAX).contains(&part.len())
}

/// Its characters.
pub fn spelled(part: &[(usize, char)]) -> String {
    part.iter().map(|(_, c)| *c).collect()
}

/// Where it stands.
pub fn span(part: &[(usize, char)]) -> Range<usize> {
    match (part.first(), part.last()) {
        (Some((from, _)), Some((to, last))) => *from..to + last.len_utf8(),
        _ => 0..0,
    }
}
