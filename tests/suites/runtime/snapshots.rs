//! A component's init, run once when it is prepared: what is frozen, what cannot be, and what init may not do.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    Failure, Verdict,
    version::{Start, Wasi},
};
use runtime::artifact::{PrepareError, WorkerBounds};

use super::{
    init,
    stage::{self, Stage, artifact},
};

/// What comes of a component, whose init may compute for 200 ms.
async fn prepared(component: &[u8]) -> Result<Verdict, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let compiler = stage::compiler_within(WorkerBounds { init: Duration::from_millis(200), ..WorkerBounds::default() });
    match stage::prepare_with(&compiler, component, folder.path()).await {
        Ok(prepared) => Ok(prepared.verdict),
        Err(PrepareError::Refused(failure)) => Err(failure),
        Err(error) => panic!("the machine failed: {error}"),
    }
}

/// Why a component is left without a snapshot.
async fn reason(component: &[u8]) -> String {
    match prepared(component).await.unwrap().start {
        Start::Fallback { reason } => reason,
        other => panic!("not left as it was: {other:?}"),
    }
}

/// Why a component is refused, after a check that the sentence names its init.
async fn refused(component: &[u8]) -> Failure {
    let failure = prepared(component).await.unwrap_err();
    assert!(failure.message.contains("init (dormouse:lifecycle/init@0.1.0)"), "{}", failure.message);
    failure
}

#[tokio::test]
async fn an_init_is_run_and_what_it_left_is_frozen() {
    let folder = tempfile::tempdir().unwrap();
    let verdict = stage::prepare(&harness::guest("heavy"), folder.path()).await.unwrap().verdict;
    let Start::Snapshot { init_us, memory_bytes } = verdict.start else { panic!("no snapshot: {verdict:?}") };
    assert!(init_us > 1_000 && memory_bytes > 280_000, "a table of 280,000 bytes took {init_us} µs");
    let steps: Vec<_> = verdict.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps, ["checked", "snapshotted", "compiled"]);
    assert_eq!(verdict.init_log, "the table is prepared");
    assert!(verdict.exports.contains(&"dormouse:lifecycle/init@0.1.0".to_owned()));
}

/// What the guest says that it shares with other instances, by name.
async fn shared(stage: &Stage, guest: &'static str) -> BTreeMap<String, String> {
    let text = stage.get(guest, "/shared").await.text().await;
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    text.lines().filter_map(pair).collect()
}

#[tokio::test]
async fn every_instance_begins_where_init_ended_and_draws_keys_of_its_own() {
    let stage = Stage::new().variable("GREETING", "hello");
    for guest in ["heavy", "heavy3"] {
        let (one, other) = (shared(&stage, guest).await, shared(&stage, guest).await);
        assert_eq!(one["prepared"], "true true", "{guest}");
        assert_eq!(one["drawn"], other["drawn"], "what init drew is in all instances of {guest}");
        assert_eq!(one["std"], other["std"], "and so are the keys of the standard library's maps");
        assert_ne!(one["sdk"], other["sdk"], "but not those of the SDK's");
        assert_ne!(one["random"], other["random"], "{guest}");
        assert_eq!(one["greeting"], "hello", "the version's variables are there");
        assert_eq!(stage.get(guest, "/?n=27").await.text().await, "27 takes 111 steps\n");
    }
}

#[tokio::test]
async fn without_an_init_every_instance_prepares_itself() {
    let stage = Stage::new();
    let (one, other) = (shared(&stage, "heavy-cold").await, shared(&stage, "heavy-cold").await);
    assert_eq!(one["prepared"], "false false");
    assert_ne!(one["drawn"], other["drawn"]);
    assert_eq!(stage.get("heavy-cold", "/?n=27").await.text().await, "27 takes 111 steps\n");
    assert_eq!(artifact("heavy-cold").await.wasi, Wasi::Preview2);
}

#[tokio::test]
async fn memory_and_globals_are_frozen_as_init_left_them() {
    let globals = "(global $one (mut i32) (i32.const 0)) (global $other (mut f64) (f64.const 0))";
    let verdict = prepared(&init::component(globals, "(global.set $one (i32.const 7))")).await.unwrap();
    assert!(matches!(verdict.start, Start::Snapshot { memory_bytes: 65_536, .. }), "{:?}", verdict.start);
    let grown = init::component("", "(drop (memory.grow (i32.const 99)))");
    let verdict = prepared(&grown).await.unwrap();
    assert!(matches!(verdict.start, Start::Snapshot { memory_bytes: 6_553_600, .. }), "{:?}", verdict.start);
}

#[tokio::test]
async fn the_bare_function_serves_where_there_is_no_interface() {
    let world = "package test:made; world w { include dormouse:platform/http-preview2@0.1.0;
        export wizer-initialize: func(); }";
    let text = r#"(func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32) unreachable)
        (func (export "wizer-initialize") (i32.store (i32.const 8) (i32.const 1)))"#;
    let verdict = prepared(&init::from_text(world, text)).await.unwrap();
    assert!(matches!(verdict.start, Start::Snapshot { .. }), "{:?}", verdict.start);
}

