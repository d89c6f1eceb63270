//! A server that runs and can be asked, whoever made it.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bytes::Bytes;
use harness::{Client, Request};
use serde::Serialize;

use crate::workload::{ECHO_BYTES, Method, Workload};

/// Whose server it is, and how it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Axum,
    Dormouse,
    DormouseReuse,
    Wasmtime,
    WasmtimeReuse,
    Workerd,
    WorkerdFresh,
}

impl Kind {
    /// Whether it is another way to set up a server that is measured already: such are measured with one number
    /// of connections only.
    pub(crate) const fn is_variant(self) -> bool {
        matches!(self, Self::DormouseReuse | Self::WasmtimeReuse | Self::WorkerdFresh)
    }

    /// Its name in the table.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Axum => "axum (plain, native)",
            Self::Dormouse => "Dormouse",
            Self::DormouseReuse => "Dormouse, reuse on",
            Self::Wasmtime => "wasmtime serve",
            Self::WasmtimeReuse => "wasmtime serve, reuse on",
            Self::Workerd => "workerd, isolate reused",
            Self::WorkerdFresh => "workerd, fresh isolate",
        }
    }
}

/// A server that runs and can be asked.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    /// Scheme, address and port.
    pub(crate) origin: String,
    /// What the header `host` says, where it matters.
    pub(crate) host: Option<String>,
    pub(crate) pid: u32,
    /// The path, where it is not the function's; with a slash at both ends.
    pub(crate) path: Option<String>,
    /// What follows the path, with its question mark.
    pub(crate) query: String,
}

impl Server {
    /// Where `workload` answers.
    pub(crate) fn url(&self, workload: &Workload) -> String {
        let path = self.path.clone().unwrap_or_else(|| format!("/{}/", workload.path));
        format!("{}{path}{}", self.origin, self.query)
    }

    /// Asks for `workload` until the answer is a success.
    ///
    /// # Errors
    ///
    /// If that takes longer than a minute.
    pub(crate) async fn until_first_success(&self, workload: &Workload) -> anyhow::Result<()> {
        const PATIENCE: Duration = Duration::from_secs(60);
        const PAUSE: Duration = Duration::from_micros(200);
        let deadline = Instant::now() + PATIENCE;
        // Each try has a new connection, as that of a first caller.
        while !self.request(workload).try_send().await.is_ok_and(|answer| answer.status().is_success()) {
            anyhow::ensure!(Instant::now() < deadline, "{} gave no success within a minute", self.kind.title());
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Sends one request and checks the answer: figures of wrong answers would mean nothing.
    ///
    /// # Errors
    ///
    /// If there is no answer, or not the one that the workload wants.
    pub(crate) async fn check(&self, workload: &Workload, expected: &str) -> anyhow::Result<()> {
        let request = self.request(workload);
        let answer = request.try_send().await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let right = match workload.method {
            Method::Get => answer.text().starts_with(expected),
            Method::Post => *answer.bytes() == echo(),
        };
        if !(answer.status().is_success() && right) {
            let begins: String = answer.text().chars().take(200).collect();
            anyhow::bail!("the answer is wrong: {} {begins:?}", answer.status());
        }
        Ok(())
    }

    /// One request of `workload`, on a connection of its own.
    fn request(&self, workload: &Workload) -> Request {
        let client = Client::new();
        let request = match workload.method {
            Method::Get => client.request(http::Method::GET, self.url(workload)),
            Method::Post => client.request(http::Method::POST, self.url(workload)).body(echo()),
        };
        match &self.host {
            Some(host) => request.header("host", host),
            None => request,
        }
    }
}

/// A body for `echo` whose every part looks different.
fn echo() -> Bytes {
    (0..ECHO_BYTES).map(|n| (n % 251) as u8).collect()
}

/// A server as a child of this process; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// Scheme, address and port.
    pub(crate) origin: String,
}

impl Running {
    /// Starts `command` and reads where it listens from what it writes: `find` looks at one line.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or ends before it listens.
    pub(crate) fn start(mut command: Command, find: fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let shown = format!("{command:?}");
        let (output, input) = std::io::pipe()?;
        command.stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input);
        let child = command.spawn().with_context(|| format!("cannot start {shown}"))?;
        // It holds the pipe's other end, which must close when the child ends.
        drop(command);
        let mut running = Self { child, origin: String::new() };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let origin = lines.find_map(|line| find(&line)).with_context(|| format!("{shown} ended before it listened"))?;
        running.origin = origin;
        // What else it writes is read and thrown away, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(running)
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The child as a server whose functions lie at their own paths.
    pub(crate) fn server(&self, kind: Kind) -> Server {
        let origin = self.origin.clone();
        Server { kind, origin, host: None, pid: self.pid(), path: None, query: String::new() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It fails only where the server is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first address with a port in `line`, as an origin.
pub(crate) fn address_in(line: &str) -> Option<String> {
    let from = line.find("http://")?;
    let address = line.get(from..)?.split_whitespace().next()?;
    Some(address.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_a_line() {
        assert_eq!(address_in("Serving HTTP on http://127.0.0.1:43789/").as_deref(), Some("http://127.0.0.1:43789"));
        assert_eq!(address_in("http://127.0.0.1:1").as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(address_in("nothing"), None);
    }
}
