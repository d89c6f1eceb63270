//! What guests keep by key: values, counters that race, swaps, lists and the project's quota.

use std::collections::{BTreeMap, BTreeSet};

use domain::key_value::{Key, KeyValueQuota};
use futures::future::join_all;
use store::{Bucket, Error, KeyValueUsage, Project};

use super::{on_both_databases, stage::Stage};

on_both_databases!(
    what_was_set_is_there_in_its_bucket_alone,
    keys_are_listed_in_order_and_in_parts,
    a_hundred_increments_that_race_all_count,
    an_increment_of_something_else_than_a_number_changes_nothing,
    one_of_many_swaps_from_the_same_state_wins,
    a_key_that_went_and_came_again_is_not_taken_for_the_first,
    values_set_together_are_kept_all_or_none,
    a_project_keeps_no_more_than_its_quota_however_many_race,
    what_is_counted_is_what_is_kept,
);

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn bucket(project: &Project, name: &str) -> Bucket {
    Bucket { project_id: project.id, name: name.parse().unwrap() }
}

async fn set_within(
    stage: &Stage,
    bucket: &Bucket,
    values: &[(&str, &[u8])],
    quota: KeyValueQuota,
) -> Result<(), Error> {
    let values: BTreeMap<_, _> = values.iter().map(|(name, value)| (key(name), value.to_vec())).collect();
    let (bucket, fresh) = (bucket.clone(), i64::from_le_bytes(stage.ids.random()));
    stage.store.write(move |t| Box::pin(async move { t.set_values(&bucket, values, fresh, quota).await })).await
}

async fn set(stage: &Stage, bucket: &Bucket, name: &str, value: &[u8]) {
    set_within(stage, bucket, &[(name, value)], KeyValueQuota::default()).await.unwrap();
}

async fn delete(stage: &Stage, bucket: &Bucket, names: &[&str]) -> u64 {
    let (bucket, keys) = (bucket.clone(), names.iter().map(|name| key(name)).collect::<BTreeSet<_>>());
    let deleted = stage.store.write(move |t| Box::pin(async move { t.delete_values(&bucket, keys).await }));
    deleted.await.unwrap_or_else(|error: Error| panic!("{error}"))
}

async fn increment(stage: &Stage, bucket: &Bucket, name: &str, by: i64) -> Result<i64, Error> {
    let (bucket, key, fresh) = (bucket.clone(), key(name), i64::from_le_bytes(stage.ids.random()));
    let quota = KeyValueQuota::default();
    stage.store.write(move |t| Box::pin(async move { t.increment_value(&bucket, &key, by, fresh, quota).await })).await
}

async fn swap(stage: &Stage, bucket: &Bucket, name: &str, expected: Option<i64>, value: &[u8]) -> bool {
    let (bucket, key, value) = (bucket.clone(), key(name), value.to_vec());
    let (fresh, quota) = (i64::from_le_bytes(stage.ids.random()), KeyValueQuota::default());
    let swapped = stage
        .store
        .write(move |t| Box::pin(async move { t.swap_value(&bucket, &key, expected, value, fresh, quota).await }));
    swapped.await.unwrap_or_else(|error: Error| panic!("{error}"))
}

async fn get(stage: &Stage, bucket: &Bucket, name: &str) -> Option<Vec<u8>> {
    stage.read().await.find_value(bucket, &key(name)).await.unwrap().map(|value| value.value)
}

async fn usage(stage: &Stage, project: &Project) -> (i64, i64) {
    let KeyValueUsage { bytes, keys } = stage.read().await.find_key_value_usage(project.id).await.unwrap();
    (bytes, keys)
}

