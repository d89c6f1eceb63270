//! The palette: finds functions, pages and actions by a few letters.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use leptos_router::hooks::use_navigate;
use wire::{Action, Function};

use super::{dialog::Dialog, drop_zone::FilePicker};
use crate::{
    account::Account,
    api::Api,
    place::{self, Place},
    remote::Remote,
};

/// What choosing an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    Go(String),
    Upload,
    NewProject,
}

/// One line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    label: String,
    kind: &'static str,
    deed: Deed,
}

/// The palette: arrows move, Enter chooses, Escape closes.
#[component]
pub(crate) fn Palette(
    /// Where the person is.
    at: Memo<Place>,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
    /// Opens the dialog for a new project.
    on_new_project: impl Fn() + Clone + Send + Sync + 'static,
    /// Picks a file.
    picker: FilePicker,
) -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let navigate = use_navigate();
    let project = Memo::new(move |_| at.get().project.unwrap_or_default());
    let functions = Remote::new(
        move || project.get(),
        move |name| async move { api.list_functions(&name, 4).await.map(|page| page.items) },
    );
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let functions = functions.get().unwrap_or_default();
        let mut all = entries(account, &at.get(), &functions);
        let words: Vec<String> = text.get().to_ascii_lowercase().split_whitespace().map(str::to_owned).collect();
        all.retain(|entry| {
            let label = entry.label.to_ascii_lowercase();
            words.iter().all(|word| label.contains(word))
        });
        all.truncate(12);
        all
    });
    let choose = {
        let close = on_close.clone();
        move |entry: &Entry| match &entry.deed {
            Deed::Go(to) => {
                close();
                navigate(to, Default::default());
            }
            Deed::Upload => {
                picker.open();
                close();
            }
            Deed::NewProject => on_new_project(),
        }
    };
    let on_key = {
        let choose = choose.clone();
        move |event: KeyboardEvent| {
            let last = found.with_untracked(Vec::len).saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => chosen.update(|index| *index = if *index >= last { 0 } else { *index + 1 }),
                "ArrowUp" => chosen.update(|index| *index = index.checked_sub(1).unwrap_or(last)),
                "Enter" => {
                    if let Some(entry) = found.with_untracked(|found| found.get(chosen.get_untracked()).cloned()) {
                        choose(&entry);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    let input = NodeRef::<html::Input>::new();
    let rows = move || {
        let choose = choose.clone();
        let rows = found.get().into_iter().enumerate().map(move |(index, entry)| {
            let choose = choose.clone();
            let (label, kind) = (entry.label.clone(), entry.kind);
            view! {
                <li
                    id=format!("palette-{index}")
                    role="option"
                    aria-selected=move || (chosen.get() == index).to_string()
                    on:mousemove=move |_| chosen.set(index)
                    on:click=move |_| choose(&entry)
                >
                    <span>{label}</span>
                    <span class="muted">{kind}</span>
                </li>
            }
        });
        rows.collect_view()
    };
    view! {
        <Dialog title="Find" on_close>
            <input
                node_ref=input
                class="palette-input"
                type="text"
                role="combobox"
                aria-label="Function, page or action"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                autocomplete="off"
                spellcheck="false"
                autofocus
                placeholder="Function, page or action"
                prop:value=move || text.get()
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    chosen.set(0);
                }
                on:keydown=on_key
            />
            <ul id="palette-list" class="palette-list" role="listbox" aria-label="Found">{rows}</ul>
            <p class="muted note" role="status">{move || found.with(Vec::is_empty).then_some("Nothing has these letters.")}</p>
        </Dialog>
    }
}

/// All that can be found from where the person is; what is nearest comes first.
fn entries(account: Account, at: &Place, functions: &[Function]) -> Vec<Entry> {
    let mut all = Vec::new();
    let mut add = |label: String, kind: &'static str, deed: Deed| all.push(Entry { label, kind, deed });
    let project = at.project.clone().unwrap_or_default();
    if let Some(name) = &at.function {
        for (tab, label) in
            [("versions", "Versions"), ("deployments", "Deployments"), ("triggers", "Triggers"), ("test", "Test")]
        {
            add(format!("{label} of {name}"), "page", Deed::Go(place::function(&project, name, tab)));
        }
        if account.may(&project, Action::DeploymentRollBack) {
            add(format!("Roll back {name}"), "action", Deed::Go(place::roll_back(&project, name, None)));
        }
    }
    for function in functions {
        add(function.name.clone(), "function", Deed::Go(place::function(&project, &function.name, "")));
    }
    if account.may(&project, Action::VersionCreate) {
        add("Upload a component".to_owned(), "action", Deed::Upload);
    }
    add("Functions".to_owned(), "page", Deed::Go(place::functions(&project)));
    add("Queues".to_owned(), "page", Deed::Go(place::queues(&project)));
    add("Schedules".to_owned(), "page", Deed::Go(place::schedules(&project)));
    add("Connections".to_owned(), "page", Deed::Go(place::connections(&project, "")));
    add("Secrets".to_owned(), "page", Deed::Go(place::secrets(&project)));
    add("Tokens".to_owned(), "page", Deed::Go(place::access(&project)));
    add("Members".to_owned(), "page", Deed::Go(format!("{}/members", place::access(&project))));
    add("Settings".to_owned(), "page", Deed::Go(place::settings(&project)));
    for known in account.projects().into_iter().filter(|known| known.name != project) {
        add(known.name.clone(), "project", Deed::Go(place::functions(&known.name)));
    }
    add("New project".to_owned(), "action", Deed::NewProject);
    all
}
