//! Components made for one claim: dummies that import and export what a world says.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

/// The packages in `wit/platform`, and nothing else.
pub(super) fn platform() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_dir(harness::repository().join("wit/platform")).unwrap();
    resolve
}

/// A component of the world `name` in the package that `wit` defines on top of the platform's.
pub(crate) fn component_of(wit: &str, name: &str) -> Vec<u8> {
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    component_with(wit, name, |resolve, world| dummy_module(resolve, world, abi))
}

/// As [`component_of`], around the core module `module`.
pub(crate) fn component_from(wit: &str, name: &str, module: &[u8]) -> Vec<u8> {
    component_with(wit, name, |_, _| module.to_vec())
}

fn component_with(wit: &str, name: &str, module: impl FnOnce(&Resolve, WorldId) -> Vec<u8>) -> Vec<u8> {
    let mut resolve = platform();
    if !wit.contains("package dormouse:lifecycle@") {
        resolve.push_dir(harness::repository().join("wit/lifecycle")).unwrap();
    }
    let package = resolve.push_str(Path::new("made.wit"), wit).unwrap();
    let world = resolve.select_world(&[package], Some(name)).unwrap();
    let mut module = module(&resolve, world);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
