//! `dormouse whoami`.

use domain::{Action, Timestamp};

use crate::{client::Client, error::Error, figures, output::Output};

/// Shows who the token belongs to and what it may do.
pub(crate) async fn run(client: &Client, output: &Output, now: Timestamp) -> Result<(), Error> {
    let whoami: wire::Whoami = client.get("/whoami").await?;
    if output.json() {
        return output.data(&whoami);
    }
    let kind = match whoami.kind {
        wire::WhoamiKind::Person => "person",
        wire::WhoamiKind::Token => "token",
    };
    output.line(&format!("{kind} {} ({})", whoami.name, whoami.id))?;
    for project in &whoami.projects {
        let may = match project.role {
            Some(role) => role.to_string(),
            None => project.actions.iter().copied().map(Action::as_str).collect::<Vec<_>>().join(", "),
        };
        output.line(&format!("project {}: {may}", project.name))?;
    }
    if let Some(end) = whoami.expires_at_us {
        output.say(&format!("The token ends {}.", figures::until(now, end)));
    }
    Ok(())
}
