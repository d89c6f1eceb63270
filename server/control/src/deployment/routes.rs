//! Whether a function's routes fit beside those of the other functions.

use std::collections::HashMap;

use domain::{FunctionName, HttpTrigger, Invalid, ProjectName, Router, Trigger, id::ProjectId};

use crate::{Addresses, Error};

/// The routes of another function that is live.
pub(super) struct Other<'a> {
    pub(super) project: ProjectId,
    pub(super) function: &'a FunctionName,
    pub(super) triggers: &'a [Trigger],
}

/// The function whose routes are to be placed.
pub(super) struct Claim<'a> {
    pub(super) project: ProjectId,
    pub(super) name: &'a ProjectName,
    pub(super) triggers: &'a [Trigger],
}

impl Claim<'_> {
    /// Whether a trigger names a host that other projects could name too.
    pub(super) fn has_own_hosts(&self) -> bool {
        https(self.triggers).any(|(_, http)| http.host.is_some())
    }

    /// Checks what needs no other function: hosts below the base domain are not for the taking.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] that names the trigger.
    pub(super) fn check(&self, addresses: &Addresses) -> Result<(), Error> {
        for (index, http) in https(self.triggers) {
            if let Some(host) = &http.host
                && addresses.owns(host)
            {
                let message = format!(
                    "is {host:?}; hosts below {} are given by the platform: leave it out for {}",
                    addresses.base_domain,
                    addresses.project_host(self.name)
                );
                return Err(Invalid::new(format!("triggers[{index}].host"), message).into());
            }
        }
        Ok(())
    }

    /// Places the routes beside those of `others`.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] `route-conflict` that names the other function and its pattern, or the host
    /// that another project uses; [`Error::Invalid`] where two routes of the claim are in each other's way.
    pub(super) fn place(&self, others: &[Other<'_>]) -> Result<(), Error> {
        let mut hosts: HashMap<Option<&str>, Router<Option<&FunctionName>>> = HashMap::new();
        let of_projects = |foreign: bool| others.iter().filter(move |other| (other.project != self.project) == foreign);
        for other in of_projects(false) {
            for (_, http) in https(other.triggers) {
                let router = hosts.entry(http.host.as_deref()).or_default();
                // Both are live already, so they fit each other.
                let _ = router.insert(http.path.clone(), http.methods.clone(), Some(other.function));
            }
        }
        for (index, http) in https(self.triggers) {
            let host = http.host.as_deref();
            let taken = |other: &Other<'_>| https(other.triggers).any(|(_, there)| there.host == http.host);
            if let Some(host) = host
                && of_projects(true).any(taken)
            {
                return Err(Error::conflict("route-conflict", format!("the host {host} is used by another project")));
            }
            let placed = hosts.entry(host).or_default().insert(http.path.clone(), http.methods.clone(), None);
            if let Err(conflict) = placed {
                return Err(match conflict.target {
                    Some(function) => Error::conflict(
                        "route-conflict",
                        format!(
                            "the route {} takes the same requests as {} of the function {function}",
                            http.path, conflict.pattern
                        ),
                    ),
                    None => Error::invalid(
                        format!("triggers[{index}]"),
                        format!("takes the same requests as {} before it; leave one of them out", conflict.pattern),
                    ),
                });
            }
        }
        Ok(())
    }
}

/// The HTTP triggers with their places among all.
fn https(triggers: &[Trigger]) -> impl Iterator<Item = (usize, &HttpTrigger)> {
    triggers.iter().enumerate().filter_map(|(index, trigger)| Some((index, trigger.as_http()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(path: &str, host: Option<&str>) -> Trigger {
        let path = path.parse().unwrap();
        Trigger::Http(HttpTrigger { path, methods: Vec::new(), host: host.map(str::to_owned) })
    }

    fn place(mine: &[Trigger], theirs: &[Trigger], foreign: bool) -> Result<(), Error> {
        let (name, function) = ("demo".parse().unwrap(), "other".parse().unwrap());
        let project = |n| ProjectId::from_parts(n, [0; 10]);
        let others = [Other { project: project(u64::from(foreign)), function: &function, triggers: theirs }];
        Claim { project: project(0), name: &name, triggers: mine }.place(&others)
    }

    #[test]
    fn a_conflict_names_the_other_function_and_its_pattern() {
        let refused = place(&[http("/users/{id}", None)], &[http("/users/{name}", None)], false);
        let Err(Error::Conflict { code: "route-conflict", detail }) = refused else { panic!("{refused:?}") };
        assert!(detail.contains("/users/{name}") && detail.contains("function other"), "{detail}");
        assert!(place(&[http("/users/{id}", None)], &[http("/users/{name}", None)], true).is_ok());
        assert!(place(&[http("/users/{id}", None)], &[http("/users/me", None)], false).is_ok());
    }

    #[test]
    fn a_host_belongs_to_one_project() {
        let host = Some("api.example.com");
        assert!(place(&[http("/a", host)], &[http("/b", host)], false).is_ok());
        let refused = place(&[http("/a", host)], &[http("/b", host)], true);
        assert!(matches!(refused, Err(Error::Conflict { code: "route-conflict", .. })));
    }

    #[test]
    fn two_routes_of_one_function_may_not_be_the_same() {
        let refused = place(&[http("/a", None), http("/a", None)], &[], false);
        let Err(Error::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!(invalid.first().map(|invalid| invalid.field.as_str()), Some("triggers[1]"));
    }
}
