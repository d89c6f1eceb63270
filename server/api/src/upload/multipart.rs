//! An upload as `multipart/form-data`: `configuration` and `message`, then `component`, which ends it.

use std::io;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use domain::{Configuration, Invalid, Message};
use futures::{Stream, stream};
use multer::{Constraints, Error, Field, Multipart, SizeLimit};

use super::BreakOff;
use crate::{
    extract::parse,
    problem::{Kind, Problem},
};

/// The largest `configuration` and `message` in bytes: what their own rules allow, with room for JSON.
const MAX_CONFIGURATION_BYTES: u64 = 256 << 10;
const MAX_MESSAGE_BYTES: u64 = 4 << 10;

/// The boundary, if the body is `multipart/form-data`.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<Result<String, Problem>> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data").then(|| {
        multer::parse_boundary(value)
            .map_err(|_| Problem::new(Kind::MALFORMED, "the content-type names no boundary between the parts"))
    })
}

/// What stands before the component, and the component.
pub(crate) struct Parts {
    pub(crate) configuration: Option<Configuration>,
    pub(crate) message: Option<Message>,
    multipart: Multipart<'static>,
    component: Field<'static>,
}

impl Parts {
    /// Reads all parts up to the component.
    pub(crate) async fn read(
        bytes: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        boundary: String,
    ) -> Result<Self, Problem> {
        let limits = SizeLimit::new()
            .for_field("configuration", MAX_CONFIGURATION_BYTES)
            .for_field("message", MAX_MESSAGE_BYTES);
        let constraints =
            Constraints::new().size_limit(limits).allowed_fields(vec!["configuration", "message", "component"]);
        let mut multipart = Multipart::with_constraints(bytes, boundary, constraints);
        let (mut configuration, mut message) = (None, None);
        while let Some(field) = multipart.next_field().await.map_err(problem)? {
            match field.name() {
                Some("configuration") => configuration = Some(parse(&field.bytes().await.map_err(problem)?)?),
                Some("message") => message = Some(field.text().await.map_err(problem)?.try_into()?),
                _ => return Ok(Self { configuration, message, multipart, component: field }),
            }
        }
        Err(Invalid::new("component", "is missing; send the component as the last part").into())
    }

    /// The component's bytes. They fail if another part follows, since it would come too late to count.
    pub(crate) fn into_component(self, why: BreakOff) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold((self.multipart, Some(self.component), why), |(mut multipart, field, why)| async move {
            let Some(mut field) = field else { return Ok(None) };
            match field.chunk().await {
                Ok(Some(bytes)) => return Ok(Some((bytes, (multipart, Some(field), why)))),
                Ok(None) => drop(field),
                Err(error) => return Err(why.because(problem(error))),
            }
            match multipart.next_field().await {
                Ok(None) => Ok(None),
                Ok(Some(_)) => {
                    let late = Invalid::new("component", "is not the last part; send configuration and message first");
                    Err(why.because(late.into()))
                }
                Err(error) => Err(why.because(problem(error))),
            }
        })
    }
}

fn problem(error: Error) -> Problem {
    match error {
        Error::UnknownField { field_name } => {
            let message = "is not known; the parts are configuration, message and component";
            Invalid::new(field_name.unwrap_or_else(|| "part".to_owned()), message).into()
        }
        Error::FieldSizeExceeded { limit, field_name } => {
            let name = field_name.unwrap_or_else(|| "a part".to_owned());
            Problem::new(Kind::TOO_LARGE, format!("{name} has more than {limit} bytes"))
        }
        Error::IncompleteFieldData { .. }
        | Error::IncompleteHeaders
        | Error::IncompleteStream
        | Error::StreamReadFailed(_) => control::Error::Truncated.into(),
        error => Problem::new(Kind::MALFORMED, format!("the parts cannot be read: {error}")),
    }
}
