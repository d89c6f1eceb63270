//! Which connections are on show: kept in the address, so that a link and Back bring it back.

use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use wire::ConnectionHistory;

use crate::{
    api::encoded,
    components::{
        cli::quoted,
        field::{Choice, TextField},
    },
    place,
    remote::Remote,
};

/// What connections have to be like; what is empty takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Those of this function.
    pub(super) function: String,
    /// Those on this version, by its number.
    pub(super) version: String,
    /// The members of this group.
    pub(super) group: String,
}

impl Filter {
    /// That of the address.
    pub(super) fn here() -> Memo<Self> {
        let query = use_query_map();
        let of = |map: &ParamsMap| {
            let part = |name| map.get(name).unwrap_or_default();
            Self { function: part("function"), version: part("version"), group: part("group") }
        };
        Memo::new(move |_| query.with(of))
    }

    /// Whether it takes all.
    pub(super) fn takes_all(&self) -> bool {
        *self == Self::default()
    }

    /// As an address carries it, of the console and of the API alike: with its `?`, or nothing.
    pub(super) fn query(&self) -> String {
        let parts = self.parts(["function=", "version=", "group="], encoded).join("&");
        if parts.is_empty() { parts } else { format!("?{parts}") }
    }

    /// As options of the command line.
    pub(super) fn options(&self) -> String {
        self.parts([" --function ", " --on v", " --group "], quoted).concat()
    }

    fn parts(&self, names: [&str; 3], written: fn(&str) -> String) -> Vec<String> {
        let all = names.into_iter().zip([&self.function, &self.version, &self.group]);
        all.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}{}", written(value))).collect()
    }

    /// The address of the list that it makes.
    pub(super) fn href(&self, project: &str) -> String {
        format!("{}{}", place::connections(project, ""), self.query())
    }
}

/// The inputs. A choice goes into the address at once, a group when it is written.
#[component]
pub(super) fn FilterForm(
    /// The project's name.
    project: Memo<String>,
    /// What is on show.
    filter: Memo<Filter>,
    /// What there is to choose from.
    history: Remote<ConnectionHistory>,
    /// How many pages are on show: one, once something else is.
    pages: RwSignal<u32>,
) -> impl IntoView {
    let navigate = use_navigate();
    let text = || RwSignal::new(String::new());
    let (function, version, group) = (text(), text(), text());
    Effect::new(move |_| {
        let filter = filter.get();
        function.set(filter.function);
        version.set(filter.version);
        group.set(filter.group);
    });
    let apply = move || {
        let group = group.get_untracked().trim().to_owned();
        let wanted = Filter { function: function.get_untracked(), version: version.get_untracked(), group };
        if wanted != filter.get_untracked() {
            pages.set(1);
            let options = NavigateOptions { scroll: false, ..Default::default() };
            navigate(&wanted.href(&project.get_untracked()), options);
        }
    };
    let submit = apply.clone();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        submit();
    };
    let functions = Memo::new(move |_| {
        let names = history.get().unwrap_or_default().items.into_iter().map(|series| series.function);
        options("all functions", names.collect(), filter.get().function, String::clone)
    });
    let versions = Memo::new(move |_| {
        let chosen = filter.get();
        let mut of = history.get().unwrap_or_default().items;
        of.retain(|series| chosen.function.is_empty() || series.function == chosen.function);
        let mut numbers = Vec::new();
        for series in of {
            if let Err(place) = numbers.binary_search(&series.version.0) {
                numbers.insert(place, series.version.0);
            }
        }
        let numbers = numbers.iter().map(u32::to_string).collect();
        options("all versions", numbers, chosen.version, |number| format!("v{number}"))
    });
    view! {
        <form class="filter" aria-label="Filter" on:change=move |_| apply() on:submit=on_submit>
            <Choice label="Function" value=function options=functions />
            <Choice label="Version" value=version options=versions />
            <TextField label="Group" value=group mono=true maxlength=128 />
        </form>
    }
}

/// Options of a choice: all, then those that there are, then the one that was asked for, where it is another one.
fn options(all: &str, mut there: Vec<String>, asked: String, label: fn(&String) -> String) -> Vec<(String, String)> {
    if !there.contains(&asked) && !asked.is_empty() {
        there.push(asked);
    }
    there.dedup();
    let each = there.into_iter().map(|value| {
        let text = label(&value);
        (value, text)
    });
    std::iter::once((String::new(), all.to_owned())).chain(each).collect()
}
