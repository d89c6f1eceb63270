//! What is stored stays as it was stored: each story is told on SQLite and on PostgreSQL.

mod access;
mod blobs;
mod bucket;
mod calls;
mod deployments;
mod functions;
mod key_value;
mod lists;
mod people;
mod queues;
mod repeated_requests;
mod schedules;
mod schema;
mod stage;
mod versions;
mod writes;

/// Tells stories, functions that take a [`stage::Stage`], on both databases.
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::store::stage::Stage::on_sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                if let Some(stage) = $crate::store::stage::Stage::on_postgres(stringify!($story)).await {
                    super::$story(stage).await;
                }
            })+
        }
    };
}
use on_both_databases;
