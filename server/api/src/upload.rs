//! The bytes of an upload: taken as they come, never held whole, and broken off with a reason.

mod multipart;

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};

use crate::problem::{Kind, Problem};

pub(crate) use multipart::{Parts, boundary};

/// How long a client may send nothing.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// Why an upload broke off. Whoever reads the bytes sees a failed stream; the client is told the reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct BreakOff(Arc<OnceLock<Problem>>);

impl BreakOff {
    /// The problem to answer with, where the use case failed with `error`.
    pub(crate) fn explain(&self, error: control::Error) -> Problem {
        match (error, self.0.get()) {
            (control::Error::Truncated, Some(reason)) => reason.clone(),
            (error, _) => error.into(),
        }
    }

    fn because(&self, problem: Problem) -> io::Error {
        let error = io::Error::other(problem.code());
        let _ = self.0.set(problem);
        error
    }
}

/// The bytes of `body` as they come; fails where the client stops sending.
pub(crate) fn chunks(body: Body, why: BreakOff) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold((body.into_data_stream(), why), |(mut data, why)| async move {
        match tokio::time::timeout(IDLE_LIMIT, data.next()).await {
            Ok(Some(Ok(bytes))) => Ok(Some((bytes, (data, why)))),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(why.because(control::Error::Truncated.into())),
            Err(_) => {
                let detail = format!("nothing came for {} s; nothing was stored, send it again", IDLE_LIMIT.as_secs());
                Err(why.because(Problem::new(Kind::TIMEOUT, detail)))
            }
        }
    })
}
