//! A tree of patterns that finds the most specific route for a path and a method.

use std::collections::HashMap;

use super::{PathPattern, pattern::Segment};

/// Routes of one host, each leading to a `T`.
///
/// Among the patterns that match a path, literals come before parameters and parameters before
/// wildcards, from the left; at one pattern a route that names the method comes before one for all.
/// A search visits each node of the tree at most once.
#[derive(Clone, Debug)]
pub struct Router<T> {
    root: Node<T>,
}

#[derive(Clone, Debug)]
struct Node<T> {
    literals: HashMap<String, Node<T>>,
    parameter: Option<Box<Node<T>>>,
    /// Routes that end here.
    here: Vec<Route<T>>,
    /// Routes that take all the rest from here.
    rest: Vec<Route<T>>,
}

#[derive(Clone, Debug)]
struct Route<T> {
    pattern: PathPattern,
    methods: Vec<String>,
    target: T,
}

/// A new route that covers the same paths and methods as one that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict<T> {
    /// The pattern that is there.
    pub pattern: PathPattern,
    /// Where it leads.
    pub target: T,
}

/// What a search finds.
#[derive(Debug, PartialEq, Eq)]
pub enum Search<'r, 'p, T> {
    /// A route.
    Found(Found<'r, 'p, T>),
    /// Patterns match, but none of them takes the method; these methods they take.
    OtherMethods(Vec<&'r str>),
    /// No pattern matches.
    Nothing,
}

/// A route with the path's values for its parameters.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'r, 'p, T> {
    /// Where it leads.
    pub target: &'r T,
    /// The pattern that matched.
    pub pattern: &'r PathPattern,
    /// Names and values, in the order of the pattern, as they stand in the path.
    pub parameters: Vec<(&'r str, &'p str)>,
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literals: HashMap::new(), parameter: None, here: Vec::new(), rest: Vec::new() }
    }
}

impl<T: Clone> Router<T> {
    /// Adds a route. No methods means all of them.
    ///
    /// # Errors
    ///
    /// [`Conflict`] if a route of the same shape takes one of the methods already; nothing is added.
    pub fn insert(&mut self, pattern: PathPattern, methods: Vec<String>, target: T) -> Result<(), Conflict<T>> {
        let mut node = &mut self.root;
        let mut wildcard = false;
        for segment in pattern.segments() {
            match segment {
                Segment::Literal(text) => node = node.literals.entry(text.clone()).or_default(),
                Segment::Parameter(_) => node = node.parameter.get_or_insert_default(),
                Segment::Wildcard(_) => wildcard = true,
            }
        }
        let routes = if wildcard { &mut node.rest } else { &mut node.here };
        let overlaps = |route: &&Route<T>| {
            let both_all = route.methods.is_empty() && methods.is_empty();
            both_all || route.methods.iter().any(|method| methods.contains(method))
        };
        if let Some(there) = routes.iter().find(overlaps) {
            return Err(Conflict { pattern: there.pattern.clone(), target: there.target.clone() });
        }
        routes.push(Route { pattern, methods, target });
        // Routes that name their methods are asked first.
        routes.sort_by_key(|route| route.methods.is_empty());
        Ok(())
    }
}

impl<T> Router<T> {
    /// Finds the route for `method` and `path`, which is without its query.
    #[must_use]
    pub fn find<'p>(&self, method: &str, path: &'p str) -> Search<'_, 'p, T> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let mut others = Vec::new();
        match self.root.find(Some(path), method, &mut others) {
            Some(route) => Search::Found(Found {
                target: &route.target,
                pattern: &route.pattern,
                parameters: parameters(&route.pattern, path),
            }),
            None if others.is_empty() => Search::Nothing,
            None => {
                others.sort_unstable();
                others.dedup();
                Search::OtherMethods(others)
            }
        }
    }
}

impl<T> Node<T> {
    /// Searches below this node; `rest` is what is left of the path, absent at its end.
    fn find<'r>(&'r self, rest: Option<&str>, method: &str, others: &mut Vec<&'r str>) -> Option<&'r Route<T>> {
        let deeper = match rest {
            None => pick(&self.here, method, others),
            Some(rest) => {
                let (segment, after) = match rest.split_once('/') {
                    Some((segment, after)) => (segment, Some(after)),
                    None => (rest, None),
                };
                let literal = self.literals.get(segment).and_then(|node| node.find(after, method, others));
                literal.or_else(|| {
                    let node = self.parameter.as_ref().filter(|_| !segment.is_empty())?;
                    node.find(after, method, others)
                })
            }
        };
        deeper.or_else(|| pick(&self.rest, method, others))
    }
}

fn pick<'r, T>(routes: &'r [Route<T>], method: &str, others: &mut Vec<&'r str>) -> Option<&'r Route<T>> {
    let takes = |route: &&Route<T>| route.methods.is_empty() || route.methods.iter().any(|known| known == method);
    let found = routes.iter().find(takes);
    if found.is_none() {
        others.extend(routes.iter().flat_map(|route| route.methods.iter().map(String::as_str)));
    }
    found
}

