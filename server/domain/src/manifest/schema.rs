//! The manifest's JSON Schema (draft 2020-12), put together from those of the types that the API takes.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::QueueManifest;
use crate::{Configuration, CronTrigger, HttpTrigger, Limits, QueueTrigger, WebSocketTrigger};

/// The schema of `dormouse.toml`, for editors and for [`super::Manifest::read`].
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let http = define::<HttpTrigger>(&mut definitions);
    let queue = define::<QueueTrigger>(&mut definitions);
    let cron = define::<CronTrigger>(&mut definitions);
    let websocket = define::<WebSocketTrigger>(&mut definitions);
    let mut function = properties(&define_parts::<Configuration>(&mut definitions));
    function.remove("limits");
    function.extend(properties(&define_parts::<Limits>(&mut definitions)));
    let text = |description: &str, example: &str| json!({ "type": "string", "description": description, "examples": [example] });
    let triggers = |description: &str, one: Value| json!({ "type": "array", "description": description, "items": one });
    function.extend([
        (
            "component".to_owned(),
            text("The component's file, relative to the manifest.", "target/wasm32-wasip2/release/hello.wasm"),
        ),
        (
            "build".to_owned(),
            text("The command that makes it, run in the manifest's folder by `dormouse build`.", "make hello.wasm"),
        ),
        ("description".to_owned(), text("What the function is for: at most 500 bytes.", "Says hello")),
        ("http".to_owned(), triggers("The HTTP requests that reach it.", http)),
        ("queue".to_owned(), triggers("The queues whose messages it consumes.", queue)),
        ("cron".to_owned(), triggers("The schedules by which it runs.", cron)),
        ("websocket".to_owned(), triggers("The WebSockets that reach it.", websocket)),
    ]);
    let function = json!({
        "type": "object",
        "description": "A function: its component, what it runs with, and all that calls it. Limits stand in this table.",
        "properties": function,
        "required": ["component"],
        "additionalProperties": false,
    });
    definitions.insert("Function".to_owned(), function);
    let table = define::<QueueManifest>(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dormouse.toml",
        "description": "The functions and queues of a project, as they are to be.",
        "type": "object",
        "properties": {
            "schema": {
                "type": "integer", "description": "The form of this file.", "minimum": 1, "maximum": 1, "examples": [1],
            },
            "project": text("The project; whoever deploys may name another.", "demo"),
            "function": {
                "type": "object",
                "description": "The functions by name: 1 to 48 of a-z, 0-9 and -, the first a letter.",
                "additionalProperties": { "$ref": "#/$defs/Function" },
            },
            "queue": {
                "type": "object",
                "description": "The queues by name. A queue that only a trigger names needs no table.",
                "additionalProperties": table,
            },
        },
        "required": ["schema"],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// Adds the schema of `T` and of all that it names, and gives the reference to it.
fn define<T: ToSchema>(definitions: &mut Map<String, Value>) -> Value {
    let schema = define_parts::<T>(definitions);
    let reference = json!({ "$ref": format!("#/$defs/{}", T::name()) });
    definitions.insert(T::name().into_owned(), schema);
    reference
}

/// Adds the schemas of all that `T` names, and gives its own.
fn define_parts<T: ToSchema>(definitions: &mut Map<String, Value>) -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    for (name, part) in parts {
        definitions.insert(name, plain(serde_json::to_value(part).unwrap_or_default()));
    }
    plain(serde_json::to_value(T::schema()).unwrap_or_default())
}

fn properties(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

/// A schema without null, which TOML has not, and with references that lead into this document.
fn plain(schema: Value) -> Value {
    match schema {
        Value::Object(map) => {
            let mut map: Map<String, Value> = map.into_iter().map(|(key, value)| (key, plain(value))).collect();
            if let Some(Value::Array(kinds)) = map.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if map.get("default").is_some_and(Value::is_null) {
                map.remove("default");
            }
            if let Some(Value::Array(choices)) = map.get("oneOf") {
                let mut real = choices.iter().filter(|choice| choice["type"] != "null");
                if let (Some(Value::Object(only)), None) = (real.next(), real.next()) {
                    let only = only.clone();
                    map.remove("oneOf");
                    map.extend(only);
                }
            }
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace("#/components/schemas/", "#/$defs/");
            }
            Value::Object(map)
        }
        Value::Array(list) => list.into_iter().map(plain).collect(),
        other => other,
    }
}
