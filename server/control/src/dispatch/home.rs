//! A project and a function as the data plane knows them, and how many of their invocations run.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use domain::{
    FunctionName, ProjectName,
    id::{FunctionId, ProjectId},
};

use super::{InvokeFault, interned::Interned, rate::Rate};

/// A function with its project. There is one for each function, whatever its deployments do, so that
/// what runs is counted across them.
pub(crate) struct Home {
    pub(crate) id: FunctionId,
    pub(crate) name: FunctionName,
    pub(crate) project: Arc<ProjectHome>,
    pub(super) lines: Rate,
    running: Running,
}

/// A project.
pub(crate) struct ProjectHome {
    pub(crate) name: ProjectName,
    concurrency: u32,
    running: Running,
}

/// An invocation that was let in; leaves when it is dropped.
pub(super) struct Admission(Arc<Home>);

/// All homes that something refers to.
pub(super) struct Homes {
    projects: Interned<ProjectId, ProjectHome>,
    functions: Interned<FunctionId, Home>,
    project_concurrency: u32,
}

#[derive(Default)]
struct Running(AtomicU32);

impl Homes {
    /// Projects may each run `project_concurrency` invocations at once.
    pub(super) fn new(project_concurrency: u32) -> Self {
        Self { projects: Interned::default(), functions: Interned::default(), project_concurrency }
    }

    /// The home of a function.
    pub(super) fn of(&self, project: (ProjectId, &ProjectName), function: (FunctionId, &FunctionName)) -> Arc<Home> {
        self.functions.get(function.0, || Home {
            id: function.0,
            name: function.1.clone(),
            project: self.projects.get(project.0, || ProjectHome {
                name: project.1.clone(),
                concurrency: self.project_concurrency,
                running: Running::default(),
            }),
            lines: Rate::default(),
            running: Running::default(),
        })
    }
}

impl Home {
    /// Lets one invocation of a version in that may run `concurrency` at once.
    ///
    /// # Errors
    ///
    /// [`InvokeFault::TooBusy`] if the function or its project is full.
    pub(super) fn admit(self: &Arc<Self>, concurrency: u32) -> Result<Admission, InvokeFault> {
        if !self.running.enter(concurrency) {
            let message = format!("{concurrency} invocations of the function run at once; try again");
            return Err(InvokeFault::TooBusy { message });
        }
        if !self.project.running.enter(self.project.concurrency) {
            self.running.leave();
            let message = format!("{} invocations of the project run at once; try again", self.project.concurrency);
            return Err(InvokeFault::TooBusy { message });
        }
        Ok(Admission(Arc::clone(self)))
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.0.running.leave();
        self.0.project.running.leave();
    }
}

impl Running {
    /// Counts one more if fewer than `most` run.
    fn enter(&self, most: u32) -> bool {
        let free = self.0.fetch_add(1, Ordering::Relaxed) < most;
        if !free {
            self.leave();
        }
        free
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_and_its_project_let_in_no_more_than_they_may() {
        let homes = Homes::new(3);
        let (project, a, b) = ("demo".parse().unwrap(), "a".parse().unwrap(), "b".parse().unwrap());
        let home = |n, name| {
            homes.of((ProjectId::from_parts(1, [0; 10]), &project), (FunctionId::from_parts(n, [0; 10]), name))
        };
        let (a, b) = (home(1, &a), home(2, &b));
        let first = a.admit(2).unwrap();
        let _second = a.admit(2).unwrap();
        assert!(a.admit(2).is_err());
        let _third = b.admit(2).unwrap();
        assert!(b.admit(2).is_err_and(|fault| fault.message().contains("3 invocations of the project")));
        drop(first);
        assert!(a.admit(2).is_ok());
    }
}
