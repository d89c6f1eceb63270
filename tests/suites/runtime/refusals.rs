//! Files that are no good, each refused with its own code and a sentence that helps.

use domain::Failure;
use runtime::artifact::PrepareError;

use super::{made, stage};

/// Why `file` is refused. Checks that nothing is left behind.
async fn refused(file: &[u8]) -> Failure {
    let folder = tempfile::tempdir().unwrap();
    let failure = match stage::prepare(file, folder.path()).await {
        Err(PrepareError::Refused(failure)) => failure,
        other => panic!("not refused: {other:?}"),
    };
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["component.wasm"]);
    failure
}

#[tokio::test]
async fn what_is_not_webassembly_is_refused() {
    for file in [&b""[..], b"PK\x03\x04", b"<!doctype html>", b"\0as"] {
        assert_eq!(refused(file).await.code, "not-wasm");
    }
}

#[tokio::test]
async fn a_core_module_is_refused() {
    let failure = refused(b"\0asm\x01\0\0\0").await;
    assert_eq!(failure.code, "core-module");
    assert!(failure.message.contains("wasm32-wasip2"), "{}", failure.message);
}

#[tokio::test]
async fn a_truncated_component_is_refused_wherever_it_ends() {
    let whole = harness::guest("hello");
    for bytes in [6, 9, 1_000, whole.len() / 2, whole.len() - 1] {
        let failure = refused(&whole[..bytes]).await;
        assert_eq!(failure.code, "truncated", "{bytes} of {}: {}", whole.len(), failure.message);
    }
}

#[tokio::test]
async fn a_damaged_component_is_refused() {
    let mut damaged = harness::guest("hello").to_vec();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    assert_eq!(refused(&damaged).await.code, "invalid-component");
}

#[tokio::test]
async fn a_component_without_a_handler_is_refused() {
    let command = made::component_of("package test:made; world w { export wasi:cli/run@0.2.12; }", "w");
    let failure = refused(&command).await;
    assert_eq!(failure.code, "no-handler");
    assert!(failure.message.contains("wasi:cli/run@0.2.12"), "{}", failure.message);
}

#[tokio::test]
async fn unknown_imports_are_refused_by_their_full_names() {
    let wit = "package test:made;
        interface greeting { greet: func() -> string; }
        interface farewell { part: func(); }
        world w { import greeting; import farewell; import bare: func(); export wasi:http/incoming-handler@0.2.12; }";
    let failure = refused(&made::component_of(wit, "w")).await;
    assert_eq!(failure.code, "unknown-import");
    assert_eq!(failure.missing_imports, ["bare", "test:made/farewell", "test:made/greeting"]);
    for name in &failure.missing_imports {
        assert!(failure.message.contains(name), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_guest_of_0_2_is_not_offered_0_3() {
    let wit = "package test:made;
        world w { import wasi:random/random@0.3.0; export wasi:http/incoming-handler@0.2.12; }";
    let failure = refused(&made::component_of(wit, "w")).await;
    assert_eq!(failure.missing_imports, ["wasi:random/random@0.3.0"]);
}
