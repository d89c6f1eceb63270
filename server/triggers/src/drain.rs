//! The end of work in the background: it is waited for, and cut when the time for that is over.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Waits until `tasks` have ended, for at most `most`; then `cut` is cancelled, which ends those that are left.
/// `what` they are is for the log.
pub(crate) async fn drain(tasks: &TaskTracker, most: Duration, cut: &CancellationToken, what: &str) {
    tasks.close();
    if timeout(most, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "{what} were cut at the end of the drain");
        cut.cancel();
        tasks.wait().await;
    }
}
