//! One call of a function through the API, to try it.

use axum::{Json as Answer, extract::State};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use control::{Control, TestAnswer, TestCall};
use domain::VersionNumber;
use http::HeaderMap;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Shared,
    extract::{Authenticated, FunctionPath, Json},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(invoke))
}

/// Calls a function without a route, to try it.
///
/// Waits for the whole answer and shows it with what it used and what it logged. A trap or a timeout
/// of the function is an answer with its outcome, not an error of this request.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/invoke", tag = "functions", operation_id = "invoke",
    params(FunctionPath),
    request_body = wire::Invoke,
    responses(
        (status = 200, description = "What the function answered", body = wire::InvokeAnswer),
        (status = 409, description = "`version-not-ready`"),
    ),
)]
async fn invoke(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    Json(body): Json<wire::Invoke>,
) -> Result<Answer<wire::InvokeAnswer>, Problem> {
    let call = TestCall {
        version: body.version.map(VersionNumber),
        method: body.method,
        path: body.path,
        headers: body.headers,
        body: Bytes::from(body.body),
    };
    let answer = control.invoke(&caller, &path.project, &path.function, call).await?;
    Ok(Answer(present(answer)))
}

fn present(answer: TestAnswer) -> wire::InvokeAnswer {
    let (body, body_is_base64) = text(&answer.body, answer.body_truncated);
    wire::InvokeAnswer {
        invocation_id: answer.invocation.to_string(),
        version: answer.version.0,
        outcome: answer.outcome,
        error: answer.error,
        status: answer.status.as_u16(),
        headers: pairs(&answer.headers),
        body,
        body_is_base64,
        body_truncated: answer.body_truncated,
        usage: answer.usage,
        logs: answer.logs,
        logs_truncated: answer.logs_truncated,
    }
}

/// A body as text, or in base64 where it is none. A cut may fall into a character, which is left out.
pub(super) fn text(body: &[u8], cut: bool) -> (String, bool) {
    match str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(error) if cut && error.error_len().is_none() => {
            let whole = body.get(..error.valid_up_to()).unwrap_or_default();
            (String::from_utf8_lossy(whole).into_owned(), false)
        }
        Err(_) => (BASE64_STANDARD.encode(body), true),
    }
}

/// Headers in order; bytes beyond ASCII are read as Latin-1, as HTTP once said.
fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let latin1 = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
    headers.iter().map(|(name, value)| (name.to_string(), latin1(value.as_bytes()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_unless_it_is_not() {
        assert_eq!(text("grüß".as_bytes(), false), ("grüß".to_owned(), false));
        assert_eq!(text(&[0xff, 0xfe], false), ("//4=".to_owned(), true));
        let cut = "grü".as_bytes();
        assert_eq!(text(&cut[..3], true), ("gr".to_owned(), false));
    }
}
