//! What a component imports and exports, and what that means here.

use domain::{Capability, Failure, Handler, version::Wasi};
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
    let wasi = generation(&imports, &exports, preview3)?;
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

/// The generation that a component of these `imports` and `exports` is of: that of its handler of HTTP requests, the
/// newer where there are two; without one, that of what it imports.
fn generation(imports: &[String], exports: &[String], preview3: bool) -> Result<Wasi, Failure> {
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
    if Handler::ALL.iter().any(|handler| handler.is_among(exports)) {
        let newer = |import: &String| is_offered(import, Wasi::Preview3) && !is_offered(import, Wasi::Preview2);
        return Ok(if preview3 && imports.iter().any(newer) { Wasi::Preview3 } else { Wasi::Preview2 });
    }
    let found = match exports {
        [] => "nothing".to_owned(),
        exports => exports.join(", "),
    };
    let wanted: Vec<_> = Handler::ALL.iter().map(|handler| handler.export()).collect();
    let message =
        format!("the component exports no handler, which is any of {}; it exports {found}", wanted.join(", "));
    Err(refusal("no-handler", message))
}

/// Whether `name` is `interface` in a final release of `major.minor`.
fn is_of_release(name: &str, interface: &str, (major, minor): (u64, u64)) -> bool {
    matches!(versioned(name), Some((found, version))
        if found == interface && version.pre.is_empty() && (version.major, version.minor) == (major, minor))
}

/// Whether the platform offers `import` to guests of `wasi`. Whether it has each function of it is for the linker to
/// say.
fn is_offered(import: &str, wasi: Wasi) -> bool {
    offered_imports(wasi).any(|offered| alike(import, offered))
}

/// Whether `import` is served by what is `offered`: the same interface in a release of the same minor number, or in
/// the same draft.
fn alike(import: &str, offered: &str) -> bool {
    match (versioned(import), versioned(offered)) {
        (Some((interface, version)), Some((ours, our_version))) if interface == ours => {
            let of_release = |version: &Version| version.pre.is_empty().then_some((version.major, version.minor));
            version == our_version || of_release(&version).is_some_and(|it| of_release(&our_version) == Some(it))
        }
        _ => false,
    }
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
        ("wasi:cli", "environment") | ("wasi:config", "store") => Some(Capability::Environment),
        ("wasi:keyvalue", _) => Some(Capability::KeyValue),
        ("dormouse:queue", "producer") => Some(Capability::Queues),
        ("dormouse:function", "invoker") => Some(Capability::Functions),
        ("dormouse:secrets", "store") => Some(Capability::Secrets),
        ("dormouse:websocket", "connections") => Some(Capability::Connections),
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
        let exports = |names: &[&str]| generation(&[], &exported(names), true);
        assert_eq!(exports(&["wasi:http/incoming-handler@0.2.0"]), Ok(Wasi::Preview2));
        let both = ["wasi:http/handler@0.3.0", "wasi:http/incoming-handler@0.2.0"];
        assert_eq!(exports(&both), Ok(Wasi::Preview3));
        assert_eq!(generation(&[], &exported(&both), false), Ok(Wasi::Preview2));
        let off = generation(&[], &exported(&["wasi:http/handler@0.3.0"]), false).unwrap_err();
        assert!(off.message.contains("switched off"));
        let command = exports(&["wasi:cli/run@0.2.3"]).unwrap_err();
        assert_eq!(command.code, "no-handler");
        assert!(command.message.contains("wasi:cli/run@0.2.3"));
    }

    #[test]
    fn without_a_handler_of_http_the_imports_decide() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let consumer = names(&["dormouse:queue/consumer@0.1.0"]);
        let older = names(&["wasi:clocks/wall-clock@0.2.3", "dormouse:queue/types@0.1.0"]);
        assert_eq!(generation(&older, &consumer, true), Ok(Wasi::Preview2));
        let newer = names(&["wasi:clocks/system-clock@0.3.0"]);
        assert_eq!(generation(&newer, &consumer, true), Ok(Wasi::Preview3));
        assert_eq!(generation(&newer, &consumer, false), Ok(Wasi::Preview2));
    }
}
