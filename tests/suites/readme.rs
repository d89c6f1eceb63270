//! Runs the README's five minutes, line by line, against a real platform.

use std::{fs, process::Command};

use domain::Action;
use harness::{Platform, Ran, binary, repository};

const START: &str = "<!-- five-minutes:start -->";
const END: &str = "<!-- five-minutes:end -->";

/// Lines that are not run as they stand, by how they begin, and what the test does instead.
const PROVIDED: &[(&str, &str)] = &[
    ("make run", "the harness runs the platform"),
    ("export DORMOUSE_TOKEN=", "the token is in the environment"),
    ("export PATH=", "the binary's folder is on the path"),
];

/// The shell lines of the marked part.
fn lines(readme: &str) -> Vec<String> {
    let marked =
        readme.split_once(START).and_then(|(_, rest)| rest.split_once(END)).expect("the README has its marks").0;
    let mut lines = Vec::new();
    let mut shell = false;
    for line in marked.lines() {
        match line {
            "```sh" => shell = true,
            "```" => shell = false,
            _ if shell && !PROVIDED.iter().any(|(start, _)| line.starts_with(start)) => lines.push(line.to_owned()),
            _ => {}
        }
    }
    lines
}

#[tokio::test]
async fn the_readmes_five_minutes_work_line_by_line() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let lines = lines(&readme);
    let commands = lines.iter().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
    assert!(commands >= 5, "only {commands} commands: {lines:#?}");

    let platform = Platform::start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    let secret = project.acting_as("ada").create_token("terminal", Action::ALL).await;
    let ready = platform.ready();
    // The README names the default ports; a test listens on free ones.
    let control_port = ready.control.rsplit(':').next().unwrap();
    let script = lines
        .join("\n")
        .replace(":8080", &format!(":{}", platform.data_port()))
        .replace(":7070", &format!(":{control_port}"));
    let folder = binary().parent().unwrap().display();
    let mut bash = Command::new("bash");
    bash.args(["-euxo", "pipefail", "-c", &script])
        .current_dir(repository())
        .env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()))
        .env("DORMOUSE_URL", &ready.control)
        .env("DORMOUSE_TOKEN", &secret)
        .env_remove("DORMOUSE_PROJECT");
    let _ = Ran::of(bash).await.expect(0);
}
