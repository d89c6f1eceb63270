//! Which part of a list is asked for.

use axum::{extract::FromRequestParts, http::request::Parts};
use control::PageQuery;
use serde::Deserialize;

use super::Query;
use crate::problem::Problem;

/// Which part of a list to answer.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// How many items at most: 1 to 200. Default 50.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where to go on: the `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A [`Paging`] that keeps its bounds.
pub(crate) struct Part(pub(crate) PageQuery);

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(Paging { limit, cursor }) = Query::from_request_parts(parts, state).await?;
        Ok(Self(PageQuery::new(limit, cursor)?))
    }
}
