//! What the characters of a text are to a number.

/// What a character is to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CharKind {
    Digit,
    Letter,
    /// A letter of another script than Latin.
    Foreign,
    /// May stand within a number.
    Joint,
    /// Never does, as far as is known here.
    Mark,
}

pub fn char_kind(c: char) -> CharKind {
    match c {
        '0'..='9' => CharKind::Digit,
        '/' | '-' | '.' | '_' => CharKind::Joint,
        // Ordinal indicators, as in `nº`.
        '\u{aa}' | '\u{ba}' => CharKind::Mark,
        c if !c.is_alphanumeric() => CharKind::Mark,
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => CharKind::Letter,
        // Scripts without spaces: Thai to Khmer, and all of East Asia.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => CharKind::Mark,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}'
        | '\u{20000}'.. => CharKind::Mark,
        _ => CharKind::Foreign,
    }
}

/// The first digit of each script whose digits are those of Unicode's class Nd in the Basic Multilingual Plane.
const ZEROS: &[char] = &[
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}', '\u{c66}',
    '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}',
    '\u{ff10}',
];

/// As a keyboard with Latin letters has it: digits of any script, letters and marks of full width, any hyphen and slash.
pub fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        c if c.is_ascii() => c,
        c => {
            let zero = ZEROS.iter().rev().find(|zero| **zero <= c).copied().unwrap_or(c);
            let digit = u32::from(c).wrapping_sub(u32::from(zero));
            char::from_digit(digit, 10).filter(|_| ZEROS.contains(&zero)).unwrap_or(c)
        }
    }
}

/// Signs without width: soft hyphen, joiners, marks of direction, variation selectors, byte order mark.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
