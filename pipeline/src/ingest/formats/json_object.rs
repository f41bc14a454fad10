//! One JSON object → cells for the wanted keys; everything else in it is skipped without being kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ingest::cell::Cell;
use crate::ingest::problem::Problem;

/// The cells of the wanted keys, in their order; missing where the object has no such key. Of equal keys the last counts.
pub(super) fn parse<'t>(text: &'t str, keys: &[String]) -> Result<Vec<Cell<'t>>, Problem> {
    let mut input = serde_json::Deserializer::from_str(text);
    let cells = input.deserialize_any(ObjectVisitor { keys }).and_then(|cells| input.end().map(|()| cells));
    cells.map_err(|error| problem(&error))
}

fn problem(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    // The line in the message is always 1: it is the text's, not the file's.
    let what = text.split(" at line ").next().unwrap_or(&text);
    Problem::new("the line is not a JSON object").expected(what.to_owned())
}

struct ObjectVisitor<'k> {
    keys: &'k [String],
}

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = Vec<Cell<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells = vec![Cell::Missing; self.keys.len()];
        while let Some(key) = map.next_key_seed(KeySeed { keys: self.keys })? {
            match key {
                Some(index) => cells[index] = map.next_value_seed(CellSeed)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(cells)
    }
}

/// The index of a key among the wanted ones.
struct KeySeed<'k> {
    keys: &'k [String],
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.keys.iter().position(|wanted| wanted == key))
    }
}

struct CellSeed;

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cell::Missing)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Cell::Whole(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Cell::Whole(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Cell::Fraction(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(item) = items.next_element_seed(CellSeed)? {
            match (item, &mut texts) {
                (Cell::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Cell::Other("is a list of other things than texts"), Cell::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Other("is an object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells<'t>(text: &'t str, keys: &[&str]) -> Result<Vec<Cell<'t>>, String> {
        let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        parse(text, &keys).map_err(|problem| problem.to_string())
    }

    #[test]
    fn values_keep_their_type() {
        let text = r#"{"s": "a\n", "n": 18446744073709551615, "f": 0.5, "b": true, "u": null, "x": {"y": [1]}, "t": ["a", "b"]}"#;
        let expected = vec![
            Cell::Text("a\n".into()),
            Cell::Whole(u64::MAX.into()),
            Cell::Fraction(0.5),
            Cell::Boolean(true),
            Cell::Missing,
            Cell::Other("is an object"),
            Cell::List(vec!["a".into(), "b".into()]),
            Cell::Missing,
        ];
        assert_eq!(cells(text, &["s", "n", "f", "b", "u", "x", "t", "absent"]), Ok(expected));
    }

    #[test]
    fn what_is_no_object_is_told() {
        for text in ["{", "[1]", "5", r#"{"a": 1} x"#, r#"{"a": 1e999}"#, r#"{"a": "\x41"}"#, "{'a': 1}"] {
            let reason = cells(text, &["a"]).expect_err("no object");
            assert!(reason.starts_with("the line is not a JSON object, "), "{reason}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let text = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(cells(&text, &["a"]).is_err());
    }
}
