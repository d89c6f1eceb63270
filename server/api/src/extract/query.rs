//! Query strings.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::Invalid;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The query string as a `T`; a parameter that `T` does not know is refused where `T` says so.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "query".to_owned() } else { path };
        Problem::from(Invalid::new(field, error.into_inner().to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Paging;
    use super::*;

    #[test]
    fn a_parameter_that_does_not_fit_is_named() {
        let Err(problem) = parse::<Paging>("limit=many") else { panic!("it parsed") };
        let problem = problem.into_wire("req_1");
        assert_eq!(problem.errors.first().map(|error| error.field.as_str()), Some("limit"));
        assert!(parse::<Paging>("limits=3").is_err());
        assert!(parse::<Paging>("").is_ok());
    }
}
