//! The pipeline's artifacts: sealed, named after all that they depend on, made within limits.

use std::{fs::File, iter, os::unix::fs::FileExt as _, sync::Mutex, time::Duration};

use domain::{Capability, Digest, version::Wasi};
use runtime::{
    LoadError, MacKey,
    artifact::{Compiler, PrepareError, WorkerBounds},
};

use super::{
    made,
    stage::{self, Stage, artifact, mac_key},
};

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
async fn an_artifact_with_any_of_10_000_bits_flipped_is_not_loaded() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    // A small artifact, since each bit costs a look at all of it.
    let component =
        made::component_of("package test:made; world w { include dormouse:platform/http-preview2@0.1.0; }", "w");
    let prepared = stage::prepare(&component, folder.path()).await.unwrap();
    let path = folder.path().join("artifact");
    let load = |mac: &[u8; 32]| stage.runtime.load(&path, mac, &mac_key(), prepared.verdict.wasi);
    let file = File::options().read(true).write(true).open(&path).unwrap();
    let bits = file.metadata().unwrap().len() * 8;
    let flip = |bit: u64| {
        let mut byte = [0];
        file.read_exact_at(&mut byte, bit / 8).unwrap();
        file.write_all_at(&[byte[0] ^ (1 << (bit % 8))], bit / 8).unwrap();
    };
    let mut random = SplitMix(2_026);
    for bit in iter::repeat_with(|| random.next() % bits).take(10_000) {
        flip(bit);
        assert!(matches!(load(&prepared.mac), Err(LoadError::Tampered)), "bit {bit} of {bits}");
        flip(bit);
    }
    for bit in 0..256 {
        let mut mac = prepared.mac;
        mac[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(load(&mac), Err(LoadError::Tampered)), "bit {bit} of the seal");
    }
    file.write_all_at(&[0], bits / 8).unwrap();
    assert!(matches!(load(&prepared.mac), Err(LoadError::Tampered)), "one byte more");
    file.set_len(bits / 8 - 1).unwrap();
    assert!(matches!(load(&prepared.mac), Err(LoadError::Tampered)), "one byte less");
}

/// A small generator of numbers that are the same in each run (Steele, Lea and Flood, 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
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
