//! JSON as Stripe writes it, borrowed where it can be: text, a reference that is an id or the object, metadata.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Text that borrows unless the JSON escapes something in it. It never makes its object unreadable: half of a surrogate pair
/// and bytes that are no UTF-8 become U+FFFD, and so does a control character other than tab and line breaks; PostgreSQL
/// takes no NUL at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

/// A field that holds an id, or the object itself when it was expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref<'a, T> {
    Id(Text<'a>),
    Object(T),
}

/// Stripe's metadata: at most 50 names with text values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata<'a>(Vec<(Text<'a>, Text<'a>)>);

/// Only the id of an object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Id<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
}

/// A list object's page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

impl Text<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Without white space at the ends; `None` when nothing is left.
    pub fn trimmed(&self) -> Option<&str> {
        Some(self.0.trim()).filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    /// As bytes: as a string serde_json refuses half of a surrogate pair, and with it everything around it.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_bytes(TextVisitor(PhantomData))
    }
}

struct TextVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
    type Value = Text<'a>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Text(match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains(is_forbidden) => Cow::Borrowed(text),
            _ => Cow::Owned(clean(bytes)),
        }))
    }
    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(clean(bytes))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(clean(text.as_bytes()))))
    }
}

fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// Lossy. serde_json gives half of a surrogate pair as the three bytes that UTF-8 would have for it, `ED A0 80` to `ED BF BF`.
fn clean(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| if is_forbidden(c) { char::REPLACEMENT_CHARACTER } else { c }));
        // The two bytes after ED are chunks of their own.
        if !matches!(chunk.invalid(), [] | [0x80..=0xBF]) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Far beyond any amount of Stripe's (a charge has at most 12 digits). Up to here D1 holds each exactly, and the sum of a page
/// of a hundred fits.
const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// Minor units of either sign.
pub fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Some(i64::deserialize(from)?)
        .filter(|minor| (-AMOUNT_MAX..=AMOUNT_MAX).contains(minor))
        .ok_or_else(|| D::Error::custom("an amount is too large"))
}

/// Minor units of what is charged, refunded or disputed.
pub fn not_negative<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Some(amount(from)?).filter(|minor| *minor >= 0).ok_or_else(|| D::Error::custom("an amount is negative"))
}

/// An object that has an id.
pub trait Identified {
    fn id(&self) -> &str;
}

impl Identified for Id<'_> {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl<T: Identified> Identified for Box<T> {
    fn id(&self) -> &str {
        (**self).id()
    }
}

impl<T: Identified> Ref<'_, T> {
    /// The id, expanded or not.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Object(object) => object.id(),
        }
    }
}

impl<'a, T> Ref<'a, T> {
    pub fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl Metadata<'_> {
    /// The trimmed value of a name, `None` when absent or empty (Stripe removes a name by the empty value).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.as_str() == name).and_then(|(_, value)| value.trimmed())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Ref<'a, T> {
    /// Looks at the raw value first, so that the Worker carries one reader of each object and not another for those
    /// that stand in a reference.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = <&'de RawValue>::deserialize(from)?.get().as_bytes();
        if json.first() == Some(&b'"') {
            return serde_json::from_slice(json).map(Self::Id).map_err(Error::custom);
        }
        let depth = DEPTH.get();
        if depth >= DEPTH_MAX {
            return Err(Error::custom("objects are expanded deeper than Stripe expands them"));
        }
        DEPTH.set(depth + 1);
        let object = serde_json::from_slice(json);
        DEPTH.set(depth);
        object.map(Self::Object).map_err(Error::custom)
    }
}

thread_local! {
    /// How many expanded objects are being read, one within the other.
    static DEPTH: Cell<u8> = const { Cell::new(0) };
}
/// Stripe expands four levels. Source: docs.stripe.com/expand.
const DEPTH_MAX: u8 = 8;

impl<'de: 'a, 'a> Deserialize<'de> for Metadata<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(MetadataVisitor(PhantomData))
    }
}

struct MetadataVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for MetadataVisitor<'a> {
    type Value = Metadata<'a>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("metadata")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Metadata::default())
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut pairs = Vec::new();
        while let Some((name, value)) = map.next_entry::<Text, Option<Text>>()? {
            if let Some(value) = value {
                pairs.push((name, value));
            }
        }
        Ok(Metadata(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_makes_its_object_unreadable() {
        for (json, meant) in [
            (&br#""plain \u20ac \ud83d\ude00""#[..], "plain \u{20ac} \u{1f600}"),
            (br#""Thanks \ud83d""#, "Thanks \u{fffd}"),
            (br#""\ude00\ud83d!""#, "\u{fffd}\u{fffd}!"),
            (br#""a\u0000b\u0007\u009f\n\t""#, "a\u{fffd}b\u{fffd}\u{fffd}\n\t"),
            (b"\"M\xfcller\"", "M\u{fffd}ller"),
            (b"\"a\x00b\"", "a\u{fffd}b"),
        ] {
            assert_eq!(serde_json::from_slice::<Text>(json).unwrap().as_str(), meant);
            let pairs = [br#"{"a": "#.as_slice(), json, b", ", json, b": \"c\"}"].concat();
            let read = serde_json::from_slice::<Metadata>(&pairs).unwrap();
            assert_eq!((read.get("a"), read.get(meant)), (Some(meant.trim()), Some("c")));
        }
        assert_eq!(Text::deserialize(&serde_json::json!("a\u{0}")).unwrap().as_str(), "a\u{fffd}");
        assert!(serde_json::from_str::<Text>("7").is_err() && serde_json::from_str::<Text>("[7]").is_err());
    }

    #[derive(Debug, Deserialize)]
    struct Nest<'a> {
        #[serde(borrow)]
        next: Option<Ref<'a, Box<Nest<'a>>>>,
    }

    fn nest(levels: usize) -> String {
        format!("{}{{\"next\":\"pi_1\"}}{}", "{\"next\":".repeat(levels), "}".repeat(levels))
    }

    #[test]
    fn objects_are_read_as_deep_as_stripe_expands_and_no_deeper() {
        let text = nest(4);
        let mut at = serde_json::from_str::<Nest>(&text).unwrap();
        for _ in 0..4 {
            at = match at.next {
                Some(Ref::Object(next)) => *next,
                other => panic!("{other:?}"),
            };
        }
        assert!(matches!(at.next, Some(Ref::Id(Text(id))) if id == "pi_1"));
        assert!(serde_json::from_str::<Nest>(&nest(50_000)).is_err());
        assert!(serde_json::from_str::<Nest>(&nest(1)).is_ok(), "an error leaves nothing behind");
    }
}
