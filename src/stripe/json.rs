//! JSON as Stripe writes it, borrowed where it can be: text, a reference that is an id or the object, metadata.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

/// Text that borrows unless the JSON escapes something in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

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
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RefVisitor(PhantomData))
    }
}

struct RefVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for RefVisitor<'a, T> {
    type Value = Ref<'a, T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id or an object")
    }
    fn visit_borrowed_str<E>(self, id: &'de str) -> Result<Self::Value, E> {
        Ok(Ref::Id(Text(Cow::Borrowed(id))))
    }
    fn visit_str<E>(self, id: &str) -> Result<Self::Value, E> {
        Ok(Ref::Id(Text(Cow::Owned(id.to_owned()))))
    }
    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Ref::Object)
    }
}

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
