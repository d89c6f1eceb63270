//! `dormouse queue redrive`.

use std::time::Duration;

use clap::Args;
use domain::{QueueName, id::RedriveId, queue::RedriveState};

use crate::{error::Error, output::Output, scope::Scope};

/// How often a running redrive is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Moves a queue's messages back to where they came from, or to another queue.
#[derive(Args, Debug)]
pub struct Redrive {
    /// The queue that is emptied, such as a dead-letter queue
    queue: QueueName,
    /// The queue that they go to; each goes to the one that it came from where absent
    #[arg(long, value_name = "QUEUE")]
    to: Option<QueueName>,
    /// The most messages in a second: 1 to 1000
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<u32>,
    /// Return at once; the redrive goes on
    #[arg(long)]
    detach: bool,
    /// Stop this redrive instead
    #[arg(long, value_name = "ID", conflicts_with_all = ["to", "rate", "detach"])]
    stop: Option<RedriveId>,
}

impl Redrive {
    pub(super) async fn run(self, scope: &Scope<'_>, root: &str, output: &Output) -> Result<(), Error> {
        let path = format!("{root}/{}/redrives", self.queue);
        let client = scope.client();
        if let Some(id) = self.stop {
            let stopped: wire::Redrive = client.post(&format!("{path}/{id}/stop"), &()).await?;
            return tell(&stopped, output);
        }
        let body = wire::CreateRedrive { target: self.to.map(String::from), rate_per_s: self.rate };
        let mut redrive: wire::Redrive = client.post(&path, &body).await?;
        if self.detach {
            tell(&redrive, output)?;
            output.next(&format!("dormouse queue redrive {} --stop {}", self.queue, redrive.id));
            return Ok(());
        }
        let bar = output.progress(redrive.total);
        while redrive.state == RedriveState::Running {
            bar.set_position(redrive.moved + redrive.skipped);
            tokio::time::sleep(LOOK).await;
            redrive = client.get(&format!("{path}/{}", redrive.id)).await?;
        }
        bar.finish_and_clear();
        tell(&redrive, output)
    }
}

fn tell(redrive: &wire::Redrive, output: &Output) -> Result<(), Error> {
    if output.json() {
        return output.data(redrive);
    }
    let state = redrive.state.as_str();
    let stay = if redrive.skipped > 0 { format!(", {} stay", redrive.skipped) } else { String::new() };
    output.say(&format!("{} is {state}: {} of {} messages moved{stay}.", redrive.id, redrive.moved, redrive.total));
    Ok(())
}
