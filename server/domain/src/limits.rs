//! What one invocation of a version may use: one table of figures with their bounds, and the ceiling
//! that a project sets over them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// One figure of [`Limits`]: its name, its unit and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The name as clients spell it, such as `memory_mib`.
    pub name: &'static str,
    /// The name for people, such as `CPU time`.
    pub label: &'static str,
    /// `MiB`, `ms`, `bytes`, or nothing for a count.
    pub unit: &'static str,
    /// What it limits, in a sentence.
    pub what: &'static str,
    /// The least that it can be.
    pub least: u64,
    /// The most that it can be, and where a project's ceiling stands unless it was lowered.
    pub most: u64,
    /// What it is where nobody says.
    pub default: u64,
}

macro_rules! bounds {
    ($least:tt, $most:tt, $default:tt) => {
        concat!("\n\nFrom ", $least, " to ", $most, "; by default ", $default, ".")
    };
}

macro_rules! limits {
    ($(#[doc = $what:tt] $field:ident: $type:ident $label:tt $unit:tt, $least:tt to $most:tt, default $default:tt;)*) => {
        /// The resources that one version's invocations may use.
        ///
        /// A field that is left out takes its default. Bounds are checked by [`Limits::check`].
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits {
            $(
                #[doc = $what]
                #[doc = bounds!($least, $most, $default)]
                #[cfg_attr(feature = "openapi", schema(minimum = $least, maximum = $most, default = $default))]
                pub $field: $type,
            )*
        }

        /// The most that a project's owner lets its versions' limits be, and what the project may run in all.
        ///
        /// In answers every field is there. A field that is left out of a change stays what it is.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct Ceiling {
            /// Invocations of the whole project that run at once on one server, at most what the server's
            /// settings allow. One more answers 429. No more instances are kept ready by what is deployed.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10000))]
            pub project_concurrency: Option<u32>,
            $(
                #[doc = $what]
                #[serde(skip_serializing_if = "Option::is_none")]
                #[cfg_attr(feature = "openapi", schema(minimum = $least, maximum = $most))]
                pub $field: Option<$type>,
            )*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Limits {
            /// All figures, in the order in which they are documented.
            pub const ALL: &[Limit] = &[$(Limit {
                name: stringify!($field),
                label: $label,
                unit: $unit,
                what: $what.trim_ascii(),
                least: $least,
                most: $most,
                default: $default,
            },)*];

            /// Each figure with its value.
            pub fn values(&self) -> impl Iterator<Item = (&'static Limit, u64)> {
                Self::ALL.iter().zip([$(u64::from(self.$field),)*])
            }
        }

        impl Ceiling {
            /// Each figure with the most that it may be, where that was said.
            pub fn values(&self) -> impl Iterator<Item = (&'static Limit, Option<u64>)> {
                Limits::ALL.iter().zip([$(self.$field.map(u64::from),)*])
            }

            /// This ceiling with what `change` says in the place of what was said before. A figure that
            /// stands at its bound is one that nobody set, so that it follows the bound.
            #[must_use]
            pub fn changed(self, change: &Self, project_concurrency: u32) -> Self {
                Self {
                    project_concurrency: change
                        .project_concurrency
                        .or(self.project_concurrency)
                        .filter(|most| *most < project_concurrency),
                    $($field: change.$field.or(self.$field).filter(|most| *most < $most),)*
                }
            }

            /// The whole ceiling, on a server where a project may run `project_concurrency` at once.
            #[must_use]
            pub fn whole(&self, project_concurrency: u32) -> Self {
                Self {
                    project_concurrency: Some(self.project_concurrency(project_concurrency)),
                    $($field: Some(self.$field.unwrap_or($most)),)*
                }
            }

            /// Sets the figure called `name`, for those who read names and figures as text.
            ///
            /// # Errors
            ///
            /// [`Invalid`] if there is none of that name, or it cannot be that large.
            pub fn set(&mut self, name: &str, value: u64) -> Result<(), Invalid> {
                let large = || Invalid::new(name, format!("is {value}, which no limit can be"));
                match name {
                    "project_concurrency" => self.project_concurrency = Some(value.try_into().map_err(|_| large())?),
                    $(stringify!($field) => self.$field = Some(value.try_into().map_err(|_| large())?),)*
                    _ => return Err(Self::unknown(name)),
                }
                Ok(())
            }

            /// The limits of a version that says nothing: the defaults, lowered to the ceiling.
            #[must_use]
            pub fn defaults(&self) -> Limits {
                Limits { $($field: self.$field.map_or($default, |most| most.min($default)),)* }
            }
        }
    };
}

limits! {
    /// Memory of one instance in MiB, summed over all of its memories.
    memory_mib: u32 "Memory" "MiB", 1 to 4096, default 128;
    /// Wall time of one HTTP invocation in milliseconds, from the request's head to the answer's end. Then it is 504.
    timeout_ms: u32 "Time" "ms", 10 to 900000, default 30000;
    /// CPU time of one invocation in milliseconds, what the platform does for it included. Then it is 502.
    cpu_ms: u32 "CPU time" "ms", 1 to 900000, default 10000;
    /// Invocations that run at once on one server. One more answers 429.
    concurrency: u32 "At once" "", 1 to 10000, default 50;
    /// Size of one request's body in bytes. More answers 413.
    request_body_bytes: u64 "Request body" "bytes", 0 to 1073741824, default 104857600;
    /// Size of an answer's headers in bytes, with 72 for each beside its name and value; also of its trailers.
    response_header_bytes: u32 "Answer headers" "bytes", 1024 to 262144, default 65536;
    /// Text in bytes that is kept of what one invocation writes to its standard streams. The rest is dropped.
    log_bytes: u32 "Log" "bytes", 0 to 1048576, default 262144;
    /// Handles to resources, such as streams, headers and timers, that one instance holds at once.
    handles: u32 "Handles" "", 64 to 65536, default 4096;
    /// Elements of each table of an instance.
    table_elements: u32 "Table elements" "", 100 to 100000, default 100000;
    /// Connections to other hosts that one instance has open at once.
    outbound_connections: u32 "Outbound connections" "", 0 to 256, default 16;
    /// Size in bytes of each body that goes out to another host, and of each that comes back.
    outbound_body_bytes: u64 "Outbound body" "bytes", 0 to 1073741824, default 104857600;
}

impl Limits {
    /// Checks every figure against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        self.values().try_for_each(|(limit, value)| limit.check(value))
    }

    /// The wall deadline of a request or a call by name.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms as u64)
    }

    /// Memory of one instance in bytes.
    #[must_use]
    pub const fn memory_bytes(&self) -> usize {
        (self.memory_mib as usize) << 20
    }
}

