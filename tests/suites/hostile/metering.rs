//! What is recorded of an invocation: CPU time, wall time, memory and the making of the instance, each for itself.

use domain::{
    Limits,
    invocation::{Outcome, Usage},
};
use harness::guest;
use serde_json::json;

use super::stage::Stage;

async fn stage(functions: &[&str], limits: Limits) -> Stage {
    let stage = Stage::empty(&[]).await;
    for name in functions {
        stage.upload(name, &guest(name), &limits).await;
    }
    stage
}

async fn called(stage: &Stage, function: &str, path: &str) -> wire::InvokeAnswer {
    let path = json!({ "version": 1, "path": path });
    stage.ada.post(&format!("/functions/{function}/invoke"), path).await.expect(200).parse()
}

#[tokio::test]
async fn cpu_time_is_that_of_the_thread_and_not_of_the_clock_on_the_wall() {
    let stage = stage(&["hostile2", "hostile3"], Limits { cpu_ms: 200, ..Limits::default() }).await;
    for (function, path) in
        [("hostile2", "/spin"), ("hostile3", "/spin"), ("hostile2", "/random"), ("hostile2", "/calls")]
    {
        let answer = called(&stage, function, path).await;
        assert_eq!(answer.outcome, Outcome::CpuExceeded);
        let Usage { cpu_us, wall_us, instantiate_us, .. } = answer.usage;
        assert!((200_000..400_000).contains(&cpu_us), "{function} {path}: {:?}", answer.usage);
        assert!(wall_us >= cpu_us && instantiate_us > 0 && instantiate_us < wall_us, "{:?}", answer.usage);
    }
}

#[tokio::test]
async fn waiting_takes_wall_time_and_no_cpu_time() {
    let stage = stage(&["hostile2", "hostile3"], Limits { timeout_ms: 600, ..Limits::default() }).await;
    for function in ["hostile2", "hostile3"] {
        let answer = called(&stage, function, "/sleep").await;
        assert_eq!(answer.outcome, Outcome::TimedOut);
        assert!(answer.usage.wall_us >= 600_000, "{:?}", answer.usage);
        assert!((1..150_000).contains(&answer.usage.cpu_us), "{:?}", answer.usage);
    }
}

#[tokio::test]
async fn cpu_time_grows_with_the_work() {
    let stage = stage(&["cpu"], Limits::default()).await;
    let cpu_us = async |rounds: u64| {
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(called(&stage, "cpu", &format!("/?rounds={rounds}")).await.usage.cpu_us);
        }
        all.into_iter().min().unwrap()
    };
    let mut rounds = 1_000_000;
    while cpu_us(rounds).await < 20_000 {
        rounds *= 2;
    }
    let (once, four_times) = (cpu_us(rounds).await, cpu_us(4 * rounds).await);
    let ratio = four_times as f64 / once as f64;
    assert!((2.5..6.0).contains(&ratio), "{rounds} rounds: {once} µs, four times as many: {four_times} µs");
}

#[tokio::test]
async fn the_memory_peak_is_what_the_guest_held() {
    const MIB: u64 = 1 << 20;
    let stage = stage(&["hog"], Limits { memory_mib: 64, ..Limits::default() }).await;
    let peak = async |path: &str| called(&stage, "hog", path).await.usage.memory_peak_bytes;
    let (little, much) = (peak("/?mib=1").await, peak("/?mib=41").await);
    assert!((38 * MIB..44 * MIB).contains(&(much - little)), "{little} and {much}");
    let refused = called(&stage, "hog", "/").await;
    assert_eq!((refused.outcome, refused.status), (Outcome::OutOfMemory, 502));
    assert!((50 * MIB..=64 * MIB).contains(&refused.usage.memory_peak_bytes), "{:?}", refused.usage);
}

#[tokio::test]
async fn bodies_are_counted_in_both_directions() {
    let stage = stage(&["echo"], Limits::default()).await;
    let path = "/functions/echo/invoke";
    let body = json!({ "version": 1, "method": "POST", "path": "/", "body": "x".repeat(5_000) });
    let answer: wire::InvokeAnswer = stage.ada.post(path, body).await.expect(200).parse();
    assert_eq!((answer.usage.request_bytes, answer.usage.response_bytes), (5_000, 5_000), "{:?}", answer.usage);
}

#[tokio::test]
async fn a_log_is_kept_up_to_the_limit_of_the_version() {
    let stage = stage(&["hostile2"], Limits { log_bytes: 10_000, ..Limits::default() }).await;
    let answer = called(&stage, "hostile2", "/log-lines").await;
    let kept: usize = answer.logs.iter().map(|line| line.text.len()).sum();
    assert_eq!((answer.outcome, kept, answer.logs_truncated), (Outcome::Ok, 10_000, true));
    assert!(answer.logs.iter().all(|line| line.text == "line"), "{:?}", answer.logs);
}
