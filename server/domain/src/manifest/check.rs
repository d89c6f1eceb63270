//! Holds a manifest against its schema: every key known, every value of its type and within its bounds.

use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Complaint,
    document::{Document, whole},
    schema::schema,
};
use crate::Invalid;

/// Keys that people try because they stand elsewhere, and where they stand in a manifest.
const ELSEWHERE: &[(&str, &str)] = &[
    ("limits", "limits stand in the function's own table, such as memory_mib = 128"),
    ("triggers", "each kind of trigger has its tables, such as [[function.hello.http]]"),
    ("type", "the table's own name says the kind of trigger, such as [[function.hello.http]]"),
];

/// Finds what is wrong with the form of `document`.
pub(super) fn against_schema(document: &Document<'_>) -> Vec<Complaint> {
    let whole = schema();
    let mut check = Check { document, definitions: whole.get("$defs").unwrap_or(&Value::Null), complaints: Vec::new() };
    check.table(document.root(), &whole, "", 0);
    check.complaints
}

struct Check<'a> {
    document: &'a Document<'a>,
    definitions: &'a Value,
    complaints: Vec<Complaint>,
}

impl Check<'_> {
    fn complain(&mut self, at: usize, path: &str, message: impl Into<String>) {
        let line = self.document.line_at(at);
        self.complaints.push(Complaint { line, invalid: Invalid::new(path, message) });
    }

    /// Checks `value` at `path`.
    fn value(&mut self, value: &Spanned<DeValue<'_>>, schema: &Value, path: &str) {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(name) = reference.and_then(|reference| reference.strip_prefix("#/$defs/")) {
            let definition = self.definitions.get(name).unwrap_or(&Value::Null);
            return self.value(value, definition, path);
        }
        let (at, inner) = (value.span().start, value.get_ref());
        match (schema["type"].as_str(), inner) {
            (Some("object"), DeValue::Table(table)) => self.table(table, schema, path, at),
            (Some("array"), DeValue::Array(entries)) => {
                if let Some(most) = schema["maxItems"].as_u64().filter(|most| entries.len() as u64 > *most) {
                    self.complain(at, path, format!("has {} entries; use at most {most}", entries.len()));
                }
                for (index, entry) in entries.iter().enumerate() {
                    self.value(entry, &schema["items"], &format!("{path}[{index}]"));
                }
            }
            (Some("integer"), DeValue::Integer(digits)) => {
                let (least, most) = bounds(schema);
                if !whole(inner).is_some_and(|figure| (least..=most).contains(&figure)) {
                    self.complain(at, path, format!("is {digits}; use {}", range(schema)));
                }
            }
            (Some("string"), DeValue::String(text)) => self.text(at, text, schema, path),
            (Some("boolean"), DeValue::Boolean(_)) => {}
            (Some(wanted), other) => {
                self.complain(at, path, format!("is {}; write {}", shown(other), described(wanted, schema)));
            }
            (None, _) => {}
        }
    }

    fn text(&mut self, at: usize, text: &str, schema: &Value, path: &str) {
        let Some(known) = schema["enum"].as_array() else { return };
        let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
        if !known.contains(&text) {
            self.complain(at, path, format!("is {text:?}; use one of {}", known.join(", ")));
        }
    }

    /// Checks a table that begins at byte `at`.
    fn table(&mut self, table: &DeTable<'_>, schema: &Value, path: &str, at: usize) {
        let none = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&none);
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            let inside = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            match (properties.get(name), &schema["additionalProperties"]) {
                (Some(known), _) => self.value(value, known, &inside),
                (None, Value::Object(any)) => self.value(value, &Value::Object(any.clone()), &inside),
                (None, _) => self.complain(key.span().start, &inside, unknown(name, properties)),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !table.iter().any(|(key, _)| key.get_ref() == name) {
                let what = if path.is_empty() { "the manifest".to_owned() } else { format!("[{path}]") };
                let wanted = properties.get(name).and_then(|known| known.pointer("/examples/0"));
                let example = wanted.map(|wanted| format!(", such as {name} = {wanted}")).unwrap_or_default();
                self.complain(at, "", format!("{what} says no {name}{example}"));
            }
        }
    }
}

/// Says that `name` is no key, and which one was probably meant.
fn unknown(name: &str, known: &Map<String, Value>) -> String {
    if let Some((_, where_it_stands)) = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name) {
        return format!("is not a key here; {where_it_stands}");
    }
    let nearest = known.keys().max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    let all: Vec<&str> = known.keys().map(String::as_str).collect();
    match nearest {
        Some(nearest) => format!("is not a key here; the nearest is {nearest} (of {})", all.join(", ")),
        None => "is not a key here, which takes none".to_owned(),
    }
}

fn bounds(schema: &Value) -> (i64, i64) {
    (schema["minimum"].as_i64().unwrap_or(0), schema["maximum"].as_i64().unwrap_or(i64::from(u32::MAX)))
}

fn range(schema: &Value) -> String {
    if let Some(only) = schema["const"].as_i64() {
        return only.to_string();
    }
    let (least, most) = bounds(schema);
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

/// What a schema asks for, in words.
fn described(kind: &str, schema: &Value) -> String {
    match kind {
        "object" => "a table".to_owned(),
        "array" if schema.pointer("/items/$ref").is_some() => "tables in double brackets, such as [[…]]".to_owned(),
        "array" => "a list in brackets, such as [\"…\"]".to_owned(),
        "integer" => format!("a whole number, {}", range(schema)),
        "boolean" => "true or false".to_owned(),
        _ => match schema["enum"].as_array() {
            Some(known) => {
                let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
                format!("one of {} in quotes", known.join(", "))
            }
            None => "a text in quotes".to_owned(),
        },
    }
}

/// What stands there, in words.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 40 => format!("the text {text:?}"),
        DeValue::String(_) => "a text".to_owned(),
        DeValue::Integer(figure) => format!("the number {figure}"),
        DeValue::Float(figure) => format!("the number {}", figure.as_str()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a time".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
