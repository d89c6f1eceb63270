//! `dormouse tokens`.

use clap::{Args, Subcommand};
use domain::{Action, Role, Timestamp, id::TokenId};

use crate::{
    error::Error,
    figures,
    output::{Output, Tone},
    scope::Scope,
};

/// Lists, creates and revokes tokens.
#[derive(Debug, Subcommand)]
pub enum Tokens {
    /// List the project's tokens
    List,
    /// Make a token and print its secret, this once
    Create(Create),
    /// End a token at once
    Revoke {
        /// The token's id, tok_…
        id: TokenId,
    },
}

/// Makes a token and prints its secret, this once.
#[derive(Args, Debug)]
pub struct Create {
    /// The token's name, such as the machine that will hold it
    name: String,
    /// What the token may do, such as function:read,version:create; what a deployer may do by default
    #[arg(long, value_delimiter = ',', value_name = "ACTION")]
    actions: Vec<Action>,
    /// When the token ends, such as 90d, 12h or 30m
    #[arg(long, value_name = "SPAN", default_value = "90d", value_parser = figures::parse_span)]
    expires_in: u32,
}

impl Tokens {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let project = scope.project().await?;
        let path = format!("/projects/{project}/tokens");
        match self {
            Self::List => list(scope, &path, output, now).await,
            Self::Create(create) => create.run(scope, &path, output, now).await,
            Self::Revoke { id } => {
                scope.client().delete(&format!("{path}/{id}")).await?;
                output.say(&format!("{id} is revoked."));
                Ok(())
            }
        }
    }
}

impl Create {
    async fn run(self, scope: &Scope<'_>, path: &str, output: &Output, now: Timestamp) -> Result<(), Error> {
        let actions = if self.actions.is_empty() { what_a_deployer_may() } else { self.actions };
        let body = wire::CreateToken { name: self.name, actions, expires_in_s: Some(self.expires_in) };
        let created: wire::CreatedToken = scope.client().post(path, &body).await?;
        if output.json() {
            return output.data(&created);
        }
        let token = &created.token;
        let end = figures::until(now, token.expires_at_us);
        let once = output.tinted(Tone::Bold, "shown this once");
        output.say(&format!("{} is {}; it ends {end}. Its secret, {once}:", token.name, token.id));
        output.line(&created.secret)?;
        output.next(&format!("DORMOUSE_TOKEN={} dormouse whoami", "…"));
        Ok(())
    }
}

async fn list(scope: &Scope<'_>, path: &str, output: &Output, now: Timestamp) -> Result<(), Error> {
    let page: wire::Page<wire::Token> = scope.client().get(&format!("{path}?limit=200")).await?;
    if output.json() {
        return output.data(&page);
    }
    if page.items.is_empty() {
        output.say("No token yet.");
        output.next("dormouse tokens create ci");
        return Ok(());
    }
    let rows = page.items.iter().map(|token| {
        let used = token.last_used_at_us.map_or_else(|| "never".to_owned(), |at| figures::ago(now, at));
        let actions: Vec<&str> = token.actions.iter().copied().map(Action::as_str).collect();
        let ends = figures::until(now, token.expires_at_us);
        vec![token.id.clone(), token.name.clone(), ends, used, token.created_by.clone(), actions.join(",")]
    });
    output.table(&["ID", "NAME", "ENDS", "USED", "BY", "ACTIONS"], rows.collect())
}

fn what_a_deployer_may() -> Vec<Action> {
    Action::ALL.iter().copied().filter(|action| Role::Deployer.permits(*action)).collect()
}
