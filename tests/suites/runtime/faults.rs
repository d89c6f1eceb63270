//! Guests that fail, guests that misbehave, callers that go away.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Limits, invocation::Outcome};
use http_body_util::BodyExt;
use runtime::{BodyError, Report};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
};

use super::stage::{Invocation, Stage, piecewise, request};

/// Checks that there is no answer, and that fault and report agree on why.
async fn fails(invocation: Invocation) -> Report {
    let fault = invocation.answer.as_ref().expect_err("the guest answered").clone();
    let report = invocation.report().await;
    assert_eq!(fault.outcome, report.outcome);
    assert_eq!(Some(fault.message), report.error);
    report
}

/// Checks that there is no whole answer. Whether its head is out when the guest fails is a matter of time: a guest that
/// is interrupted between the two lets it out.
async fn breaks_off(mut invocation: Invocation) -> Report {
    if invocation.answer.is_err() {
        return fails(invocation).await;
    }
    assert!(matches!(invocation.body().collect().await, Err(BodyError::Guest)));
    invocation.report().await
}

#[tokio::test]
async fn a_panic_is_a_trap() {
    let stage = Stage::new();
    assert_eq!(fails(stage.get("trap", "/").await).await.outcome, Outcome::Trapped);
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_trap_within_the_answer_breaks_its_body_off() {
    let mut late = Stage::new().get("hostile", "/late").await;
    let mut body = late.body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    assert!(matches!(body.frame().await, Some(Err(BodyError::Guest))));
    drop(body);
    assert_eq!(late.report().await.outcome, Outcome::Trapped);
}

#[tokio::test]
async fn a_guest_that_waits_too_long_is_stopped_at_its_deadline() {
    let stage = Stage::new().limits(Limits { timeout_ms: 50, ..Limits::default() });
    let report = fails(stage.get("hostile", "/sleep").await).await;
    assert_eq!(report.outcome, Outcome::TimedOut);
    assert!((50_000..5_000_000).contains(&report.usage.wall_us), "{:?}", report.usage);
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn the_deadline_covers_the_whole_answer() {
    let stage = Stage::new().limits(Limits { timeout_ms: 200, ..Limits::default() });
    let mut stall = stage.get("hostile", "/stall").await;
    let body = stall.body();
    assert!(matches!(body.collect().await, Err(BodyError::Guest)));
    assert_eq!(stall.report().await.outcome, Outcome::TimedOut);
}

#[tokio::test]
async fn a_busy_guest_is_stopped_when_its_cpu_time_is_used_up() {
    let stage = Stage::new().limits(Limits { cpu_ms: 50, ..Limits::default() });
    let report = fails(stage.get("cpu", "/?ms=3600000").await).await;
    assert_eq!(report.outcome, Outcome::CpuExceeded);
    assert!((50_000..150_000).contains(&report.usage.cpu_us), "{:?}", report.usage);
}

#[tokio::test]
async fn busy_guests_let_others_run() {
    let stage = Stage::new().limits(Limits { cpu_ms: 500, ..Limits::default() });
    let busy = stage.get("cpu", "/?ms=3600000");
    let quick = async { stage.get("hello", "/").await.text().await };
    let (busy, quick) = tokio::join!(busy, quick);
    assert_eq!(quick, "Hello from /\n");
    assert_eq!(busy.answer.unwrap_err().outcome, Outcome::CpuExceeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn busy_guests_let_sockets_be_read() {
    let stage = Arc::new(Stage::new().limits(Limits { cpu_ms: 2_000, ..Limits::default() }));
    stage.get("cpu", "/?ms=1").await.text().await;
    let guest = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.get("cpu", "/?ms=3600000").await.answer.is_ok() }
    });
    while stage.runtime.running() == 0 {
        tokio::task::yield_now().await;
    }
    // Each of the ten waits for the other end: the worker has to look at its sockets between turns of the guest.
    let (mut here, mut there) = UnixStream::pair().unwrap();
    tokio::spawn(async move {
        while let Ok(byte) = there.read_u8().await {
            there.write_u8(byte).await.unwrap();
        }
    });
    let asking = tokio::spawn(async move {
        for byte in 0..10 {
            here.write_u8(byte).await.unwrap();
            assert_eq!(here.read_u8().await.unwrap(), byte);
        }
    });
    asking.await.unwrap();
    assert!(!guest.is_finished(), "the guest used up its time before ten round trips were through");
    guest.abort();
}

#[tokio::test]
async fn a_hog_is_stopped_at_its_memory_limit_and_gives_everything_back() {
    const MIB: u64 = 1 << 20;
    let stage = Stage::new().limits(Limits { memory_mib: 128, ..Limits::default() });
    for _ in 0..20 {
        let report = fails(stage.get("hog", "/").await).await;
        assert_eq!(report.outcome, Outcome::OutOfMemory);
        assert!((100 * MIB..=128 * MIB).contains(&report.usage.memory_peak_bytes), "{:?}", report.usage);
    }
    assert_eq!(stage.runtime.running(), 0);
    // Twenty hogs held 2.5 GiB between them; other suites run beside this one and hold some too.
    let resident = resident_bytes();
    assert!(resident < 1_500 * MIB, "{} MiB are resident", resident / MIB);
    let mut modest = stage.get("hog", "/?mib=20").await;
    assert_eq!(modest.text().await, "held 20 MiB\n");
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[tokio::test]
async fn a_guest_may_fail_to_answer() {
    let stage = Stage::new();
    let report = fails(stage.get("hostile", "/error").await).await;
    assert_eq!(report.outcome, Outcome::NoAnswer);
    assert!(report.error.unwrap().contains("there is no answer"));
    let report = fails(stage.get("hostile", "/exit").await).await;
    assert_eq!(report.outcome, Outcome::Trapped);
    assert!(report.error.unwrap().contains("exited"));
}

#[tokio::test]
async fn an_answer_shorter_than_it_says_is_not_given() {
    let report = breaks_off(Stage::new().get("hostile", "/short").await).await;
    assert_ne!(report.outcome, Outcome::Ok);
}

#[tokio::test]
async fn a_request_over_its_limit_is_refused_before_and_within_its_body() {
    let stage = Stage::new().limits(Limits { request_body_bytes: 4, ..Limits::default() });
    let mut announced = request("/", Bytes::from_static(b"12345"));
    announced.headers_mut().insert("content-length", 5.into());
    let report = fails(stage.send("echo", announced).await).await;
    assert_eq!((report.outcome, report.usage.instantiate_us), (Outcome::RequestTooLarge, 0));

    let report = breaks_off(stage.send("echo", request("/", Bytes::from_static(b"12345"))).await).await;
    assert_eq!(report.outcome, Outcome::RequestTooLarge);

    let mut fitting = stage.send("echo", request("/", Bytes::from_static(b"1234"))).await;
    assert_eq!(fitting.text().await, "1234");
}

#[tokio::test]
async fn a_request_may_turn_out_too_large_after_the_answer_has_begun() {
    let stage = Stage::new().limits(Limits { request_body_bytes: 4, ..Limits::default() });
    let (sender, body) = piecewise();
    let echo = stage.send("echo", request("/", Bytes::new()).map(|_| body));
    let (_, mut echo) = tokio::join!(sender.send(Bytes::from_static(b"1234")), echo);
    let mut answer = echo.body();
    assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "1234");
    sender.send(Bytes::from_static(b"5")).await.unwrap();
    assert!(matches!(answer.frame().await, Some(Err(BodyError::Guest))));
    drop(answer);
    assert_eq!(echo.report().await.outcome, Outcome::RequestTooLarge);
}

#[tokio::test]
async fn a_full_server_says_so_at_once() {
    let stage = Stage::with_places(1);
    let stalled = stage.get("hostile", "/stall").await;
    assert!(stalled.answer.is_ok());
    assert_eq!(fails(stage.get("hello", "/").await).await.outcome, Outcome::Unavailable);
    assert_eq!(stalled.report().await.outcome, Outcome::Cancelled);
    while stage.runtime.running() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.get("hello", "/").await.text().await, "Hello from /\n");
}

#[tokio::test]
async fn a_guest_ends_when_its_caller_goes_away() {
    let stage = Stage::new();
    let waiting = stage.get("hostile", "/sleep");
    let gone = tokio::time::timeout(std::time::Duration::from_millis(20), waiting).await;
    assert!(gone.is_err());
    assert_eq!(stage.runtime.running(), 0);
}
