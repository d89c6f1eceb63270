//! The table for people, and its figures as JSON.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::wrk::Figures;

/// The share of axum's requests per second that the hello function is to reach.
const AIM: f64 = 0.15;

/// The medians of one benchmark.
pub(crate) struct Report {
    pub(crate) axum: Figures,
    pub(crate) dormouse: Figures,
    pub(crate) resident_bytes: u64,
}

impl Report {
    fn ratio(&self) -> f64 {
        self.dormouse.requests_per_s / self.axum.requests_per_s
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "hello, a fresh instance for each request, 16 connections, one core:\n")?;
        writeln!(
            f,
            "{:<10} {:>12} {:>10} {:>10} {:>16}",
            "server", "requests/s", "p50 us", "p99 us", "CPU us/request"
        )?;
        for (name, figures) in [("axum", self.axum), ("dormouse", self.dormouse)] {
            let Figures { requests_per_s, p50_us, p99_us, cpu_us } = figures;
            writeln!(f, "{name:<10} {requests_per_s:>12.0} {p50_us:>10.0} {p99_us:>10.0} {cpu_us:>16.1}")?;
        }
        writeln!(f, "\nratio {:.3} (aim {AIM}), resident memory {} MiB", self.ratio(), self.resident_bytes >> 20)
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Report", 4)?;
        fields.serialize_field("axum", &self.axum)?;
        fields.serialize_field("dormouse", &self.dormouse)?;
        fields.serialize_field("ratio", &self.ratio())?;
        fields.serialize_field("resident_bytes", &self.resident_bytes)?;
        fields.end()
    }
}
