//! All misdeeds with what has to become of each: one table for every test that commits them.

use domain::invocation::Outcome;

/// One misdeed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    /// The function that commits it: its guest's name, with `-hasty` or `-slow` where it has little time, and
    /// `-patient` where it has much.
    pub(super) function: &'static str,
    /// The path that asks for it.
    pub(super) path: &'static str,
    /// What the caller gets.
    pub(super) answer: Answer,
    /// How the invocation ends in the records.
    pub(super) outcome: Outcome,
    /// A part of the reason in the records; empty where nothing went wrong.
    pub(super) why: &'static str,
    /// What the request carries.
    pub(super) request: Carried,
}

/// What a caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A refusal of the platform's with this status; its code is the outcome.
    Refusal(u16),
    /// The guest's head, and a body that breaks off.
    BrokenOff,
    /// No whole answer: a matter of time whether the head is out when the guest fails.
    Cut,
    /// The guest's answer, whole, with this text in it.
    Whole(&'static str),
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// No body.
    Nothing,
    /// A body without end.
    Endless,
}

use Answer::{BrokenOff, Cut, Refusal, Whole};
use Outcome::{CpuExceeded, NoAnswer, Ok, OutOfMemory, TimedOut, Trapped};

const fn case(function: &'static str, path: &'static str, answer: Answer, outcome: Outcome, why: &'static str) -> Case {
    Case { function, path, answer, outcome, why, request: Carried::Nothing }
}

const fn flooded(
    function: &'static str,
    path: &'static str,
    answer: Answer,
    outcome: Outcome,
    why: &'static str,
) -> Case {
    Case { request: Carried::Endless, ..case(function, path, answer, outcome, why) }
}

/// All misdeeds.
pub(super) const ALL: &[Case] = &[
    // Time.
    case("hostile2", "/spin", Refusal(502), CpuExceeded, "CPU"),
    case("hostile2", "/calls", Refusal(502), CpuExceeded, "CPU"),
    case("hostile2", "/wake", Refusal(502), CpuExceeded, "CPU"),
    case("hostile2", "/random", Refusal(502), CpuExceeded, "CPU"),
    case("hostile2-hasty", "/sleep", Refusal(504), TimedOut, "deadline"),
    case("hostile3", "/spin", Refusal(502), CpuExceeded, "CPU"),
    case("hostile3", "/wake", Refusal(502), CpuExceeded, "CPU"),
    case("hostile3-hasty", "/sleep", Refusal(504), TimedOut, "deadline"),
    // Memory, stack and tables.
    case("hostile2-patient", "/recurse", Refusal(502), Trapped, "stack"),
    case("hostile2-patient", "/grow", Refusal(502), OutOfMemory, "memory_mib = 32"),
    case("hostile2-patient", "/grow-and-live", Whole(" MiB\n"), Ok, ""),
    case("hostile2-patient", "/handles", Refusal(502), Trapped, "its limit handles"),
    case("hostile2-patient", "/large-call", Refusal(502), OutOfMemory, "memory_mib = 32"),
    case("hostile2-patient", "/large-random", Refusal(502), Trapped, "exceeds limit"),
    case("hostile3-patient", "/recurse", Refusal(502), Trapped, "stack"),
    case("hostile3-patient", "/grow", Refusal(502), OutOfMemory, "memory_mib = 32"),
    case("hostile3-patient", "/handles", Refusal(502), Trapped, "its limit handles"),
    case("hostile3-patient", "/streams", Refusal(502), Trapped, "its limit handles"),
    case("hostile3-patient", "/waits", Refusal(502), Trapped, "its limit handles"),
    case("hostile3-patient", "/tasks", Refusal(502), OutOfMemory, "memory_mib = 32"),
    case("tables", "/", Refusal(502), OutOfMemory, "table_elements = 10000"),
    // Logs.
    case("hostile2", "/log-line", Refusal(502), CpuExceeded, "CPU"),
    case("hostile2-patient", "/log-lines", Whole("logged a million lines\n"), Ok, ""),
    // Requests that nobody reads.
    flooded("hostile2-hasty", "/sleep", Refusal(504), TimedOut, "deadline"),
    flooded("hostile2-patient", "/unread", Whole("/unread"), Ok, ""),
    // No answer, or one that is none.
    case("hostile2", "/trap", Refusal(502), Trapped, "unreachable"),
    case("hostile2", "/exit-well", Refusal(502), NoAnswer, "status 0"),
    case("hostile2", "/exit-badly", Refusal(502), Trapped, "status 1"),
    case("hostile2", "/drop", Refusal(502), NoAnswer, "without an answer"),
    case("hostile2", "/twice", Cut, Trapped, "handle index"),
    case("hostile2", "/informational", Refusal(502), NoAnswer, "103"),
    case("hostile2-patient", "/many-headers", Refusal(502), Trapped, "size of fields"),
    case("hostile2-patient", "/large-header", Refusal(502), Trapped, "size of fields"),
    case("hostile3", "/trap", Refusal(502), Trapped, "unreachable"),
    case("hostile3", "/error", Refusal(502), NoAnswer, "there is no answer"),
    case("hostile3", "/informational", Refusal(502), NoAnswer, "103"),
    case("hostile3", "/exit-well", Refusal(502), NoAnswer, "status 0"),
    case("hostile3", "/exit-badly", Refusal(502), Trapped, "status 1"),
    // Answers that begin well.
    case("hostile2", "/late-trap", BrokenOff, Trapped, "unreachable"),
    case("hostile2", "/unfinished", Cut, NoAnswer, "broke off"),
    case("hostile2", "/overrun", Cut, Trapped, "budget"),
    case("hostile2-slow", "/drip", BrokenOff, TimedOut, "deadline"),
    case("hostile3", "/late", BrokenOff, Trapped, "unreachable"),
    case("hostile3", "/late-spin", BrokenOff, CpuExceeded, "CPU"),
    case("hostile3-slow", "/drip", BrokenOff, TimedOut, "deadline"),
];
