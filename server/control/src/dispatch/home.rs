//! A project and a function as the data plane knows them, and how many of their invocations run.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use domain::{
    Ceiling, FunctionName, ProjectName,
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
    pub(crate) id: ProjectId,
    pub(crate) name: ProjectName,
    concurrency: AtomicU32,
    running: Running,
}

/// An invocation that was let in; leaves when it is dropped.
pub(super) struct Admission(Arc<Home>);

/// All homes that something refers to.
pub(super) struct Homes {
    projects: Interned<ProjectId, ProjectHome>,
    functions: Interned<FunctionId, Home>,
    /// What a project may run at once, where its ceiling does not say less.
    project_concurrency: u32,
    /// The ceilings that say less.
    lowered: Mutex<HashMap<ProjectId, u32>>,
}

#[derive(Default)]
struct Running(AtomicU32);

impl Homes {
    /// Projects may each run `project_concurrency` invocations at once, or what their ceiling says.
    pub(super) fn new(project_concurrency: u32, ceilings: &[(ProjectId, Ceiling)]) -> Self {
        let homes = Self {
            projects: Interned::default(),
            functions: Interned::default(),
            project_concurrency,
            lowered: Mutex::default(),
        };
        ceilings.iter().for_each(|(project, ceiling)| homes.set_concurrency(*project, ceiling));
        homes
    }

    /// Lets a project run as much at once as its `ceiling` says.
    pub(super) fn set_concurrency(&self, project: ProjectId, ceiling: &Ceiling) {
        let most = ceiling.project_concurrency(self.project_concurrency);
        {
            let mut lowered = self.lowered.lock().unwrap_or_else(PoisonError::into_inner);
            match most < self.project_concurrency {
                true => lowered.insert(project, most),
                false => lowered.remove(&project),
            };
        }
        // A home that is made meanwhile has read the figure above.
        if let Some(home) = self.projects.find(&project) {
            home.concurrency.store(most, Ordering::Relaxed);
        }
    }

    fn concurrency(&self, project: ProjectId) -> u32 {
        let lowered = self.lowered.lock().unwrap_or_else(PoisonError::into_inner);
        lowered.get(&project).copied().unwrap_or(self.project_concurrency)
    }

    /// The home of a function that something refers to.
    pub(super) fn find(&self, function: &FunctionId) -> Option<Arc<Home>> {
        self.functions.find(function)
    }

    /// The home of a function, made if nothing refers to it yet.
    pub(super) fn of(&self, project: (ProjectId, &ProjectName), function: (FunctionId, &FunctionName)) -> Arc<Home> {
        self.functions.get(function.0, || Home {
            id: function.0,
            name: function.1.clone(),
            project: self.projects.get(project.0, || ProjectHome {
                id: project.0,
                name: project.1.clone(),
                concurrency: AtomicU32::new(self.concurrency(project.0)),
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
        let concurrency = self.project.concurrency.load(Ordering::Relaxed);
        if !self.project.running.enter(concurrency) {
            self.running.leave();
            let message = format!("{concurrency} invocations of the project run at once; try again");
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
        let homes = Homes::new(3, &[]);
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

    #[test]
    fn a_ceiling_holds_for_homes_that_are_there_and_for_those_that_come() {
        let (project, name) = ("demo".parse().unwrap(), "a".parse().unwrap());
        let id = |n| ProjectId::from_parts(n, [0; 10]);
        let ceiling = |most| Ceiling { project_concurrency: Some(most), ..Ceiling::default() };
        let homes = Homes::new(9, &[(id(1), ceiling(1))]);
        let home = |n| homes.of((id(n), &project), (FunctionId::from_parts(n, [0; 10]), &name));
        let (first, second) = (home(1), home(2));
        let held = (first.admit(9).unwrap(), second.admit(9).unwrap());
        assert!(first.admit(9).is_err_and(|fault| fault.message().starts_with("1 invocations of the project")));
        homes.set_concurrency(id(1), &ceiling(2));
        homes.set_concurrency(id(2), &ceiling(1));
        homes.set_concurrency(id(3), &ceiling(1));
        assert!(first.admit(9).is_ok() && second.admit(9).is_err());
        let third = home(3);
        let _held = third.admit(9).unwrap();
        assert!(third.admit(9).is_err());
        homes.set_concurrency(id(3), &Ceiling::default());
        assert!(third.admit(9).is_ok());
        drop(held);
    }
}
