//! What the kernel knows of a server's process.

use std::fs;

use anyhow::Context as _;

/// A clock tick (`USER_HZ` is 100 on Linux).
const TICK_US: f64 = 10_000.0;

/// CPU time of a process so far in microseconds: fields 14 and 15 of its `stat`, whose second one, the
/// name in brackets, may hold blanks.
///
/// # Errors
///
/// If the process is gone.
pub(crate) fn cpu_us(process: u32) -> anyhow::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).context("the server is gone")?;
    let fields = text.rsplit_once(')').context("a stat file of another shape")?.1.split_whitespace();
    Ok(fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() * TICK_US)
}

/// Resident memory in bytes, now.
///
/// # Errors
///
/// If the process is gone.
pub(crate) fn resident_bytes(process: u32) -> anyhow::Result<u64> {
    status_bytes(process, "VmRSS:")
}

/// The most resident memory in bytes since [`forget_peak`].
///
/// # Errors
///
/// If the process is gone.
pub(crate) fn peak_resident_bytes(process: u32) -> anyhow::Result<u64> {
    status_bytes(process, "VmHWM:")
}

/// Lets the peak of resident memory begin anew from what is resident now.
///
/// # Errors
///
/// If the process is gone, or another user's.
pub(crate) fn forget_peak(process: u32) -> anyhow::Result<()> {
    const PEAK: &str = "5";
    fs::write(format!("/proc/{process}/clear_refs"), PEAK).context("the server is gone")
}

/// The most resident memory in bytes that any child of a process had; 0 where there is none.
///
/// # Errors
///
/// If the processes cannot be listed.
pub(crate) fn children_peak_bytes(process: u32) -> anyhow::Result<u64> {
    let parent = format!("PPid:\t{process}");
    let numbers = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // A process that ends while it is looked at had its say before.
    let is_child = |number: &u32| {
        fs::read_to_string(format!("/proc/{number}/status"))
            .is_ok_and(|status| status.lines().any(|line| line == parent))
    };
    Ok(numbers.filter(is_child).filter_map(|child| peak_resident_bytes(child).ok()).max().unwrap_or_default())
}

fn status_bytes(process: u32, field: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("a status file of another shape")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
}
