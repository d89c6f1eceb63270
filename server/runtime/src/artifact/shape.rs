//! The first look at a file: what it is, and whether it is small and plain enough to be worked on.
//!
//! Only headers, sizes and names are read here; nothing is validated.

mod tally;

use domain::Failure;
use wasmparser::{Chunk, Parser, Payload};

use self::tally::Tally;
use super::refusal::{invalid, refusal};
use crate::bounds;

/// Checks that `bytes` are a whole component within the platform's bounds.
///
/// # Errors
///
/// `not-wasm`, `core-module`, `truncated`, `invalid-component` or `too-complex`.
pub(super) fn check(bytes: &[u8]) -> Result<(), Failure> {
    if !Parser::is_component(bytes) {
        return Err(other_file(bytes));
    }
    let mut tally = Tally::default();
    let mut parser = Parser::new(0);
    let mut outer = Vec::new();
    let mut rest = bytes;
    loop {
        let ends = rest.is_empty();
        let (consumed, payload) = match parser.parse(rest, ends) {
            Ok(Chunk::Parsed { consumed, payload }) => (consumed, payload),
            Err(error) if !ends => return Err(invalid(error)),
            Ok(Chunk::NeedMoreData(_)) | Err(_) => return Err(truncated(bytes.len())),
        };
        rest = rest.get(consumed..).unwrap_or_default();
        tally.add(&payload)?;
        match payload {
            Payload::ModuleSection { parser: inner, unchecked_range, .. }
            | Payload::ComponentSection { parser: inner, unchecked_range, .. } => {
                if unchecked_range.end > bytes.len() {
                    return Err(truncated(bytes.len()));
                }
                outer.push(std::mem::replace(&mut parser, inner));
                within("nested components", outer.len(), bounds::NESTING)?;
            }
            Payload::End(_) => match outer.pop() {
                Some(enclosing) => parser = enclosing,
                None => return Ok(()),
            },
            _ => {}
        }
    }
}

/// Refuses when there are more than `most` of `what`.
pub(super) fn within(what: &str, found: usize, most: usize) -> Result<(), Failure> {
    if found <= most {
        return Ok(());
    }
    Err(refusal("too-complex", format!("the component has {found} {what}; at most {most} are accepted")))
}

fn other_file(bytes: &[u8]) -> Failure {
    const MAGIC: &[u8] = b"\0asm";
    const HEADER_BYTES: usize = 8;
    if Parser::is_core_wasm(bytes) {
        let message = "this is a core WebAssembly module, not a component; build for the target wasm32-wasip2, or \
                       turn it into a component with `wasm-tools component new`";
        refusal("core-module", message)
    } else if bytes.starts_with(MAGIC) && bytes.len() < HEADER_BYTES {
        truncated(bytes.len())
    } else if bytes.starts_with(MAGIC) {
        refusal("invalid-component", "the file has a header of WebAssembly of a kind that is not known here")
    } else {
        refusal("not-wasm", "this is not a WebAssembly file: it does not begin with the bytes 00 61 73 6d")
    }
}

fn truncated(bytes: usize) -> Failure {
    refusal("truncated", format!("the component ends in the middle, after {bytes} bytes; send the whole file"))
}