async fn what_was_set_is_there_in_its_bucket_alone(stage: Stage) {
    let (demo, other) = (stage.project("demo").await, stage.project("other").await);
    let orders = bucket(&demo, "orders");
    let bytes: Vec<u8> = (0..=255).collect();
    set(&stage, &orders, "é/1", &bytes).await;
    set(&stage, &orders, "empty", b"").await;
    let stage = stage.reopened().await;
    assert_eq!(get(&stage, &orders, "é/1").await, Some(bytes));
    assert_eq!(get(&stage, &orders, "empty").await, Some(Vec::new()));
    for elsewhere in [bucket(&demo, "items"), bucket(&other, "orders")] {
        assert_eq!(get(&stage, &elsewhere, "é/1").await, None);
        assert!(!stage.read().await.has_value(&elsewhere, &key("é/1")).await.unwrap());
    }
    let many = stage.read().await.find_values(&orders, &[key("none"), key("empty")]).await.unwrap();
    assert_eq!(many.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    assert!(stage.read().await.has_value(&orders, &key("empty")).await.unwrap());
    assert_eq!(delete(&stage, &orders, &["é/1", "none"]).await, 1);
    assert_eq!(get(&stage, &orders, "é/1").await, None);
}

async fn keys_are_listed_in_order_and_in_parts(stage: Stage) {
    let orders = bucket(&stage.project("demo").await, "orders");
    for name in ["b", "a", "Z", "é", "a/2", "~"] {
        set(&stage, &orders, name, b"x").await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = stage.read().await.list_keys(&orders, after.as_ref(), 4).await.unwrap();
        seen.extend(page.items.iter().map(ToString::to_string));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["Z", "a", "a/2", "b", "~", "é"]);
}

async fn a_hundred_increments_that_race_all_count(stage: Stage) {
    let demo = stage.project("demo").await;
    let counters = bucket(&demo, "counters");
    let racers = join_all((0..100).map(|_| increment(&stage, &counters, "items", 2))).await;
    let mut sums: Vec<_> = racers.into_iter().map(Result::unwrap).collect();
    sums.sort_unstable();
    assert_eq!(sums, (1..=100).map(|n| n * 2).collect::<Vec<_>>());
    assert_eq!(get(&stage, &counters, "items").await.as_deref(), Some(&b"200"[..]));
    assert_eq!(increment(&stage, &counters, "items", -201).await.unwrap(), -1);
    assert_eq!(usage(&stage, &demo).await, (7, 1));
}

async fn an_increment_of_something_else_than_a_number_changes_nothing(stage: Stage) {
    let orders = bucket(&stage.project("demo").await, "orders");
    for (name, value) in [("text", &b"seven"[..]), ("bytes", &[0xff, 0]), ("most", b"9223372036854775807")] {
        set(&stage, &orders, name, value).await;
        assert!(matches!(increment(&stage, &orders, name, 1).await, Err(Error::NotANumber)), "{name}");
        assert_eq!(get(&stage, &orders, name).await.as_deref(), Some(value));
    }
}

async fn one_of_many_swaps_from_the_same_state_wins(stage: Stage) {
    let orders = bucket(&stage.project("demo").await, "orders");
    let made = join_all((0..10).map(|_| swap(&stage, &orders, "lock", None, b"mine"))).await;
    assert_eq!(made.iter().filter(|won| **won).count(), 1);
    let there = stage.read().await.find_value(&orders, &key("lock")).await.unwrap().unwrap();
    let swapped = join_all((0..10).map(|_| swap(&stage, &orders, "lock", Some(there.revision), b"next"))).await;
    assert_eq!(swapped.iter().filter(|won| **won).count(), 1);
    assert!(!swap(&stage, &orders, "none", Some(there.revision), b"x").await);
    assert_eq!(get(&stage, &orders, "none").await, None);
}

async fn a_key_that_went_and_came_again_is_not_taken_for_the_first(stage: Stage) {
    let orders = bucket(&stage.project("demo").await, "orders");
    set(&stage, &orders, "lock", b"first").await;
    let first = stage.read().await.find_value(&orders, &key("lock")).await.unwrap().unwrap();
    delete(&stage, &orders, &["lock"]).await;
    set(&stage, &orders, "lock", b"first").await;
    assert!(!swap(&stage, &orders, "lock", Some(first.revision), b"mine").await);
    assert_eq!(get(&stage, &orders, "lock").await.as_deref(), Some(&b"first"[..]));
}

async fn values_set_together_are_kept_all_or_none(stage: Stage) {
    let demo = stage.project("demo").await;
    let orders = bucket(&demo, "orders");
    set(&stage, &orders, "a", b"1").await;
    let narrow = KeyValueQuota { bytes: 9, keys: 10 };
    let refused = set_within(&stage, &orders, &[("a", b"22"), ("b", b"33"), ("c", b"4444")], narrow).await;
    assert!(matches!(refused, Err(Error::OverQuota(quota)) if quota == narrow));
    let huge = vec![0; KeyValueQuota::MAX_VALUE_BYTES + 1];
    let refused = set_within(&stage, &orders, &[("b", b"33"), ("c", &huge)], KeyValueQuota::default()).await;
    assert!(matches!(refused, Err(Error::ValueTooLarge { max_bytes: 1_048_576 })));
    assert_eq!(get(&stage, &orders, "a").await.as_deref(), Some(&b"1"[..]));
    assert_eq!(get(&stage, &orders, "b").await, None);
    assert_eq!(usage(&stage, &demo).await, (2, 1));
    set_within(&stage, &orders, &[("a", b"22"), ("b", b"33"), ("c", b"44")], narrow).await.unwrap();
    assert_eq!(usage(&stage, &demo).await, (9, 3));
}

async fn a_project_keeps_no_more_than_its_quota_however_many_race(stage: Stage) {
    let demo = stage.project("demo").await;
    let quota = KeyValueQuota { bytes: 1_000, keys: 10 };
    let names: Vec<_> = (10..50).map(|n| n.to_string()).collect();
    let buckets = [bucket(&demo, "one"), bucket(&demo, "two")];
    let racers = names.iter().enumerate().map(|(n, name)| {
        let bucket = &buckets[n % 2];
        let stage = &stage;
        async move { set_within(stage, bucket, &[(name, b"xx")], quota).await }
    });
    let results = join_all(racers).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(Error::OverQuota(_)))));
    assert_eq!(usage(&stage, &demo).await, (40, 10));
    // What is there may change its value and shrink, and makes room when it goes.
    let kept = stage.read().await.list_keys(&buckets[0], None, 1).await.unwrap().items.remove(0);
    set_within(&stage, &buckets[0], &[(kept.as_str(), b"yyy")], quota).await.unwrap();
    delete(&stage, &buckets[0], &[kept.as_str()]).await;
    set_within(&stage, &buckets[1], &[("99", b"zz")], quota).await.unwrap();
    assert!(set_within(&stage, &buckets[1], &[("98", b"zz")], quota).await.is_err());
}

async fn what_is_counted_is_what_is_kept(stage: Stage) {
    let demo = stage.project("demo").await;
    let buckets = [bucket(&demo, "one"), bucket(&demo, "two")];
    let work = (0..200_usize).map(|n| {
        let (stage, bucket, name) = (&stage, &buckets[n % 2], ["a", "b", "c", "d", "e"][n % 5]);
        async move {
            match n % 7 {
                0 | 1 => drop(delete(stage, bucket, &[name, "a"]).await),
                2 => drop(increment(stage, bucket, "n", 7).await),
                _ => set(stage, bucket, name, &vec![b'x'; n]).await,
            }
        }
    });
    join_all(work).await;
    let (mut bytes, mut keys) = (0, 0);
    for bucket in &buckets {
        for key in stage.read().await.list_keys(bucket, None, 100).await.unwrap().items {
            let value = stage.read().await.find_value(bucket, &key).await.unwrap().unwrap().value;
            bytes += i64::try_from(key.as_str().len() + value.len()).unwrap();
            keys += 1;
        }
    }
    assert!(keys > 0);
    assert_eq!(usage(&stage, &demo).await, (bytes, keys));
}
