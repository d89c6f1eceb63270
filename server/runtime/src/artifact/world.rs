//! What a component imports and exports, and what that means here.

use domain::{Capability, Failure, version::Wasi};
use semver::Version;
use wit_component::WitPrinter;
use wit_parser::{
    Resolve, WorldKey,
    decoding::{DecodedWasm, decode},
};

use super::refusal::{invalid, refusal, unknown_imports};
use crate::link::offered_imports;

/// A component's world, found fit to run.
#[derive(Debug)]
pub(super) struct World {
    pub(super) wasi: Wasi,
    pub(super) text: String,
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
    pub(super) capabilities: Vec<Capability>,
}

/// Reads the world of the component `bytes` and checks it against what the platform offers; a handler
/// of WASI 0.3 counts only where `preview3`.
///
/// # Errors
///
/// `invalid-component`, `no-handler` or `unknown-import`.
pub(super) fn read(bytes: &[u8], preview3: bool) -> Result<World, Failure> {
    let (resolve, world) = match decode(bytes).map_err(invalid)? {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => {
            let message = "the file holds WIT definitions only, no code; upload the component that implements them";
            return Err(refusal("no-handler", message));
        }
    };
    let world = resolve.worlds.get(world).ok_or_else(|| invalid("it has no world"))?;
    let imports = names(&resolve, world.imports.keys());
    let exports = names(&resolve, world.exports.keys());
    let wasi = generation(&exports, preview3)?;
    let missing: Vec<_> = imports.iter().filter(|import| !is_offered(import, wasi)).cloned().collect();
    if !missing.is_empty() {
        return Err(unknown_imports(missing));
    }
    let mut capabilities: Vec<_> = imports.iter().filter_map(|import| capability(import)).collect();
    capabilities.sort_unstable();
    capabilities.dedup();
    let package = world.package.ok_or_else(|| invalid("its world has no package"))?;
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &[]).map_err(invalid)?;
    Ok(World { wasi, text: printer.output.to_string(), imports, exports, capabilities })
}

fn names<'a>(resolve: &Resolve, keys: impl Iterator<Item = &'a WorldKey>) -> Vec<String> {
    let mut names: Vec<_> = keys.map(|key| resolve.name_world_key(key)).collect();
    names.sort_unstable();
    names
}

/// The generation of the handler among `exports`; the newer where there are two.
fn generation(exports: &[String], preview3: bool) -> Result<Wasi, Failure> {
    let exported = |interface, release| exports.iter().any(|export| is_of_release(export, interface, release));
    let newer = exported("wasi:http/handler", (0, 3));
    if newer && preview3 {
        return Ok(Wasi::Preview3);
    }
    if exported("wasi:http/incoming-handler", (0, 2)) {
        return Ok(Wasi::Preview2);
    }
    if newer {
        let message = "the component's handler is of WASI 0.3, which is switched off on this platform; build it \
                       for WASI 0.2, or ask who runs the platform for the setting preview3";
        return Err(refusal("no-handler", message));
    }
    let found = match exports {
        [] => "nothing".to_owned(),
        exports => exports.join(", "),
    };
    let message = format!(
        "the component exports no HTTP handler: neither wasi:http/incoming-handler@0.2 nor \
         wasi:http/handler@0.3; it exports {found}"
    );
    Err(refusal("no-handler", message))
}

/// Whether `name` is `interface` in a final release of `major.minor`.
fn is_of_release(name: &str, interface: &str, (major, minor): (u64, u64)) -> bool {
    matches!(versioned(name), Some((found, version))
        if found == interface && version.pre.is_empty() && (version.major, version.minor) == (major, minor))
}

/// Whether the platform offers `import` to guests of `wasi`: the interface in a release of the same
/// minor number. Whether it has each function of it is for the linker to say.
fn is_offered(import: &str, wasi: Wasi) -> bool {
    let Some((interface, version)) = versioned(import) else { return false };
    offered_imports(wasi).filter_map(versioned).any(|(offered, ours)| {
        offered == interface && version.pre.is_empty() && (ours.major, ours.minor) == (version.major, version.minor)
    })
}

fn versioned(name: &str) -> Option<(&str, Version)> {
    let (interface, version) = name.split_once('@')?;
    Some((interface, version.parse().ok()?))
}

/// What `import` lets a guest do beyond computing.
fn capability(import: &str) -> Option<Capability> {
    let (package, interface) = import.split('@').next()?.split_once('/')?;
    match (package, interface) {
        ("wasi:http", "outgoing-handler" | "client") => Some(Capability::OutboundHttp),
        ("wasi:clocks", _) => Some(Capability::Clocks),
        ("wasi:random", _) => Some(Capability::Random),
        ("wasi:filesystem", _) => Some(Capability::Filesystem),
        ("wasi:sockets", _) => Some(Capability::Sockets),
        ("wasi:cli", "environment") => Some(Capability::Environment),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_offered_by_interface_and_minor_release() {
        assert!(is_offered("wasi:io/streams@0.2.3", Wasi::Preview2));
        assert!(is_offered("wasi:io/streams@0.2.3", Wasi::Preview3));
        assert!(!is_offered("wasi:io/streams@0.3.0", Wasi::Preview2));
        assert!(!is_offered("wasi:http/client@0.3.0", Wasi::Preview2));
        assert!(is_offered("wasi:http/client@0.3.0", Wasi::Preview3));
        assert!(!is_offered("wasi:http/client@0.3.0-rc-2026-01-06", Wasi::Preview3));
        assert!(!is_offered("acme:greeting/hello@0.2.0", Wasi::Preview2));
        assert!(!is_offered("run", Wasi::Preview2));
    }

    #[test]
    fn the_newer_handler_decides() {
        let exported = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let exports = |names: &[&str]| generation(&exported(names), true);
        assert_eq!(exports(&["wasi:http/incoming-handler@0.2.0"]), Ok(Wasi::Preview2));
        let both = ["wasi:http/handler@0.3.0", "wasi:http/incoming-handler@0.2.0"];
        assert_eq!(exports(&both), Ok(Wasi::Preview3));
        assert_eq!(generation(&exported(&both), false), Ok(Wasi::Preview2));
        let off = generation(&exported(&["wasi:http/handler@0.3.0"]), false).unwrap_err();
        assert!(off.message.contains("switched off"));
        let command = exports(&["wasi:cli/run@0.2.3"]).unwrap_err();
        assert_eq!(command.code, "no-handler");
        assert!(command.message.contains("wasi:cli/run@0.2.3"));
    }
}
