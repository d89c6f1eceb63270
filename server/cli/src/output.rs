//! Where words go: data to standard output, talk to standard error, colour only to a terminal.

use std::{
    error::Error as _,
    io::{self, IsTerminal as _, Write as _},
};

use comfy_table::{ContentArrangement, Table, presets};
use domain::manifest::Complaint;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::json;

use crate::error::{Error, innermost};

/// The two ends that a verb speaks to.
pub(crate) struct Output {
    json: bool,
    stdout_colour: bool,
    stderr_colour: bool,
}

/// How a word is shown on a terminal.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    Bold,
    Dim,
    Good,
    Bad,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Bad => "1;31",
        }
    }
}

impl Output {
    /// Looks at the terminal and at `NO_COLOR` (<https://no-color.org>).
    pub(crate) fn new(json: bool) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            json,
            stdout_colour: wanted && io::stdout().is_terminal(),
            stderr_colour: wanted && io::stderr().is_terminal(),
        }
    }

    /// Whether programs read the answer.
    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    /// Writes `value` as JSON to standard output.
    pub(crate) fn data(&self, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        self.line(&text)
    }

    /// Writes `text` and a line break to standard output.
    pub(crate) fn line(&self, text: &str) -> Result<(), Error> {
        Ok(writeln!(io::stdout().lock(), "{text}")?)
    }

    /// Writes `bytes` to standard output as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Writes a table to standard output, without lines between its cells.
    pub(crate) fn table(&self, head: &[&str], rows: Vec<Vec<String>>) -> Result<(), Error> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(head.iter().copied());
        table.add_rows(rows);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for (index, line) in table.lines().enumerate() {
            let line = line.trim_end();
            self.line(&if index == 0 { paint(self.stdout_colour, Tone::Dim, line) } else { line.to_owned() })?;
        }
        Ok(())
    }

    /// Tells a person something, on standard error. Programs are not told.
    pub(crate) fn say(&self, text: &str) {
        if !self.json {
            self.talk(text);
        }
    }

    /// Tells a person which command is useful next.
    pub(crate) fn next(&self, command: &str) {
        self.say(&format!("{} {command}", self.tinted(Tone::Dim, "next:")));
    }

    /// `text` in `tone`, for [`Self::say`].
    pub(crate) fn tinted(&self, tone: Tone, text: &str) -> String {
        paint(self.stderr_colour, tone, text)
    }

    /// `text` in `tone`, for [`Self::line`].
    pub(crate) fn tinted_line(&self, tone: Tone, text: &str) -> String {
        paint(self.stdout_colour, tone, text)
    }

    /// A bar on standard error, hidden where no person looks at it.
    pub(crate) fn progress(&self, length: u64) -> ProgressBar {
        if self.json || !io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new(length) }
    }

    /// Says what went wrong, on standard error: for programs as one JSON object.
    pub(crate) fn error(&self, error: &Error) {
        if matches!(error, Error::Output(source) if source.kind() == io::ErrorKind::BrokenPipe) {
            return;
        }
        if self.json {
            let shape = match error {
                Error::Problem(problem) => json!(problem),
                Error::Refused { failure, .. } => json!(failure),
                Error::Manifest { complaints, .. } => {
                    let shape = |one: &Complaint| json!({ "line": one.line, "field": one.invalid.field, "message": one.invalid.message });
                    let errors: Vec<_> = complaints.iter().map(shape).collect();
                    json!({ "code": error.code(), "detail": error.to_string(), "errors": errors })
                }
                other => json!({ "code": other.code(), "detail": other.to_string() }),
            };
            return self.talk(&shape.to_string());
        }
        self.talk(&format!("{} {error}", self.tinted(Tone::Bad, "error:")));
        if let Some(source) = error.source() {
            self.talk(&format!("  because: {}", innermost(source)));
        }
        match error {
            Error::Problem(problem) => {
                for field in &problem.errors {
                    self.talk(&format!("  {} {}", self.tinted(Tone::Bold, &field.field), field.message));
                }
                let id = problem.request_id.as_deref().unwrap_or("unknown");
                self.talk(&self.tinted(Tone::Dim, &format!("  {} ({}), request {id}", problem.code, problem.status)));
            }
            Error::Manifest { complaints, .. } => {
                complaints.iter().for_each(|complaint| self.talk(&format!("  {complaint}")));
            }
            Error::Refused { failure, .. } => {
                for import in &failure.missing_imports {
                    self.talk(&format!("  missing import {}", self.tinted(Tone::Bold, import)));
                }
                self.talk(&self.tinted(Tone::Dim, &format!("  {}", failure.code)));
            }
            _ => {}
        }
        if let Some(way_out) = error.way_out() {
            self.talk(&format!("  {way_out}"));
        }
    }

    /// Standard error may be closed, which nobody could be told.
    fn talk(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

fn paint(colour: bool, tone: Tone, text: &str) -> String {
    if colour { format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()) } else { text.to_owned() }
}
