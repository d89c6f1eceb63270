//! The dialog that puts an earlier deployment back, and shows beforehand exactly what that changes.

use leptos::{prelude::*, task::spawn_local};
use wire::{Action, Deployment, RollBack};

use super::{
    changes::ChangesView, cli::message_option, dialog::Dialog, field::TextField, form::OrderForm, loading::Loading,
};
use crate::{
    account::Account,
    api::Api,
    browser, format,
    order::Order,
    remote::{Beat, Remote},
    toasts::Toasts,
};

/// Which deployment to put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The one before the live one.
    Previous,
    /// The one with this number.
    Number(u32),
}

/// Finds the deployment that is meant and shows what putting it back changes.
#[component]
pub(crate) fn RollBackDialog(
    /// The project's name.
    project: String,
    /// The function's name.
    function: String,
    /// Which deployment to put back.
    goal: Goal,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let api = Api::here();
    let names = StoredValue::new((project, function));
    let recent = Remote::new(
        move || names.get_value(),
        move |(project, function)| async move {
            let live = api.find_function(&project, &function).await?.live;
            let wanted = match (goal, &live) {
                (Goal::Number(number), _) => Some(number),
                (Goal::Previous, Some(live)) => live.number.checked_sub(1).filter(|number| *number > 0),
                (Goal::Previous, None) => None,
            };
            let (Some(live), Some(wanted)) = (live, wanted) else { return Ok(None) };
            let page = api.list_deployments(&project, &function, 4).await?;
            Ok(page.items.into_iter().find(|one| one.number == wanted).map(|target| (live, target)))
        },
    );
    let title = move || match recent.get() {
        Some(Some((_, target))) => format!("Roll back to {}", format::split(&target.versions)),
        _ => "Roll back".to_owned(),
    };
    let close = on_close.clone();
    let body = move || match recent.get() {
        Some(Some((live, target))) => {
            let (project, function) = names.get_value();
            view! { <Plan project function live target on_done=close.clone() /> }.into_any()
        }
        Some(None) => {
            view! { <p>"There is no earlier deployment to go back to. Deploy a second version first."</p> }.into_any()
        }
        None => view! { <Loading what="deployments" /> }.into_any(),
    };
    view! { <Dialog title=Signal::derive(title) on_close wide=true>{body}</Dialog> }
}

/// What changes, why, and the one button.
#[component]
fn Plan(
    project: String,
    function: String,
    live: Deployment,
    target: Deployment,
    on_done: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let api = Api::here();
    let (beat, toasts) = (expect_context::<Beat>(), expect_context::<Toasts>());
    let may = expect_context::<Account>().may_now(&project, Action::DeploymentRollBack);
    let names = StoredValue::new((project, function));
    let number = target.number;
    let changes = Remote::new(
        move || names.get_value(),
        move |(project, function)| api.find_changes(&project, &function, number),
    );
    let message = RwSignal::new(String::new());
    let rolling = Order::new();
    let after = format::split(&target.versions);
    let action = format!("Roll back to {after}");
    let on_submit = move || {
        let (project, function) = names.get_value();
        let (close, text) = (on_done.clone(), format!("{function} is back on {after}"));
        let undo = Undo { api, beat, toasts, project: project.clone(), function: function.clone(), to: live.number };
        let body = RollBack { to: Some(number), message: message.get_untracked(), expected_live: Some(live.number) };
        let started = browser::now_us();
        rolling.run(api.roll_back(&project, &function, &body), move |_| {
            let took = u64::try_from(browser::now_us() - started).unwrap_or(0);
            close();
            beat.now();
            toasts.offer(format!("{text}, live after {}.", format::duration(took)), "Undo", move || undo.run());
        });
    };
    let refusal =
        (!may).then(|| view! { <span class="muted">"Your role in this project does not include this."</span> });
    let command = Signal::derive(move || {
        let (project, function) = names.get_value();
        let why = message_option(&message.get());
        format!("dormouse rollback {number} --function {function} --project {project}{why}")
    });
    view! {
        <OrderForm order=rolling action on_submit disabled=!may beside=refusal.into_any() command>
            {changes.view("changes", |changes| view! { <ChangesView changes /> })}
            <TextField label="Message" value=message hint="Why. May stay empty." autofocus=true />
        </OrderForm>
    }
}

/// Takes a rollback back, which is another rollback.
#[derive(Clone)]
struct Undo {
    api: Api,
    beat: Beat,
    toasts: Toasts,
    project: String,
    function: String,
    to: u32,
}

impl Undo {
    fn run(&self) {
        let Self { api, beat, toasts, project, function, to } = self.clone();
        let body = RollBack { to: Some(to), message: "Undo the rollback".to_owned(), expected_live: None };
        spawn_local(async move {
            match api.roll_back(&project, &function, &body).await {
                Ok(live) => toasts.say(format!("{function} is on {} again.", format::split(&live.versions))),
                Err(error) => toasts.say(format!("{function} is as it was. {}", error.detail())),
            }
            beat.now();
        });
    }
}
