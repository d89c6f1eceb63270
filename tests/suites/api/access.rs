//! Who may do what, found out by asking: the table of roles, tokens and their scopes, foreign projects.

use domain::{Action, Role};
use harness::{Actor, Answer, Platform, Project};
use http::Method;
use serde_json::{Value, json};
use sqlx::{Connection, sqlite::SqliteConnection};

use super::stage::{demo, functions};

const NOBODY: &str = "usr_00000000000070008000000000000000";

/// A request that needs `action` and, where it is allowed, changes nothing.
async fn attempt(actor: &Actor, action: Action) -> Answer {
    let json = async |method, path: &str, body: Value| actor.request(method, path).json(&body).send().await;
    let split = json!({ "versions": [{ "version": 1, "weight": 100 }] });
    match action {
        Action::ProjectRead => actor.get("/members").await,
        Action::ProjectUpdate => json(Method::PATCH, "", json!({ "ceiling": {} })).await,
        Action::MemberManage => json(Method::PATCH, &format!("/members/{NOBODY}"), json!({ "role": "reader" })).await,
        Action::TokenManage => actor.get("/tokens").await,
        Action::FunctionRead => actor.get("/functions").await,
        Action::FunctionCreate => json(Method::POST, "/functions", json!({ "name": "taken" })).await,
        Action::FunctionUpdate => json(Method::PATCH, "/functions/none", json!({ "description": "" })).await,
        Action::FunctionDelete => actor.delete("/functions/none").await,
        Action::FunctionInvoke => json(Method::POST, "/functions/none/invoke", json!({})).await,
        Action::VersionCreate => actor.request(Method::POST, "/functions/none/versions").body("x").send().await,
        Action::VersionDelete => actor.delete("/functions/none/versions/1").await,
        Action::DeploymentCreate => json(Method::POST, "/functions/none/deployments", split).await,
        Action::DeploymentRollBack => json(Method::POST, "/functions/none/rollback", json!({})).await,
        Action::QueueRead => actor.get("/queues").await,
        Action::QueueManage => actor.delete("/queues/none").await,
        Action::QueueSend => json(Method::POST, "/queues/none/messages", json!({ "body": "" })).await,
        Action::QueueOperate => json(Method::POST, "/queues/none/pause", json!({})).await,
        Action::ScheduleRead => actor.get("/schedules").await,
        Action::ScheduleOperate => json(Method::POST, "/functions/none/schedules/none/pause", json!({})).await,
        Action::ConnectionRead => actor.get("/connections").await,
        Action::ConnectionOperate => json(Method::POST, "/groups/none", json!({ "body": "" })).await,
        Action::SecretRead => actor.get("/secrets").await,
        Action::SecretWrite => actor.delete("/secrets/NONE").await,
    }
}

/// Whether `actor` may do `action`. A refusal names the action.
async fn may(actor: &Actor, action: Action) -> bool {
    let answer = attempt(actor, action).await;
    match answer.status().as_u16() {
        403 => {
            let problem = answer.problem();
            assert_eq!(problem.code, "forbidden");
            assert!(problem.detail.contains(action.as_str()), "{problem:?}");
            false
        }
        200 | 404 | 409 => true,
        _ => panic!("{action}: {answer:?}"),
    }
}

async fn everyone() -> Project {
    let platform = Platform::start().await;
    let mut project = platform.project("demo");
    for role in Role::ALL {
        project = project.with(role.as_str(), *role);
    }
    let project = project.create().await;
    functions(&project.acting_as("owner"), &["taken"]).await;
    project
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let project = everyone().await;
    for role in Role::ALL {
        for action in Action::ALL {
            let allowed = may(&project.acting_as(role.as_str()), *action).await;
            assert_eq!(allowed, role.permits(*action), "{role} {action}");
        }
    }
}

#[tokio::test]
async fn a_token_may_do_its_actions_and_no_others() {
    let (project, ada) = demo().await;
    functions(&ada, &["taken"]).await;
    for granted in Action::ALL {
        let token = project.holding(&ada.create_token("one", &[*granted]).await);
        for action in Action::ALL {
            assert_eq!(may(&token, *action).await, granted == action, "{granted} {action}");
        }
    }
}

