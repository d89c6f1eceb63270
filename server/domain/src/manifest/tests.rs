//! What a manifest may say, and what it is told where it is wrong.

use super::*;

const WHOLE: &str = r#"
schema = 1
project = "demo"

[function.hello]
component = "hello.wasm"
build = "cargo build --release --target wasm32-wasip2"
memory_mib = 64
timeout_ms = 30_000
provisioned = 2
variables = { GREETING = "hello" }
secrets = ["API_KEY"]
allowed_outbound_hosts = ["https://api.example.com"]
key_value = ["default"]
reuse = { max_reuse = 50 }

[[function.hello.http]]
path = "/hello/{name}"
methods = ["GET"]

[[function.hello.cron]]
name = "nightly"
schedule = "0 3 * * *"
timezone = "Europe/Berlin"

[[function.hello.queue]]
queue = "orders"
batch_size = 20
dead_letter_queue = "orders-dlq"

[queue.orders]
retention_s = 86_400
"#;

fn complaints(text: &str) -> Vec<String> {
    Manifest::read(text).unwrap_err().iter().map(ToString::to_string).collect()
}

/// The one complaint about a manifest whose function hello has `lines` more.
fn complaint(lines: &str) -> String {
    let told = complaints(&format!("schema = 1\n[function.hello]\ncomponent = \"a.wasm\"\n{lines}\n"));
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

#[test]
fn a_whole_manifest_is_read() {
    let manifest = Manifest::read(WHOLE).unwrap();
    assert_eq!(manifest.project.as_ref().map(ProjectName::as_str), Some("demo"));
    let hello = manifest.functions.values().next().unwrap();
    assert_eq!(hello.component, "hello.wasm");
    let kinds: Vec<String> = hello.triggers.iter().map(Trigger::in_words).collect();
    assert!(kinds[0].starts_with("http GET /hello/{name}"), "{kinds:?}");
    assert!(kinds[1].starts_with("queue orders (up to 20"), "{kinds:?}");
    assert!(kinds[2].starts_with("cron nightly 0 3 * * * Europe/Berlin"), "{kinds:?}");
    let configuration = hello.configuration(&Ceiling::default());
    assert_eq!((configuration.limits.memory_mib, configuration.limits.cpu_ms), (64, 10_000));
    assert_eq!((configuration.provisioned, configuration.variables["GREETING"].as_str()), (2, "hello"));
    let orders = manifest.queues.values().next().unwrap();
    assert_eq!((orders.retention_s, &orders.dead_letter_queue), (Some(86_400), &None));
    assert_eq!(configuration.secrets.len() + configuration.key_value.len(), 2);
}

#[test]
fn limits_that_are_not_said_stay_below_the_ceiling_and_those_that_are_stay_as_they_are() {
    let manifest = Manifest::read(WHOLE).unwrap();
    let ceiling = Ceiling { memory_mib: Some(32), cpu_ms: Some(100), ..Ceiling::default() };
    let limits = manifest.functions.values().next().unwrap().configuration(&ceiling).limits;
    assert_eq!((limits.memory_mib, limits.cpu_ms), (64, 100));
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_the_nearest_known_one() {
    for (lines, line, near) in [
        ("memory_mb = 5", 4, "nearest is memory_mib"),
        ("\nvariable = {}", 5, "nearest is variables"),
        ("[[function.hello.https]]\npath = \"/\"", 4, "nearest is http "),
        ("[[function.hello.http]]\npath = \"/\"\nmethod = \"GET\"", 6, "nearest is methods"),
        ("[functions.other]", 4, "nearest is function "),
        ("[function.hello.limits]\nmemory_mib = 5", 4, "memory_mib = 128"),
    ] {
        let told = complaint(lines);
        assert!(told.starts_with(&format!("line {line}: ")) && told.contains(near), "{lines}: {told}");
    }
}

#[test]
fn a_wrong_value_is_told_with_its_key_its_bounds_and_the_way_out() {
    for (lines, said) in [
        ("memory_mib = 9999", "line 4: function.hello.memory_mib is 9999; use 1 to 4096"),
        ("memory_mib = -1", "function.hello.memory_mib is -1; use 1 to 4096"),
        ("memory_mib = 99999999999999999999", "use 1 to 4096"),
        ("memory_mib = \"64\"", "is the text \"64\"; write a whole number, 1 to 4096"),
        ("memory_mib = 1.5", "is the number 1.5; write a whole number"),
        ("secrets = \"KEY\"", "is the text \"KEY\"; write a list in brackets"),
        ("secrets = [\"1KEY\"]", "function.hello.secrets[0] is \"1KEY\"; use 1 to 128 of A-Z"),
        ("variables = { A = 1 }", "function.hello.variables.A is the number 1; write a text in quotes"),
        ("provisioned = 101", "function.hello.provisioned is 101; use 0 to 100"),
        ("allowed_outbound_hosts = [\"example.com\"]", "function.hello.allowed_outbound_hosts[0]"),
        ("[function.hello.http]\npath = \"/\"", "is a table; write tables in double brackets"),
        ("[[function.hello.http]]\nmethods = []", "[function.hello.http[0]] says no path"),
        ("[[function.hello.http]]\npath = \"hello\"", "line 5: function.hello.http[0].path"),
        ("[[function.hello.http]]\npath = \"/\"\nmethods = [\"get\"]", "function.hello.http[0].methods"),
        ("[[function.hello.queue]]\nqueue = \"a\"\nbatch_size = 101", "batch_size is 101; use 1 to 100"),
        (
            "[[function.hello.cron]]\nname = \"n\"\nschedule = \"@daily\"\noverlap = \"skip\"",
            "use one of forbid, allow",
        ),
        ("[[function.hello.queue]]\nqueue = \"a\"\n[[function.hello.queue]]\nqueue = \"a\"", "the queue a twice"),
        ("[function.Other]\ncomponent = \"a\"", "line 4: function.Other contains 'O'; use 1 to 48"),
        ("[queue.a]\nretention_s = 59", "line 5: queue.a.retention_s is 59; use 60 to 1209600"),
        ("[queue.a]\nretention = 60", "queue.a.retention is not a key here; the nearest is retention_s"),
        ("[queue.a]\ndead_letter_queue = \"A\"", "queue.a.dead_letter_queue contains 'A'; use 1 to 48"),
        ("[queue.a--b]", "line 4: queue.a--b has a - at the end"),
        ("[function.other]", "line 4: [function.other] says no component, such as component = \""),
    ] {
        let told = complaint(lines);
        assert!(told.contains(said), "{lines}: {told}");
    }
}

#[test]
fn the_form_is_said_and_known() {
    assert_eq!(complaints(""), ["line 1: the manifest says no schema, such as schema = 1"]);
    assert_eq!(complaints("schema = 2"), ["line 1: schema is 2; use 1"]);
    let told = complaints("schema = 1\n[function.hello\n");
    assert!(told[0].starts_with("line 2: is not TOML: "), "{told:?}");
    assert!(Manifest::read("schema = 1").unwrap().functions.is_empty());
}

#[test]
fn everything_that_is_wrong_is_told_at_once_by_line() {
    let text = "schema = 1\nprojekt = \"a\"\n[function.a]\ncomponent = 1\nhandles = 1\n[function.b]\n";
    let told = complaints(text);
    let lines: Vec<&str> = told.iter().map(|told| told.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["line 2", "line 4", "line 5", "line 6"], "{told:?}");
}

#[test]
fn the_schema_knows_the_bounds_that_the_values_have() {
    let definitions = &schema()["$defs"];
    for limit in Limits::ALL {
        let known = &definitions["Function"]["properties"][limit.name];
        assert_eq!((known["minimum"].as_u64(), known["maximum"].as_u64()), (Some(limit.least), Some(limit.most)));
    }
    assert!(!schema().to_string().contains("null"), "TOML has no null");
    assert!(!schema().to_string().contains("components/schemas"), "{definitions}");
}

/// Every bound of a trigger that the schema names is the one that the trigger checks.
#[test]
fn the_bounds_of_triggers_are_those_of_the_schema() {
    let whole = schema();
    for (kind, name, table) in [
        ("QueueTrigger", "queue", "queue = \"a\""),
        ("CronTrigger", "cron", "name = \"a\"\nschedule = \"@daily\""),
        ("WebSocketTrigger", "websocket", "path = \"/a\""),
    ] {
        let mut bounded = 0;
        for (field, known) in whole["$defs"][kind]["properties"].as_object().unwrap() {
            let Some(most) = known["maximum"].as_i64() else {
                assert_ne!(known["type"], "integer", "{kind}.{field} has no maximum");
                continue;
            };
            bounded += 1;
            let least = known["minimum"].as_i64().unwrap();
            for (figure, fits) in [(least, true), (most, true), (most + 1, false), (least - 1, false)] {
                let json: Value = toml::from_str::<Value>(&format!("{table}\n{field} = {figure}")).unwrap();
                let trigger = match name {
                    "queue" => serde_json::from_value(json).map(Trigger::Queue),
                    "websocket" => serde_json::from_value(json).map(Trigger::WebSocket),
                    _ => serde_json::from_value(json).map(Trigger::Cron),
                };
                let accepted = trigger.is_ok_and(|trigger| trigger.check().is_ok());
                assert_eq!(accepted, fits, "{kind}.{field} = {figure}");
            }
        }
        assert!(bounded >= 2, "{kind}");
    }
}
