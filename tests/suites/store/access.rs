//! Projects, members, invitations and tokens.

use domain::{Action, Ceiling, Digest, Role};
use futures::future::join_all;
use store::{Error, Grant, Invitation, Project, Token};

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    a_project_name_belongs_to_one_project,
    a_ceiling_changes_only_at_the_revision_that_was_seen,
    a_member_has_the_role_that_was_set_last,
    owners_who_all_leave_together_leave_one_owner,
    an_invitation_lets_one_in_however_many_race,
    an_invitation_that_is_over_lets_nobody_in,
    a_new_set_up_link_ends_the_old_one,
    a_token_reads_back_whole_and_is_gone_when_revoked,
    a_token_remembers_its_latest_use,
);

async fn a_project_name_belongs_to_one_project(stage: Stage) {
    let demo = stage.project("demo").await;
    let twin = Project { id: stage.ids.next(), ..demo.clone() };
    let refused = stage.store.write(|t| Box::pin(async move { t.insert_project(&twin).await })).await;
    assert!(matches!(refused, Err(Error::Duplicate)));
    let mut reader = stage.read().await;
    assert_eq!(reader.find_project(demo.id).await.unwrap(), Some(demo.clone()));
    assert_eq!(reader.find_project_by_name(&demo.name).await.unwrap(), Some(demo));
}

async fn a_ceiling_changes_only_at_the_revision_that_was_seen(stage: Stage) {
    let demo = stage.project("demo").await;
    let lowered = Ceiling { project_concurrency: Some(2), ..Ceiling::default() };
    let set = async |ceiling: &Ceiling, expected: i64| {
        let (id, ceiling) = (demo.id, ceiling.clone());
        let write =
            stage.store.write(move |t| Box::pin(async move { t.update_project_ceiling(id, &ceiling, expected).await }));
        write.await.unwrap()
    };
    assert!(set(&lowered, 1).await);
    assert!(!set(&Ceiling::default(), 1).await);
    let found = stage.read().await.find_project(demo.id).await.unwrap().unwrap();
    assert_eq!((found.ceiling, found.revision), (lowered.clone(), 2));
    assert_eq!(stage.read().await.list_ceilings().await.unwrap(), [(demo.id, lowered)]);
    assert!(set(&Ceiling::default(), 2).await);
    assert!(stage.read().await.list_ceilings().await.unwrap().is_empty());
}

async fn a_member_has_the_role_that_was_set_last(stage: Stage) {
    let (demo, ada, bob) = (stage.project("demo").await, stage.person("ada").await, stage.person("bob").await);
    stage.member(&demo, &ada, Role::Owner).await;
    stage.member(&demo, &bob, Role::Reader).await;
    stage.member(&demo, &bob, Role::Deployer).await;
    let members = stage.read().await.list_members(demo.id, None, 10).await.unwrap().items;
    let roles: Vec<_> = members.iter().map(|member| (member.person.name.as_str(), member.role)).collect();
    assert_eq!(roles, [("ada", Role::Owner), ("bob", Role::Deployer)]);
    let demoted = stage.store.write(move |t| {
        Box::pin(async move {
            let changed = t.update_member(demo.id, bob.id, Role::Operator).await?;
            Ok::<_, Error>((changed, t.find_role(demo.id, bob.id).await?))
        })
    });
    assert_eq!(demoted.await.unwrap(), (true, Some(Role::Operator)));
    let left = stage.store.write(move |t| Box::pin(async move { t.delete_member(demo.id, bob.id).await }));
    assert!(left.await.unwrap());
    assert_eq!(stage.read().await.find_role(demo.id, bob.id).await.unwrap(), None);
}

async fn owners_who_all_leave_together_leave_one_owner(stage: Stage) {
    let demo = stage.project("demo").await;
    let mut owners = Vec::new();
    for n in 0..12 {
        let owner = stage.person(&format!("owner{n}")).await;
        stage.member(&demo, &owner, Role::Owner).await;
        owners.push(owner.id);
    }
    let leave = |owner| {
        stage.store.write(move |t| {
            Box::pin(async move {
                t.lock_project(demo.id).await?;
                Ok::<_, Error>(t.count_owners(demo.id).await? > 1 && t.delete_member(demo.id, owner).await?)
            })
        })
    };
    let left = join_all(owners.into_iter().map(leave)).await;
    assert_eq!(left.into_iter().filter(|left| *left.as_ref().unwrap()).count(), 11);
    assert_eq!(stage.read().await.count_owners(demo.id).await.unwrap(), 1);
}

fn invitation(stage: &Stage, secret: &str, grant: Grant) -> Invitation {
    let now = stage.ids.now();
    Invitation {
        id: stage.ids.next(),
        secret_hash: Digest::of(secret.as_bytes()),
        grant,
        created_at_us: now,
        expires_at_us: now.plus_seconds(60),
        consumed_at_us: None,
    }
}

