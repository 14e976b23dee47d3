//! What rules say, with the place where they say it. A place is no part of what is meant: values that differ in
//! their places only are equal, and JSON has no places in it.

use std::fmt;
use std::ops::{Deref, DerefMut};

use caveat_diag::Span;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a node was written; [`crate::Places`] says what is there. It is no part of what the node means, so
/// all origins are equal and none is serialised.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin(pub(crate) Place);

/// A place, or none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Place {
    /// Not known.
    #[default]
    Nowhere,
    /// In a source that is at hand.
    Span(Span),
    /// As told by one who has the source; the number counts what was told.
    Told(u32),
}

impl Origin {
    /// The number of a place that was told, counted in the order of [`crate::Places::add_told`].
    #[must_use]
    pub const fn told(self) -> Option<u32> {
        match self.0 {
            Place::Told(index) => Some(index),
            Place::Nowhere | Place::Span(_) => None,
        }
    }
}

impl From<Span> for Origin {
    fn from(span: Span) -> Self {
        Self(Place::Span(span))
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

/// A value and where it was written. It serialises as the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub origin: Origin,
}

impl<T> Placed<T> {
    /// A value that was written at `origin`.
    pub fn new(value: T, origin: impl Into<Origin>) -> Self {
        Self { value, origin: origin.into() }
    }
}

/// A value of which nobody knows where it was written.
impl<T> From<T> for Placed<T> {
    fn from(value: T) -> Self {
        Self { value, origin: Origin::default() }
    }
}

impl<T> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Placed<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Display> fmt::Display for Placed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Placed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

/// Values in the order written, each with its place: a slice for those who do not ask where. It serialises as
/// the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedList<T> {
    values: Vec<T>,
    /// As many as there are values.
    origins: Vec<Origin>,
}

impl<T> PlacedList<T> {
    /// Adds a value that was written at `origin`.
    pub fn push(&mut self, value: T, origin: impl Into<Origin>) {
        self.values.push(value);
        self.origins.push(origin.into());
    }

    /// Adds the values of another list.
    pub fn append(&mut self, mut other: Self) {
        self.values.append(&mut other.values);
        self.origins.append(&mut other.origins);
    }

    /// The values alone.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.values
    }

    /// The values, each with its place.
    #[must_use]
    pub fn placed(&self) -> impl DoubleEndedIterator<Item = (&T, Origin)> + Clone {
        self.values.iter().zip(self.origins.iter().copied())
    }
}

impl<T> Default for PlacedList<T> {
    fn default() -> Self {
        Self { values: Vec::new(), origins: Vec::new() }
    }
}

/// Values of which nobody knows where they were written.
impl<T> From<Vec<T>> for PlacedList<T> {
    fn from(values: Vec<T>) -> Self {
        let origins = vec![Origin::default(); values.len()];
        Self { values, origins }
    }
}

impl<T> FromIterator<Placed<T>> for PlacedList<T> {
    fn from_iter<I: IntoIterator<Item = Placed<T>>>(items: I) -> Self {
        let mut list = Self::default();
        list.extend(items);
        list
    }
}

impl<T> Extend<Placed<T>> for PlacedList<T> {
    fn extend<I: IntoIterator<Item = Placed<T>>>(&mut self, items: I) {
        items.into_iter().for_each(|one| self.push(one.value, one.origin));
    }
}

impl<T> Deref for PlacedList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values
    }
}

impl<T> DerefMut for PlacedList<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values
    }
}

impl<T> IntoIterator for PlacedList<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a PlacedList<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut PlacedList<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.iter_mut()
    }
}

impl<T: Serialize> Serialize for PlacedList<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PlacedList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

/// Schemas say what is serialised: the values.
#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator};

    use super::{Placed, PlacedList};

    macro_rules! schema_of {
        ($wrapper:ident => $plain:ty) => {
            impl<T: JsonSchema> JsonSchema for $wrapper<T> {
                fn inline_schema() -> bool {
                    <$plain>::inline_schema()
                }
                fn schema_name() -> Cow<'static, str> {
                    <$plain>::schema_name()
                }
                fn schema_id() -> Cow<'static, str> {
                    <$plain>::schema_id()
                }
                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    <$plain>::json_schema(generator)
                }
            }
        };
    }

    schema_of!(Placed => T);
    schema_of!(PlacedList => Vec<T>);
}
