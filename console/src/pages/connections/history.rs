//! How many connections functions had within the last hour.

use leptos::prelude::*;
use wire::{ConnectionHistory, ConnectionSeries};

use super::Filter;
use crate::{
    components::chart::{Band, chart, legend},
    format,
    pages::queues::row_link,
};

/// The most charts on one page.
const MOST: usize = 12;
/// How many versions are told apart; where there are still two more, those are counted together.
const APART: usize = 3;

/// A chart for each function, or for the one that is asked for; a function's name leads to its connections.
pub(super) fn charts(project: &str, filter: &Filter, history: &ConnectionHistory) -> AnyView {
    let wanted = |series: &&ConnectionSeries| filter.function.is_empty() || series.function == filter.function;
    let items: Vec<_> = history.items.iter().filter(wanted).collect();
    let functions: Vec<_> = items.chunk_by(|one, next| one.function == next.function).collect();
    let more = functions.len().saturating_sub(MOST);
    let each = functions.iter().take(MOST).filter_map(|versions| {
        let function = &versions.first()?.function;
        let bands = bands(versions);
        let href = Filter { function: function.clone(), ..Filter::default() }.href(project);
        Some(
            view! {
                <figure>
                    <figcaption>{row_link(href, function.clone())} {legend(&bands)}</figcaption>
                    {chart(&format!("Connections of {function}"), &history.at_us, &bands)}
                </figure>
            }
            .into_any(),
        )
    });
    let each: Vec<AnyView> = each.collect();
    if each.is_empty() {
        let of = if filter.function.is_empty() { "None".to_owned() } else { format!("None of {}", filter.function) };
        return view! { <p class="muted">{of} " was open within the last hour."</p> }.into_any();
    }
    let more = (more > 0).then(|| {
        view! { <p class="note">"And " {format::count(more, "other function")} "; choose one to see it."</p> }
    });
    view! {
        <section class="panel" aria-label="Within the last hour">
            <div class="charts">{each}</div>
            {more}
        </section>
    }
    .into_any()
}

/// One function's versions, the latest first.
fn bands(versions: &[&ConnectionSeries]) -> Vec<Band> {
    let mut bands = Vec::<Band>::new();
    for series in versions.iter().rev() {
        match bands.get_mut(APART) {
            Some(earlier) => {
                for (sum, count) in earlier.counts.iter_mut().zip(&series.open) {
                    *sum += count;
                }
                "earlier".clone_into(&mut earlier.name);
            }
            None => bands.push(Band { name: series.version.to_string(), counts: series.open.clone() }),
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use wire::VersionNumber;

    use super::*;

    #[test]
    fn the_latest_versions_are_told_apart_and_earlier_ones_together() {
        let series = |version| ConnectionSeries {
            function: "chat".to_owned(),
            version: VersionNumber(version),
            open: vec![version, 1],
        };
        let all: Vec<_> = (1..=5).map(series).collect();
        let of = |count: usize| {
            let bands = bands(&all.iter().take(count).collect::<Vec<_>>());
            bands.into_iter().map(|band| (band.name, band.counts)).collect::<Vec<_>>()
        };
        let band = |name: &str, counts: [u32; 2]| (name.to_owned(), counts.to_vec());
        assert_eq!(of(4), [band("v4", [4, 1]), band("v3", [3, 1]), band("v2", [2, 1]), band("v1", [1, 1])]);
        let last = of(5).pop();
        assert_eq!(last, Some(band("earlier", [3, 2])));
    }
}
