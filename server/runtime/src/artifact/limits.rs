//! The worker's limits on itself, set before it touches the component.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::protocol::Request;

/// Holds this process to what `request` allows, and forbids core dumps.
///
/// At the soft limit of CPU time the kernel ends the process with `SIGXCPU`, which tells the parent
/// why.
///
/// # Errors
///
/// The parent's own limits are lower.
pub(super) fn set(request: &Request) -> io::Result<()> {
    let exactly = |bound| Rlimit { current: Some(bound), maximum: Some(bound) };
    setrlimit(Resource::Core, exactly(0))?;
    setrlimit(Resource::As, exactly(request.memory_bytes))?;
    let cpu = Rlimit { current: Some(request.cpu_seconds), maximum: Some(request.cpu_seconds + 1) };
    setrlimit(Resource::Cpu, cpu)?;
    Ok(())
}
