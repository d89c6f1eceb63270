//! Whether the versions of a deployment handle what its triggers bring them.

use domain::{FunctionName, Handler, Trigger, Verdict, VersionNumber};

use crate::Error;

/// What the versions of one deployment export.
#[derive(Default)]
pub(super) struct Handlers(Vec<(VersionNumber, Vec<String>)>);

impl Handlers {
    /// Takes in a version with its `verdict`.
    pub(super) fn add(&mut self, version: VersionNumber, verdict: Verdict) {
        self.0.push((version, verdict.exports));
    }

    /// The triggers of a function that was never given any: everything below its name, as far as all versions handle
    /// it.
    pub(super) fn default_triggers(&self, function: &FunctionName) -> Result<Vec<Trigger>, Error> {
        let all = Handler::ALL.into_iter().filter(|handler| self.lacking(*handler).is_none());
        Ok(Trigger::default_for(function, &all.collect::<Vec<_>>())?)
    }

    /// Checks that every version has the handler of every trigger.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] `missing-handler` that names the trigger, the version and the missing export.
    pub(super) fn check(&self, function: &FunctionName, triggers: &[Trigger]) -> Result<(), Error> {
        for (index, trigger) in triggers.iter().enumerate() {
            let handler = trigger.handler();
            let Some(version) = self.lacking(handler) else { continue };
            let detail = format!(
                "triggers[{index}] ({}) needs {}, which {version} of {function} does not export; leave the trigger \
                 out, or deploy versions that export it",
                trigger.in_words(),
                handler.export(),
            );
            return Err(Error::conflict("missing-handler", detail));
        }
        Ok(())
    }

    /// The first version without `handler`.
    fn lacking(&self, handler: Handler) -> Option<VersionNumber> {
        self.0.iter().find(|(_, exports)| !handler.is_among(exports)).map(|(version, _)| *version)
    }
}

#[cfg(test)]
mod tests {
    use domain::QueueTrigger;

    use super::*;

    fn handlers(versions: &[&[&str]]) -> Handlers {
        let exports = |names: &&[&str]| names.iter().map(ToString::to_string).collect();
        Handlers((1..).map(VersionNumber).zip(versions.iter().map(exports)).collect())
    }

    #[test]
    fn every_version_of_a_split_needs_the_handler_of_every_trigger() {
        const HTTP: &str = "wasi:http/incoming-handler@0.2.0";
        const CONSUMER: &str = "dormouse:queue/consumer@0.1.0";
        let name: FunctionName = "orders".parse().unwrap();
        let mut triggers = Trigger::default_for(&name, &[Handler::Http]).unwrap();
        triggers.push(Trigger::Queue(QueueTrigger::on("new-orders".parse().unwrap())));
        assert!(handlers(&[&[HTTP, CONSUMER], &[CONSUMER, HTTP]]).check(&name, &triggers).is_ok());
        let refused = handlers(&[&[HTTP, CONSUMER], &[HTTP]]).check(&name, &triggers);
        let Err(Error::Conflict { code: "missing-handler", detail }) = refused else { panic!("{refused:?}") };
        for part in ["triggers[1]", "new-orders", "v2 of orders", "dormouse:queue/consumer@0.1"] {
            assert!(detail.contains(part), "{part}: {detail}");
        }
        assert_eq!(handlers(&[&[HTTP], &[CONSUMER]]).default_triggers(&name).unwrap(), []);
        assert_eq!(handlers(&[&[HTTP]]).default_triggers(&name).unwrap().len(), 1);
    }
}
