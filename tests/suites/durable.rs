//! What a success of a send stands for, seen from below: the system calls between the request and its answer.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use harness::Platform;
use serde_json::json;

/// `strace` on a running server; it ends with the test.
struct Traced(Child);

impl Traced {
    /// Watches what the process `pid` writes and syncs, into `file`.
    async fn attach(pid: u32, file: &Path) -> Self {
        let child = Command::new("strace")
            .args(["--follow-forks", "--quiet=attach,thread-execve", "--decode-fds=path", "--string-limit=64"])
            .args(["--trace=fdatasync,fsync,write,writev,sendto,recvfrom,read,pwrite64", "--output"])
            .arg(file)
            .args(["--attach", &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("strace is installed: tests/setup.sh strace");
        let traced = Self(child);
        // It has attached to all threads once the file is there and each thread says who traces it.
        loop {
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
            let attached = tasks.filter_map(Result::ok).all(|task| {
                let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
                !status.lines().any(|line| line == "TracerPid:\t0")
            });
            if attached {
                return traced;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Ends the watch; the traced process goes on.
    fn end(mut self) {
        let asked = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_send_is_synced_between_its_request_and_its_success() {
    let platform = Platform::start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    let ada = project.machine("ada").await;
    ada.post("/queues", json!({ "name": "orders" })).await.expect(201);
    let file = platform.stage().join("calls.txt");
    let traced = Traced::attach(platform.ready().pid, &file).await;
    for n in 0..5 {
        ada.post("/queues/orders/messages", json!({ "body": format!("durable-{n}") })).await.expect(201);
    }
    traced.end();
    let calls = fs::read_to_string(&file).unwrap();
    let mut lines = calls.lines();
    for n in 0..5 {
        // Each search goes on behind the line that the one before found.
        let asked = lines.any(|line| line.contains("POST /api/v1/projects/demo/queues/orders/messages"));
        assert!(asked, "request {n} is not in the trace:\n{calls}");
        let mut until = |wanted: &dyn Fn(&str) -> bool| {
            let found = lines.find(|line| {
                assert!(!line.contains("HTTP/1.1 201"), "an answer left before the sync: {line}\n{calls}");
                wanted(line)
            });
            found.unwrap_or_else(|| panic!("request {n} was never synced:\n{calls}"))
        };
        let begun = until(&|line| line.contains("sync(") && line.contains("dormouse.db-wal"));
        if begun.contains("unfinished") {
            let thread = begun.split_whitespace().next().unwrap();
            until(&|line| line.starts_with(thread) && line.contains("sync resumed") && line.ends_with("= 0"));
        }
        assert!(lines.any(|line| line.contains("HTTP/1.1 201")), "request {n} has no answer:\n{calls}");
    }
}
