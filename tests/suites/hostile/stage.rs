//! A server with misbehaving functions in one project and a well-behaved one in another.

use std::{
    fmt,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{Limits, invocation::Outcome};
use futures::stream;
use harness::{Actor, Platform, Project, guest};
use http::Method;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};

use super::cases::{Answer, Carried, Case};
use crate::runtime::init;

/// Ample for whatever ends by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Writes a figure that was measured beside the tests' results.
pub(super) fn tell(figure: &str) {
    io::stderr().write_all(format!("{figure}\n").as_bytes()).unwrap();
}

/// The limits of those that use up their CPU time, or hardly need any: tight, so that each misdeed is short, but for the
/// wall time, which depends on what else the machine does.
fn tight() -> Limits {
    Limits { memory_mib: 32, timeout_ms: 60_000, cpu_ms: 100, table_elements: 10_000, ..Limits::default() }
}

/// The limits of those that wait.
fn hasty() -> Limits {
    Limits { memory_mib: 32, timeout_ms: 300, ..Limits::default() }
}

/// The limits of those that begin well and then wait: their head has to be out in time on a busy machine, too.
fn slow() -> Limits {
    Limits { timeout_ms: 2_000, ..hasty() }
}

/// The limits of those that work before they end, by themselves or by another limit than that of time: how much CPU time
/// the work takes depends on what else the machine does.
fn patient() -> Limits {
    Limits { timeout_ms: 60_000, ..hasty() }
}

/// What a misdeed's caller got.
pub(super) struct Got {
    pub(super) case: Case,
    /// Nothing where the answer broke off before its head was there.
    status: Option<u16>,
    /// The body; nothing where it broke off.
    whole: Option<Vec<u8>>,
}

impl Got {
    /// Whether it is what the caller has to get. In a crowd an answer that begins well may get no further than to a
    /// refusal, or to a break before its head: the guest may be out of time, or fail, before its head is out.
    pub(super) fn is_right_in_a_crowd(&self) -> bool {
        let begins_well = self.case.answer == Answer::BrokenOff;
        self.is_right() || (begins_well && (self.whole.is_none() || matches!(self.status, Some(502 | 504))))
    }

    /// Whether it is what the caller has to get.
    pub(super) fn is_right(&self) -> bool {
        let (status, whole) = (self.status, self.whole.as_deref());
        match self.case.answer {
            Answer::Refusal(expected) => {
                let problem = whole.and_then(|body| serde_json::from_slice::<wire::Problem>(body).ok());
                status == Some(expected) && problem.is_some_and(|problem| problem.code == self.case.outcome.as_str())
            }
            Answer::BrokenOff => status == Some(200) && whole.is_none(),
            Answer::Cut => status == Some(502) || whole.is_none(),
            Answer::Whole(text) => {
                let has_text = |body: &[u8]| String::from_utf8_lossy(body).contains(text);
                status == Some(200) && whole.is_some_and(has_text)
            }
        }
    }
}

impl fmt::Debug for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.whole.as_deref().map(|body| String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned());
        write!(f, "{:?} got {:?} {text:?}", self.case, self.status)
    }
}

/// The project `rough` and its neighbour.
pub(super) struct Stage {
    pub(super) rough: Project,
    pub(super) quiet: Project,
    pub(super) ada: Actor,
}

impl Stage {
    /// A server started with `arguments`, with the guests of all cases and `hello` next door.
    pub(super) async fn start(arguments: &[&str]) -> Self {
        let stage = Self::empty(arguments).await;
        for name in ["hostile2", "hostile3"] {
            stage.upload(name, &guest(name), &tight()).await;
            stage.upload(&format!("{name}-patient"), &guest(name), &patient()).await;
            for (pace, limits) in [("hasty", hasty()), ("slow", slow())] {
                let timed = format!("{name}-{pace}");
                stage.upload(&timed, &guest(name), &limits).await;
                // Its time is not for loading it.
                while stage.rough.preview(&timed, 1, Method::GET, "/").send().await.status() != 200 {}
            }
        }
        stage.upload("tables", &growing_table(), &tight()).await;
        stage
    }

    /// As [`Self::start`], without misbehaving functions.
    pub(super) async fn empty(arguments: &[&str]) -> Self {
        let platform = arguments.iter().fold(Platform::builder(), |builder, argument| builder.argument(*argument));
        let platform = platform.start().await;
        let rough = platform.project("rough").with_owner("ada").create().await;
        let quiet = platform.project("quiet").with_owner("ada").create().await;
        quiet.acting_as("ada").upload("hello", guest("hello")).await;
        let ada = rough.acting_as("ada");
        Self { rough, quiet, ada }
    }

