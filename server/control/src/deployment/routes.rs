//! Whether a function's routes fit beside those of the other functions.

use std::collections::HashMap;

use domain::{FunctionName, Invalid, PathPattern, ProjectName, Router, Trigger, id::ProjectId};

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
        routes(self.triggers).any(|(_, route)| route.host.is_some())
    }

    /// Checks what needs no other function: hosts below the base domain are not for the taking.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] that names the trigger.
    pub(super) fn check(&self, addresses: &Addresses) -> Result<(), Error> {
        for (index, route) in routes(self.triggers) {
            if let Some(host) = route.host
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
        let mut routers: HashMap<(Option<&str>, bool), Router<Option<&FunctionName>>> = HashMap::new();
        let of_projects = |foreign: bool| others.iter().filter(move |other| (other.project != self.project) == foreign);
        for other in of_projects(false) {
            for (_, route) in routes(other.triggers) {
                let router = routers.entry((route.host, route.is_socket)).or_default();
                // Both are live already, so they fit each other.
                let _ = router.insert(route.path.clone(), route.methods.to_vec(), Some(other.function));
            }
        }
        for (index, route) in routes(self.triggers) {
            let taken = |other: &Other<'_>| routes(other.triggers).any(|(_, there)| there.host == route.host);
            if let Some(host) = route.host
                && of_projects(true).any(taken)
            {
                return Err(Error::conflict("route-conflict", format!("the host {host} is used by another project")));
            }
            let router = routers.entry((route.host, route.is_socket)).or_default();
            let placed = router.insert(route.path.clone(), route.methods.to_vec(), None);
            if let Err(conflict) = placed {
                return Err(match conflict.target {
                    Some(function) => Error::conflict(
                        "route-conflict",
                        format!(
                            "the route {} takes the same requests as {} of the function {function}",
                            route.path, conflict.pattern
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

/// A route that a trigger takes. HTTP requests and WebSockets are not in each other's way.
struct Route<'t> {
    host: Option<&'t str>,
    path: &'t PathPattern,
    methods: &'t [String],
    is_socket: bool,
}

/// The routes of triggers, with the triggers' places among all.
fn routes(triggers: &[Trigger]) -> impl Iterator<Item = (usize, Route<'_>)> {
    triggers.iter().enumerate().filter_map(|(index, trigger)| {
        let route = match trigger {
            Trigger::Http(http) => {
                Route { host: http.host.as_deref(), path: &http.path, methods: &http.methods, is_socket: false }
            }
            Trigger::WebSocket(socket) => {
                Route { host: socket.host.as_deref(), path: &socket.path, methods: &[], is_socket: true }
            }
            Trigger::Queue(_) | Trigger::Cron(_) => return None,
        };
        Some((index, route))
    })
}

#[cfg(test)]
mod tests {
    use domain::{HttpTrigger, WebSocketTrigger};

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
    fn requests_and_websockets_may_have_one_pattern_but_two_of_a_kind_may_not() {
        let socket = |path: &str| Trigger::WebSocket(WebSocketTrigger::at(path.parse().unwrap()));
        assert!(place(&[http("/chat", None), socket("/chat")], &[], false).is_ok());
        assert!(place(&[socket("/chat")], &[http("/chat", None)], false).is_ok());
        let refused = place(&[socket("/chat/{room}")], &[socket("/chat/{id}")], false);
        assert!(matches!(refused, Err(Error::Conflict { code: "route-conflict", .. })));
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
