//! The schema, and values that no release would have written.

use std::{collections::BTreeSet, fs};

use domain::Role;
use store::{Error, Store};

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    opening_again_changes_nothing,
    a_database_of_a_newer_release_is_refused_and_left_alone,
    a_stored_value_that_breaks_its_invariant_names_its_column,
);

#[test]
fn both_databases_have_migrations_of_the_same_numbers_and_names() {
    let names = |database: &str| -> BTreeSet<_> {
        let folder = harness::repository().join("migrations").join(database);
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

async fn opening_again_changes_nothing(stage: Stage) {
    let demo = stage.project("demo").await;
    let stage = stage.reopened().await.reopened().await;
    assert_eq!(stage.read().await.find_project(demo.id).await.unwrap(), Some(demo));
}

async fn a_database_of_a_newer_release_is_refused_and_left_alone(stage: Stage) {
    stage.project("demo").await;
    stage.store.close().await;
    // `decode`, `now` and `x''` differ between the databases; what both have is a copy of a row.
    stage
        .tamper(
            "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         select 9999, 'from the future', installed_on, success, checksum, execution_time
         from _sqlx_migrations where version = 1",
        )
        .await;
    let Err(refused) = Store::open(&stage.config).await else { panic!("it opened") };
    assert!(matches!(refused, Error::NewerSchema { found: 9999, known } if known < 9999));
    assert!(refused.to_string().contains("9999"), "{refused}");
    stage.tamper("delete from _sqlx_migrations where version = 9999").await;
    let stage = stage.reopened().await;
    assert_eq!(stage.read().await.list_projects(None, 10).await.unwrap().items.len(), 1);
}

async fn a_stored_value_that_breaks_its_invariant_names_its_column(stage: Stage) {
    let (demo, ada) = (stage.project("demo").await, stage.person("ada").await);
    stage.member(&demo, &ada, Role::Owner).await;
    stage.tamper("update member set role = 'king'").await;
    let error = stage.read().await.find_role(demo.id, ada.id).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { table: "member", column: "role", .. }));
    assert_eq!(error.to_string(), "the stored value of member.role breaks its invariant");
}
