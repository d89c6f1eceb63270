//! `dormouse secrets`.

use std::io::{self, IsTerminal as _, Read as _};

use clap::{Args, Subcommand};
use domain::{SecretName, Timestamp};

use crate::{error::Error, figures, output::Output, scope::Scope};

/// Writes, lists and deletes secrets.
#[derive(Debug, Subcommand)]
pub enum Secrets {
    /// List the project's secrets, without their values
    List,
    /// Write a new version of a secret; the value comes from standard input, or is asked for
    Set(Set),
    /// Delete a secret with all of its versions
    Delete {
        /// The secret's name
        name: SecretName,
    },
}

/// Writes a new version of a secret; the value comes from standard input, or is asked for.
#[derive(Args, Debug)]
pub struct Set {
    /// The secret's name, such as API_KEY
    name: SecretName,
    /// Keep the line break at the end of standard input
    #[arg(long)]
    raw: bool,
}

impl Secrets {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let path = format!("/projects/{}/secrets", scope.project().await?);
        match self {
            Self::List => list(scope, &path, output, now).await,
            Self::Set(set) => {
                let body = wire::SetSecret { value: value(&set)? };
                let version: wire::SecretVersion = scope.client().put(&format!("{path}/{}", set.name), &body).await?;
                if output.json() {
                    return output.data(&version);
                }
                output.say(&format!(
                    "{} has version {}; deployments made from now on read it.",
                    set.name, version.version
                ));
                output.next("dormouse promote, or deploy, to have a function read it");
                Ok(())
            }
            Self::Delete { name } => {
                scope.client().delete(&format!("{path}/{name}")).await?;
                output.say(&format!("{name} is gone."));
                Ok(())
            }
        }
    }
}

/// Reads the value: without an echo from a terminal, else from standard input.
fn value(set: &Set) -> Result<String, Error> {
    let stdin = |source| Error::File { path: "standard input".to_owned(), source };
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("Value of {}: ", set.name)).map_err(stdin);
    }
    let mut value = String::new();
    io::stdin().read_to_string(&mut value).map_err(stdin)?;
    let kept = match value.strip_suffix('\n') {
        Some(line) if !set.raw => line.strip_suffix('\r').unwrap_or(line).len(),
        _ => value.len(),
    };
    value.truncate(kept);
    Ok(value)
}

async fn list(scope: &Scope<'_>, path: &str, output: &Output, now: Timestamp) -> Result<(), Error> {
    let page: wire::Page<wire::Secret> = scope.client().get(&format!("{path}?limit=200")).await?;
    if output.json() {
        return output.data(&page);
    }
    if page.items.is_empty() {
        output.say("No secret yet.");
        output.next("dormouse secrets set API_KEY < file");
        return Ok(());
    }
    let rows = page.items.iter().map(|secret| {
        let newest = secret.versions.first();
        let bound: Vec<_> =
            secret.bound.iter().map(|binding| format!("{} ({})", binding.function, binding.version)).collect();
        vec![
            secret.name.clone(),
            newest.map_or_else(String::new, |newest| newest.version.to_string()),
            newest.map_or_else(String::new, |newest| figures::ago(now, newest.created_at_us)),
            newest.map_or_else(String::new, |newest| newest.created_by.clone()),
            bound.join(", "),
        ]
    });
    output.table(&["NAME", "VERSION", "WRITTEN", "BY", "READ BY"], rows.collect())
}
