//! Secrets over HTTP: values go in, are bound to deployments by version, and are never told.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};

use harness::{Actor, Answer, Project, Ran, command, guest};
use http::Method;
use serde_json::{Value, json};

use super::stage::{demo, fields};

const VALUE: &str = "hush-4711-nobody-shall-see";

async fn set(actor: &Actor, name: &str, value: &str) -> Answer {
    actor.request(Method::PUT, &format!("/secrets/{name}")).json(&json!({ "value": value })).send().await
}

async fn secrets(actor: &Actor) -> Vec<wire::Secret> {
    actor.get("/secrets").await.expect(200).parse::<wire::Page<wire::Secret>>().items
}

/// Uploads a version of `hello` that declares `names`, and gives its number.
async fn declaring(actor: &Actor, names: &[&str]) -> u32 {
    let answer = actor.try_upload_with("hello", &guest("hello"), &json!({ "secrets": names })).await;
    actor.settled("hello", answer.parse()).await.number
}

fn bound(deployment: &wire::Deployment) -> Vec<(&str, u32)> {
    deployment.secrets.iter().map(|(name, version)| (name.as_str(), *version)).collect()
}

/// Everything that the server has written: its log, and the files of its data folder.
fn written(project: &Project) -> Vec<u8> {
    let mut all = project.platform().log().into_bytes();
    let data = project.platform().data_dir();
    for entry in fs::read_dir(data).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        all.extend(fs::read(entry.path()).unwrap());
    }
    all
}

#[tokio::test]
async fn a_value_goes_in_and_is_never_told() {
    let (project, ada) = demo().await;
    let first = set(&ada, "API_KEY", VALUE).await.expect(201);
    let second = set(&ada, "API_KEY", &format!("{VALUE}-too")).await.expect(201);
    assert_eq!((first.json()["version"].clone(), second.json()["version"].clone()), (json!(1), json!(2)));
    let listed = ada.get("/secrets").await.expect(200);
    let names: Vec<_> = secrets(&ada).await.into_iter().map(|secret| (secret.name, secret.versions.len())).collect();
    assert_eq!(names, [("API_KEY".to_owned(), 2)]);
    assert_eq!(secrets(&ada).await[0].versions[0].created_by, "ada");
    let mut told = vec![first.text(), second.text(), listed.text()];
    for wrong in
        [json!({ "value": [VALUE] }), json!({ "value": { VALUE: 1 } }), json!({ "worth": VALUE }), json!([VALUE])]
    {
        let refused = ada.request(Method::PUT, "/secrets/API_KEY").json(&wrong).send().await.expect(422);
        told.push(refused.text());
    }
    let broken = format!("{{\"value\": \"{VALUE}\" x");
    let broken = ada.request(Method::PUT, "/secrets/API_KEY").header("content-type", "application/json").body(broken);
    told.push(broken.send().await.expect(400).text());
    told.push(set(&ada, "API_KEY", &VALUE.repeat(3_000)).await.expect(422).text());
    told.push(ada.get("/secrets/API_KEY").await.expect(405).text());
    assert!(told.iter().all(|text| !text.contains(VALUE)), "{told:#?}");
    let written = written(&project);
    assert!(written.windows(7).any(|window| window == b"API_KEY"), "the names are there to be found");
    assert!(!written.windows(VALUE.len()).any(|window| window == VALUE.as_bytes()));
    let key = fs::metadata(project.platform().data_dir().join("secret.key")).unwrap();
    assert_eq!((key.len(), key.permissions().mode() & 0o777), (32, 0o600));
}

#[tokio::test]
async fn names_and_values_keep_their_bounds() {
    let (_project, ada) = demo().await;
    assert_eq!(fields(&set(&ada, "API_KEY", "").await.expect(422)), ["value"]);
    assert_eq!(fields(&set(&ada, "api-key", "x").await.expect(422)), ["secret"]);
    ada.delete("/secrets/API_KEY").await.expect(404);
    set(&ada, "API_KEY", &"x".repeat(65_536)).await.expect(201);
    ada.delete("/secrets/API_KEY").await.expect(204);
    assert!(secrets(&ada).await.is_empty());
    let again = set(&ada, "API_KEY", "x").await.expect(201);
    assert_eq!(again.json()["version"], json!(2), "a number never stands for two values");
}

