//! Lists: every page starts where the last one ended, whatever comes and goes in between.

use domain::{Role, id::PersonId};
use store::Error;

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    pages_hold_everything_once,
    a_list_goes_on_behind_an_item_that_is_gone,
    what_comes_while_a_list_is_read_shifts_nothing,
    projects_are_listed_byte_by_byte_and_only_to_their_members,
);

async fn pages_hold_everything_once(stage: Stage) {
    let demo = stage.project("demo").await;
    let hello = stage.function(&demo, "hello").await;
    for _ in 0..7 {
        stage.upload(stage.a_version(hello.id)).await.unwrap();
    }
    for limit in [1, 2, 3, 6, 7, 8] {
        let (mut after, mut numbers) = (None, Vec::new());
        loop {
            let page = stage.read().await.list_versions(hello.id, after, limit).await.unwrap();
            assert!((1..=limit as usize).contains(&page.items.len()));
            numbers.extend(page.items.iter().map(|version| version.number.0));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1], "in pages of {limit}");
    }
}

async fn a_list_goes_on_behind_an_item_that_is_gone(stage: Stage) {
    let demo = stage.project("demo").await;
    let mut people: Vec<PersonId> = Vec::new();
    for name in ["ada", "bob", "cyd", "dan"] {
        let person = stage.person(name).await;
        stage.member(&demo, &person, Role::Reader).await;
        people.push(person.id);
    }
    let first = stage.read().await.list_members(demo.id, None, 2).await.unwrap();
    let bob = people[1];
    assert_eq!(first.next, Some(bob));
    let left = stage.store.write(move |t| Box::pin(async move { t.delete_member(demo.id, bob).await }));
    assert!(left.await.unwrap_or_else(|error: Error| panic!("{error}")));
    let second = stage.read().await.list_members(demo.id, first.next, 2).await.unwrap();
    assert_eq!(second.items.iter().map(|member| member.person.id).collect::<Vec<_>>(), people[2..]);
    assert_eq!(second.next, None);
}

async fn what_comes_while_a_list_is_read_shifts_nothing(stage: Stage) {
    let demo = stage.project("demo").await;
    for name in ["a", "b", "c"] {
        stage.function(&demo, name).await;
    }
    let first = stage.read().await.list_functions(demo.id, None, 2).await.unwrap();
    stage.function(&demo, "d").await;
    let second = stage.read().await.list_functions(demo.id, first.next, 2).await.unwrap();
    let names: Vec<_> = [first.items, second.items].concat().into_iter().map(|item| item.function.name).collect();
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
}

async fn projects_are_listed_byte_by_byte_and_only_to_their_members(stage: Stage) {
    let ada = stage.person("ada").await;
    for name in ["b", "a1", "a-1", "z", "hidden"] {
        let project = stage.project(name).await;
        if name != "hidden" {
            stage.member(&project, &ada, Role::Owner).await;
        }
    }
    let first = stage.read().await.list_projects_of(ada.id, None, 3).await.unwrap();
    let second = stage.read().await.list_projects_of(ada.id, first.next.as_ref(), 3).await.unwrap();
    let names: Vec<_> = [first.items, second.items].concat().into_iter().map(|item| item.project.name).collect();
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["a-1", "a1", "b", "z"]);
}
