//! A CI job of `curl` alone, as `tests/ci-deploy.sh` shows it.

use std::process::Command;

use domain::{Action, Role};
use harness::{Platform, Postgres, Ran, guest_path, repository};

#[tokio::test]
async fn a_ci_job_deploys_and_rolls_back_by_curl_alone() {
    job_on(Platform::start().await).await;
}

#[tokio::test]
async fn the_same_job_runs_where_rows_are_in_postgresql() {
    let database = || Postgres::shared("the same job runs where rows are in PostgreSQL").map(Postgres::database);
    if let Some(url) = tokio::task::spawn_blocking(database).await.unwrap() {
        job_on(Platform::builder().postgres(&url).start().await).await;
    }
}

async fn job_on(platform: Platform) {
    let project = platform.project("demo").with_owner("ada").create().await;
    let actions: Vec<Action> = Action::ALL.iter().copied().filter(|action| Role::Deployer.permits(*action)).collect();
    let secret = project.acting_as("ada").create_token("ci", &actions).await;
    let mut job = Command::new("bash");
    job.arg(repository().join("tests/ci-deploy.sh"))
        .args([guest_path("hello"), guest_path("echo")])
        .current_dir(platform.stage())
        .env("DORMOUSE_URL", platform.ready().control)
        .env("DORMOUSE_PROJECT", "demo")
        .env("DORMOUSE_TOKEN", &secret);
    let ran = Ran::of(job).await.expect(0);
    assert!(ran.stdout.ends_with("rolled back: the first answer is back\n"), "{ran:#?}");
    assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "{ran:#?}");
}