#[tokio::test]
async fn a_token_gives_no_more_than_its_maker_has() {
    let project = everyone().await;
    let refused =
        project.acting_as("deployer").post("/tokens", json!({ "name": "x", "actions": ["project:read"] })).await;
    assert_eq!(refused.expect(403).problem().code, "forbidden");
    let owner = project.acting_as("owner");
    let manager = project.holding(&owner.create_token("manager", &[Action::TokenManage]).await);
    let refused = manager.post("/tokens", json!({ "name": "x", "actions": ["function:delete"] })).await;
    assert_eq!(refused.expect(403).problem().code, "forbidden");
}

#[tokio::test]
async fn a_foreign_project_is_not_found() {
    let (project, _) = demo().await;
    let other = project.platform().project("other").with_owner("eve").create().await;
    let (eve, ada) = (project.acting_as("eve"), other.acting_as("ada"));
    let token = project.holding(&other.token("eve").await);
    for stranger in [&eve, &ada, &token] {
        for action in Action::ALL {
            let answer = attempt(stranger, *action).await;
            assert_eq!(answer.expect(404).problem().code, "not-found", "{action}");
        }
        stranger.get("").await.expect(404);
    }
}

#[tokio::test]
async fn a_token_is_worth_nothing_once_it_is_over_or_revoked() {
    let (project, ada) = demo().await;
    let make = async |name: &str| -> wire::CreatedToken {
        ada.post("/tokens", json!({ "name": name, "actions": ["function:read"] })).await.expect(201).parse()
    };
    let (expired, revoked, kept) = (make("expired").await, make("revoked").await, make("kept").await);
    for token in [&expired, &revoked, &kept] {
        project.holding(&token.secret).get("/functions").await.expect(200);
    }
    // A token lives for a minute at least, so the stage moves its end instead of the clock.
    let database = project.platform().data_dir().join("dormouse.db");
    let mut store = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    let done = sqlx::query("update token set expires_at_us = 1 where id = $1").bind(&expired.token.id);
    assert_eq!(done.execute(&mut store).await.unwrap().rows_affected(), 1);
    ada.delete(&format!("/tokens/{}", revoked.token.id)).await.expect(204);
    for token in [&expired, &revoked] {
        let refused = project.holding(&token.secret).get("/functions").await;
        assert_eq!(refused.expect(401).problem().code, "unauthenticated");
    }
    project.holding(&kept.secret).get("/functions").await.expect(200);
}

#[tokio::test]
async fn a_credential_that_is_none_is_refused() {
    let (project, _) = demo().await;
    let platform = project.platform();
    let unknown = format!("Bearer dm_{}", "0".repeat(64));
    for value in ["Bearer", "Bearer ", "Bearer dm_short", "Basic YWRhOmFkYQ==", "nonsense", &unknown] {
        let request = platform.control(Method::GET, "/api/v1/whoami").header("authorization", value);
        assert_eq!(request.send().await.expect(401).problem().code, "unauthenticated", "{value:?}");
    }
    let request = platform.control(Method::GET, "/api/v1/whoami").header("cookie", "dormouse=none");
    assert_eq!(request.send().await.expect(401).problem().code, "unauthenticated");
}

#[tokio::test]
async fn people_make_projects_and_tokens_do_not() {
    let (project, _) = demo().await;
    let platform = project.platform();
    let token = platform.holding(&project.token("ada").await);
    let refused = token.post("/projects", json!({ "name": "mine" })).await;
    assert_eq!(refused.expect(403).problem().code, "forbidden");
    let made = platform.acting_as("ada").post("/projects", json!({ "name": "mine" })).await.expect(201);
    assert_eq!(made.header("location"), "/api/v1/projects/mine");
    assert_eq!(made.parse::<wire::Project>().role, Some(Role::Owner));
    let taken = platform.acting_as("ada").post("/projects", json!({ "name": "mine" })).await;
    assert_eq!(taken.expect(409).problem().code, "name-taken");
}

#[tokio::test]
async fn a_project_keeps_one_owner() {
    let project = everyone().await;
    let owner = project.acting_as("owner");
    let members: wire::Page<wire::Member> = owner.get("/members").await.parse();
    let seat = |role| format!("/members/{}", members.items.iter().find(|member| member.role == role).unwrap().id);
    let (own, readers) = (seat(Role::Owner), seat(Role::Reader));
    for refused in [owner.patch(&own, json!({ "role": "reader" })).await, owner.delete(&own).await] {
        assert_eq!(refused.expect(409).problem().code, "last-owner");
    }
    owner.patch(&readers, json!({ "role": "owner" })).await.expect(200);
    owner.delete(&own).await.expect(204);
    owner.get("/functions").await.expect(404);
    project.acting_as("reader").delete("/functions/taken").await.expect(204);
}
