//! `If-Match`: changes only what the client has seen (RFC 9110, section 13.1.1).

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use control::Revision;
use domain::Invalid;
use utoipa::openapi::{
    ObjectBuilder, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use crate::{entity_tag, problem::Problem};

/// The revision that the client has seen, where it named one.
pub(crate) struct IfMatch(pub(crate) Option<Revision>);

impl utoipa::IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "The ETag of the state that you have seen; the answer is 412 if it changed.";
        let text = ObjectBuilder::new().schema_type(Type::String);
        let header = ParameterBuilder::new().name("if-match").parameter_in(ParameterIn::Header);
        vec![header.description(Some(meaning)).schema(Some(text)).build()]
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        match value.to_str().map(str::trim) {
            Ok("*") => Ok(Self(None)),
            Ok(tag) => {
                let revision = entity_tag::revision_of(tag).unwrap_or_default().parse()?;
                Ok(Self(Some(revision)))
            }
            Err(_) => Err(Invalid::new("if-match", "is not an entity tag that this resource gave").into()),
        }
    }
}
