//! Components made for one claim: dummies that import and export what a world says.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// The packages in `wit/platform`, and nothing else.
pub(super) fn platform() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_dir(harness::repository().join("wit/platform")).unwrap();
    resolve
}

/// A component of the world `name` in the package that `wit` defines on top of the platform's.
pub(crate) fn component_of(wit: &str, name: &str) -> Vec<u8> {
    let mut resolve = platform();
    let package = resolve.push_str(Path::new("made.wit"), wit).unwrap();
    let world = resolve.select_world(&[package], Some(name)).unwrap();
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
