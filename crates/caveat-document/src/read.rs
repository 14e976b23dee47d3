//! Values out of nodes. Whatever does not fit is a fault at the narrowest node or key that is known.

use std::slice;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserializer, forward_to_deserialize_any};

use crate::{Data, Fault, Key, Node};

impl Node {
    /// The value that the node describes.
    ///
    /// # Errors
    /// When it describes none of this type, at the place of what does not fit.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        T::deserialize(Reader(self))
    }
}

/// Whether a word without quotes stands for nothing.
pub(crate) fn is_null(word: &str) -> bool {
    matches!(word, "" | "~" | "null" | "Null" | "NULL")
}

struct Reader<'n>(&'n Node);

impl<'n> Reader<'n> {
    fn visit<V: Visitor<'n>>(&self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.data {
            Data::Nothing => visitor.visit_unit(),
            Data::Truth(truth) => visitor.visit_bool(*truth),
            Data::Integer(number) => visitor.visit_i64(*number),
            Data::Float(number) => visitor.visit_f64(*number),
            Data::Text(text) => visitor.visit_borrowed_str(text),
            Data::Word(word) => visit_word(word, visitor),
            Data::Repeated => Err(Fault::new("what stands here is repeated from elsewhere")),
            Data::List(items) => visitor.visit_seq(Items(items.iter())),
            Data::Map(entries) => visit_entries(entries, visitor),
        }
    }
}

/// A word without quotes, as YAML 1.2 understands it.
fn visit_word<'n, V: Visitor<'n>>(word: &'n str, visitor: V) -> Result<V::Value, Fault> {
    match word {
        word if is_null(word) => return visitor.visit_unit(),
        "true" | "True" | "TRUE" => return visitor.visit_bool(true),
        "false" | "False" | "FALSE" => return visitor.visit_bool(false),
        _ => {}
    }
    let is_number = word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    match (word.parse::<i64>(), word.parse::<f64>()) {
        (Ok(number), _) => visitor.visit_i64(number),
        (_, Ok(number)) if is_number => visitor.visit_f64(number),
        _ => visitor.visit_borrowed_str(word),
    }
}

fn visit_entries<'n, V: Visitor<'n>>(entries: &'n [(Key, Node)], visitor: V) -> Result<V::Value, Fault> {
    let mut at = None;
    let read = visitor.visit_map(Entries { left: entries.iter(), value: None, at: &mut at });
    // What is wrong between a key and its value is wrong with the key: it stands there twice.
    read.map_err(|fault| at.into_iter().fold(fault, |fault, key: &Key| fault.within(key.span)))
}

impl<'n> Deserializer<'n> for Reader<'n> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor).map_err(|fault| fault.within(self.0.head()))
    }

    fn deserialize_str<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.data {
            Data::Word(word) => visitor.visit_borrowed_str(word),
            _ => self.visit(visitor),
        }
        .map_err(|fault| fault.within(self.0.head()))
    }

    fn deserialize_string<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let named = match self.0.text() {
            Some(text) => StrDeserializer::new(text).deserialize_enum(name, variants, visitor),
            None => Err(Fault::custom("a word must stand here")),
        };
        named.map_err(|fault: Fault| fault.within(self.0.head()))
    }

    forward_to_deserialize_any! {
        <V: Visitor<'n>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Items<'n>(slice::Iter<'n, Node>);

impl<'n> SeqAccess<'n> for Items<'n> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'n>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.0.next() else { return Ok(None) };
        seed.deserialize(Reader(node)).map(Some).map_err(|fault| fault.within(node.head()))
    }
}

struct Entries<'n, 'a> {
    left: slice::Iter<'n, (Key, Node)>,
    value: Option<&'n Node>,
    /// The key whose value was not asked for yet.
    at: &'a mut Option<&'n Key>,
}

impl<'n> MapAccess<'n> for Entries<'n, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'n>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, value)) = self.left.next() else { return Ok(None) };
        (self.value, *self.at) = (Some(value), Some(key));
        let text: BorrowedStrDeserializer<'n, Fault> = BorrowedStrDeserializer::new(&key.text);
        seed.deserialize(text.into_deserializer()).map(Some).map_err(|fault| fault.within(key.span))
    }

    fn next_value_seed<V: DeserializeSeed<'n>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let key = self.at.take();
        let value = self.value.take().ok_or_else(|| Fault::custom("a value without a key"))?;
        let read = seed.deserialize(Reader(value));
        read.map_err(|fault| key.into_iter().fold(fault, |fault, key| fault.within(value.place_under(key))))
    }
}
