//! The pipeline's artifacts: sealed, named after all that they depend on, made within limits.

use std::{sync::Mutex, time::Duration};

use domain::{Capability, Digest, version::Wasi};
use runtime::{
    LoadError, MacKey,
    artifact::{Compiler, PrepareError, WorkerBounds},
};

use super::stage::{self, Stage, artifact, mac_key};

#[tokio::test]
async fn a_verdict_tells_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let steps = Mutex::new(Vec::new());
    let hear = |step: &str| steps.lock().unwrap().push(step.to_owned());
    let hostile = harness::guest_path("hostile");
    let path = folder.path().join("artifact");
    let verdict = stage::compiler().prepare(&hostile, &path, &mac_key(), &hear).await.unwrap().verdict;
    assert_eq!(verdict.wasi, Wasi::Preview2);
    assert_eq!(steps.into_inner().unwrap(), ["checked", "compiled"]);
    assert_eq!(verdict.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["checked", "compiled"]);
    assert!(verdict.exports.iter().any(|export| export.starts_with("wasi:http/incoming-handler@0.2.")));
    assert!(verdict.imports.is_sorted() && verdict.imports.iter().any(|import| import.starts_with("wasi:io/streams@")));
    assert!(verdict.capabilities.contains(&Capability::OutboundHttp));
    assert!(!verdict.capabilities.contains(&Capability::Sockets));
    assert!(verdict.world.contains("export wasi:http/incoming-handler@0.2."), "{}", verdict.world);
    assert_eq!(verdict.component_bytes, hostile.metadata().unwrap().len());
    assert_eq!(verdict.artifact_bytes, path.metadata().unwrap().len());
}

#[tokio::test]
async fn an_artifact_with_a_flipped_bit_is_not_loaded() {
    let stage = Stage::new();
    let hello = artifact("hello").await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let whole = std::fs::read(&hello.path).unwrap();
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&copy, damaged).unwrap();
        let refused = stage.runtime.load(&copy, &hello.mac, &mac_key(), hello.wasi);
        assert!(matches!(refused, Err(LoadError::Tampered)));
    }
    std::fs::write(&copy, &whole).unwrap();
    stage.runtime.load(&copy, &hello.mac, &mac_key(), hello.wasi).unwrap();
}

#[tokio::test]
async fn an_artifact_loads_only_under_its_own_key_and_on_its_own_engine() {
    let stage = Stage::new();
    let hello = artifact("hello").await;
    let other = stage.runtime.load(&hello.path, &hello.mac, &MacKey::new([8; 32]), hello.wasi);
    assert!(matches!(other, Err(LoadError::Tampered)));
    let engine = stage.runtime.load(&hello.path, &hello.mac, &mac_key(), Wasi::Preview3);
    assert!(matches!(engine, Err(LoadError::Incompatible(_))));
    let absent = stage.runtime.load(&hello.path.with_extension("absent"), &hello.mac, &mac_key(), hello.wasi);
    assert!(matches!(absent, Err(LoadError::Io(_))));
}

#[test]
fn an_artifact_is_named_after_its_component() {
    let (runtime, again) = (Stage::new().runtime, Stage::new().runtime);
    let [one, two] = [Digest::of(b"one"), Digest::of(b"two")];
    assert_eq!(runtime.artifact_key(&one), again.artifact_key(&one));
    assert_ne!(runtime.artifact_key(&one), runtime.artifact_key(&two));
    assert_eq!(runtime.artifact_key(&one).as_str().len(), 64);
}

#[tokio::test]
async fn a_worker_that_takes_too_long_or_too_much_is_ended() {
    let too_short = WorkerBounds { wall: Duration::from_millis(1), ..WorkerBounds::default() };
    assert_eq!(refusal_within(too_short).await, "out-of-time");
    let too_small = WorkerBounds { memory_bytes: 16 << 20, ..WorkerBounds::default() };
    assert_eq!(refusal_within(too_small).await, "out-of-memory");
}

async fn refusal_within(bounds: WorkerBounds) -> String {
    let folder = tempfile::tempdir().unwrap();
    let compiler = Compiler::new(bounds, harness::binary().to_owned());
    let path = folder.path().join("artifact");
    let refused = compiler.prepare(&harness::guest_path("hostile"), &path, &mac_key(), &|_| ()).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    match refused {
        Err(PrepareError::Refused(failure)) => failure.code,
        other => panic!("not refused: {other:?}"),
    }
}
