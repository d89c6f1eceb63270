//! The text of a manifest as a tree that knows its lines.

use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::Complaint;
use crate::Invalid;

/// A parsed manifest.
pub(super) struct Document<'a> {
    text: &'a str,
    root: DeTable<'a>,
}

impl<'a> Document<'a> {
    /// Parses `text` as TOML.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] where it is none.
    pub(super) fn parse(text: &'a str) -> Result<Self, Complaint> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { text, root: root.into_inner() }),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_at(text, span.start));
                let message = format!("is not TOML: {}", error.message().replace('\n', ", "));
                Err(Complaint { line, invalid: Invalid::new("", message) })
            }
        }
    }

    pub(super) const fn root(&self) -> &DeTable<'a> {
        &self.root
    }

    /// The line on which byte `at` stands.
    pub(super) fn line_at(&self, at: usize) -> usize {
        line_at(self.text, at)
    }

    /// The line of what is at `path`, such as `function.hello.http[1].path`; of what it would stand in, where it is
    /// not there.
    pub(super) fn line_of(&self, path: &str) -> usize {
        let mut line = 1;
        let (mut table, mut list) = (Some(&self.root), None);
        for step in path.split(['.', '[']) {
            let next = match (step.strip_suffix(']').and_then(|index| index.parse::<usize>().ok()), table, list) {
                (Some(index), _, Some(entries)) => {
                    let entries: &toml::de::DeArray<'_> = entries;
                    entries.get(index).map(|entry| (entry.span().start, entry))
                }
                (None, Some(table), _) => {
                    let entry = table.iter().find(|(key, _)| key.get_ref() == step);
                    entry.map(|(key, value)| (key.span().start, value))
                }
                _ => None,
            };
            let Some((at, value)) = next else { break };
            line = self.line_at(at);
            (table, list) = (value.get_ref().as_table(), value.get_ref().as_array());
        }
        line
    }

    /// The whole as JSON.
    pub(super) fn to_json(&self) -> Value {
        table_to_json(&self.root)
    }
}

fn line_at(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The whole number that an integer is, where it fits.
pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn table_to_json(table: &DeTable<'_>) -> Value {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), to_json(value))).collect::<Map<_, _>>().into()
}

fn to_json(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Array(entries) => entries.iter().map(to_json).collect(),
        DeValue::Table(table) => table_to_json(table),
        DeValue::Float(float) => {
            float.as_str().parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        DeValue::Datetime(time) => Value::String(time.to_string()),
        integer @ DeValue::Integer(_) => whole(integer).map_or(Value::Null, Value::from),
    }
}
