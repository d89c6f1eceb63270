//! People and their sessions.

use domain::{Digest, Email, Timestamp};
use store::{Error, Person, Session};

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    a_person_is_found_by_address_and_by_id,
    an_address_belongs_to_one_person,
    a_password_can_be_changed,
    a_session_leads_to_its_person_until_it_is_deleted,
    sessions_that_are_over_are_swept_and_others_stay,
);

async fn a_person_is_found_by_address_and_by_id(stage: Stage) {
    assert_eq!(stage.read().await.count_people().await.unwrap(), 0);
    let ada = stage.person("ada").await;
    stage.person("bob").await;
    let mut reader = stage.read().await;
    assert_eq!(reader.find_person_by_email(&ada.email).await.unwrap(), Some(ada.clone()));
    assert_eq!(reader.find_person(ada.id).await.unwrap(), Some(ada));
    let nobody: Email = "eve@example.com".parse().unwrap();
    assert_eq!(reader.find_person_by_email(&nobody).await.unwrap(), None);
    assert_eq!(reader.count_people().await.unwrap(), 2);
}

async fn an_address_belongs_to_one_person(stage: Stage) {
    let ada = stage.person("ada").await;
    let twin = Person { id: stage.ids.next(), ..ada };
    let refused = stage.store.write(|t| Box::pin(async move { t.insert_person(&twin, "hash").await })).await;
    assert!(matches!(refused, Err(Error::Duplicate)));
}

async fn a_password_can_be_changed(stage: Stage) {
    let ada = stage.person("ada").await.id;
    let changed = stage.store.write(move |t| Box::pin(async move { t.update_password_hash(ada, "new hash").await }));
    assert!(changed.await.unwrap_or_else(|error: Error| panic!("{error}")));
    assert_eq!(stage.read().await.find_password_hash(ada).await.unwrap().as_deref(), Some("new hash"));
}

fn session(stage: &Stage, person: &Person, secret: &str, expires_at_us: Timestamp) -> Session {
    Session {
        id: stage.ids.next(),
        person_id: person.id,
        secret_hash: Digest::of(secret.as_bytes()),
        csrf_token: "csrf".to_owned(),
        created_at_us: stage.ids.now(),
        expires_at_us,
    }
}

async fn insert(stage: &Stage, session: &Session) {
    let session = session.clone();
    stage.store.write(|t| Box::pin(async move { t.insert_session(&session).await })).await.unwrap();
}

async fn a_session_leads_to_its_person_until_it_is_deleted(stage: Stage) {
    let ada = stage.person("ada").await;
    let session = session(&stage, &ada, "secret", stage.ids.now().plus_seconds(60));
    insert(&stage, &session).await;
    let found = stage.read().await.find_session(&session.secret_hash).await.unwrap();
    assert_eq!(found, Some((session.clone(), ada)));
    let delete = || stage.store.write(move |t| Box::pin(async move { t.delete_session(session.id).await }));
    assert!(delete().await.unwrap());
    assert!(!delete().await.unwrap());
    assert_eq!(stage.read().await.find_session(&Digest::of(b"secret")).await.unwrap(), None);
}

async fn sessions_that_are_over_are_swept_and_others_stay(stage: Stage) {
    let ada = stage.person("ada").await;
    let now = stage.ids.now();
    let (over, open) = (session(&stage, &ada, "over", now), session(&stage, &ada, "open", now.plus_seconds(1)));
    insert(&stage, &over).await;
    insert(&stage, &open).await;
    let swept = stage.store.write(move |t| Box::pin(async move { t.delete_expired_sessions(now).await })).await;
    assert_eq!(swept.unwrap_or_else(|error: Error| panic!("{error}")), 1);
    let mut reader = stage.read().await;
    assert!(reader.find_session(&over.secret_hash).await.unwrap().is_none());
    assert!(reader.find_session(&open.secret_hash).await.unwrap().is_some());
}
