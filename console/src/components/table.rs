//! Tables and lists of facts, built from their parts one way for all, so that a page adds little to the bundle.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    label: &'static str,
    class: &'static str,
}

impl Column {
    /// Of text.
    pub(crate) const fn text(label: &'static str) -> Self {
        Self { label, class: "" }
    }

    /// Of names, ids and code.
    pub(crate) const fn code(label: &'static str) -> Self {
        Self { label, class: "mono" }
    }

    /// Of figures, which stand below each other.
    pub(crate) const fn figure(label: &'static str) -> Self {
        Self { label, class: "figure" }
    }

    /// Of what can be done with each row.
    pub(crate) const fn actions() -> Self {
        Self { label: "", class: "row-actions" }
    }

    fn head(self) -> AnyView {
        if self.label.is_empty() {
            return view! { <th scope="col"><span class="hidden">"Actions"</span></th> }.into_any();
        }
        view! { <th scope="col" class=self.class>{self.label}</th> }.into_any()
    }
}

/// A table; below 600 px each row is a card.
pub(crate) fn table(columns: &'static [Column], rows: Vec<AnyView>) -> AnyView {
    let heads: Vec<AnyView> = columns.iter().map(|column| column.head()).collect();
    view! { <table class="list"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table> }.into_any()
}

/// A row, whose first cell names it.
pub(crate) fn row(columns: &'static [Column], cells: Vec<AnyView>) -> AnyView {
    let cells = columns.iter().zip(cells).enumerate().map(|(index, (column, cell))| {
        let label = (!column.label.is_empty()).then_some(column.label);
        match index {
            0 => view! { <th scope="row" class=column.class>{cell}</th> }.into_any(),
            _ => view! { <td data-label=label class=column.class>{cell}</td> }.into_any(),
        }
    });
    let cells: Vec<AnyView> = cells.collect();
    view! { <tr>{cells}</tr> }.into_any()
}

/// Names with what they are.
pub(crate) fn facts(facts: Vec<(&'static str, AnyView)>) -> AnyView {
    definitions("facts", facts)
}

/// Figures side by side, each under its name.
pub(crate) fn figures(figures: Vec<(&'static str, AnyView)>) -> AnyView {
    definitions("figures", figures)
}

fn definitions(class: &'static str, all: Vec<(&'static str, AnyView)>) -> AnyView {
    let each = all.into_iter().map(|(name, what)| view! { <div><dt>{name}</dt><dd>{what}</dd></div> }.into_any());
    let each: Vec<AnyView> = each.collect();
    view! { <dl class=class>{each}</dl> }.into_any()
}

/// Steps that teach what a page is for, each with its name.
pub(crate) fn teach(steps: &[(&'static str, &'static str)]) -> AnyView {
    let steps =
        steps.iter().map(|(name, what)| view! { <li><strong>{*name}</strong><span>{*what}</span></li> }.into_any());
    let steps: Vec<AnyView> = steps.collect();
    view! { <ol class="teach">{steps}</ol> }.into_any()
}

/// A word beside its sign, in the colour that it stands for.
pub(crate) fn state(class: &'static str, glyph: Glyph, word: &'static str) -> AnyView {
    view! { <span class=class><Icon glyph /> {word}</span> }.into_any()
}

/// Text in grey, for what is not there.
pub(crate) fn nothing(text: &'static str) -> AnyView {
    view! { <span class="muted">{text}</span> }.into_any()
}

/// A line in small letters below another.
pub(crate) fn second(text: impl Into<String>) -> AnyView {
    second_line(text.into())
}

fn second_line(text: String) -> AnyView {
    view! { <span class="second">{text}</span> }.into_any()
}
