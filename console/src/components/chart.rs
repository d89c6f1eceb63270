//! Counts over time, drawn as bands that lie upon each other.
//!
//! The drawing is one picture for those who do not see it, and told in words; its scale and its names are text beside it.

use leptos::prelude::*;
use wire::Timestamp;

use crate::format;

/// How long a time the drawing shows, in seconds: an hour.
const SPAN_S: i64 = 60 * 60;
/// How high the drawing is, in its own units.
const HEIGHT: u64 = 1_000;

/// One part of what is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    /// Its name.
    pub(crate) name: String,
    /// How many there were at each time.
    pub(crate) counts: Vec<u32>,
}

impl Band {
    fn now(&self) -> u64 {
        self.counts.last().copied().unwrap_or_default().into()
    }
}

/// The last hour of what `bands` counted at the times `at`, the first band at the bottom. `what` begins the words that
/// stand for it, such as `Connections of chat`.
pub(crate) fn chart(what: &str, at: &[Timestamp], bands: &[Band]) -> AnyView {
    let totals = totals(at.len(), bands);
    let most = totals.last().and_then(|all| all.iter().max().copied()).unwrap_or_default();
    let top = round_up(most);
    // The widest one is drawn first, so that each lies behind those below it.
    let areas = totals.iter().enumerate().rev().map(|(index, counts)| {
        let (line, area) = shape(at, counts, top);
        view! { <g class=band_class(index)><path class="area" d=area /><path class="line" d=line /></g> }.into_any()
    });
    let areas: Vec<AnyView> = areas.collect();
    let label = told(what, bands, most);
    view! {
        <div class="chart">
            <span class="chart-scale">{format::grouped(top)}</span>
            <svg viewBox=format!("0 0 {SPAN_S} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                {areas}
            </svg>
            <span class="chart-scale">"1 h ago" <span class="grow"></span> "now"</span>
        </div>
    }
    .into_any()
}

/// The names of the bands with what they count now, each beside the line that is its own.
pub(crate) fn legend(bands: &[Band]) -> AnyView {
    let each = bands.iter().enumerate().map(|(index, band)| {
        let text = format!("{} {}", band.name, format::grouped(band.now()));
        view! {
            <li class=band_class(index)>
                <svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M0 8h16" /></svg>
                " "
                {text}
            </li>
        }
        .into_any()
    });
    let each: Vec<AnyView> = each.collect();
    view! { <ul class="legend">{each}</ul> }.into_any()
}

fn band_class(index: usize) -> &'static str {
    match index {
        0 => "band lowest",
        1 => "band next",
        _ => "band",
    }
}

/// For each band the sums of its counts and of those below it.
fn totals(times: usize, bands: &[Band]) -> Vec<Vec<u64>> {
    let mut sums = vec![0; times];
    let layers = bands.iter().map(|band| {
        for (sum, count) in sums.iter_mut().zip(&band.counts) {
            *sum += u64::from(*count);
        }
        sums.clone()
    });
    layers.collect()
}

/// The line through `counts`, with `top` at the upper edge, and the area below it. Begins where there first is something.
fn shape(at: &[Timestamp], counts: &[u64], top: u64) -> (String, String) {
    let now = at.last().map_or(0, |last| last.as_us());
    let x = |time: &Timestamp| SPAN_S - ((now - time.as_us()) / 1_000_000).clamp(0, SPAN_S);
    let nothing = counts.iter().take_while(|count| **count == 0).count().saturating_sub(1);
    let (mut line, mut first) = (String::new(), SPAN_S);
    for (time, count) in at.iter().zip(counts).skip(nothing) {
        if line.is_empty() {
            first = x(time);
        }
        let pen = if line.is_empty() { 'M' } else { 'L' };
        line += &format!("{pen}{} {}", x(time), HEIGHT - count * HEIGHT / top);
    }
    let area = format!("{line}V{HEIGHT}H{first}Z");
    (line, area)
}

/// The least round number that is not less than `most`, such as 1,200 for 1,002.
fn round_up(most: u64) -> u64 {
    let mut tens = 1;
    loop {
        let tops = [10, 12, 15, 20, 30, 40, 50, 60, 80].map(|tenths| tenths * tens / 10);
        if let Some(top) = tops.into_iter().find(|top| *top >= most) {
            return top;
        }
        tens *= 10;
    }
}

/// What a chart shows, in words.
fn told(what: &str, bands: &[Band], most: u64) -> String {
    let now: Vec<_> = bands.iter().map(|band| format!("{} {}", band.name, format::grouped(band.now()))).collect();
    format!("{what} within the last hour: at most {} at once, now {}", format::grouped(most), now.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|second| Timestamp(second * 1_000_000)).collect()
    }

    #[test]
    fn the_scale_ends_at_a_round_number() {
        let tops = [0, 1, 2, 3, 7, 11, 50, 81, 1_002].map(round_up);
        assert_eq!(tops, [1, 1, 2, 3, 8, 12, 50, 100, 1_200]);
    }

    #[test]
    fn bands_lie_upon_each_other_and_end_now() {
        let band = |name: &str, counts: &[u32]| Band { name: name.to_owned(), counts: counts.to_vec() };
        let bands = [band("v8", &[0, 1, 4]), band("v7", &[4, 3, 1])];
        let totals = totals(3, &bands);
        assert_eq!(totals, [[0, 1, 4], [4, 4, 5]]);
        let at = at(&[0, 600, 1_200]);
        let lines: Vec<_> = totals.iter().map(|counts| shape(&at, counts, 5).0).collect();
        assert_eq!(lines, ["M2400 1000L3000 800L3600 200", "M2400 200L3000 200L3600 0"]);
        let words = "Connections of chat within the last hour: at most 5 at once, now v8 4, v7 1";
        assert_eq!(told("Connections of chat", &bands, 5), words);
    }

    #[test]
    fn a_band_begins_where_there_first_is_something() {
        let (line, area) = shape(&at(&[0, 10, 20, 30]), &[0, 0, 1, 1], 1);
        assert_eq!((line.as_str(), area.as_str()), ("M3580 1000L3590 0L3600 0", "M3580 1000L3590 0L3600 0V1000H3580Z"));
    }

    #[test]
    fn what_is_older_than_the_drawing_stays_at_its_edge() {
        assert_eq!(shape(&at(&[0, 9_000]), &[1, 1], 1).0, "M0 0L3600 0");
        assert_eq!(shape(&[], &[], 1).0, "");
    }
}
