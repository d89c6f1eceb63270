//! Blobs in a bucket: a small server that speaks enough of S3 stands in for one.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::Digest;
use futures::stream;
use store::{BlobConfig, Blobs, Error};
use tempfile::TempDir;

use super::stage::ids;

/// What a bucket holds: objects, and the parts of multipart uploads.
#[derive(Clone, Default)]
struct Bucket(Arc<Mutex<Contents>>);

#[derive(Default)]
struct Contents {
    objects: BTreeMap<String, Bytes>,
    parts: BTreeMap<String, BTreeMap<u32, Bytes>>,
}

impl Bucket {
    /// Opens blobs in this bucket under the prefix `some/where`.
    async fn open(&self) -> (TempDir, Blobs) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        let variables = [
            ("AWS_ENDPOINT", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_PROFILE", "means nothing here"),
        ];
        let config = BlobConfig::S3 {
            url: "s3://bucket/some/where".to_owned(),
            cache: folder.path().join("cache"),
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        };
        (folder, Blobs::open(&config, ids()).await.unwrap())
    }

    fn keys(&self) -> Vec<String> {
        let contents = self.0.lock().unwrap();
        assert!(contents.parts.is_empty(), "parts of an upload are left");
        contents.objects.keys().cloned().collect()
    }
}

/// Answers as S3 does: objects by PUT, GET, HEAD and DELETE, copies, lists, and multipart uploads.
async fn answer(State(bucket): State<Bucket>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let key = head.uri.path().trim_start_matches("/bucket").trim_start_matches('/').to_owned();
    let query: BTreeMap<_, _> = head
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let mut contents = bucket.0.lock().unwrap();
    let Contents { objects, parts } = &mut *contents;
    let tag = [("etag", "\"tag\"")];
    match (&head.method, query.get("uploadId")) {
        (&Method::POST, None) => {
            parts.insert(key.clone(), BTreeMap::new());
            let id = format!("<R><UploadId>{}</UploadId></R>", key.rsplit('/').next().unwrap());
            id.into_response()
        }
        (&Method::PUT, Some(_)) => {
            parts.get_mut(&key).unwrap().insert(query["partNumber"].parse().unwrap(), body);
            tag.into_response()
        }
        (&Method::POST, Some(_)) => {
            let whole = parts.remove(&key).unwrap().into_values().collect::<Vec<_>>().concat();
            objects.insert(key, whole.into());
            "<R><ETag>tag</ETag></R>".into_response()
        }
        (&Method::DELETE, Some(_)) => {
            parts.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::PUT, None) => put(objects, key, &head.headers, body),
        (&Method::DELETE, None) => {
            objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if query.contains_key("list-type") => {
            let prefix = query["prefix"].replace("%2F", "/");
            let item = |key: &String| {
                format!(
                    "<Contents><Key>{key}</Key><Size>1</Size><LastModified>2020-01-01T00:00:00Z</LastModified></Contents>"
                )
            };
            let items: String = objects.keys().filter(|key| key.starts_with(&prefix)).map(item).collect();
            format!("<R>{items}</R>").into_response()
        }
        _ => match objects.get(&key) {
            Some(object) => {
                let modified = ("last-modified", "Wed, 01 Jan 2020 00:00:00 GMT");
                ([tag[0], modified], object.clone()).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

fn put(objects: &mut BTreeMap<String, Bytes>, key: String, headers: &HeaderMap, body: Bytes) -> Response {
    let source = headers.get("x-amz-copy-source").map(|source| source.to_str().unwrap());
    let object = match source {
        Some(source) => objects[source.trim_start_matches('/').trim_start_matches("bucket/")].clone(),
        None => body,
    };
    objects.insert(key, object);
    ([("etag", "\"tag\"")], "<R><ETag>tag</ETag></R>").into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_through_a_bucket_and_a_local_copy_is_kept() {
    let bucket = Bucket::default();
    let (folder, blobs) = bucket.open().await;
    let text = vec![7; 12_000_000];
    let chunks: Vec<_> = text.chunks(100_000).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk))).collect();
    let stored = blobs.put_stream("components", stream::iter(chunks), 20_000_000, None).await.unwrap();
    assert_eq!((stored.digest, stored.bytes), (Digest::of(&text), 12_000_000));
    let key = format!("components/{}", stored.digest);
    assert_eq!(bucket.keys(), [format!("some/where/{key}")]);
    assert_eq!(blobs.get(&key).await.unwrap().unwrap(), text);

    let path = blobs.local_path(&key).await.unwrap().unwrap();
    assert!(path.starts_with(folder.path().canonicalize().unwrap()));
    assert_eq!(std::fs::read(&path).unwrap(), text);
    bucket.0.lock().unwrap().objects.clear();
    assert_eq!(blobs.local_path(&key).await.unwrap(), Some(path));
    blobs.delete(&key).await.unwrap();
    assert_eq!(blobs.local_path(&key).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_off_leaves_nothing_in_a_bucket() {
    let bucket = Bucket::default();
    let (_folder, blobs) = bucket.open().await;
    let broken = stream::iter([Ok(Bytes::from(vec![7; 6_000_000])), Err(std::io::Error::other("connection reset"))]);
    let refused = blobs.put_stream("components", broken, 20_000_000, None).await;
    assert!(matches!(refused, Err(Error::Interrupted(_))));
    assert!(bucket.keys().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_in_a_bucket_days_ago_is_removed_at_the_next_start() {
    let bucket = Bucket::default();
    for key in ["some/where/uploads/0123", "some/where/artifacts/kept", "else/where/uploads/4567"] {
        bucket.0.lock().unwrap().objects.insert(key.to_owned(), Bytes::from_static(b"x"));
    }
    let (_folder, blobs) = bucket.open().await;
    assert!(blobs.exists("artifacts/kept").await.unwrap());
    assert!(!blobs.exists("artifacts/gone").await.unwrap());
    assert_eq!(bucket.keys(), ["else/where/uploads/4567", "some/where/artifacts/kept"]);
}
