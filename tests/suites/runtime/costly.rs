//! Components that are small to send and costly to compile: each costs one worker within its limits.

use std::{fmt::Write as _, iter, time::Duration};

use domain::Failure;
use harness::{burner, unanswering};
use runtime::artifact::{PrepareError, WorkerBounds};

use super::stage;

/// A function of nested loops: what optimising costs grows much faster than what translating does.
pub(crate) fn nested_loops() -> Vec<u8> {
    const LOOPS: usize = 2_000;
    const LOCALS: usize = 500;
    let locals = "i32 ".repeat(LOCALS);
    let mut text = format!("(func (local {locals})");
    for n in 0..LOOPS {
        let [one, two] = [n * 7 % LOCALS, (n * 97 + 13) % LOCALS];
        write!(text, "(loop (local.set {one} (i32.add (local.get {one}) (local.get {two})))").unwrap();
    }
    for n in 0..LOOPS {
        write!(text, "(br_if 0 (local.get {})))", n * 31 % LOCALS).unwrap();
    }
    text.push(')');
    unanswering(&text)
}

/// `count` functions that do nothing.
pub(crate) fn empty_functions(count: usize) -> Vec<u8> {
    unanswering(&"(func)".repeat(count))
}

/// Why `component` is refused by a worker with two seconds of CPU time.
async fn refused(component: &[u8]) -> Failure {
    let folder = tempfile::tempdir().unwrap();
    let compiler = stage::compiler_within(WorkerBounds { cpu: Duration::from_secs(2), ..WorkerBounds::default() });
    match stage::prepare_with(&compiler, component, folder.path()).await {
        Err(PrepareError::Refused(failure)) => failure,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_component_that_makes_the_compiler_burn_is_ended_at_the_limit() {
    let burner = burner();
    assert_eq!(burner.len() >> 10, 724);
    assert_eq!(refused(&burner).await.code, "out-of-time");
}

#[tokio::test]
async fn a_component_that_takes_too_long_to_optimise_is_translated() {
    let folder = tempfile::tempdir().unwrap();
    let compiler = stage::compiler_within(WorkerBounds { cpu: Duration::from_secs(8), ..WorkerBounds::default() });
    let verdict = stage::prepare_with(&compiler, &nested_loops(), folder.path()).await.unwrap().verdict;
    assert!(verdict.unoptimised);
    let verdict = stage::prepare(&empty_functions(9), folder.path()).await.unwrap().verdict;
    assert!(!verdict.unoptimised);
}

#[tokio::test]
async fn more_functions_than_a_component_may_have_are_refused_before_they_are_compiled() {
    let file = empty_functions(200_000);
    assert!(file.len() < 900_000, "{} bytes", file.len());
    let failure = refused(&file).await;
    assert_eq!(failure.code, "too-complex");
    assert!(failure.message.contains("functions; at most 100000"), "{}", failure.message);
}

#[tokio::test]
async fn whatever_else_there_is_too_much_of_is_named() {
    let long = format!(r#"(func (export "{}"))"#, "x".repeat(20_000));
    let cases = [
        ("(memory 1)".repeat(9), "memories"),
        ("(table 1 funcref)".repeat(40), "tables"),
        ("(table 200000 funcref)".to_owned(), "elements in one table"),
        ("(global i32 (i32.const 0))".repeat(300_001), "definitions"),
        (long, "bytes in one name"),
        (format!("(func {})", "(drop (i32.const 1))".repeat(200_000)), "bytes of code in one function"),
    ];
    for (text, what) in cases {
        let failure = refused(&unanswering(&text)).await;
        assert_eq!(failure.code, "too-complex", "{}", failure.message);
        assert!(failure.message.contains(what), "{}", failure.message);
    }
    let mut nested = "(component)".to_owned();
    for _ in 0..17 {
        nested = format!("(component {nested})");
    }
    let failure = refused(&wat::parse_str(nested).unwrap()).await;
    assert!(failure.message.contains("nested components"), "{}", failure.message);
    let instances = format!("(component (component $inner) {})", "(instance (instantiate $inner))".repeat(1_001));
    let failure = refused(&wat::parse_str(instances).unwrap()).await;
    assert!(failure.message.contains("component instances"), "{}", failure.message);
}

/// A component that makes an instance of another one, which makes two of another one, and so on.
fn doubling(levels: u32) -> Vec<u8> {
    const COMPONENT: u8 = 4;
    const INSTANCES: u8 = 5;
    let mut inner = "(component $of0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for level in 1..=levels {
        let below = level - 1;
        let two = format!("(instance (instantiate $of{below}))").repeat(2);
        inner = format!("(component $of{level} {inner} {two})");
    }
    let inner = wat::parse_str(inner).unwrap();
    let mut outer = unanswering("");
    let nth = sections(&outer).filter(|kind| *kind == COMPONENT).count();
    outer.push(COMPONENT);
    outer.extend(leb(inner.len()));
    outer.extend(inner);
    outer.extend([INSTANCES, 4, 1, 0, u8::try_from(nth).unwrap(), 0]);
    outer
}

/// The kinds of the outermost sections of `component`.
fn sections(component: &[u8]) -> impl Iterator<Item = u8> {
    const HEADER_BYTES: usize = 8;
    let mut rest = &component[HEADER_BYTES..];
    iter::from_fn(move || {
        let (kind, after) = rest.split_first()?;
        let size_bytes = 1 + after.iter().take_while(|byte| **byte & 0x80 != 0).count();
        let size = after[..size_bytes].iter().rev().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f));
        rest = &after[size_bytes + size..];
        Some(*kind)
    })
}

/// `number` in as few groups of seven bits as it takes.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f | 0x80) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[tokio::test]
async fn instances_that_make_instances_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    stage::prepare(&doubling(2), folder.path()).await.unwrap();
    let failure = refused(&doubling(14)).await;
    assert_eq!(failure.code, "too-complex");
    assert!(failure.message.contains("16385 core module instances"), "{}", failure.message);
}
