//! The names of all metrics, as a golden file and as a running platform shows them.

use std::{
    fs,
    time::{Duration, Instant},
};

use harness::{Platform, guest, repository};
use http::Method;
use telemetry::metrics::names::{ALL, Kind, Metric};

/// Ample for a guest to be gone after its answer.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn metrics_are_those_of_the_golden_file() {
    let file = repository().join("tests/golden/metrics.txt");
    let now: String = ALL.iter().map(|metric| format!("{metric}\n")).collect();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(now, golden, "metrics changed: run `make golden` and read {}", file.display());
}

/// How Prometheus spells `metric`.
fn spelled(metric: &Metric) -> String {
    let unit = match metric.unit {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    };
    let total = if metric.kind == Kind::Counter { "_total" } else { "" };
    format!("{}{unit}{total}", metric.name.replace('.', "_"))
}

#[tokio::test]
async fn a_platform_shows_the_metrics_of_the_table_and_counts_invocations() {
    let platform = Platform::start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    project.acting_as("ada").publish("hello", guest("hello")).await;
    for _ in 0..3 {
        project.fetch("/hello/").await.expect(200);
    }
    project.fetch("/nobody").await.expect(404);
    // An invocation is counted when its guest is gone, which may be after its answer came.
    let begun = Instant::now();
    let text = loop {
        let text = platform.control(Method::GET, "/metrics").send().await.expect(200).text();
        let is_counted = |line: &str| line.starts_with("faas_invoke_duration_seconds_count{") && line.ends_with(" 3");
        if text.lines().any(is_counted) || begun.elapsed() > PATIENCE {
            break text;
        }
    };
    let known: Vec<String> = ALL.iter().map(spelled).chain(["target_info".to_owned()]).collect();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(known.iter().any(|known| known == name), "{name} is not in the table");
    }
    let value = |start: &str| {
        let line = text.lines().find(|line| line.starts_with(start));
        line.and_then(|line| line.rsplit(' ').next()).map(str::to_owned)
    };
    assert_eq!(value("faas_invocations_total{").as_deref(), Some("3"), "{text}");
    assert_eq!(value("faas_invoke_duration_seconds_count{").as_deref(), Some("3"), "{text}");
    assert_eq!(value("dormouse_deployments_total{").as_deref(), Some("1"), "{text}");
    assert_eq!(value("dormouse_requests_refused_total{dormouse_reason=\"no-route\"").as_deref(), Some("1"), "{text}");
}