#[tokio::test]
async fn a_guest_of_0_3_has_an_init_too() {
    let world = "package test:made; world w { include dormouse:platform/http-preview3@0.1.0;
        export dormouse:lifecycle/init@0.1.0; }";
    let text = r#"(func (export "wasi:http/handler@0.3.0#handle") (param i32) (result i32) unreachable)
        (func (export "dormouse:lifecycle/init@0.1.0#init") (i32.store (i32.const 8) (i32.const 1)))"#;
    let verdict = prepared(&init::from_text(world, text)).await.unwrap();
    assert_eq!(verdict.wasi, Wasi::Preview3);
    assert!(matches!(verdict.start, Start::Snapshot { .. }), "{:?}", verdict.start);
}

#[tokio::test]
async fn an_init_that_prints_and_closes_the_stream_is_frozen_and_what_it_wrote_is_kept() {
    let prints = "(local $stream i32) (local.set $stream (call $get_stdout))
        (call $write (local.get $stream) (i32.const 16) (i32.const 17) (i32.const 64))";
    let verdict = prepared(&init::component("", &format!("{prints} (call $drop_stream (local.get $stream))"))).await;
    let verdict = verdict.unwrap();
    assert!(matches!(verdict.start, Start::Snapshot { .. }), "{:?}", verdict.start);
    assert_eq!(verdict.init_log, "there is no table");
    let left_open = reason(&init::component("", prints)).await;
    assert!(left_open.contains("left something of the platform's open"), "{left_open}");
}

#[tokio::test]
async fn an_init_that_asks_for_variables_is_not_frozen_without_them() {
    let reason = reason(&init::component("", "(call $get_environment (i32.const 64))")).await;
    assert!(reason.contains("read its environment"), "{reason}");
}

#[tokio::test]
async fn what_cannot_be_frozen_runs_without_a_snapshot_and_says_why() {
    let table = r#"(table 1 funcref) (func $sets (table.set (i32.const 0) (ref.null func)))"#;
    let vector = "(global (mut v128) (v128.const i64x2 0 0))";
    for (more, said) in [(table, "table.set"), (vector, "v128")] {
        let reason = reason(&init::component(more, "")).await;
        assert!(reason.contains("cannot be frozen") && reason.contains(said), "{reason}");
    }
    let reason = reason(&composed()).await;
    assert!(reason.contains("nested components"), "{reason}");
}

/// A component with an init that holds another component.
fn composed() -> Vec<u8> {
    const COMPONENT_SECTION: u8 = 4;
    let inner = wat::parse_str("(component (core module))").unwrap();
    let mut outer = init::component("", "");
    outer.extend([COMPONENT_SECTION, u8::try_from(inner.len()).unwrap()]);
    outer.extend(inner);
    outer
}

#[tokio::test]
async fn an_init_that_traps_fails_the_version_with_its_last_words() {
    let last_words = "(local $stream i32) (local.set $stream (call $get_stdout))
        (call $write (local.get $stream) (i32.const 16) (i32.const 17) (i32.const 64)) unreachable";
    let failure = refused(&init::component("", last_words)).await;
    assert_eq!(failure.code, "init-trapped");
    assert!(failure.message.contains("unreachable") && failure.message.contains("there is no table"), "{failure:?}");
    let deep = init::component("(func $deeper (call $deeper))", "(call $deeper)");
    assert_eq!(refused(&deep).await.code, "init-trapped");
    let failure = refused(&init::component("", "(call $exit (i32.const 1))")).await;
    assert!(failure.code == "init-trapped" && failure.message.contains("exited"), "{failure:?}");
}

#[tokio::test]
async fn an_init_that_never_ends_fails_the_version() {
    assert_eq!(refused(&init::component("", "(loop (br 0))")).await.code, "init-out-of-time");
    let hour = "(call $block (call $after (i64.const 3600000000000)))";
    assert_eq!(refused(&init::component("", hour)).await.code, "init-out-of-time");
}

#[tokio::test]
async fn an_init_that_takes_all_memory_fails_the_version() {
    let greedy = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 100)) (i32.const -1)))) unreachable";
    let failure = refused(&init::component("", greedy)).await;
    assert_eq!(failure.code, "init-out-of-memory");
    assert!(failure.message.contains("128 MiB"), "{}", failure.message);
}

#[tokio::test]
async fn an_init_of_another_signature_is_refused() {
    let world = "package test:made;
        world w { include dormouse:platform/http-preview2@0.1.0; export dormouse:lifecycle/init@0.1.0; }
        package dormouse:lifecycle@0.1.0 { interface init { init: func(times: u32); } }";
    let text = r#"(func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32) unreachable)
        (func (export "dormouse:lifecycle/init@0.1.0#init") (param i32))"#;
    let failure = prepared(&init::from_text(world, text)).await.unwrap_err();
    assert_eq!(failure.code, "init-signature");
    assert!(failure.message.contains("init: func()"), "{}", failure.message);
}

#[test]
fn a_verdict_from_before_there_were_snapshots_reads_as_a_plain_start() {
    let old = r#"{ "wasi": "0.2", "world": "", "imports": [], "exports": [], "capabilities": [],
        "component_bytes": 1, "artifact_bytes": 2, "steps": [] }"#;
    let verdict: Verdict = serde_json::from_str(old).unwrap();
    assert_eq!((verdict.start, verdict.unoptimised, verdict.init_log), (Start::Plain, false, String::new()));
}
