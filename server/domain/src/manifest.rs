//! The manifest `dormouse.toml`: the functions and queues of a project, as they are to be.
//!
//! One schema, made from the types that the API takes, both is published and checks what people write, so
//! that editors and the command line say the same. Reading is pure: no file, no network.

mod check;
mod document;
mod queue;
mod schema;

use std::{collections::BTreeMap, fmt};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::document::Document;
pub use self::{queue::QueueManifest, schema::schema};
use crate::{
    Ceiling, Configuration, CronTrigger, DeploymentSpec, FunctionName, HttpTrigger, Invalid, Limits, Message,
    ProjectName, QueueName, QueueTrigger, Split, Trigger, VersionNumber, WebSocketTrigger, WeightedVersion,
};

/// The name that the file usually has.
pub const FILE_NAME: &str = "dormouse.toml";

/// What a project's functions and queues are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The project, unless whoever deploys names one.
    pub project: Option<ProjectName>,
    /// The functions by name.
    pub functions: BTreeMap<FunctionName, FunctionManifest>,
    /// The queues by name.
    pub queues: BTreeMap<QueueName, QueueManifest>,
}

/// What one function is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionManifest {
    /// The component's file, relative to the manifest.
    pub component: String,
    /// The command that makes it, run in the manifest's folder.
    pub build: Option<String>,
    /// What the function is for, where the manifest says.
    pub description: Option<Message>,
    /// The whole set of triggers.
    pub triggers: Vec<Trigger>,
    /// What its versions run with, limits at their defaults where they are not said.
    configuration: Configuration,
    /// The limits that are said.
    limits: Map<String, Value>,
}

/// One thing that is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `function.hello.memory_mib`, and what is wrong with it.
    pub invalid: Invalid,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Invalid { field, message } = &self.invalid;
        let space = if field.is_empty() { "" } else { " " };
        write!(f, "line {}: {field}{space}{message}", self.line)
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// All [`Complaint`]s that can be found at once, by line: first those of form, and once it has form those of
    /// what its values mean.
    pub fn read(text: &str) -> Result<Self, Vec<Complaint>> {
        let document = Document::parse(text).map_err(|complaint| vec![complaint])?;
        let mut complaints = check::against_schema(&document);
        if complaints.is_empty() {
            match Self::interpret(document.to_json(), &document) {
                Ok(manifest) => return Ok(manifest),
                Err(found) => complaints = found,
            }
        }
        complaints.sort_by_key(|complaint| complaint.line);
        Err(complaints)
    }

    fn interpret(whole: Value, document: &Document) -> Result<Self, Vec<Complaint>> {
        let mut complaints = Vec::new();
        let mut told = |invalid: Invalid| {
            complaints.push(Complaint { line: document.line_of(&invalid.field), invalid });
        };
        let mut whole = object(whole);
        let project = whole.remove("project").map(|name| typed("project", name)).transpose();
        let project = project.map_err(&mut told).unwrap_or_default();
        let mut functions = BTreeMap::new();
        for (name, table) in tables(&mut whole, "function") {
            let place = format!("function.{name}");
            let read = FunctionManifest::interpret(&place, object(table));
            match (name.parse::<FunctionName>(), read) {
                (Ok(name), Ok(function)) => drop(functions.insert(name, function)),
                (Err(Invalid { message, .. }), _) => told(Invalid::new(place, message)),
                (_, Err(invalid)) => invalid.into_iter().for_each(&mut told),
            }
        }
        let mut queues = BTreeMap::new();
        for (name, table) in tables(&mut whole, "queue") {
            let place = format!("queue.{name}");
            let read = typed::<QueueManifest>(&place, table).and_then(|queue| {
                queue.check().map_err(|invalid| invalid.within(&place))?;
                Ok(queue)
            });
            match (name.parse::<QueueName>(), read) {
                (Ok(name), Ok(queue)) => drop(queues.insert(name, queue)),
                (Err(Invalid { message, .. }), _) => told(Invalid::new(place, message)),
                (_, Err(invalid)) => told(invalid),
            }
        }
        if complaints.is_empty() { Ok(Self { project, functions, queues }) } else { Err(complaints) }
    }
}

