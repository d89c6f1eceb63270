//! The console in a real browser, driven by `tests/browser/flow.mjs`.

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
    process::Command,
};

use harness::{Platform, Ran, guest_path, repository};

/// The first of `names` that lies on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
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

#[tokio::test]
async fn a_newcomer_deploys_and_rolls_back_in_the_browser() {
    let (node, chromium) = match programs() {
        Ok(found) => found,
        Err(missing) => {
            let notice = format!("SKIPPED: nothing was tested in a browser: {missing}\n");
            io::stderr().write_all(notice.as_bytes()).unwrap();
            return;
        }
    };
    let platform = Platform::start().await;
    let mut flow = Command::new(node);
    flow.arg(repository().join("tests/browser/flow.mjs"))
        .env("CHROMIUM", chromium)
        .env("SET_UP_LINK", platform.ready().set_up_link.expect("a platform without people has a set-up link"))
        .env("DATA_PORT", platform.data_port().to_string())
        .env("FIRST", guest_path("hello"))
        .env("SECOND", guest_path("echo"));
    let ran = Ran::of(flow).await.expect(0);
    assert!(ran.stdout.ends_with("all of the flow holds\n"), "{ran:#?}");
}
