//! `kill -9` at many moments of uploads and deploys: afterwards the state is the old or the new one.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{Digest, VersionState, rollout::sticky_point};
use futures::StreamExt as _;
use harness::{Actor, Answer, Platform, Project, guest};
use http::Method;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::json;

/// How often the server is killed: a dozen times for each deed.
const ROUNDS: u64 = 36;

/// What the server was told to do when it died.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Upload,
    HalfUpload,
    Deploy,
}

/// What the client has been promised so far.
#[derive(Debug, Default)]
struct Promised {
    versions: u32,
    deployment: u32,
    live_version: u32,
}

/// How long the deeds take when nobody kills the server: the short ones with room for a cold connection.
struct Courses {
    upload: Duration,
    arrival: Duration,
    deploy: Duration,
}

impl Courses {
    /// How many deployments are made to find the shortest.
    const DEPLOYS: u32 = 5;

    /// Makes version 1 of the function and deploys it a few times.
    async fn measure(owner: &Actor) -> Self {
        let started = Instant::now();
        let version = owner.upload("steady", component(ROUNDS)).await;
        let upload = started.elapsed();
        let received = version.verdict.unwrap().steps.into_iter().find(|step| step.name == "received").unwrap();
        let mut deploy = Duration::MAX;
        for _ in 0..Self::DEPLOYS {
            let started = Instant::now();
            let _ = owner.deploy("steady", 1).await;
            deploy = deploy.min(started.elapsed());
        }
        Self { upload, arrival: 2 * Duration::from_micros(received.duration_us), deploy: 3 * deploy }
    }
}

/// The same component with other bytes: a custom section that says which round it is, so that
/// every round compiles anew.
fn component(round: u64) -> Bytes {
    let mut bytes = guest("hello").to_vec();
    let content = round.to_le_bytes();
    let (name, kind) = (b"round", 0);
    bytes.push(kind);
    bytes.push(u8::try_from(1 + name.len() + content.len()).unwrap());
    bytes.push(u8::try_from(name.len()).unwrap());
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(&content);
    bytes.into()
}

/// Sends the first half of `component`, and then nothing.
async fn half_upload(actor: Actor, component: Bytes) -> Option<Answer> {
    let half = component.slice(..component.len() / 2);
    let chunks = futures::stream::iter([Ok(Frame::data(half))]).chain(futures::stream::pending());
    let request = actor.request(Method::POST, "/functions/steady/versions?wait=60");
    request.header("content-length", component.len()).stream(StreamBody::new(chunks)).try_send().await.ok()
}

async fn upload(actor: Actor, component: Bytes) -> Option<Answer> {
    let request = actor.request(Method::POST, "/functions/steady/versions?wait=60");
    request.header("content-type", "application/wasm").body(component).try_send().await.ok()
}

async fn deploy(actor: Actor, version: u32) -> Option<Answer> {
    let body = json!({ "versions": [{ "version": version, "weight": 100 }] });
    actor.request(Method::POST, "/functions/steady/deployments").json(&body).try_send().await.ok()
}

/// Counts the stored components, each of which must have the digest that it is named after.
fn whole_components(folder: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            count += whole_components(&path);
        } else if folder.ends_with("components") {
            let digest = Digest::of(&fs::read(&path).unwrap()).to_string();
            assert!(path.ends_with(&digest), "{} has the digest {digest}", path.display());
            count += 1;
        }
    }
    count
}

