//! The console's icons: 16 by 16, drawn with one stroke in the colour of the text.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// Functions.
    Function,
    /// Tokens and members.
    Key,
    /// Settings.
    Dials,
    /// Queues.
    Queue,
    /// Schedules, and what waits for its time.
    Clock,
    /// Connections.
    Link,
    /// Secrets.
    Lock,
    /// Holding back.
    Pause,
    /// The search.
    Search,
    /// The light theme.
    Sun,
    /// The dark theme.
    Moon,
    /// Copying.
    Copy,
    /// Something that went well.
    Check,
    /// Closing.
    Close,
    /// Sending a file.
    Upload,
    /// Opening the navigation.
    Menu,
    /// Opening a list.
    Down,
    /// Leaving the console.
    Out,
    /// Going back to what was before.
    Back,
    /// Something that went wrong.
    Warning,
    /// Something that takes time.
    Wait,
    /// Adding.
    Plus,
    /// Calling a function.
    Play,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Function => "M3.5 2.5h2.2L12.5 13.5M8 6.3 3.5 13.5",
            Self::Key => "M6.5 9.5 13 3m-2 2 2 2M9 7l1.5 1.5M7 11.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
            Self::Dials => {
                "M2.5 4.5h5m3 0h3m-11 7h3m3 0h5M10.5 4.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0zM8.5 11.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0z"
            }
            Self::Queue => "M2.5 3.5h11v3h-11zM2.5 9.5h11v3h-11zM5 5h.1M5 11h.1",
            Self::Clock => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.5V8l2.4 1.6",
            Self::Link => "M2.5 5.5h9m-2.5-3 3 3-3 3M13.5 10.5h-9m2.5-3-3 3 3 3",
            Self::Lock => "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
            Self::Pause => "M5.5 3.5v9m5-9v9",
            Self::Search => "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.3 10.3l3.2 3.2",
            Self::Sun => {
                "M10.7 8a2.7 2.7 0 1 1-5.4 0 2.7 2.7 0 0 1 5.4 0zM8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9"
            }
            Self::Moon => "M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Check => "m3 8.5 3.3 3.3L13 4.7",
            Self::Close => "m4 4 8 8m0-8-8 8",
            Self::Upload => "M8 10.5v-8M4.8 5.5 8 2.3l3.2 3.2M2.5 10.5v3h11v-3",
            Self::Menu => "M2.5 4.5h11m-11 3.5h11m-11 3.5h11",
            Self::Down => "m4 6.2 4 4 4-4",
            Self::Out => "M6.5 3.5h-4v10h10v-4M9.5 2.5h4v4m0-4-6 6",
            Self::Back => "M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8h-3",
            Self::Warning => "M8 2.3 14.3 13.5H1.7zM8 6.5v3.2m0 1.7v.2",
            Self::Wait => "M8 2a6 6 0 1 1-6 6",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Play => "m5 3 8 5-8 5z",
        }
    }
}

/// An icon. It has no name of its own: a label stands beside it, or its button carries one.
#[component]
pub(crate) fn Icon(
    /// What it shows.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" class:turning=glyph == Glyph::Wait viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=glyph.path() />
        </svg>
    }
}
