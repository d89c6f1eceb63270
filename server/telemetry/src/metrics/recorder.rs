//! Records the invocations of one version, with all attributes bound beforehand.

use std::{fmt, sync::Arc};

use domain::{
    VersionNumber,
    invocation::{Outcome, Usage},
};
use opentelemetry::{
    KeyValue,
    metrics::{BoundCounter, BoundHistogram, BoundUpDownCounter, Counter},
};

use super::{Instruments, names};

/// Records the invocations of one version of a function. Make it once for each version, clone it freely.
#[derive(Clone)]
pub struct Recorder(Arc<Bound>);

struct Bound {
    succeeded: BoundCounter<u64>,
    cancelled: BoundCounter<u64>,
    active: BoundUpDownCounter<i64>,
    duration: BoundHistogram<f64>,
    instantiate: BoundHistogram<f64>,
    cpu: BoundHistogram<f64>,
    memory: BoundHistogram<u64>,
    received: BoundHistogram<u64>,
    transmitted: BoundHistogram<u64>,
    /// Failures are rare: they look their series up.
    errors: Counter<u64>,
    timeouts: Counter<u64>,
    attributes: [KeyValue; 4],
}

impl Recorder {
    pub(super) fn bind(
        instruments: &Instruments,
        project: &str,
        function: &str,
        version: VersionNumber,
        trigger: &'static str,
    ) -> Self {
        let project = KeyValue::new(names::PROJECT, project.to_owned());
        let function = KeyValue::new(names::FUNCTION, function.to_owned());
        let version = KeyValue::new(names::VERSION, version.to_string());
        let trigger = KeyValue::new(names::TRIGGER, trigger);
        let whole = [project.clone(), function.clone(), version, trigger.clone()];
        let plain = [project.clone(), function.clone(), trigger.clone()];
        let network = |direction: &'static str| {
            let direction = KeyValue::new(names::DIRECTION, direction);
            instruments.network.bind(&[project.clone(), function.clone(), trigger.clone(), direction])
        };
        Self(Arc::new(Bound {
            succeeded: instruments.invocations.bind(&whole),
            cancelled: instruments.cancelled.bind(&whole),
            active: instruments.active.bind(&[project.clone(), function.clone()]),
            duration: instruments.invoke_duration.bind(&plain),
            instantiate: instruments.init_duration.bind(&plain),
            cpu: instruments.cpu_usage.bind(&plain),
            memory: instruments.memory_usage.bind(&plain),
            received: network("receive"),
            transmitted: network("transmit"),
            errors: instruments.errors.clone(),
            timeouts: instruments.timeouts.clone(),
            attributes: whole,
        }))
    }

    /// Counts an invocation that begins.
    #[must_use]
    pub fn begin(&self) -> Active {
        self.0.active.add(1);
        Active(Arc::clone(&self.0))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorder").field(&self.0.attributes).finish()
    }
}

/// One invocation that runs. Dropped without [`Self::end`], it is active no more and counts nowhere else.
pub struct Active(Arc<Bound>);

impl Active {
    /// Records how the invocation ended and what it used.
    pub fn end(self, outcome: Outcome, usage: &Usage) {
        let bound = &*self.0;
        match outcome {
            Outcome::Ok => bound.succeeded.add(1),
            Outcome::Cancelled => bound.cancelled.add(1),
            Outcome::TimedOut => bound.timeouts.add(1, &bound.attributes),
            Outcome::Failed
            | Outcome::Trapped
            | Outcome::CpuExceeded
            | Outcome::OutOfMemory
            | Outcome::NoAnswer
            | Outcome::RequestTooLarge
            | Outcome::Unavailable => {
                let [project, function, version, trigger] = bound.attributes.clone();
                let outcome = KeyValue::new(names::OUTCOME, outcome.as_str());
                bound.errors.add(1, &[project, function, version, trigger, outcome]);
            }
        }
        bound.duration.record(seconds(usage.wall_us));
        bound.instantiate.record(seconds(usage.instantiate_us));
        bound.cpu.record(seconds(usage.cpu_us));
        bound.memory.record(usage.memory_peak_bytes);
        bound.received.record(usage.request_bytes);
        bound.transmitted.record(usage.response_bytes);
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.active.add(-1);
    }
}

impl fmt::Debug for Active {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Active")
    }
}

fn seconds(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64()
}
