//! The `dormouse` binary as a person or a script runs it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use serde::de::DeserializeOwned;

use crate::Project;

/// Where the binary lies: as `DORMOUSE_BIN` says, else beside the executable that asks (the benchmark), or
/// beside its directory (the suites).
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        if let Some(named) = std::env::var_os("DORMOUSE_BIN") {
            return std::path::absolute(named).expect("a path");
        }
        let asking = std::env::current_exe().expect("an executable has a path");
        let mut folders = asking.ancestors().skip(1).take(2).map(|folder| folder.join("dormouse"));
        let found = folders.find(|binary| binary.is_file());
        found.unwrap_or_else(|| panic!("no `dormouse` near {}: run `cargo build --workspace` first", asking.display()))
    });
    &BINARY
}

/// `dormouse` with no settings from the environment of the tests.
#[must_use]
pub fn command() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars() {
        if name.starts_with("DORMOUSE_") || name == "NO_COLOR" {
            command.env_remove(name);
        }
    }
    command
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs `command` to its end, off the test's thread so that actors go on meanwhile.
    ///
    /// # Panics
    ///
    /// If it cannot be started or is killed.
    pub async fn of(mut command: Command) -> Self {
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread");
        let Output { status, stdout, stderr } = output.expect("a command that can be started");
        Self {
            code: status.code().expect("a command that ends by itself"),
            stdout: String::from_utf8(stdout).expect("text on standard output"),
            stderr: String::from_utf8(stderr).expect("text on standard error"),
        }
    }

    /// Standard output as JSON.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not the JSON expected: {error}\n{self:?}"))
    }

    /// The run itself, where it ended with `code`; else the test ends and shows it.
    ///
    /// # Panics
    ///
    /// If it ended otherwise.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

impl Project {
    /// Runs `dormouse` with `arguments` for this project, holding the token `secret`.
    pub async fn run(&self, secret: &str, arguments: &[&str]) -> Ran {
        let mut command = command();
        command
            .args(arguments)
            .current_dir(self.platform().stage())
            .env("DORMOUSE_URL", self.platform().ready().control)
            .env("DORMOUSE_PROJECT", self.name())
            .env("DORMOUSE_TOKEN", secret);
        Ran::of(command).await
    }
}
