//! `dormouse calls`: what became of asynchronous calls.

use clap::{Args, Subcommand};
use domain::{Timestamp, id::InvocationId};
use reqwest::Method;

use crate::{
    error::Error,
    figures,
    output::Output,
    scope::{FunctionScope, Scope, Target},
};

/// Lists, shows and cancels asynchronous calls, which `invoke --async` makes.
#[derive(Debug, Subcommand)]
pub enum Calls {
    /// List a function's newest asynchronous calls
    List(All),
    /// Show how an asynchronous call stands, and its answer
    Show(One),
    /// Cancel an asynchronous call that waits
    Cancel(One),
}

/// The calls of one function.
#[derive(Args, Debug)]
pub struct All {
    #[command(flatten)]
    target: Target,
}

/// One call.
#[derive(Args, Debug)]
pub struct One {
    /// The call's id, inv_…
    id: InvocationId,
    #[command(flatten)]
    target: Target,
}

impl Calls {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::List(All { target }) => list(&scope.function(&target).await?, output, now).await,
            Self::Show(One { id, target }) => {
                let scope = scope.function(&target).await?;
                let call: wire::Call = scope.client.get(&scope.path(&format!("/calls/{id}"))).await?;
                show(&call, output, now)
            }
            Self::Cancel(One { id, target }) => {
                let scope = scope.function(&target).await?;
                let request = scope.client.request(Method::DELETE, &scope.path(&format!("/calls/{id}")))?;
                let call: wire::Call = scope.client.read(request).await?;
                show(&call, output, now)
            }
        }
    }
}

async fn list(scope: &FunctionScope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
    let page: wire::Page<wire::Call> = scope.client.get(&scope.path("/calls?limit=50")).await?;
    if output.json() {
        return output.data(&page);
    }
    if page.items.is_empty() {
        output.say(&format!("{} has no asynchronous calls.", scope.function));
        output.next(&format!("dormouse invoke --async --function {} --data hello", scope.function));
        return Ok(());
    }
    let rows = page.items.iter().map(|call| {
        vec![
            call.id.clone(),
            call.state.as_str().to_owned(),
            format!("v{}", call.version),
            call.attempts.to_string(),
            figures::ago(now, call.created_at_us),
            call.error.clone().unwrap_or_default(),
        ]
    });
    output.table(&["ID", "STATE", "VERSION", "ATTEMPTS", "MADE", "ERROR"], rows.collect())
}

/// Shows one call: how it stands goes to standard error, its answer to standard output.
pub(super) fn show(call: &wire::Call, output: &Output, now: Timestamp) -> Result<(), Error> {
    if output.json() {
        return output.data(call);
    }
    let next = call.next_attempt_at_us.map(|at| format!(", next one {}", figures::until(now, at)));
    let attempts = match call.attempts {
        0 => "has not begun".to_owned(),
        1 => "began once".to_owned(),
        more => format!("began {more} times"),
    };
    let (state, next) = (call.state.as_str(), next.unwrap_or_default());
    output.say(&format!("{} on v{} is {state}; it {attempts}{next}.", call.id, call.version));
    if let Some(error) = &call.error {
        output.say(error);
    }
    match &call.answer {
        Some(answer) => super::invoke::print_body(&answer.body, answer.body_is_base64, output),
        None => Ok(()),
    }
}
