//! How many instances a project's live functions keep ready: no more than it may run at once.
//!
//! Instances that are kept ready hold memory and places while nobody calls. What a project may run at once bounds them,
//! too: more of them would never be used.

use domain::FunctionName;

use crate::Error;

/// What is kept ready of one function, by its live versions.
pub(super) struct Ready<'f> {
    pub(super) function: &'f FunctionName,
    pub(super) instances: u32,
}

impl<'f> From<&'f store::LiveFunction> for Ready<'f> {
    fn from(live: &'f store::LiveFunction) -> Self {
        let instances = live.versions.iter().map(|version| version.configuration.provisioned).sum();
        Self { function: &live.function, instances }
    }
}

impl Ready<'_> {
    /// Checks that this function and the `others` of its project keep no more ready than the project may run at once,
    /// which is `most`. One that keeps nothing ready passes always.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] `too-many-provisioned` with the figures and the way out.
    pub(super) fn check(&self, others: u32, most: u32) -> Result<(), Error> {
        let Self { function, instances } = self;
        if *instances == 0 || instances.saturating_add(others) <= most {
            return Ok(());
        }
        let detail = format!(
            "{function} would keep {instances} instances ready (provisioned), the project's other functions keep {others}, \
             and the project runs at most {most} at once; provision at most {} here, fewer elsewhere, or have an owner raise \
             project_concurrency",
            most.saturating_sub(others),
        );
        Err(Error::conflict("too-many-provisioned", detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_ready_is_bounded_by_what_may_run() {
        let function = "hello".parse().unwrap();
        let check = |instances, others, most| Ready { function: &function, instances }.check(others, most);
        assert!(check(10, 0, 10).is_ok() && check(4, 6, 10).is_ok() && check(0, 50, 10).is_ok());
        for (instances, others, way_out) in
            [(11, 0, "at most 10 here"), (5, 6, "at most 4 here"), (1, 50, "at most 0 here")]
        {
            let Err(Error::Conflict { code: "too-many-provisioned", detail }) = check(instances, others, 10) else {
                panic!("{instances} beside {others} is let through");
            };
            assert!(detail.contains(way_out), "{detail}");
        }
    }
}
