//! How a request is refused: every error of the API becomes a [`Problem`] here and nowhere else.
//!
//! A problem travels as an extension of an empty response; [`crate::layer::request`] writes its body,
//! since only that layer knows the request's id. Internal text never gets this far.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Failure, Invalid};

mod control;
mod kind;

pub(crate) use kind::Kind;

/// A refusal on its way to the client.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    errors: Vec<wire::FieldError>,
    retry_after_s: Option<u64>,
}

impl Problem {
    /// A problem of `kind`; `detail` says what went wrong this time and the way out.
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// Input that breaks rules, field by field.
    pub(crate) fn invalid(fields: Vec<Invalid>) -> Self {
        let detail = match fields.as_slice() {
            [only] => only.to_string(),
            many => format!("{} fields are wrong", many.len()),
        };
        let errors = fields.into_iter().map(|Invalid { field, message }| wire::FieldError { field, message }).collect();
        Self { errors, ..Self::new(Kind::INVALID, detail) }
    }

    /// A component that was looked at and refused.
    pub(crate) fn refused(failure: &Failure) -> Self {
        let missing = |import: &String| wire::FieldError {
            field: "component".to_owned(),
            message: format!("imports {import}, which the platform does not offer"),
        };
        let errors = failure.missing_imports.iter().map(missing).collect();
        Self { errors, ..Self::new(Kind::refusal(&failure.code), failure.message.clone()) }
    }

    /// Tells the client to come back after `seconds`.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The stable word for programs.
    pub(crate) const fn code(&self) -> &'static str {
        self.kind.code
    }

    /// Writes the problem as the answer to the request `request_id`.
    pub(crate) fn into_wire(self, request_id: &str) -> wire::Problem {
        wire::Problem {
            kind: format!("/problems/{}", self.kind.code),
            title: self.kind.title.to_owned(),
            status: self.kind.status.as_u16(),
            detail: self.detail.into_owned(),
            code: self.kind.code.to_owned(),
            request_id: Some(request_id.to_owned()),
            invocation_id: None,
            errors: self.errors,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status.into_response();
        if self.kind.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"dormouse\""));
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(vec![invalid])
    }
}
