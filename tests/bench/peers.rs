//! The servers that users would pick instead, as `tests/bench/peers.sh` installs them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use crate::{
    server::{Kind, Running, address_in},
    workload::Workload,
};

/// The peers that are installed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peers {
    wasmtime: Option<PathBuf>,
    workerd: Option<PathBuf>,
}

/// How often `wasmtime serve` gives an instance another request where reuse is on.
const REUSE_COUNT: &str = "1000";

impl Peers {
    /// Looks for the peers in the user's cache folder.
    pub(crate) fn find() -> Self {
        let cache = std::env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let Some(folder) = cache.or(home).map(|folder| folder.join("dormouse/peers")) else { return Self::default() };
        // npm lays the program of this machine into a package of its own.
        let packages = std::fs::read_dir(folder.join("node_modules/@cloudflare")).into_iter().flatten().flatten();
        Self {
            wasmtime: Some(folder.join("bin/wasmtime")).filter(|program| program.is_file()),
            workerd: packages.map(|package| package.path().join("bin/workerd")).find(|program| program.is_file()),
        }
    }

    /// The peers that are not installed.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let found = [("wasmtime serve", self.wasmtime.is_some()), ("workerd", self.workerd.is_some())];
        found.into_iter().filter(|(_, found)| !found).map(|(name, _)| name).collect()
    }

    /// What starts a peer of this kind for `workload`, with its caches below `cache`; `None` where it is not
    /// installed or does not do this.
    ///
    /// # Errors
    ///
    /// If the guest was not built.
    pub(crate) fn command(&self, kind: Kind, workload: &Workload, cache: &Path) -> anyhow::Result<Option<Command>> {
        match (kind, &self.wasmtime, &self.workerd) {
            (Kind::Wasmtime | Kind::WasmtimeReuse, Some(program), _) => {
                let mut command = Command::new(program);
                // Pooling and copy-on-write are what it does by default.
                command.args(["serve", "--addr", "127.0.0.1:0", "-Scli"]).env("XDG_CACHE_HOME", cache);
                if workload.preview3 {
                    command.args(["-Sp3", "-Wcomponent-model-async"]);
                }
                match (kind, workload.preview3) {
                    (Kind::WasmtimeReuse, _) => {
                        command.args(["--max-instance-reuse-count", REUSE_COUNT]);
                    }
                    // It shares instances of WASI 0.3 unless told otherwise.
                    (_, true) => {
                        command.args(["--max-instance-reuse-count", "1"]);
                        command.args(["--max-instance-concurrent-reuse-count", "1"]);
                    }
                    (_, false) => {}
                }
                command.arg(guest_path(workload.plain_guest)?);
                Ok(Some(command))
            }
            // It runs JavaScript, so the generations of WASI are nothing to it.
            (Kind::Workerd, _, Some(program)) if !workload.preview3 => Ok(Some(workerd(program, "reused"))),
            // A fresh isolate is compared where it makes the difference.
            (Kind::WorkerdFresh, _, Some(program)) if matches!(workload.name, "hello" | "heavy") => {
                Ok(Some(workerd(program, "fresh")))
            }
            _ => Ok(None),
        }
    }

    /// Starts a peer of this kind; `None` as for [`Self::command`].
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub(crate) fn start(&self, kind: Kind, workload: &Workload, cache: &Path) -> anyhow::Result<Option<Running>> {
        self.command(kind, workload, cache)?.map(|command| Running::start(command, listening)).transpose()
    }
}

/// `workerd serve` with one of the configurations in `workerd.capnp`.
fn workerd(program: &Path, configuration: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--experimental", "--control-fd", "1"]);
    command.arg(harness::repository().join("tests/bench/peers/workerd.capnp")).arg(configuration);
    command
}

/// Where the guest `name` lies.
///
/// # Errors
///
/// If it was not built.
pub(crate) fn guest_path(name: &str) -> anyhow::Result<PathBuf> {
    harness::try_guest_path(name)
        .with_context(|| format!("the guest {name} was not built; run `make guests components`"))
}

/// Where a peer says that it listens: `wasmtime serve` in words, workerd as JSON with a port.
pub(crate) fn listening(line: &str) -> Option<String> {
    let port = || serde_json::from_str::<serde_json::Value>(line).ok()?.get("port")?.as_u64();
    address_in(line).or_else(|| port().map(|port| format!("http://127.0.0.1:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_say_where_they_listen() {
        let workerd = r#"{"event":"listen","socket":"http","port":34323}"#;
        assert_eq!(listening(workerd).as_deref(), Some("http://127.0.0.1:34323"));
        assert_eq!(listening("Serving HTTP on http://127.0.0.1:1/").as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(listening("{}"), None);
    }
}
