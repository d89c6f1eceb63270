//! What a queue holds, how fast it comes and goes, and who consumes it.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Function, Queue, Trigger};

use super::{queue::Here, row_link};
use crate::{
    api::Api,
    browser,
    components::{
        cli::SameAsCli,
        table::{facts, figures, nothing},
        time::When,
    },
    format, place,
    remote::Remote,
};

/// A queue's counters at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    at_us: i64,
    sent: u64,
    acknowledged: u64,
    dead: u64,
}

impl Sample {
    fn of(queue: &Queue) -> Self {
        let depth = &queue.depth;
        Self { at_us: browser::now_us(), sent: depth.sent, acknowledged: depth.acknowledged, dead: depth.dead }
    }
}

/// How fast something happened between two samples, such as `12.5/s`.
fn rate(from: Sample, to: Sample, count: impl Fn(Sample) -> u64) -> String {
    let seconds = (to.at_us - from.at_us) as f64 / 1e6;
    if seconds < 1.0 {
        return "…".to_owned();
    }
    let each = count(to).saturating_sub(count(from)) as f64 / seconds;
    if each == 0.0 { "0/s".to_owned() } else { format!("{}/s", format::decimal(each, 1)) }
}

/// The page.
#[component]
pub(crate) fn QueueOverviewPage() -> impl IntoView {
    let here = Here::get();
    // The first sample since the page is open; what is counted before says nothing about now.
    let first = RwSignal::new(None::<(String, Sample)>);
    let latest = Memo::new(move |_| here.found.get().map(|queue| (queue.name.clone(), Sample::of(&queue))));
    Effect::new(move |_| {
        let Some((name, sample)) = latest.get() else { return };
        if first.with_untracked(|first| first.as_ref().is_none_or(|(of, _)| *of != name)) {
            first.set(Some((name, sample)));
        }
    });
    let command =
        Signal::derive(move || format!("dormouse queue show {} --project {}", here.name.get(), here.project.get()));
    view! {
        <h2 class="hidden">"Overview"</h2>
        {here.found.view("the queue", move |queue| {
            let now = Sample { at_us: browser::now_us(), ..Sample::of(&queue) };
            let from = first.get_untracked().filter(|(of, _)| *of == queue.name).map_or(now, |(_, sample)| sample);
            view! { <Figures queue=queue.clone() from now /> <Facts here queue /> }
        })}
        <Consumers here />
        <SameAsCli command />
    }
}

/// What is in it now, and what became of what was.
#[component]
fn Figures(queue: Queue, from: Sample, now: Sample) -> impl IntoView {
    let depth = queue.depth;
    let oldest = depth.oldest_at_us.map_or_else(|| "—".into_any(), |at| view! { <When at /> }.into_any());
    let count = |count| format::grouped(count).into_any();
    let panels = [
        (
            "Now",
            vec![
                ("Messages", count(depth.messages)),
                ("In flight", count(depth.in_flight)),
                ("Held back", count(depth.delayed)),
                ("Oldest", oldest),
            ],
        ),
        (
            "Since this page is open",
            vec![
                ("Came", rate(from, now, |at| at.sent).into_any()),
                ("Done", rate(from, now, |at| at.acknowledged).into_any()),
                ("Put aside", rate(from, now, |at| at.dead).into_any()),
            ],
        ),
        (
            "Ever",
            vec![
                ("Came", count(depth.sent)),
                ("Done", count(depth.acknowledged)),
                ("Put aside", count(depth.dead)),
                ("Too old", count(depth.expired)),
            ],
        ),
    ];
    let panels: Vec<_> = panels
        .into_iter()
        .map(|(title, all)| view! { <section class="panel"><h3>{title}</h3>{figures(all)}</section> })
        .collect();
    view! { <div class="columns">{panels}</div> }
}

/// How it is set up.
#[component]
fn Facts(here: Here, queue: Queue) -> impl IntoView {
    let project = here.project.get_untracked();
    let letters = match queue.dead_letter_queue {
        Some(name) => row_link(place::queue(&project, &name, "messages"), name),
        None => nothing("as its trigger says"),
    };
    let all = vec![
        ("Keeps for", format::span(queue.retention_s.into()).into_any()),
        ("Dead letters", letters),
        ("Created", view! { <When at=queue.created_at_us /> }.into_any()),
        ("Id", view! { <code>{queue.id}</code> }.into_any()),
    ];
    view! { <section class="panel"><h3>"Settings"</h3>{facts(all)}</section> }
}

/// The functions whose live deployment consumes the queue.
#[component]
fn Consumers(here: Here) -> impl IntoView {
    let api = Api::here();
    let functions = Remote::new(
        move || here.project.get(),
        move |project| async move { api.list_functions(&project, 4).await.map(|page| page.items) },
    );
    view! {
        <section class="panel">
            <h3>"Consumed by"</h3>
            {functions.view("functions", move |functions: Vec<Function>| {
                let (project, queue) = here.names();
                let rows: Vec<_> = functions
                    .into_iter()
                    .filter_map(|function| {
                        let live = function.live?;
                        let trigger = live.triggers.iter().filter_map(Trigger::as_queue).find(|one| one.queue.as_str() == queue)?;
                        let words = format!(
                            "batches of {}, {} at once, {} tries",
                            trigger.batch_size, trigger.max_concurrency, trigger.max_receives
                        );
                        let href = place::function(&project, &function.name, "triggers");
                        Some(view! { <div><dt><A href>{function.name.clone()}</A></dt><dd>{words}</dd></div> })
                    })
                    .collect();
                if rows.is_empty() {
                    view! {
                        <p class="muted">
                            "No function consumes this queue. Give one a queue trigger on its page Triggers, or in dormouse.toml."
                        </p>
                    }
                    .into_any()
                } else {
                    view! { <dl class="facts">{rows}</dl> }.into_any()
                }
            })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_time_to_pass() {
        let from = Sample { at_us: 0, sent: 10, acknowledged: 0, dead: 0 };
        let to = Sample { at_us: 4_000_000, sent: 60, ..from };
        assert_eq!(rate(from, to, |at| at.sent), "12.5/s");
        assert_eq!(rate(from, to, |at| at.dead), "0/s");
        assert_eq!(rate(from, from, |at| at.sent), "…");
    }
}
