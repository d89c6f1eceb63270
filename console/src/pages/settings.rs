//! A project's settings: how far the limits of its versions may go.

use leptos::prelude::*;
use wire::{Action, Ceiling, Limit, Project};

use super::parameter;
use crate::{
    account::Account,
    api::Api,
    components::{field::TextField, form::OrderForm, header::PageHeader},
    format,
    order::Order,
    remote::Remote,
    toasts::Toasts,
};

/// The name of the one figure that is the project's own.
const AT_ONCE: &str = "project_concurrency";

/// The page.
#[component]
pub(crate) fn ProjectSettingsPage() -> impl IntoView {
    let api = Api::here();
    let name = parameter("project");
    let project = Remote::new(move || name.get(), move |name| api.find_project(&name));
    view! {
        <PageHeader crumbs=Vec::new() title="Settings" />
        {project.view("the project", move |found| view! { <CeilingForm found project /> })}
    }
}

/// One figure that can be changed.
#[derive(Clone, Copy)]
struct Figure {
    name: &'static str,
    before: u64,
    typed: RwSignal<String>,
}

impl Figure {
    fn new(name: &'static str, before: u64) -> Self {
        Self { name, before, typed: RwSignal::new(before.to_string()) }
    }

    /// What was typed, where it is a whole number; tracked.
    fn value(self) -> Option<u64> {
        self.typed.with(|typed| typed.trim().parse().ok())
    }

    /// What is wrong with what was typed, as the server would say it; tracked.
    fn error(self) -> Option<String> {
        let Some(value) = self.value() else { return Some("is not a whole number".to_owned()) };
        let mut ceiling = Ceiling::default();
        // How much the server lets the project run at once is for the server to say.
        let checked = ceiling.set(self.name, value).and_then(|()| ceiling.check(u32::MAX));
        checked.err().map(|invalid| invalid.message)
    }
}

/// The ceiling, figure by figure.
#[component]
fn CeilingForm(found: Project, project: Remote<Project>) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let may = expect_context::<Account>().may_now(&found.name, Action::ProjectUpdate);
    let order = Order::new();
    let at_once = Figure::new(AT_ONCE, found.ceiling.project_concurrency.unwrap_or_default().into());
    let limits: Vec<(&Limit, Figure)> = found
        .ceiling
        .values()
        .map(|(limit, most)| (limit, Figure::new(limit.name, most.unwrap_or(limit.most))))
        .collect();
    let figures: Vec<Figure> = std::iter::once(at_once).chain(limits.iter().map(|(_, figure)| *figure)).collect();
    let figures = StoredValue::new(figures);
    let changes = move || -> Vec<(&'static str, u64)> {
        let changed = |figure: &Figure| figure.value().filter(|value| *value != figure.before);
        figures.with_value(|all| all.iter().filter_map(|figure| Some((figure.name, changed(figure)?))).collect())
    };
    let wrong = move || figures.with_value(|all| all.iter().any(|figure| figure.error().is_some()));
    let disabled = move || !may || wrong() || changes().is_empty();
    let name = found.name.clone();
    let command = Signal::derive(move || {
        let words: String = changes().iter().map(|(name, value)| format!(" {name}={value}")).collect();
        format!("dormouse limits{words} --project {name}")
    });
    let name = found.name.clone();
    let on_submit = move || {
        let mut ceiling = Ceiling::default();
        if untrack(changes).into_iter().any(|(name, value)| ceiling.set(name, value).is_err()) {
            return;
        }
        let name = name.clone();
        order.run(api.update_project(&name, ceiling), move |_| {
            project.reload();
            toasts.say("The ceiling is saved.");
        });
    };
    let field = move |label: &'static str, hint: String, figure: Figure| {
        let refused = move || order.field_error(&format!("ceiling.{}", figure.name));
        let error = Signal::derive(move || figure.error().or_else(refused));
        view! { <TextField label value=figure.typed kind="number" hint error required=true readonly=!may /> }
    };
    let of_project = field(
        "Of the whole project at once",
        "Invocations of all of its functions that run at once on one server; takes effect at once.".to_owned(),
        at_once,
    );
    let mut left = vec![of_project];
    left.extend(limits.into_iter().map(|(limit, figure)| field(limit.label, hint(limit), figure)));
    let right = left.split_off(left.len().div_ceil(2));
    let notice = (!may).then(|| view! { <p class="notice">"Only owners of a project change its settings."</p> });
    view! {
        {notice}
        <section class="panel">
            <OrderForm order action="Save" on_submit disabled wide=true command>
                <h2>"Ceiling"</h2>
                <p class="muted">
                    "How far the limits of this project's versions may go. An upload that asks for more is refused; versions that are there already keep theirs, so that they can still be rolled back to."
                </p>
                <div class="columns">
                    <div class="form">{left}</div>
                    <div class="form">{right}</div>
                </div>
            </OrderForm>
        </section>
    }
}

/// What a limit is for, and its bounds.
fn hint(limit: &Limit) -> String {
    let figure = |value| format::figure(limit.unit, value);
    let (least, most, default) = (figure(limit.least), figure(limit.most), figure(limit.default));
    format!("{} {least} to {most}; {default} where a version does not say.", limit.what)
}

#[cfg(test)]
mod tests {
    use wire::Limits;

    use super::*;

    #[test]
    fn a_hint_tells_unit_and_bounds() {
        let memory = Limits::ALL.iter().find(|limit| limit.name == "memory_mib").unwrap();
        assert!(hint(memory).ends_with("1 MiB to 4096 MiB; 128 MiB where a version does not say."), "{}", hint(memory));
    }
}