impl FunctionManifest {
    /// Reads the table of one function at `place`, which has form.
    fn interpret(place: &str, mut table: Map<String, Value>) -> Result<Self, Vec<Invalid>> {
        let mut wrong = Vec::new();
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let component = text(table.remove("component")).unwrap_or_default();
        let build = text(table.remove("build"));
        let description = table.remove("description").map(|text| typed(&format!("{place}.description"), text));
        let description = description.transpose().map_err(|invalid| wrong.push(invalid)).unwrap_or_default();
        let mut triggers = Vec::new();
        let mut add = |kind: &str, one: fn(&str, Value) -> Result<Trigger, Invalid>| {
            let Some(Value::Array(entries)) = table.remove(kind) else { return };
            for (index, entry) in entries.into_iter().enumerate() {
                let place = format!("{place}.{kind}[{index}]");
                let checked = one(&place, entry).and_then(|trigger| {
                    trigger.check().map_err(|invalid| invalid.within(&place))?;
                    Ok(trigger)
                });
                match checked {
                    Ok(trigger) => triggers.push(trigger),
                    Err(invalid) => wrong.push(invalid),
                }
            }
        };
        add("http", |place, entry| Ok(Trigger::Http(typed::<HttpTrigger>(place, entry)?)));
        add("queue", |place, entry| Ok(Trigger::Queue(typed::<QueueTrigger>(place, entry)?)));
        add("cron", |place, entry| Ok(Trigger::Cron(typed::<CronTrigger>(place, entry)?)));
        add("websocket", |place, entry| Ok(Trigger::WebSocket(typed::<WebSocketTrigger>(place, entry)?)));
        let limits = Limits::ALL.iter().filter_map(|limit| table.remove_entry(limit.name)).collect();
        let configuration = typed::<Configuration>(place, Value::Object(table)).and_then(|configuration| {
            configuration.check().map_err(|invalid| invalid.within(place))?;
            Ok(configuration)
        });
        let configuration = configuration.map_err(|invalid| wrong.push(invalid)).unwrap_or_default();
        if wrong.is_empty()
            && let Err(invalid) = together(&triggers)
        {
            wrong.push(Invalid::new(place, invalid.message));
        }
        let function = Self { component, build, description, triggers, configuration, limits };
        if wrong.is_empty() { Ok(function) } else { Err(wrong) }
    }

    /// What a version of it runs with in a project with this `ceiling`, which lowers the limits that the manifest
    /// leaves open and no others.
    #[must_use]
    pub fn configuration(&self, ceiling: &Ceiling) -> Configuration {
        let mut limits = ceiling.defaults();
        if let Ok(Value::Object(mut whole)) = serde_json::to_value(&limits) {
            whole.extend(self.limits.clone());
            limits = serde_json::from_value(Value::Object(whole)).unwrap_or(limits);
        }
        Configuration { limits, ..self.configuration.clone() }
    }
}

/// Checks triggers against each other.
fn together(triggers: &[Trigger]) -> Result<(), Invalid> {
    let split = Split::try_from(vec![WeightedVersion { version: VersionNumber(1), weight: 100 }])?;
    DeploymentSpec { split, split_key: None, triggers: triggers.to_vec(), secrets: BTreeMap::new() }.check()
}

/// `value`, which stands at `place`, as what it means.
fn typed<T: DeserializeOwned>(place: &str, value: Value) -> Result<T, Invalid> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inside = match error.path().to_string() {
            whole if whole == "." => String::new(),
            path => format!(".{path}"),
        };
        let text = error.into_inner().to_string();
        // A name's complaint begins with the kind of name, which the key says already.
        let message = text.split_once(": ").map_or(text.as_str(), |(_, message)| message).to_owned();
        Invalid::new(format!("{place}{inside}"), message)
    })
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn tables(whole: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    whole.remove(key).map(object).unwrap_or_default()
}

#[cfg(test)]
mod tests;
