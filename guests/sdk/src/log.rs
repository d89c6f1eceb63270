//! Log lines that leave nothing open.

use wasip2::cli::stderr::get_stderr;

/// Writes a line to the invocation's log: to standard error, which is closed again at once, so that a snapshot can be
/// taken. Formats as `format!` does.
#[macro_export]
macro_rules! log {
    ($($argument:tt)*) => {
        $crate::write_line(&::std::format!($($argument)*))
    };
}

/// Writes `line` and its end to standard error. A line that the host does not take is lost.
pub fn write_line(line: &str) {
    /// What a stream takes in one call.
    const CHUNK_BYTES: usize = 4_096;
    let stderr = get_stderr();
    let line = format!("{line}\n");
    for chunk in line.as_bytes().chunks(CHUNK_BYTES) {
        if stderr.blocking_write_and_flush(chunk).is_err() {
            return;
        }
    }
}
