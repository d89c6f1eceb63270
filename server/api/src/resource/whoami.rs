//! Who the caller is and where they may do what.

use axum::Json as Answer;
use control::{Caller, Principal};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Shared, extract::Authenticated};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(whoami))
}

/// Tells who the caller is, and where they may do what.
#[utoipa::path(
    get, path = "/whoami", tag = "access", operation_id = "whoami",
    responses((status = 200, description = "The caller", body = wire::Whoami)),
)]
async fn whoami(Authenticated(caller): Authenticated) -> Answer<wire::Whoami> {
    Answer(present(&caller))
}

/// A caller as HTTP carries it.
pub(super) fn present(caller: &Caller) -> wire::Whoami {
    let (kind, id, email, expires_at_us) = match caller.principal() {
        Principal::Person { id, email, .. } => {
            (wire::WhoamiKind::Person, id.to_string(), Some(email.to_string()), None)
        }
        Principal::Token { id, .. } => (wire::WhoamiKind::Token, id.to_string(), None, Some(caller.expires_at())),
    };
    let projects = caller.projects().iter().map(|access| wire::WhoamiProject {
        name: access.name.to_string(),
        role: access.role,
        actions: access.actions.clone(),
    });
    wire::Whoami { kind, id, name: caller.name().to_string(), email, projects: projects.collect(), expires_at_us }
}