impl Limit {
    fn check(&self, value: u64) -> Result<(), Invalid> {
        if (self.least..=self.most).contains(&value) {
            return Ok(());
        }
        Err(Invalid::new(self.name, format!("is {value}; use {} to {}", self.least, self.most)))
    }
}

impl Ceiling {
    /// Checks every figure that is said against its bounds, on a server where a project may run
    /// `project_concurrency` at once.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self, project_concurrency: u32) -> Result<(), Invalid> {
        if let Some(most) = self.project_concurrency.filter(|most| !(1..=project_concurrency).contains(most)) {
            let message =
                format!("is {most}; use 1 to {project_concurrency}, which is what the server's settings allow");
            return Err(Invalid::new("project_concurrency", message));
        }
        self.values().try_for_each(|(limit, value)| value.map_or(Ok(()), |value| limit.check(value)))
    }

    /// Invocations that the project may run at once, where the server allows `most`.
    #[must_use]
    pub fn project_concurrency(&self, most: u32) -> u32 {
        self.project_concurrency.map_or(most, |set| set.min(most))
    }

    /// Checks that `limits` stay below.
    ///
    /// # Errors
    ///
    /// One [`Invalid`] for each field that does not, with the ceiling and the way out.
    pub fn admit(&self, limits: &Limits) -> Result<(), Vec<Invalid>> {
        let over = |((limit, value), (_, ceiling)): ((&Limit, u64), (_, Option<u64>))| {
            let ceiling = ceiling.filter(|ceiling| value > *ceiling)?;
            let message = format!(
                "is {value}, and the project's ceiling is {ceiling}; configure at most {ceiling}, or have an owner \
                 raise the ceiling"
            );
            Some(Invalid::new(limit.name, message))
        };
        let over: Vec<_> = limits.values().zip(self.values()).filter_map(over).collect();
        if over.is_empty() { Ok(()) } else { Err(over) }
    }

    fn unknown(name: &str) -> Invalid {
        let known: Vec<_> = Limits::ALL.iter().map(|limit| limit.name).collect();
        Invalid::new(name, format!("is no limit; use one of project_concurrency, {}", known.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_and_the_bounds_of_every_limit_hold() {
        assert_eq!(Limits::default().check(), Ok(()));
        for limit in Limits::ALL {
            assert!(limit.least <= limit.default && limit.default <= limit.most, "{limit:?}");
            assert!(limit.what.ends_with('.'), "{limit:?}");
            for (value, fits) in [(limit.least, true), (limit.most, true), (limit.most + 1, false)] {
                let mut ceiling = Ceiling::default();
                ceiling.set(limit.name, value).unwrap();
                let checked = ceiling.check(200);
                assert_eq!(checked.is_ok(), fits, "{checked:?}");
                assert!(fits || checked.is_err_and(|invalid| invalid.field == limit.name));
            }
        }
    }

    #[test]
    fn limits_over_the_ceiling_are_told_all_at_once() {
        let ceiling = Ceiling { memory_mib: Some(64), cpu_ms: Some(100), ..Ceiling::default() };
        let over = ceiling.admit(&Limits { timeout_ms: 900_000, ..Limits::default() }).unwrap_err();
        assert_eq!(over.iter().map(|invalid| invalid.field.as_str()).collect::<Vec<_>>(), ["memory_mib", "cpu_ms"]);
        assert!(over[0].message.contains("is 128") && over[0].message.contains("at most 64"), "{over:?}");
        assert_eq!(ceiling.admit(&ceiling.defaults()), Ok(()));
        assert_eq!(ceiling.defaults(), Limits { memory_mib: 64, cpu_ms: 100, ..Limits::default() });
    }

    #[test]
    fn a_change_says_only_what_changes_and_a_figure_at_its_bound_follows_it() {
        let first = Ceiling::default().changed(&Ceiling { memory_mib: Some(64), ..Ceiling::default() }, 200);
        let change = Ceiling { project_concurrency: Some(20), handles: Some(65_536), ..Ceiling::default() };
        let second = first.changed(&change, 200);
        assert_eq!(second, Ceiling { memory_mib: Some(64), project_concurrency: Some(20), ..Ceiling::default() });
        let whole = second.whole(200);
        assert_eq!((whole.memory_mib, whole.handles, whole.project_concurrency), (Some(64), Some(65_536), Some(20)));
        let back = second.changed(&Ceiling { memory_mib: Some(4_096), ..whole }, 20);
        assert_eq!(back, Ceiling::default());
        assert_eq!(back.project_concurrency(200), 200);
    }

    #[test]
    fn a_project_runs_no_more_at_once_than_the_server_allows() {
        let ceiling = Ceiling { project_concurrency: Some(500), ..Ceiling::default() };
        assert_eq!(ceiling.project_concurrency(200), 200);
        assert!(ceiling.check(200).is_err_and(|invalid| invalid.message.contains("1 to 200")));
        assert_eq!(ceiling.check(500), Ok(()));
    }
}
