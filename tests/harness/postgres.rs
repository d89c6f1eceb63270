//! A PostgreSQL of the tests' own: in a temporary folder, on a unix socket, gone when they end.

use std::{
    ffi::OsString,
    fs,
    io::{self, BufRead, BufReader, Write},
    os::unix::{fs::MetadataExt, fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

/// Starts the server, says so, and when its standard input closes, ends it and removes the folder: however
/// the tests end, the system closes that for them. A signal that was meant for the tests does not stop it.
const KEEPER: &str = r#"
    set -eu
    programs=$1 folder=$2 ready=
    end() {
        [ "$ready" ] || cat "$folder"/*.log >&2
        "$programs/pg_ctl" stop --mode immediate --silent --pgdata "$folder/data" || true
        cd / && rm -rf "$folder"
    }
    trap '' HUP INT PIPE
    trap end EXIT
    "$programs/initdb" --pgdata "$folder/data" --username dormouse --auth trust --encoding UTF8 --no-sync \
        >"$folder/initdb.log" 2>&1
    "$programs/pg_ctl" start --wait --silent --pgdata "$folder/data" --log "$folder/server.log" --options \
        "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=400 -c fsync=off"
    ready=yes
    echo ready
    read -r _ || true
"#;

/// A running PostgreSQL. Dropping it ends the server and removes its folder.
pub struct Postgres {
    keeper: Child,
    programs: PathBuf,
    folder: TempDir,
    databases: AtomicU32,
}

impl Postgres {
    /// The server that all tests of this process share, started by the first that asks.
    ///
    /// `None` if PostgreSQL is not installed; standard error then says, past the test runner's capture,
    /// that the caller's claim was not tested.
    pub fn shared(claim: &str) -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| programs().map(Self::start)).as_ref();
        if shared.is_none() {
            let notice = format!("SKIPPED on PostgreSQL, which is not installed in /usr/lib/postgresql: {claim}\n");
            io::stderr().write_all(notice.as_bytes()).expect("standard error takes a line");
        }
        shared
    }

    /// Starts a server with the programs of the folder `programs`.
    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::Builder::new().prefix("dormouse-postgres-").tempdir().expect("a temporary folder");
        let mut command = Command::new("sh");
        command
            .args([OsString::from("-c"), KEEPER.into(), "keeper".into(), programs.clone().into()])
            .arg(folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some((user, group)) = unprivileged() {
            chown(folder.path(), Some(user), Some(group)).expect("the folder changes hands");
            command.uid(user).gid(group);
        }
        let mut keeper = command.spawn().expect("a shell starts");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut line).expect("the keeper speaks");
        assert_eq!(line, "ready\n", "PostgreSQL did not start; standard error says why");
        Self { keeper, programs, folder, databases: AtomicU32::new(0) }
    }

    /// Makes an empty database and returns its address.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.programs.join("createdb"))
            .arg("--host")
            .arg(self.folder.path())
            .args(["--username", "dormouse", &name])
            .output()
            .expect("createdb starts");
        assert!(made.status.success(), "no database: {}", String::from_utf8_lossy(&made.stderr));
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://dormouse@localhost/{name}?host={socket}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The programs of the newest PostgreSQL that Debian's packages have installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.filter_map(|entry| Some(entry.ok()?.path())).max_by_key(|path| number(path))?;
    Some(newest.join("bin")).filter(|programs| programs.join("initdb").exists())
}

/// User and group to run as, where this process is root, as whom PostgreSQL refuses to run.
fn unprivileged() -> Option<(u32, u32)> {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let fields: Vec<_> = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).collect();
        let account = fields.iter().find(|fields| fields.first() == Some(&name))?;
        Some((account.get(2)?.parse().ok()?, account.get(3)?.parse().ok()?))
    };
    if root { ids("postgres").or_else(|| ids("nobody")) } else { None }
}
