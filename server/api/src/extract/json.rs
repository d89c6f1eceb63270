//! JSON bodies: read under a cap, parsed with the place of the first mistake.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use domain::Invalid;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::problem::{Kind, Problem};

/// The largest JSON body in bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// How long a client may take to send a JSON body.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body of the shape `T`.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_media_type(&parts.headers)?;
        parse(&read_body(body).await?).map(Self)
    }
}

/// A JSON body of the shape `T`, or its default where there is no body.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        check_media_type(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

/// Reads a whole body of at most [`MAX_BYTES`] bytes.
pub(crate) async fn read_body(body: Body) -> Result<Bytes, Problem> {
    let read = tokio::time::timeout(READ_TIMEOUT, Limited::new(body, MAX_BYTES).collect());
    match read.await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Problem::new(Kind::TOO_LARGE, format!("a JSON body has at most {MAX_BYTES} bytes")))
        }
        Ok(Err(_)) => Err(Problem::new(Kind::TRUNCATED, "the connection ended before the body did")),
        Err(_) => {
            Err(Problem::new(Kind::TIMEOUT, format!("the body did not arrive within {} s", READ_TIMEOUT.as_secs())))
        }
    }
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let sent = if essence.is_empty() { "no content-type".to_owned() } else { format!("content-type {essence:?}") };
    Err(Problem::new(Kind::UNSUPPORTED_MEDIA_TYPE, format!("the body came with {sent}; send application/json")))
}

/// Parses `bytes`, or says where the text is not JSON, or which field does not fit.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::new(Kind::MALFORMED, "the body is empty; send a JSON object"));
    }
    // Serde would take an array for an object's fields in order; clients spell fields out.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| not_json(&error))?;
        return Err(Invalid::new("body", "is not an object; send one with named fields").into());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() {
            Problem::invalid(vec![Invalid::new(if path == "." { "body".to_owned() } else { path }, cause.to_string())])
        } else {
            not_json(&cause)
        }
    })?;
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(Kind::MALFORMED, format!("the body is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> wire::Problem {
        parse::<wire::CreateDeployment>(text.as_bytes()).unwrap_err().into_wire("req_1")
    }

    #[test]
    fn a_mistake_in_the_text_is_told_by_line_and_column() {
        let problem = refusal("{\n  \"versions\": [,]\n}");
        assert_eq!((problem.status, problem.code.as_str()), (400, "malformed"));
        assert!(problem.detail.contains("line 2 column"), "{}", problem.detail);
        assert_eq!(refusal("[[]]").code, "invalid");
        assert_eq!(refusal(r#"{"versions":[]} x"#).code, "malformed");
        assert_eq!(refusal(" ").code, "malformed");
    }

    #[test]
    fn a_field_that_does_not_fit_is_named_by_its_path() {
        let problem = refusal(r#"{"versions":[{"version":1,"weight":"all"}]}"#);
        assert_eq!((problem.status, problem.code.as_str()), (422, "invalid"));
        assert_eq!(problem.errors.first().map(|error| error.field.as_str()), Some("versions[0].weight"));
    }
}
