//! Instances that serve several requests at a time, where a version wants it and its guest can: one of WASI 0.3 waits
//! for many things at once.
//!
//! Such an instance runs in a task of its own, to which requests are handed. What it computes is billed in equal parts
//! to all that it serves at the moment; its memory is that of each. What ends it ends them all, and when one of them
//! ends otherwise than by the guest's own answer, it is given no more: the guest cannot be told to stop working for that
//! one alone.

mod life;

use std::{
    future::poll_fn,
    num::NonZero,
    pin::pin,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use domain::Reuse;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Head, Reply};
use crate::{
    account::Account,
    body::request::RequestBody,
    call::Fault,
    instances::{Instances, Start},
    invocation::{self, Guest as Running, failed},
    seat::Company,
};

/// The instances of one function that serve several requests at a time.
pub(crate) struct Shared {
    /// Requests that one serves at a time.
    most: usize,
    /// Requests that one serves in all.
    in_all: usize,
    /// How long one waits for the next.
    idle: Duration,
    /// Those that take requests.
    open: Mutex<Vec<Arc<Line>>>,
}

/// The way to one instance. When it is gone, the instance ends.
struct Line {
    requests: mpsc::UnboundedSender<Request>,
    state: Arc<State>,
}

/// What those who hand requests to an instance and the task that runs it know of it.
struct State {
    company: Arc<Company>,
    /// Invocations that are not over.
    present: AtomicUsize,
    /// Invocations that it was given.
    served: AtomicUsize,
    /// Whether something went wrong in it.
    failed: AtomicBool,
    /// Says that the last invocation is over.
    idle: Notify,
    /// Says that the instance may be of no use any more.
    useless: Notify,
}

/// One request on its way to an instance.
struct Request {
    request: http::Request<RequestBody>,
    reply: Reply,
    /// Hears that the handler has returned.
    returned: oneshot::Sender<()>,
}

/// An invocation's part in an instance that serves several, for as long as it is not over.
pub(crate) struct Member(Arc<Line>);

impl Drop for Member {
    fn drop(&mut self) {
        let state = &self.0.state;
        if state.present.fetch_sub(1, SeqCst) == 1 {
            state.idle.notify_one();
            state.useless.notify_one();
        }
    }
}

/// Has an instance given no more requests, unless the guest has answered.
struct Unanswered(Option<Arc<State>>);

impl Unanswered {
    /// The guest has answered.
    fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(state) = self.0.take() {
            state.fail();
        }
    }
}

impl Shared {
    /// What `reuse` wants, if that is several at a time.
    pub(crate) fn wanted(reuse: &Reuse) -> Option<Self> {
        let (most, in_all) = (reuse.max_concurrency as usize, reuse.max_reuse as usize);
        let idle = Duration::from_millis(reuse.idle_timeout_ms.into());
        (most > 1).then(|| Self { most, in_all, idle, open: Mutex::default() })
    }

    /// Hands `request` to an instance, and gives the future that waits for what comes of it; the head goes to `head`.
    ///
    /// # Errors
    ///
    /// There is no place for an instance.
    pub(super) fn hand(
        &self,
        instances: &Arc<Instances>,
        account: &Arc<Account>,
        request: http::Request<RequestBody>,
        head: oneshot::Sender<Head>,
    ) -> Result<Running, Fault> {
        let line = self.join(instances, account)?;
        let (returned, returns) = oneshot::channel();
        let unanswered = Unanswered(Some(Arc::clone(&line.state)));
        // Where it is not taken any more, the instance is gone, which the account tells of.
        let _ = line.requests.send(Request { request, reply: Reply::new(head, account), returned });
        Ok(Box::pin(async move {
            if returns.await.is_ok() {
                unanswered.end();
            }
        }))
    }

    /// Finds room for the invocation of `account`: with the least busy instance, or with a new one as long as there are
    /// fewer than processors, of which one runs on each at best, or none has room.
    fn join(&self, instances: &Arc<Instances>, account: &Arc<Account>) -> Result<Arc<Line>, Fault> {
        static PROCESSORS: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));
        let mut open = self.open();
        open.retain(|line| !line.state.failed.load(SeqCst));
        let least = open.iter().min_by_key(|line| line.state.present.load(SeqCst)).cloned();
        let present = least.as_ref().map_or(usize::MAX, |line| line.state.present.load(SeqCst));
        let line = match least {
            Some(line) if present == 0 || (present < self.most && open.len() >= *PROCESSORS) => line,
            least => match (instances.start(), least) {
                (Some(start), _) => {
                    let line = begin(instances, start);
                    open.push(Arc::clone(&line));
                    line
                }
                (None, Some(line)) if present < self.most => line,
                (None, _) => return Err(invocation::full(account)),
            },
        };
        let state = &line.state;
        state.present.fetch_add(1, SeqCst);
        state.company.join(account);
        if state.served.fetch_add(1, SeqCst) + 1 >= self.in_all {
            open.retain(|other| !Arc::ptr_eq(other, &line));
        }
        account.member.get_or_init(|| Member(Arc::clone(&line)));
        Ok(line)
    }

    /// Has the instance of `state` given no more requests, if it serves none now.
    fn retire(&self, state: &Arc<State>) -> bool {
        let mut open = self.open();
        let is_idle = state.is_idle();
        if is_idle {
            open.retain(|line| !Arc::ptr_eq(&line.state, state));
        }
        is_idle
    }

    fn open(&self) -> MutexGuard<'_, Vec<Arc<Line>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.present.load(SeqCst) == 0
    }

    fn fail(&self) {
        self.failed.store(true, SeqCst);
        self.useless.notify_one();
    }

    /// Runs `work` and bills it to all that are present.
    async fn billed<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|cx| self.company.measure(|| work.as_mut().poll(cx))).await
    }

    /// Waits until nobody waits for an instance in which something went wrong: what it is busy with is for nobody.
    async fn useless(&self) {
        while !(self.failed.load(SeqCst) && self.is_idle()) {
            self.useless.notified().await;
        }
    }

    /// Has `error` end all invocations that are present.
    fn end(&self, error: &wasmtime::Error) {
        self.fail();
        for account in self.company.present() {
            failed(&account, error);
        }
    }
}

/// Starts the task of an instance.
fn begin(instances: &Arc<Instances>, start: Start) -> Arc<Line> {
    let (requests, receiver) = mpsc::unbounded_channel();
    let state = Arc::new(State {
        company: Arc::new(Company::new()),
        present: AtomicUsize::new(0),
        served: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
        idle: Notify::new(),
        useless: Notify::new(),
    });
    tokio::spawn(life::live(Arc::clone(instances), start, receiver, Arc::clone(&state)));
    Arc::new(Line { requests, state })
}
