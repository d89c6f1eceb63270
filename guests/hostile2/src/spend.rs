//! Uses up what an instance may use. What comes back at all comes back with what there is to say.

use std::hint::black_box;

use wasip2::{
    cli::stderr::get_stderr,
    clocks::monotonic_clock::{now, subscribe_duration},
    http::types::Fields,
    io::streams::OutputStream,
    random::random::get_random_bytes,
};

const CHUNK: usize = 64 << 10;

/// Calculates for ever.
pub(crate) fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// Calls itself until the stack ends.
pub(crate) fn recurse() -> String {
    #[inline(never)]
    fn deeper(times: u64) -> u64 {
        if times == 0 { 0 } else { black_box(deeper(black_box(times - 1)) + 1) }
    }
    deeper(u64::MAX).to_string()
}

/// Grows its memory page by page for as long as it gets more, and gives the size in pages.
pub(crate) fn grown() -> usize {
    while std::arch::wasm32::memory_grow::<0>(1) != usize::MAX {}
    std::arch::wasm32::memory_size::<0>()
}

/// Grows its memory to the end and cannot live with that.
pub(crate) fn grow() -> ! {
    panic!("no more than {} pages", grown())
}

/// Takes a million resources and lets go of none.
pub(crate) fn handles() -> String {
    (0..1_000_000).for_each(|_| std::mem::forget(Fields::new()));
    "took them all\n".to_owned()
}

/// Calls the host for ever.
pub(crate) fn calls() -> ! {
    loop {
        black_box(now());
    }
}

/// Hands the host 32 MiB at once.
pub(crate) fn large_call() -> String {
    let value = vec![b'a'; 32 << 20];
    format!("{:?}\n", Fields::from_list(&[("x-large".to_owned(), value)]).map(drop))
}

/// Waits for ever, each time for no time at all.
pub(crate) fn wake() -> ! {
    loop {
        subscribe_duration(0).block();
    }
}

/// Waits for a hundred years.
pub(crate) fn sleep() -> String {
    subscribe_duration(100 * 365 * 86_400 * 1_000_000_000).block();
    "slept well\n".to_owned()
}

/// Draws random bytes for ever.
pub(crate) fn random() -> ! {
    loop {
        black_box(get_random_bytes(1 << 20));
    }
}

/// Draws more random bytes than there is memory for.
pub(crate) fn large_random() -> String {
    format!("{} bytes\n", get_random_bytes(u64::MAX).len())
}

/// Logs one line that never ends.
pub(crate) fn log_line() -> ! {
    let stream = get_stderr();
    loop {
        write(&stream, &[b'x'; CHUNK]);
    }
}

/// Logs a million lines.
pub(crate) fn log_lines() -> String {
    const LINE: &[u8] = b"line\n";
    let (stream, lines) = (get_stderr(), LINE.repeat(10_000));
    for _ in 0..100 {
        lines.chunks(CHUNK).for_each(|chunk| write(&stream, chunk));
    }
    "logged a million lines\n".to_owned()
}

/// Writes at most [`CHUNK`] bytes as soon as they are taken.
pub(crate) fn write(stream: &OutputStream, bytes: &[u8]) {
    while stream.check_write().expect("a stream that is open") < bytes.len() as u64 {
        stream.subscribe().block();
    }
    stream.write(bytes).expect("a stream that takes what it said");
}
