//! Uses up what an instance may use. What comes back at all hands `answer` back.

use std::{future::poll_fn, hint::black_box, mem::forget, pin::Pin, task::Poll};

use wasip3::{
    clocks::monotonic_clock::wait_for,
    http::types::{Fields, Response},
    wit_bindgen, wit_stream,
};

const MANY: usize = 1_000_000;

/// Calculates for ever.
pub(crate) fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// Grows its memory to the end and cannot live with that.
pub(crate) fn grow() -> ! {
    while std::arch::wasm32::memory_grow::<0>(1) != usize::MAX {}
    panic!("no more than {} pages", std::arch::wasm32::memory_size::<0>())
}

/// Calls itself until the stack ends.
#[inline(never)]
pub(crate) fn recurse(times: u64) -> u64 {
    if times == 0 { 0 } else { black_box(recurse(black_box(times - 1)) + 1) }
}

/// Ends the instance.
pub(crate) fn exit(status: Result<(), ()>, answer: Response) -> Response {
    wasip3::cli::exit::exit(status);
    answer
}

/// Takes a million resources and lets go of none.
pub(crate) fn handles(answer: Response) -> Response {
    (0..MANY).for_each(|_| forget(Fields::new()));
    answer
}

/// Opens a million streams that nobody writes to.
pub(crate) fn streams(answer: Response) -> Response {
    (0..MANY).for_each(|_| forget(wit_stream::new::<u8>()));
    answer
}

/// Begins a million waits at once.
pub(crate) async fn waits(answer: Response) -> Response {
    let mut waits: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
    poll_fn(|context| {
        for _ in 0..MANY {
            waits.push(Box::pin(wait_for(3_600_000_000_000)));
            if let Some(begun) = waits.last_mut() {
                let _ = begun.as_mut().poll(context);
            }
        }
        Poll::Ready(())
    })
    .await;
    forget(waits);
    answer
}

/// Answers, and leaves a million tasks behind.
pub(crate) fn tasks(answer: Response) -> Response {
    (0..MANY).for_each(|_| wit_bindgen::spawn(wait_for(3_600_000_000_000)));
    answer
}

/// Waits for ever, each time for no time at all.
pub(crate) async fn wake() -> ! {
    loop {
        wait_for(0).await;
    }
}
