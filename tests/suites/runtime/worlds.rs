//! The platform's worlds in `wit/platform` are what the server links: no more, no less.

use std::collections::BTreeSet;

use domain::version::Wasi;

use super::{made, stage};

fn imports_of(world: &str) -> BTreeSet<String> {
    let resolve = made::platform();
    let (_, world) = resolve.worlds.iter().find(|(_, found)| found.name == world).unwrap();
    world.imports.keys().map(|key| resolve.name_world_key(key)).collect()
}

fn offered(wasi: Wasi) -> BTreeSet<String> {
    runtime::offered_imports(wasi).map(str::to_owned).collect()
}

#[test]
fn the_worlds_name_what_is_offered() {
    assert_eq!(imports_of("http-preview2"), offered(Wasi::Preview2));
    assert_eq!(imports_of("http-preview3"), offered(Wasi::Preview3));
}

#[tokio::test]
async fn a_component_that_imports_everything_of_a_world_links() {
    for (world, wasi) in [("http-preview2", Wasi::Preview2), ("http-preview3", Wasi::Preview3)] {
        let folder = tempfile::tempdir().unwrap();
        let wit = format!(
            "package test:made;
             world everything {{ include dormouse:platform/{world}@0.1.0; include dormouse:platform/handlers@0.1.0; }}"
        );
        let prepared = stage::prepare(&made::component_of(&wit, "everything"), folder.path()).await.unwrap();
        assert_eq!(prepared.verdict.wasi, wasi);
        assert_eq!(BTreeSet::from_iter(prepared.verdict.imports), imports_of(world));
    }
}
