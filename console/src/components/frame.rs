//! What stands around every page of a project: the bar above, the navigation, the upload.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    components::{A, Outlet},
    hooks::{use_location, use_navigate},
};

use super::{
    drop_zone::{DropTarget, FilePicker},
    icon::{Glyph, Icon},
    keys_dialog::KeysDialog,
    menu::Menu,
    palette::Palette,
    theme::ThemeButton,
    upload_panel::UploadPanel,
};
use crate::{
    account::Account,
    api::Api,
    browser,
    keys::{self, Wish},
    pages::{home::NewProjectDialog, parameter},
    place::{self, Place},
    toasts::Toasts,
};

/// What can lie over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Nothing,
    Palette,
    Keys,
    NewProject,
}

/// The frame of a project's pages.
#[component]
pub(crate) fn Frame() -> impl IntoView {
    let project = parameter("project");
    let location = use_location();
    let at = Memo::new(move |_| Place::of(&location.pathname.get()));
    let over = RwSignal::new(Over::Nothing);
    let drawer = RwSignal::new(false);
    let picker = FilePicker::new(at);
    let navigate = use_navigate();

    let grant = StoredValue::new(navigate.clone());
    keys::listen(move |wish| {
        let go = |to: String| grant.with_value(|navigate| navigate(&to, Default::default()));
        match wish {
            Wish::Palette => over.set(Over::Palette),
            Wish::Help => over.set(Over::Keys),
            Wish::Functions => go(place::functions(&project.get_untracked())),
            Wish::Queues => go(place::queues(&project.get_untracked())),
            Wish::Schedules => go(place::schedules(&project.get_untracked())),
            Wish::Connections => go(place::connections(&project.get_untracked(), "")),
            Wish::Secrets => go(place::secrets(&project.get_untracked())),
            Wish::Access => go(place::access(&project.get_untracked())),
            Wish::Settings => go(place::settings(&project.get_untracked())),
            Wish::Upload => picker.open(),
            Wish::RollBack => {
                if let Some(function) = at.get_untracked().function {
                    go(place::roll_back(&project.get_untracked(), &function, None));
                }
            }
        }
    });
    // Going somewhere closes the drawer and what lies over the page.
    Effect::new(move |_| {
        let _ = at.get();
        drawer.set(false);
    });
    let close = move || over.set(Over::Nothing);
    let cover = move || match over.get() {
        Over::Nothing => ().into_any(),
        Over::Palette => {
            let on_new_project = move || over.set(Over::NewProject);
            view! { <Palette at on_close=close on_new_project picker /> }.into_any()
        }
        Over::Keys => view! { <KeysDialog on_close=close /> }.into_any(),
        Over::NewProject => view! { <NewProjectDialog on_close=close /> }.into_any(),
    };
    view! {
        <DropTarget at />
        {picker.input()}
        <div class="frame">
            <Bar project drawer over />
            <Navigation project drawer />
            <main id="main" tabindex="-1">
                <UploadPanel />
                <Outlet />
            </main>
        </div>
        {cover}
    }
}

/// The bar above: brand, project, search, theme, person.
#[component]
fn Bar(project: Memo<String>, drawer: RwSignal<bool>, over: RwSignal<Over>) -> impl IntoView {
    let account = expect_context::<Account>();
    let projects = move || {
        let links = account.projects().into_iter().map(|known| {
            let name = known.name.clone();
            view! { <A href=place::functions(&known.name)>{name}</A> }
        });
        links.collect_view()
    };
    let command = if browser::has_command_key() { "⌘K" } else { "Ctrl K" };
    view! {
        <header class="top">
            <button
                type="button"
                class="icon-button only-narrow"
                aria-label="Navigation"
                aria-expanded=move || drawer.get().to_string()
                aria-controls="navigation"
                on:click=move |_| drawer.update(|open| *open = !*open)
            >
                <Icon glyph=Glyph::Menu />
            </button>
            <A href=move || place::functions(&project.get()) attr:class="brand">
                <span class="brand-mark" aria-hidden="true"></span>
                <span class="brand-name">"Dormouse"</span>
            </A>
            <Menu label=project what="Project">
                {projects}
                <button type="button" on:click=move |_| over.set(Over::NewProject)>
                    <Icon glyph=Glyph::Plus />
                    "New project"
                </button>
            </Menu>
            <span class="grow"></span>
            <button
                type="button"
                class="search-button"
                title="Find a function, a page or an action"
                on:click=move |_| over.set(Over::Palette)
            >
                <Icon glyph=Glyph::Search />
                <span class="search-label">"Find"</span>
                <kbd>{command}</kbd>
            </button>
            <ThemeButton />
            <PersonMenu over />
        </header>
    }
}

/// The person: keys, documentation, signing out.
#[component]
fn PersonMenu(over: RwSignal<Over>) -> impl IntoView {
    let account = expect_context::<Account>();
    let api = Api::here();
    let toasts = expect_context::<Toasts>();
    let sign_out = move |_| {
        spawn_local(async move {
            if let Err(error) = api.sign_out().await {
                toasts.say(format!("You are still signed in. {}", error.detail()));
            }
        });
    };
    let name = Signal::derive(move || account.name());
    view! {
        <Menu label=name what="Person" right=true>
            <button type="button" on:click=move |_| over.set(Over::Keys)>"Keys" <kbd>"?"</kbd></button>
            <a href="/docs" rel="external">"API documentation"</a>
            <button type="button" on:click=sign_out>"Sign out"</button>
        </Menu>
    }
}

/// The project's areas. Icons alone below 900 px, a drawer below 600 px.
#[component]
fn Navigation(project: Memo<String>, drawer: RwSignal<bool>) -> impl IntoView {
    view! {
        <nav
            id="navigation"
            class="side"
            class:open=move || drawer.get()
            aria-label="Project"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    drawer.set(false);
                }
            }
        >
            <A href=move || place::functions(&project.get()) attr:title="Functions">
                <Icon glyph=Glyph::Function />
                <span>"Functions"</span>
            </A>
            <A href=move || place::queues(&project.get()) attr:title="Queues">
                <Icon glyph=Glyph::Queue />
                <span>"Queues"</span>
            </A>
            <A href=move || place::schedules(&project.get()) attr:title="Schedules">
                <Icon glyph=Glyph::Clock />
                <span>"Schedules"</span>
            </A>
            <A href=move || place::connections(&project.get(), "") attr:title="Connections">
                <Icon glyph=Glyph::Link />
                <span>"Connections"</span>
            </A>
            <A href=move || place::secrets(&project.get()) attr:title="Secrets">
                <Icon glyph=Glyph::Lock />
                <span>"Secrets"</span>
            </A>
            <A href=move || place::access(&project.get()) attr:title="Access">
                <Icon glyph=Glyph::Key />
                <span>"Access"</span>
            </A>
            <A href=move || place::settings(&project.get()) attr:title="Settings">
                <Icon glyph=Glyph::Dials />
                <span>"Settings"</span>
            </A>
        </nav>
        <div class="drawer-back" class:open=move || drawer.get() on:click=move |_| drawer.set(false)></div>
    }
}
