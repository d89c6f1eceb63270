//! Components that are small to send and costly to compile.

use std::{fmt::Write as _, path::Path};

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::repository;

/// 724 KiB that make the optimiser burn: a function of branches that mix many variables, as often as it may be long,
/// and another of the rest.
///
/// # Panics
///
/// If the interfaces of the platform cannot be read.
#[must_use]
pub fn burner() -> Vec<u8> {
    /// A branch takes 14 or 15 bytes.
    const BRANCHES: [usize; 2] = [35_000, 16_780];
    const LOCALS: usize = 300;
    let mut text = String::new();
    for branches in BRANCHES {
        let locals = "i32 ".repeat(LOCALS);
        write!(text, "(func (local {locals})").expect("a string takes all text");
        for n in 0..branches {
            let [one, two, three] = [n * 7 % LOCALS, n * 31 % LOCALS, (n * 97 + 13) % LOCALS];
            let sum = format!("(i32.add (local.get {two}) (local.get {three}))");
            write!(text, "(if (local.get {one}) (then (local.set {three} {sum})))").expect("a string takes all text");
        }
        text.push(')');
    }
    unanswering(&text)
}

/// A component whose core module has the fields `text` besides a handler that traps.
///
/// # Panics
///
/// If `text` is no WebAssembly, or the interfaces of the platform cannot be read.
#[must_use]
pub fn unanswering(text: &str) -> Vec<u8> {
    const WORLD: &str = "package test:costly; world w { include dormouse:platform/http-preview2@0.1.0; }";
    let module = format!(
        r#"(module {text}
            (func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32) unreachable)
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))"#
    );
    let mut resolve = Resolve::default();
    resolve.push_dir(repository().join("wit/platform")).expect("the platform's interfaces");
    let package = resolve.push_str(Path::new("costly.wit"), WORLD).expect("a world");
    let world = resolve.select_world(&[package], Some("w")).expect("the world");
    let mut module = wat::parse_str(module).expect("a module");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("a module of the world");
    ComponentEncoder::default().module(&module).expect("the module").encode().expect("a component")
}
