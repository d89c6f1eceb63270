//! Artifacts that were lost or damaged while the server was away are made again when they are asked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use harness::{Platform, Project, guest};
use http::Method;

use super::greeting;

/// The platform's artifacts, without their seals.
fn artifacts(platform: &Platform) -> Vec<PathBuf> {
    let files = fs::read_dir(platform.data_dir().join("blobs/artifacts")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_none()).collect()
}

/// The seal of an artifact.
fn seal(artifact: &Path) -> PathBuf {
    artifact.with_extension("mac")
}

/// What happens to an artifact while nobody looks.
type Mishap = (&'static str, fn(&Path));

fn mishaps() -> [Mishap; 6] {
    [
        ("a bit is flipped", |path| {
            let mut bytes = fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("it is cut short", |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("it is empty", |path| fs::write(path, b"").unwrap()),
        ("it is gone", |path| fs::remove_file(path).unwrap()),
        ("its seal is gone", |path| fs::remove_file(seal(path)).unwrap()),
        ("its seal is another's", |path| fs::write(seal(path), "ab".repeat(32)).unwrap()),
    ]
}

async fn published() -> Project {
    let platform = Platform::start().await;
    let demo = platform.project("demo").with_owner("ada").create().await;
    demo.acting_as("ada").publish("hello", guest("hello")).await;
    demo
}

#[tokio::test]
async fn a_lost_or_damaged_artifact_is_made_again_and_the_call_is_answered() {
    let demo = published().await;
    let platform = demo.platform().clone();
    let [artifact] = artifacts(&platform).try_into().unwrap();
    let whole = fs::read(&artifact).unwrap();
    for (what, mishap) in mishaps() {
        platform.terminate().await;
        mishap(&artifact);
        platform.restart().await;
        assert_eq!(greeting(&demo).await, "Hello from /\n", "{what}");
        assert!(platform.log().contains("an artifact is made again from its component"), "{what}");
        assert!(fs::read(&artifact).unwrap() == whole, "{what}");
    }
}

#[tokio::test]
async fn an_artifact_of_another_installation_is_not_loaded() {
    let (ours, theirs) = (published().await, published().await);
    let [artifact] = artifacts(ours.platform()).try_into().unwrap();
    let [foreign] = artifacts(theirs.platform()).try_into().unwrap();
    assert_eq!(artifact.file_name(), foreign.file_name(), "both are made of one component by one build");
    ours.platform().terminate().await;
    let before = fs::read(seal(&artifact)).unwrap();
    fs::copy(&foreign, &artifact).unwrap();
    fs::copy(seal(&foreign), seal(&artifact)).unwrap();
    assert!(fs::read(seal(&artifact)).unwrap() != before, "the seals differ");
    ours.platform().restart().await;
    assert_eq!(greeting(&ours).await, "Hello from /\n");
    assert!(fs::read(seal(&artifact)).unwrap() == before, "it is made and sealed again");
}

#[tokio::test]
async fn an_artifact_in_anothers_place_is_not_loaded() {
    let demo = published().await;
    let echo = demo.acting_as("ada").upload("echo", guest("echo")).await;
    let platform = demo.platform().clone();
    platform.terminate().await;
    let [one, other] = artifacts(&platform).try_into().unwrap();
    for (one, other) in [(one.clone(), other.clone()), (seal(&one), seal(&other))] {
        let (of_one, of_other) = (fs::read(&one).unwrap(), fs::read(&other).unwrap());
        fs::write(one, of_other).unwrap();
        fs::write(other, of_one).unwrap();
    }
    platform.restart().await;
    assert_eq!(greeting(&demo).await, "Hello from /\n");
    let request = demo.preview("echo", echo.number, Method::POST, "/").body("said");
    assert_eq!(request.send().await.expect(200).text(), "said");
}

/// The steps that it takes to prepare `hello` as a version of `function`.
async fn steps(project: &Project, function: &str) -> Vec<String> {
    let ada = project.acting_as("ada");
    let version = ada.upload(function, guest("hello")).await;
    let answer = project.preview(function, version.number, Method::GET, "/").send().await.expect(200);
    assert_eq!(answer.text(), "Hello from /\n");
    version.verdict.unwrap().steps.into_iter().map(|step| step.name).collect()
}

#[tokio::test]
async fn a_component_that_was_prepared_before_is_recognised_unless_something_is_wrong_with_what_was_made() {
    let demo = published().await;
    let [artifact] = artifacts(demo.platform()).try_into().unwrap();
    let verdict = artifact.with_extension("verdict");
    assert_eq!(steps(&demo, "again").await, ["received", "recognised"]);
    let platform = demo.platform();
    let sealed = fs::read(seal(&artifact)).unwrap();
    for (what, mishap) in mishaps().into_iter().step_by(3) {
        // What is loaded is mapped into the server.
        platform.terminate().await;
        mishap(&artifact);
        platform.restart().await;
        assert_eq!(steps(&demo, "again").await, ["received", "checked", "compiled"], "{what}");
    }
    for (what, mishap) in mishaps().into_iter().take(4) {
        mishap(&verdict);
        assert_eq!(steps(&demo, "again").await, ["received", "checked", "compiled"], "the verdict: {what}");
    }
    assert_eq!(steps(&demo, "again").await, ["received", "recognised"]);
    assert_eq!(fs::read(seal(&artifact)).unwrap(), sealed, "what is made again is the same");
}