    pub(super) fn platform(&self) -> &Platform {
        self.rough.platform()
    }

    /// Makes `component` version 1 of `function` in the rough project.
    pub(super) async fn upload(&self, function: &str, component: &[u8], limits: &Limits) {
        let answer = self.ada.try_upload_with(function, component, &json!({ "limits": limits })).await;
        assert!(answer.status().is_success(), "{answer:?}");
        let version = self.ada.settled(function, answer.parse()).await;
        assert_eq!((version.number, version.state), (1, wire::VersionState::Ready), "{version:?}");
    }

    /// Asks the neighbour, who must answer.
    pub(super) async fn ask_neighbour(&self) {
        let answer = self.quiet.preview("hello", 1, Method::GET, "/").send().await;
        assert_eq!((answer.status().as_u16(), answer.text().as_str()), (200, "Hello from /\n"), "{answer:?}");
    }

    /// Commits the misdeed and gives what its caller gets.
    pub(super) async fn commit(&self, case: Case) -> Got {
        let method = if case.request == Carried::Nothing { Method::GET } else { Method::POST };
        // HTTP/2 lets the answer through while the request goes on.
        let mut request = self.rough.preview(case.function, 1, method, case.path).http2();
        if case.request == Carried::Endless {
            let chunk = || Ok::<_, io::Error>(Frame::data(Bytes::from_static(&[b'x'; 16 << 10])));
            request = request.stream(StreamBody::new(stream::repeat_with(chunk)));
        }
        let Ok(answer) = request.open().await else { return Got { case, whole: None, status: None } };
        let status = Some(answer.status().as_u16());
        Got { case, whole: read(answer.into_body()).await, status }
    }

    /// Waits for the line that closes the rough project's `nth` invocation.
    pub(super) async fn closing_line(&self, nth: usize) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(line) = self.closing_lines().into_iter().nth(nth) {
                return line;
            }
            assert!(begun.elapsed() < PATIENCE, "invocation {nth} has no closing line");
            tokio::task::yield_now().await;
        }
    }

    /// The lines that closed the rough project's invocations so far.
    pub(super) fn closing_lines(&self) -> Vec<Value> {
        let log = self.platform().log();
        let of_rough = |line: &&str| line.contains("invocation ended") && line.contains("\"rough\"");
        log.lines().filter(of_rough).map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until no invocation of the rough project runs.
    pub(super) async fn quiet_again(&self) {
        self.until_active(0).await;
    }

    /// Waits until `count` invocations of the rough project run.
    pub(super) async fn until_active(&self, count: u64) {
        let begun = Instant::now();
        loop {
            let active = self.active().await;
            if active == count {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{active} invocations run, not {count}");
        }
    }

    /// How many invocations of the rough project run.
    pub(super) async fn active(&self) -> u64 {
        self.sum("dormouse_invocations_active{", "").await
    }

    /// How many invocations of the rough project ended as `outcome`.
    pub(super) async fn ended(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Ok => self.sum("faas_invocations_total{", "").await,
            Outcome::TimedOut => self.sum("faas_timeouts_total{", "").await,
            Outcome::Cancelled => self.sum("dormouse_invocations_cancelled_total{", "").await,
            other => self.sum("faas_errors_total{", &format!("dormouse_outcome=\"{}\"", other.as_str())).await,
        }
    }

    async fn sum(&self, metric: &str, attribute: &str) -> u64 {
        let text = self.platform().control(Method::GET, "/metrics").send().await.expect(200).text();
        let of_rough = |line: &&str| line.contains("dormouse_project=\"rough\"") && line.contains(attribute);
        let lines = text.lines().filter(|line| line.starts_with(metric)).filter(of_rough);
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }
}

/// The whole body, or nothing where it breaks off.
async fn read(mut body: hyper::body::Incoming) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let data = frame.ok()?.into_data().unwrap_or_default();
        if bytes.len() < 1 << 20 {
            bytes.extend_from_slice(&data);
        }
    }
    Some(bytes)
}

/// A component that grows its table to the end, which no compiler writes.
fn growing_table() -> Vec<u8> {
    let world = "package test:made; world w { export wasi:http/incoming-handler@0.2.12; }";
    let text = r#"(table 1 funcref)
        (func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32)
            (loop $more
                (br_if $more (i32.ne (table.grow (ref.null func) (i32.const 1000)) (i32.const -1))))
            unreachable)"#;
    init::from_text(world, text)
}