/// Checks that what the platform holds is what was promised, or that and the one thing that was under way.
async fn check(project: &Project, owner: &Actor, deed: Option<Deed>, promised: &mut Promised) {
    let page = owner.get("/functions/steady/versions?limit=200").await.expect(200);
    let versions: wire::Page<wire::Version> = page.parse();
    let count = u32::try_from(versions.items.len()).unwrap();
    let may_be_new = u32::from(matches!(deed, Some(Deed::Upload)));
    assert!((promised.versions..=promised.versions + may_be_new).contains(&count), "{deed:?}: {count} of {promised:?}");
    for (version, number) in versions.items.into_iter().zip((1..=count).rev()) {
        assert_eq!(version.number, number, "numbers have no gaps");
        let fresh = version.number > promised.versions || version.state == VersionState::Preparing;
        let version = owner.settled("steady", version).await;
        assert_eq!(version.state, VersionState::Ready, "{version:?}");
        if fresh {
            let path = format!("/functions/steady/versions/{number}/component");
            let component = owner.get(&path).await.expect(200);
            assert_eq!(Digest::of(component.bytes()).to_string(), version.component_sha256);
            let answer = project.preview("steady", number, Method::GET, "/").send().await;
            assert_eq!(answer.status(), 200, "{deed:?}: {answer:?}");
        }
    }
    promised.versions = count;

    let live: wire::Deployment = owner.get("/functions/steady/deployments/live").await.expect(200).parse();
    let may_be_new = u32::from(matches!(deed, Some(Deed::Deploy)));
    let known = promised.deployment..=promised.deployment + may_be_new;
    assert!(known.contains(&live.number), "{deed:?}: {live:?} of {promised:?}");
    let version = live.versions[0].version.0;
    assert!(live.number > promised.deployment || version == promised.live_version, "{live:?} of {promised:?}");
    let answer = project.fetch("/steady/").await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(answer.header("dormouse-version"), format!("v{version}"));
    (promised.deployment, promised.live_version) = (live.number, version);
}

#[tokio::test]
async fn a_killed_server_comes_back_in_the_old_state_or_the_new_one() {
    let platform = Platform::start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    let owner = project.acting_as("ada");
    let courses = Courses::measure(&owner).await;
    let mut promised = Promised { versions: 1, deployment: Courses::DEPLOYS, live_version: 1 };
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        let deed = match round % 3 {
            0 => Deed::Upload,
            1 => Deed::HalfUpload,
            _ => Deed::Deploy,
        };
        let under_way = match deed {
            Deed::Upload => tokio::spawn(upload(owner.clone(), component(round))),
            Deed::HalfUpload => tokio::spawn(half_upload(owner.clone(), component(round))),
            Deed::Deploy => {
                let other = u32::try_from(round).unwrap() % promised.versions + 1;
                tokio::spawn(deploy(owner.clone(), other))
            }
        };
        // A moment of the deed's usual course, or a little after it; the same ones in every run. Most of an
        // upload's course is compiling: every other time the moment is among its first, when bytes arrive.
        let course = match deed {
            Deed::Upload if (round / 3).is_multiple_of(2) => courses.upload,
            Deed::Upload | Deed::HalfUpload => courses.arrival,
            Deed::Deploy => courses.deploy,
        };
        let point = sticky_point("crash", &round.to_le_bytes()) % 1_100;
        tokio::time::sleep(course * u32::try_from(point).unwrap() / 1_000 + Duration::from_micros(point)).await;
        platform.kill9();
        let mut open = Some(deed);
        if let Some(answer) = under_way.await.unwrap() {
            assert!(answer.status().is_success(), "{deed:?}: {answer:?}");
            acknowledged += 1;
            open = None;
            match deed {
                Deed::Upload => promised.versions += 1,
                Deed::HalfUpload => panic!("half a component was taken: {answer:?}"),
                Deed::Deploy => {
                    let deployment: wire::Deployment = answer.parse();
                    promised.deployment = deployment.number;
                    promised.live_version = deployment.versions[0].version.0;
                }
            }
        }
        platform.restart().await;
        check(&project, &owner, open, &mut promised).await;
        // One that came whole just before the kill may be left without a version; never the other way round.
        let components = whole_components(&platform.data_dir());
        assert!(components >= promised.versions as usize, "{components} components for {promised:?}");
    }
    // Past the capture of test output: how often a kill came too late says what the rounds are worth.
    writeln!(io::stderr(), "killed {ROUNDS} times, {acknowledged} deeds were acknowledged before; {promised:?}")
        .unwrap();
}
