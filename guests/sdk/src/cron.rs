//! Schedules: does the work of their slots.

#[doc(hidden)]
pub mod scheduled {
    wit_bindgen::generate!({
        path: "../../wit/cron",
        world: "scheduled",
        pub_export_macro: true,
        export_macro_name: "export_schedule",
        default_bindings_module: "dormouse::cron::scheduled",
    });

    pub use exports::dormouse::cron::handler::Guest;
}

use std::fmt;

pub use scheduled::exports::dormouse::cron::handler::Slot;

/// Runs `function` and puts its error into words.
#[doc(hidden)]
pub fn run<E: fmt::Display>(slot: Slot, function: impl Fn(Slot) -> Result<(), E>) -> Result<(), String> {
    function(slot).map_err(|error| error.to_string())
}

/// Has a function do the work of schedules.
///
/// Takes the path of a `fn(Slot) -> Result<(), E>`, where the error can be displayed: it is the failed attempt's reason.
/// Stands once in a component.
///
/// ```ignore
/// dormouse::schedule!(report);
///
/// fn report(slot: dormouse::cron::Slot) -> Result<(), String> {
///     dormouse::log!("the report of {}", slot.scheduled_at_us);
///     Ok(())
/// }
/// ```
#[macro_export]
macro_rules! schedule {
    ($function:path) => {
        const _: () = {
            struct Schedule;
            impl $crate::cron::scheduled::Guest for Schedule {
                fn run(slot: $crate::cron::Slot) -> ::std::result::Result<(), ::std::string::String> {
                    $crate::cron::run(slot, $function)
                }
            }
            $crate::cron::scheduled::export_schedule! { Schedule with_types_in $crate::cron::scheduled }
        };
    };
}
