//! Which cores the servers run on, and which one the load comes from.

use std::process::{Command, Stdio};

use anyhow::Context as _;

/// The cores of one benchmark: the servers have one, the load another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cores {
    server: usize,
    load: usize,
}

/// Where a process may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The core of the servers alone.
    Server,
    /// The core of the load alone.
    Load,
    /// Both cores.
    Both,
}

impl Cores {
    /// The first two cores that this process may use.
    ///
    /// # Errors
    ///
    /// If there are fewer.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").context("the benchmark needs Linux")?;
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        match allowed(list.unwrap_or_default()).as_slice() {
            [server, load, ..] => Ok(Self { server: *server, load: *load }),
            _ => anyhow::bail!("two cores are needed, one for the servers and one for the load"),
        }
    }

    /// Keeps the first thread of this process to `place`, and whatever it starts from here on. Servers size
    /// their thread pools by it.
    ///
    /// # Errors
    ///
    /// If `taskset` is missing or refuses.
    pub(crate) fn move_to(self, place: Place) -> anyhow::Result<()> {
        let process = std::process::id().to_string();
        let status = Command::new("taskset")
            .args(["--cpu-list", "--pid", &self.list(place), &process])
            .stdout(Stdio::null())
            .status()
            .context("cannot run taskset (of util-linux)")?;
        anyhow::ensure!(status.success(), "taskset cannot move the benchmark to {place:?}");
        Ok(())
    }

    /// The cores of `place` as `taskset` reads them.
    pub(crate) fn list(self, place: Place) -> String {
        match place {
            Place::Server => self.server.to_string(),
            Place::Load => self.load.to_string(),
            Place::Both => format!("{},{}", self.server, self.load),
        }
    }
}

/// Reads a list such as `0-1,4`.
fn allowed(list: &str) -> Vec<usize> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_list_of_cores_is_read() {
        assert_eq!(allowed("\t0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(allowed(""), Vec::<usize>::new());
    }
}
