//! The server as a process: started on free ports, watched until it is ready, and always ended.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde::Deserialize;

use crate::command::binary;

/// How long a server may take until it is ready, or until it has drained: ample for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server writes to its ready file.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Where the control plane answers.
    pub control: String,
    /// Where functions answer.
    pub data: String,
    /// The one-time link, while there is no person.
    pub set_up_link: Option<String>,
    /// The process.
    pub pid: u32,
}

/// What a server is started with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) data_dir: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
}

/// Where a server that counts what it does writes the counts, as it ends: the variable of whoever had it built so.
const COUNTS: &str = "LLVM_PROFILE_FILE";

/// A running server. Dropping it kills the process, or has it end by itself where it counts what it does.
pub struct Server {
    child: Child,
    ready: Ready,
    log: PathBuf,
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub(crate) async fn start(setting: &Setting) -> Self {
        let stage = setting.data_dir.parent().expect("the data directory lies on a stage");
        let (ready_file, log) = (stage.join("ready.json"), stage.join("server.log"));
        let _ = fs::remove_file(&ready_file);
        let output = File::options().create(true).append(true).open(&log).expect("a log file");
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars() {
            if name.starts_with("DORMOUSE_") || name.starts_with("OTEL_") {
                command.env_remove(name);
            }
        }
        let child = command
            .arg("serve")
            .args(["--control-listen", "127.0.0.1:0", "--data-listen", "127.0.0.1:0"])
            .arg("--data-dir")
            .arg(&setting.data_dir)
            .arg("--ready-file")
            .arg(&ready_file)
            .args(&setting.arguments)
            .envs(setting.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(stage)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle to the log"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", binary().display()));
        let ready = Ready { control: String::new(), data: String::new(), set_up_link: None, pid: child.id() };
        let mut server = Self { child, ready, log };
        server.ready = server.wait_until_ready(&ready_file).await;
        server
    }

    /// What the server said when it was ready.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// All that the server wrote so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The resident memory of the process in bytes, now.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        self.status_kib("VmRSS:") * 1_024
    }

    /// The most resident memory that the process ever had, in bytes. Linux sums its counters of each core roughly:
    /// a later reading may be some pages below an earlier one.
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.status_kib("VmHWM:") * 1_024
    }

    /// Ends the process at once, as a power cut does.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to drain and end.
    pub fn ask_to_end(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "cannot send SIGTERM");
    }

    /// Waits for the end of the process.
    pub async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server did not end\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn wait_until_ready(&mut self, ready_file: &Path) -> Ready {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(text) = fs::read(ready_file) {
                return serde_json::from_slice(&text).expect("a ready file is written whole");
            }
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                panic!("the server ended before it was ready: {status}\n{}", self.log());
            }
            assert!(Instant::now() < deadline, "the server was not ready in time\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn status_kib(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a running server");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a known field");
        line.trim().trim_end_matches(" kB").parse().expect("a figure in KiB")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already has no process left to ask.
        if std::env::var_os(COUNTS).is_some() && matches!(self.child.try_wait(), Ok(None)) {
            self.ask_to_end();
            let _ = self.child.wait();
        }
        self.kill9();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("── the server's last lines ──\n{}", lines[lines.len().saturating_sub(25)..].join("\n"));
        }
    }
}
