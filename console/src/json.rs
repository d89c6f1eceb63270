//! Reading JSON into types with little code for each of them.
//!
//! What `serde_json` brings for every type, such as a sentence for each thing that can be wrong and records that are
//! written as arrays, would be a good part of the bundle. The console only ever says that an answer makes no sense.

use std::{error, fmt, vec};

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, Unexpected,
        VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, map};

/// Reads `text`; nothing where it is no JSON, or not what a `T` is written as.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let value = serde_json::from_str(text).ok()?;
    T::deserialize(Tree(value)).ok()
}

/// That a value is another one than was expected. Which and where is not told.
#[derive(Debug)]
struct Other;

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not what was expected")
    }
}

impl error::Error for Other {}

/// All of the constructors, since each that is missing would bring its sentence.
impl de::Error for Other {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// A value that is to be read.
struct Tree(Value);

/// Reads what has to be text.
macro_rules! text {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
            match self.0 {
                Value::String(text) => visitor.visit_string(text),
                _ => Err(Other),
            }
        }
    )*};
}

/// Reads what has to be a whole number: positive ones are told as such to all types.
macro_rules! whole {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
            match self.0.as_u64() {
                Some(number) => visitor.visit_u64(number),
                None => self.0.as_i64().map_or(Err(Other), |number| visitor.visit_i64(number)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Other;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(is) => visitor.visit_bool(is),
            Value::Number(ref number) if number.is_f64() => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            Value::Number(_) => self.deserialize_i64(visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    text! { deserialize_str deserialize_string deserialize_identifier }

    whole! { deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        self.0.as_bool().map_or(Err(Other), |is| visitor.visit_bool(is))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Other> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(Other),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Other> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields { left: fields.into_iter(), value: Value::Null }),
            _ => Err(Other),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Other> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Other> {
        visitor.visit_enum(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        visitor.visit_unit()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Other> {
        if self.0.is_null() { visitor.visit_unit() } else { Err(Other) }
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char bytes byte_buf unit_struct tuple_struct
    }
}

/// The items of an array that are left.
struct Items(vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Other;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Other> {
        self.0.next().map(|item| seed.deserialize(Tree(item))).transpose()
    }
}

/// The fields of an object that are left, and the value of the one whose name was read.
struct Fields {
    left: map::IntoIter,
    value: Value,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Other;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Other> {
        let Some((name, value)) = self.left.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Tree(Value::String(name))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Other> {
        seed.deserialize(Tree(self.value.take()))
    }
}

/// Enums are written as their names alone.
impl<'de> EnumAccess<'de> for Tree {
    type Error = Other;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Other> {
        Ok((seed.deserialize(self)?, Self(Value::Null)))
    }
}

impl<'de> VariantAccess<'de> for Tree {
    type Error = Other;

    fn unit_variant(self) -> Result<(), Other> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Other> {
        Err(Other)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Other> {
        Err(Other)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Other> {
        Err(Other)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use wire::{Page, Problem, Slot, Trigger, Version};

    use super::*;

    /// What is read from `text`; `serde_json` reads the same, or nothing from it either.
    fn both<T: DeserializeOwned + Debug + PartialEq>(text: &str) -> Option<T> {
        let read = read::<T>(text);
        assert_eq!(read, serde_json::from_str(text).ok(), "{text}");
        read
    }

    #[test]
    fn answers_are_read_as_serde_json_reads_them() {
        let http = r#"{"type":"http","methods":["GET"],"path":"/hello/{name}"}"#;
        let cron = r#"{"type":"cron","name":"tick","schedule":"* * * * *","timezone":"UTC","overlap":"allow"}"#;
        let page = format!(r#"{{"items":[{http},{cron}],"next_cursor":null,"later":[{{"unknown":-1.5e3}},true,""]}}"#);
        assert_eq!(both::<Page<Trigger>>(&page).map(|page| page.items.len()), Some(2));
        assert!(
            both::<wire::Start>(r#"{"kind":"snapshot","init_us":18446744073709551615,"memory_bytes":0}"#).is_some()
        );
        assert_eq!(both::<(i64, Option<u32>, bool)>("[-7,null,true]"), Some((-7, None, true)));
        assert!(both::<Vec<(String, String)>>(r#"[["a","b"]]"#).is_some());
        assert_eq!(both::<()>("null"), Some(()));
        assert_eq!(both::<wire::SlotState>(r#""skipped-overlap""#), Some(wire::SlotState::SkippedOverlap));
    }

    #[test]
    fn what_is_no_answer_is_nothing() {
        for text in ["", "{", "null", "[]", "{}", "7", r#""text""#, r#"{"items":{}}"#, r#"{"items":[{}]}"#] {
            assert_eq!(both::<Page<Slot>>(text), None, "{text}");
            assert_eq!(both::<Problem>(text), None, "{text}");
            assert_eq!(both::<Version>(text), None, "{text}");
        }
        for text in ["-1", "1.5", "4294967296", "\"1\""] {
            assert_eq!(both::<u32>(text), None);
        }
        assert_eq!(both::<wire::SlotState>(r#""asleep""#), None);
        assert_eq!(both::<Trigger>(r#"{"type":"http","path":"no slash"}"#), None);
    }
}
