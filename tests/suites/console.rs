//! The console in a real browser, driven by the flows of `tests/browser`.

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
    process::Command,
};

use harness::{Platform, Ran, guest_path, repository};

/// The first of `names` that lies on the path.
pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|found| found.is_file()))
}

/// The programs that the flow needs: Node and Chromium. Else what is missing.
fn programs() -> Result<(PathBuf, PathBuf), &'static str> {
    let node = program(&["node"]).ok_or("Node is not installed")?;
    let chromium = program(&["chromium", "chromium-browser", "google-chrome"]).ok_or("Chromium is not installed")?;
    if !repository().join("tests/browser/node_modules").is_dir() {
        return Err("the packages of tests/browser are not installed; run tests/setup.sh node");
    }
    Ok((node, chromium))
}

/// A flow of `tests/browser`, ready to run; none, with a notice, where a browser is missing.
pub(crate) fn in_browser(script: &str) -> Option<Command> {
    let (node, chromium) = match programs() {
        Ok(found) => found,
        Err(missing) => {
            let notice = format!("SKIPPED: nothing was tested in a browser: {missing}\n");
            io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        }
    };
    let mut flow = Command::new(node);
    flow.arg(repository().join("tests/browser").join(script)).env("CHROMIUM", chromium);
    Some(flow)
}

/// A flow whose first step is to set `platform` up.
fn flow(script: &str, platform: &Platform) -> Option<Command> {
    let mut flow = in_browser(script)?;
    flow.env("SET_UP_LINK", platform.ready().set_up_link.expect("a platform without people has a set-up link"));
    Some(flow)
}

#[tokio::test]
async fn a_newcomer_deploys_and_rolls_back_in_the_browser() {
    let platform = Platform::start().await;
    let Some(mut flow) = flow("flow.mjs", &platform) else { return };
    flow.env("DATA_PORT", platform.data_port().to_string())
        .env("FIRST", guest_path("hello"))
        .env("SECOND", guest_path("echo"));
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the flow holds\n"), "{ran:#?}");
}

#[tokio::test]
async fn queues_are_made_filled_looked_at_moved_and_emptied_in_the_browser() {
    let platform = Platform::start().await;
    let Some(mut flow) = flow("queues.mjs", &platform) else { return };
    flow.env("FIRST", guest_path("hello"));
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the queues hold\n"), "{ran:#?}");
}

#[tokio::test]
async fn secrets_and_schedules_are_written_run_paused_and_read_in_the_browser() {
    let platform = Platform::start().await;
    let Some(mut flow) = flow("schedules.mjs", &platform) else { return };
    flow.env("FIRST", guest_path("hello")).env("POISON", guest_path("poison"));
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the schedules and secrets hold\n"), "{ran:#?}");
}

#[tokio::test]
async fn asynchronous_calls_are_made_followed_and_cancelled_in_the_browser() {
    let platform = Platform::start().await;
    let Some(mut flow) = flow("calls.mjs", &platform) else { return };
    flow.env("POISON", guest_path("poison"));
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the calls hold\n"), "{ran:#?}");
}

#[tokio::test]
async fn connections_are_watched_sent_to_and_closed_in_the_browser() {
    let platform = Platform::start().await;
    let Some(mut flow) = flow("connections.mjs", &platform) else { return };
    flow.env("DATA_PORT", platform.data_port().to_string()).env("ECHO", guest_path("ws-echo"));
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the connections hold\n"), "{ran:#?}");
}
