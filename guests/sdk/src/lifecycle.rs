//! The export that the platform runs before it takes a snapshot.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

wit_bindgen::generate!({
    path: "../../wit/lifecycle",
    world: "prepared",
    pub_export_macro: true,
    export_macro_name: "export_init",
    default_bindings_module: "dormouse::lifecycle",
});

pub use exports::dormouse::lifecycle::init::Guest;

/// Whether init has run; so it is in every instance of a snapshot.
pub(crate) static PREPARED: AtomicBool = AtomicBool::new(false);

/// Runs a guest's init.
pub fn run(init: fn()) {
    init();
    PREPARED.store(true, Relaxed);
    crate::hash::forget_keys();
}

/// Has the platform run a function once, before it takes the snapshot that every instance begins with.
///
/// Takes the path of a `fn()`. Stands once in a component, beside its handler. What the function must not do is
/// said at the [crate's front page](crate#what-is-frozen-is-shared).
#[macro_export]
macro_rules! init {
    ($function:path) => {
        const _: () = {
            struct Prepared;
            impl $crate::lifecycle::Guest for Prepared {
                fn init() {
                    $crate::lifecycle::run($function);
                }
            }
            $crate::lifecycle::export_init! { Prepared with_types_in $crate::lifecycle }
        };
    };
}
