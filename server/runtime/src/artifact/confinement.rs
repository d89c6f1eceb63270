//! Shuts the worker in before it touches a component: no files but the cache, no network, no privileges.
//!
//! Each measure holds where the kernel grants it to this process; the parent's log says which do.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, RestrictionStatus, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};
use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags, set_capabilities, set_no_new_privs, unshare_unsafe};
use serde::{Deserialize, Serialize};

/// What a worker has given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// It opens no file outside of the cache, and runs no program.
    pub(super) files: bool,
    /// It has no network: neither the host's interfaces nor its ports.
    pub(super) network: bool,
    /// It has no privileges, and gets none by running a program.
    pub(super) privileges: bool,
}

/// Shuts this process in; what is open stays open. Files can be opened below `folder` alone.
///
/// Only the thread that calls is held, so it is called while there is one.
pub(super) fn enter(folder: Option<&Path>) -> Held {
    let privileges = set_no_new_privs(true).is_ok();
    let network = leave_network().is_ok();
    let dropped = drop_capabilities().is_ok();
    let files = restrict_files(folder).is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced);
    Held { files, network, privileges: privileges && dropped }
}

/// Moves this process to a network of its own that has no interface: by way of a user namespace, which every process
/// may make where the machine does not forbid it, else with the privileges that it has.
fn leave_network() -> rustix::io::Result<()> {
    let leave = |flags| {
        #[allow(unsafe_code, reason = "the flags do not share out file descriptors, which alone is unsafe")]
        // SAFETY: the table of file descriptors is not touched.
        unsafe {
            unshare_unsafe(flags)
        }
    };
    leave(UnshareFlags::NEWUSER | UnshareFlags::NEWNET).or_else(|_| leave(UnshareFlags::NEWNET))
}

fn drop_capabilities() -> rustix::io::Result<()> {
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
}

fn restrict_files(folder: Option<&Path>) -> Result<RestrictionStatus, RulesetError> {
    /// What the kernel that this was written for can hold; an older one holds what it knows.
    const KNOWN: ABI = ABI::V6;
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?;
    let opened = folder.and_then(|folder| PathFd::new(folder).ok());
    let rules = match opened {
        Some(folder) => {
            let use_cache =
                make_bitflags!(AccessFs::{ReadFile | WriteFile | MakeReg | MakeDir | RemoveFile | Truncate});
            rules.add_rule(PathBeneath::new(folder, use_cache))?
        }
        None => rules,
    };
    rules.restrict_self()
}
