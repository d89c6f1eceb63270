//! Components whose init does one thing, written as text.

use super::made;

/// What a core module of the platform's world for WASI 0.2 may import, each under a name of its own.
const IMPORTS: &str = r#"
    (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get_stdout (result i32)))
    (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop_stream (param i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
        (func $write (param i32 i32 i32 i32)))
    (import "wasi:cli/environment@0.2.12" "get-environment" (func $get_environment (param i32)))
    (import "wasi:cli/exit@0.2.12" "exit" (func $exit (param i32)))
    (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $after (param i64) (result i32)))
    (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
"#;

/// A component with an HTTP handler that traps whenever it is called, and an init that runs `init`. The core module
/// has `more` besides.
pub(crate) fn component(more: &str, init: &str) -> Vec<u8> {
    let world = "package test:made; world w { include dormouse:platform/http-preview2@0.1.0;
        export dormouse:lifecycle/init@0.1.0; }";
    let handler = r#"(func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32) unreachable)"#;
    let init = format!(r#"(func (export "dormouse:lifecycle/init@0.1.0#init") {init})"#);
    from_text(world, &format!("{IMPORTS} {more} {handler} {init}"))
}

/// A component of the world `w` in `wit`, whose core module has the fields `text`, a memory and an allocator.
pub(crate) fn from_text(wit: &str, text: &str) -> Vec<u8> {
    let module = format!(
        r#"(module {text}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (data (i32.const 16) "there is no table"))"#
    );
    made::component_from(wit, "w", &wat::parse_str(module).unwrap())
}