async fn invite(stage: &Stage, invitation: &Invitation) {
    let invitation = invitation.clone();
    stage.store.write(|t| Box::pin(async move { t.insert_invitation(&invitation).await })).await.unwrap();
}

async fn an_invitation_lets_one_in_however_many_race(stage: Stage) {
    let demo = stage.project("demo").await;
    let grant = Grant::Join { project_id: demo.id, email: "bob@example.com".parse().unwrap(), role: Role::Deployer };
    let invitation = invitation(&stage, "secret", grant);
    invite(&stage, &invitation).await;
    assert_eq!(stage.read().await.find_invitation(&invitation.secret_hash).await.unwrap(), Some(invitation.clone()));
    let now = stage.ids.now();
    let racers = (0..20)
        .map(|_| stage.store.write(move |t| Box::pin(async move { t.consume_invitation(invitation.id, now).await })));
    let let_in = join_all(racers).await.into_iter().filter(|won: &Result<bool, Error>| *won.as_ref().unwrap());
    assert_eq!(let_in.count(), 1);
    let used = stage.read().await.find_invitation(&invitation.secret_hash).await.unwrap().unwrap();
    assert_eq!(used.consumed_at_us, Some(now));
}

async fn an_invitation_that_is_over_lets_nobody_in(stage: Stage) {
    let invitation = invitation(&stage, "secret", Grant::SetUp);
    invite(&stage, &invitation).await;
    let end = invitation.expires_at_us;
    let late = stage.store.write(move |t| {
        Box::pin(async move {
            let let_in = t.consume_invitation(invitation.id, end).await?;
            Ok::<_, Error>((let_in, t.delete_expired_invitations(end).await?))
        })
    });
    assert_eq!(late.await.unwrap(), (false, 1));
}

async fn a_new_set_up_link_ends_the_old_one(stage: Stage) {
    let (old, new) = (invitation(&stage, "old", Grant::SetUp), invitation(&stage, "new", Grant::SetUp));
    invite(&stage, &old).await;
    let renew = stage.store.write(move |t| {
        Box::pin(async move {
            t.delete_set_up_invitations().await?;
            t.insert_invitation(&new).await
        })
    });
    renew.await.unwrap();
    let mut reader = stage.read().await;
    assert_eq!(reader.find_invitation(&Digest::of(b"old")).await.unwrap(), None);
    assert_eq!(reader.find_invitation(&Digest::of(b"new")).await.unwrap().unwrap().grant, Grant::SetUp);
}

async fn token(stage: &Stage, project: &Project) -> Token {
    let now = stage.ids.now();
    let token = Token {
        id: stage.ids.next(),
        project_id: project.id,
        name: "ci".parse().unwrap(),
        secret_hash: Digest::of(b"dm_secret"),
        actions: vec![Action::FunctionRead, Action::VersionCreate],
        created_by: "ada".parse().unwrap(),
        created_at_us: now,
        expires_at_us: now.plus_seconds(60),
        last_used_at_us: None,
    };
    let added = token.clone();
    stage.store.write(|t| Box::pin(async move { t.insert_token(&added).await })).await.unwrap();
    token
}

async fn a_token_reads_back_whole_and_is_gone_when_revoked(stage: Stage) {
    let (demo, other) = (stage.project("demo").await, stage.project("other").await);
    let token = token(&stage, &demo).await;
    assert_eq!(stage.read().await.find_token(&token.secret_hash).await.unwrap(), Some(token.clone()));
    assert_eq!(stage.read().await.list_tokens(demo.id, None, 10).await.unwrap().items, std::slice::from_ref(&token));
    let revoke = |project: &Project| {
        let project = project.id;
        stage.store.write(move |t| Box::pin(async move { t.delete_token(project, token.id).await }))
    };
    assert!(!revoke(&other).await.unwrap(), "a foreign project revoked it");
    assert!(revoke(&demo).await.unwrap());
    assert_eq!(stage.read().await.find_token(&token.secret_hash).await.unwrap(), None);
}

async fn a_token_remembers_its_latest_use(stage: Stage) {
    let demo = stage.project("demo").await;
    let token = token(&stage, &demo).await;
    let (earlier, later) = (stage.ids.now(), stage.ids.now());
    for at in [later, earlier] {
        let used = stage.store.write(move |t| Box::pin(async move { t.update_token_last_used(token.id, at).await }));
        used.await.unwrap_or_else(|error: Error| panic!("{error}"));
    }
    let found = stage.read().await.find_token(&token.secret_hash).await.unwrap().unwrap();
    assert_eq!(found.last_used_at_us, Some(later));
}