/// The values that `path` (without its first slash) has for the parameters of `pattern`, which matches it.
fn parameters<'r, 'p>(pattern: &'r PathPattern, path: &'p str) -> Vec<(&'r str, &'p str)> {
    let mut values = Vec::new();
    let mut rest = Some(path);
    for segment in pattern.segments() {
        let (value, after) = match rest {
            Some(rest) => rest.split_once('/').map_or((rest, None), |(value, after)| (value, Some(after))),
            None => ("", None),
        };
        match segment {
            Segment::Literal(_) => {}
            Segment::Parameter(name) => values.push((name.as_str(), value)),
            Segment::Wildcard(name) => values.push((name.as_str(), rest.unwrap_or(""))),
        }
        rest = after;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[(&str, &[&str])]) -> Router<usize> {
        let mut router = Router::default();
        for (index, (pattern, methods)) in routes.iter().enumerate() {
            let methods = methods.iter().map(|method| (*method).to_owned()).collect();
            assert_eq!(router.insert(pattern.parse().unwrap(), methods, index), Ok(()));
        }
        router
    }

    fn target(router: &Router<usize>, method: &str, path: &str) -> Option<usize> {
        match router.find(method, path) {
            Search::Found(found) => Some(*found.target),
            _ => None,
        }
    }

    #[test]
    fn the_most_specific_pattern_wins_and_dead_ends_are_left_again() {
        let router = router(&[("/{*all}", &[]), ("/a/{x}", &[]), ("/a/b", &[]), ("/a/b/c", &[]), ("/{p}/z/q", &[])]);
        for (path, expected) in
            [("/", 0), ("/a", 0), ("/a/b", 2), ("/a/c", 1), ("/a/b/c", 3), ("/a/z/q", 4), ("/a/", 0), ("/a/b/d", 0)]
        {
            assert_eq!(target(&router, "GET", path), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_wildcard_takes_nothing_a_slash_or_more() {
        let router = router(&[("/files/{*rest}", &[])]);
        for (path, rest) in [("/files", ""), ("/files/", ""), ("/files/a/b/", "a/b/"), ("/files//", "/")] {
            let Search::Found(found) = router.find("GET", path) else { panic!("{path}") };
            assert_eq!(found.parameters, [("rest", rest)], "{path}");
        }
        assert_eq!(router.find("GET", "/filesystem"), Search::Nothing);
    }

    #[test]
    fn a_method_that_no_pattern_takes_is_told_from_a_path_that_none_matches() {
        let router = router(&[("/a", &["GET", "HEAD"]), ("/a", &["POST"]), ("/b", &[]), ("/b", &["GET"])]);
        assert_eq!(target(&router, "POST", "/a"), Some(1));
        assert_eq!(router.find("PUT", "/a"), Search::OtherMethods(vec!["GET", "HEAD", "POST"]));
        assert_eq!(router.find("PUT", "/c"), Search::Nothing);
        assert_eq!((target(&router, "GET", "/b"), target(&router, "PUT", "/b")), (Some(3), Some(2)));
    }

    /// How specific a pattern is for a path that it matches, by trying every pattern on its own: the
    /// kinds of its segments from the left, of which the smallest wins.
    fn rank(pattern: &str, path: &str) -> Option<Vec<u8>> {
        let mut rest: Vec<_> = path.split('/').skip(1).collect();
        let mut kinds = Vec::new();
        for segment in pattern.split('/').skip(1) {
            if segment.starts_with("{*") {
                kinds.push(2);
                return Some(kinds);
            }
            if rest.is_empty() {
                return None;
            }
            let part = rest.remove(0);
            match segment.starts_with('{') {
                true if part.is_empty() => return None,
                true => kinds.push(1),
                false if part == segment => kinds.push(0),
                false => return None,
            }
        }
        rest.is_empty().then_some(kinds)
    }

    proptest::proptest! {
        #[test]
        fn the_router_agrees_with_trying_every_pattern(
            patterns in proptest::collection::vec("(/(a|b|\\{p\\})){1,4}(/\\{\\*w\\})?|/\\{\\*w\\}|/", 1..12),
            path in "(/[abc]{0,1}){1,5}",
        ) {
            let mut router = Router::default();
            let mut routes = Vec::new();
            for pattern in patterns {
                // A parameter's name may stand once in a pattern.
                let mut count = 0;
                let named = pattern.split("{p}").map(|part| { count += 1; format!("{part}{{p{count}}}") }).collect::<String>();
                let text = named.strip_suffix(&format!("{{p{count}}}")).unwrap().to_owned();
                if router.insert(text.parse().unwrap(), vec![], text.clone()).is_ok() {
                    routes.push(text);
                }
            }
            let expected = routes.iter().filter_map(|route| Some((rank(route, &path)?, route))).min();
            match router.find("GET", &path) {
                Search::Found(found) => proptest::prop_assert_eq!(Some(found.target), expected.map(|(_, route)| route)),
                _ => proptest::prop_assert_eq!(None, expected),
            }
        }
    }

    #[test]
    fn two_routes_for_the_same_paths_and_methods_conflict_whatever_their_names() {
        let mut router = router(&[("/users/{id}", &["GET"])]);
        let pattern = || "/users/{name}".parse().unwrap();
        let conflict = router.insert(pattern(), vec!["POST".to_owned(), "GET".to_owned()], 9);
        assert!(conflict.is_err_and(|conflict| conflict.target == 0));
        assert!(router.insert(pattern(), vec!["POST".to_owned()], 9).is_ok());
        assert!(router.insert("/users/{id}/posts".parse().unwrap(), vec![], 9).is_ok());
    }
}