#[tokio::test]
async fn a_deployment_is_bound_to_the_newest_versions_and_a_rollback_to_those_it_copies() {
    let (_project, ada) = demo().await;
    set(&ada, "API_KEY", "one").await.expect(201);
    set(&ada, "OTHER", "one").await.expect(201);
    let (plain, reading) = (declaring(&ada, &[]).await, declaring(&ada, &["API_KEY"]).await);
    assert_eq!(bound(&ada.deploy("hello", plain).await), []);
    assert_eq!(bound(&ada.deploy("hello", reading).await), [("API_KEY", 1)]);
    set(&ada, "API_KEY", "two").await.expect(201);
    let live: wire::Deployment = ada.get("/functions/hello/deployments/live").await.expect(200).parse();
    assert_eq!(bound(&live), [("API_KEY", 1)], "what is live stays as it is");
    assert_eq!(bound(&ada.deploy("hello", reading).await), [("API_KEY", 2)]);
    let changes: Value = ada.get("/functions/hello/deployments/2/changes").await.expect(200).json();
    let change = changes["changes"].as_array().unwrap().iter().find(|change| change["field"] == "secrets").unwrap();
    assert_eq!((change["now"].as_str(), change["after"].as_str()), (Some("API_KEY 2"), Some("API_KEY 1")));
    assert_eq!(bound(&ada.roll_back("hello").await), [("API_KEY", 1)]);
    assert_eq!(secrets(&ada).await[0].bound, [wire::SecretBinding { function: "hello".to_owned(), version: 1 }]);
}

#[tokio::test]
async fn a_deployment_without_its_secret_is_refused_and_so_is_deleting_one_that_is_read() {
    let (_project, ada) = demo().await;
    let (plain, reading) = (declaring(&ada, &[]).await, declaring(&ada, &["API_KEY"]).await);
    let body = json!({ "versions": [{ "version": reading, "weight": 100 }] });
    let refused = ada.post("/functions/hello/deployments", &body).await.expect(409).problem();
    assert_eq!(refused.code, "secret-missing");
    assert!(refused.detail.contains("API_KEY") && refused.detail.contains("dormouse secrets set"), "{refused:?}");
    set(&ada, "API_KEY", "one").await.expect(201);
    ada.post("/functions/hello/deployments", &body).await.expect(201);
    let refused = ada.delete("/secrets/API_KEY").await.expect(409).problem();
    assert_eq!(refused.code, "secret-in-use");
    assert!(refused.detail.contains("hello"), "{refused:?}");
    ada.deploy("hello", plain).await;
    ada.delete("/secrets/API_KEY").await.expect(204);
    let refused = ada.post("/functions/hello/rollback", json!({})).await.expect(409).problem();
    assert_eq!(refused.code, "secret-missing");
}

#[tokio::test]
async fn the_command_line_takes_a_value_from_standard_input_alone() {
    let (project, _ada) = demo().await;
    let secret = project.token("ada").await;
    let file = project.platform().stage().join("value");
    fs::write(&file, format!("{VALUE}\n")).unwrap();
    let run = async |arguments: &[&str]| {
        let mut command = command();
        command
            .args(arguments)
            .env("DORMOUSE_URL", &project.platform().ready().control)
            .env("DORMOUSE_PROJECT", "demo")
            .env("DORMOUSE_TOKEN", &secret)
            .stdin(Stdio::from(fs::File::open(&file).unwrap()));
        Ran::of(command).await
    };
    let set = run(&["secrets", "set", "API_KEY"]).await.expect(0);
    assert!(set.stderr.contains("API_KEY has version 1") && set.stderr.contains("next: "), "{set:?}");
    run(&["secrets", "set", "API_KEY", VALUE]).await.expect(2);
    let listed = run(&["secrets", "list"]).await.expect(0);
    assert!(listed.stdout.contains("API_KEY") && listed.stdout.contains("NAME"), "{listed:?}");
    let page: wire::Page<wire::Secret> = run(&["secrets", "list", "--json"]).await.expect(0).json();
    assert_eq!(page.items[0].versions[0].version, 1);
    let deleted = run(&["secrets", "delete", "API_KEY"]).await.expect(0);
    assert!([set, listed, deleted].iter().all(|ran| !format!("{ran:?}").contains(VALUE)));
    run(&["secrets", "delete", "API_KEY"]).await.expect(3);
}
