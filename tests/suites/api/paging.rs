//! Lists come in pages that neither repeat nor leave out.

use harness::Actor;
use serde_json::{Value, json};

use super::stage::{demo, fields, functions};

/// All items of the list at `path` in pages of `limit`.
async fn pages(actor: &Actor, path: &str, limit: usize) -> Vec<Vec<Value>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: wire::Page<Value> = actor.get(&format!("{path}?limit={limit}{cursor}")).await.expect(200).parse();
        assert!(page.items.len() <= limit, "{page:?}");
        all.push(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn names(pages: &[Vec<Value>]) -> Vec<&str> {
    pages.iter().flatten().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_hold_every_item_once_and_in_order() {
    let (_, ada) = demo().await;
    let created = ["a", "b", "c", "d", "e"];
    functions(&ada, &created).await;
    let newest_first: Vec<_> = created.iter().rev().copied().collect();
    for limit in [1, 2, 3, 5, 200] {
        let pages = pages(&ada, "/functions", limit).await;
        assert_eq!(names(&pages), newest_first, "{limit}");
        assert_eq!(pages.len(), created.len().div_ceil(limit), "{limit}");
    }
}

#[tokio::test]
async fn what_is_added_meanwhile_disturbs_no_page() {
    let (_, ada) = demo().await;
    functions(&ada, &["a", "b", "c"]).await;
    let first: wire::Page<Value> = ada.get("/functions?limit=2").await.parse();
    functions(&ada, &["d"]).await;
    let cursor = first.next_cursor.unwrap();
    let second: wire::Page<Value> = ada.get(&format!("/functions?limit=2&cursor={cursor}")).await.parse();
    assert_eq!(names(&[first.items, second.items]), ["c", "b", "a"]);
}

#[tokio::test]
async fn every_list_comes_in_pages() {
    let (_, ada) = demo().await;
    functions(&ada, &["hello"]).await;
    for name in ["one", "two", "three"] {
        ada.post("/tokens", json!({ "name": name, "actions": ["function:read"] })).await.expect(201);
    }
    assert_eq!(names(&pages(&ada, "/tokens", 2).await), ["three", "two", "one"]);
    for path in ["/members", "/functions/hello/versions", "/functions/hello/deployments"] {
        assert_eq!(pages(&ada, path, 1).await.len(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let (_, ada) = demo().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=all", "limit"),
        ("cursor=nonsense", "cursor"),
        ("page=2", "page"),
    ] {
        assert_eq!(fields(&ada.get(&format!("/functions?{query}")).await.expect(422)), [field], "{query}");
    }
}
