//! The worker's limits on itself, set before it touches the component.

use std::io;

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, getrlimit, nice, setrlimit},
};

use super::protocol::Request;
use crate::bounds;

/// Address space that a place for one instance reserves, though little of it is used: 4 GiB and guards for each
/// memory that it may have, and for one more.
const RESERVED_BYTES: u64 = (bounds::MEMORIES as u64 + 1) * (6 << 30);

/// Holds this process to what `request` allows, puts it behind the server, and forbids core dumps.
///
/// At the soft limit of CPU time the kernel ends the process with `SIGXCPU`, which tells the parent
/// why.
///
/// # Errors
///
/// The parent's own limits are lower.
pub(super) fn set(request: &Request) -> io::Result<()> {
    /// About a third of the time where calls want all of it.
    const NICENESS: i32 = 5;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let most = getrlimit(Resource::As).maximum.unwrap_or(u64::MAX);
    let reserved = request.memory_bytes.saturating_add(RESERVED_BYTES).min(most);
    setrlimit(Resource::As, Rlimit { current: Some(request.memory_bytes), maximum: Some(reserved) })?;
    let cpu = Rlimit { current: Some(request.cpu_seconds), maximum: Some(request.cpu_seconds + 1) };
    setrlimit(Resource::Cpu, cpu)?;
    nice(NICENESS)?;
    Ok(())
}

/// Runs `work`, which makes an instance, with room for the address space that its memories reserve; what they
/// hold is for the instance's own limit to say. What `work` returns holds nothing of them, and no thread that it began
/// goes on: the process has no memory to give while it is beyond its limit.
///
/// # Errors
///
/// The limit cannot be changed.
pub(super) fn with_room_for_an_instance<T>(work: impl FnOnce() -> T) -> Result<T, Errno> {
    let before = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: before.maximum, maximum: before.maximum })?;
    let _until_then = Lowered(before);
    Ok(work())
}

/// Sets the limit on address space when it is dropped, whichever way.
struct Lowered(Rlimit);

impl Drop for Lowered {
    fn drop(&mut self) {
        // A process may always lower its own limit.
        let _ = setrlimit(Resource::As, self.0);
    }
}
