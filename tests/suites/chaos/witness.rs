//! Whom the guests tell what they are handed: an HTTP server of the test's own, which remembers it in order.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::State, routing::post};
use tokio::{net::TcpListener, sync::Semaphore};

/// One message that a guest was handed.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) body: String,
}

/// The witness.
#[derive(Clone)]
pub(super) struct Witness {
    pub(super) authority: String,
    ears: Ears,
}

#[derive(Clone)]
struct Ears {
    seen: Arc<Mutex<Vec<Seen>>>,
    /// How many may still be answered.
    answers: Arc<Semaphore>,
    /// Who was answered, by the number of their request: 0, 1, 2….
    answered: Arc<Mutex<Vec<usize>>>,
    requests: Arc<AtomicUsize>,
}

impl Witness {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let ears = Ears {
            seen: Arc::default(),
            answers: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            answered: Arc::default(),
            requests: Arc::default(),
        };
        let router = Router::new().route("/", post(hear)).with_state(ears.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { authority, ears }
    }

    /// All that it was told so far, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.ears.seen.lock().unwrap().clone()
    }

    /// Who was answered so far, by the number of their request: 0, 1, 2….
    pub(super) fn answered(&self) -> Vec<usize> {
        self.ears.answered.lock().unwrap().clone()
    }

    /// From now on it listens and does not answer.
    pub(super) fn keep_silent(&self) {
        self.ears.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Answers the one that waits longest.
    pub(super) fn answer_one(&self) {
        self.ears.answers.add_permits(1);
    }
}

async fn hear(State(ears): State<Ears>, told: String) {
    let request = ears.requests.fetch_add(1, Ordering::Relaxed);
    let lines = told.lines().map(|line| {
        let mut words = line.splitn(4, ' ');
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (id, _receives, group, body) = (next(), next(), next(), next());
        Seen { id, group, body }
    });
    ears.seen.lock().unwrap().extend(lines);
    // An answer is given once.
    ears.answers.acquire().await.unwrap().forget();
    ears.answered.lock().unwrap().push(request);
}
