//! A button that opens a short list of links and buttons below itself.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};

/// The list closes when something in it is chosen, on Escape, and when the focus leaves it.
#[component]
pub(crate) fn Menu(
    /// What the button shows.
    #[prop(into)]
    label: Signal<String>,
    /// What the list is, for those who do not see it.
    what: &'static str,
    /// Whether the list ends at the button's right edge.
    #[prop(optional)]
    right: bool,
    /// The entries.
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let on_focus_out = move |event: leptos::ev::FocusEvent| {
        let menu = event.current_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if let (Some(menu), Some(next)) = (menu, next)
            && !menu.contains(Some(&next))
        {
            open.set(false);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
        }
    };
    let outside = window_event_listener(leptos::ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let inside = target.and_then(|target| target.closest(".menu").ok().flatten()).is_some();
        if !inside && open.try_get_untracked() == Some(true) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    view! {
        <div class="menu" on:focusout=on_focus_out on:keydown=on_key>
            <button
                type="button"
                class="menu-button"
                aria-haspopup="true"
                aria-expanded=move || open.get().to_string()
                aria-label=move || format!("{what}: {}", label.get())
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="menu-label">{label}</span>
                <Icon glyph=Glyph::Down />
            </button>
            <Show when=move || open.get()>
                <div class="menu-list" class:right=right on:click=move |_| open.set(false)>{children()}</div>
            </Show>
        </div>
    }
}
