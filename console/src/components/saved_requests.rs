//! Test requests that the browser keeps for a function.

use leptos::prelude::*;
use wire::Invoke;

use super::icon::{Glyph, Icon};
use crate::saved::{self, Saved};

/// The kept requests, a button that keeps the present one, and for each one to load and to drop it.
#[component]
pub(crate) fn SavedRequests(
    /// The project's name.
    project: Memo<String>,
    /// The function's name.
    function: Memo<String>,
    /// The request as it stands in the form.
    #[prop(into)]
    request: Signal<Invoke>,
    /// Puts a kept request into the form.
    on_load: impl Fn(Invoke) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let list = RwSignal::new(Vec::<Saved>::new());
    Effect::new(move |_| list.set(saved::list(&project.get(), &function.get())));
    let keep = move |_| {
        let request = request.get_untracked();
        let version = request.version.map(|number| format!(" v{number}")).unwrap_or_default();
        let name = format!("{} {}{version}", request.method, request.path);
        let kept = saved::keep(&project.get_untracked(), &function.get_untracked(), Saved { name, request });
        list.set(kept);
    };
    let rows = move || {
        let rows = list.get().into_iter().map(|one| {
            let (name, label) = (one.name.clone(), format!("Drop {}", one.name));
            let drop = move |_| {
                list.set(saved::drop(&project.get_untracked(), &function.get_untracked(), &name));
            };
            let request = one.request;
            view! {
                <li>
                    <button type="button" class="link mono" on:click=move |_| on_load(request.clone())>{one.name}</button>
                    <button type="button" class="icon-button" aria-label=label.clone() title=label on:click=drop>
                        <Icon glyph=Glyph::Close />
                    </button>
                </li>
            }
        });
        rows.collect_view()
    };
    view! {
        <div class="saved">
            <div class="section-head">
                <h3>"Saved in this browser"</h3>
                <span class="grow"></span>
                <button type="button" class="button small" on:click=keep>"Save this request"</button>
            </div>
            <ul class="plain">{rows}</ul>
        </div>
    }
}
