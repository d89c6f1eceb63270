//! The OpenAPI document: what the handlers say of themselves, and what holds for all of them.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::router::resources;

mod answers;
mod shapes;

/// What holds for the whole document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dormouse",
        description = "\
Everything that the console and the command line do, they do by this API.

**Callers.** Machines send `Authorization: Bearer dm_…`. Browsers have a session in a cookie; what changes something \
then carries the session's CSRF token in `x-csrf-token`.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`, the fields that are wrong, and the \
request's id. A project that the caller may not see is not found.

**Lists** come in pages: pass `next_cursor` as `cursor`.

**Repeats.** A POST with an `Idempotency-Key` that is sent twice happens once; the key holds for 24 hours.

**ETags** come with every read: `If-None-Match` saves a body, `If-Match` saves a lost update.

**Times** end in `_at_us`: microseconds since 1970-01-01 UTC.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "access", description = "Setting up, signing in, and who the caller is."),
        (name = "projects", description = "The unit of isolation and permission."),
        (name = "members", description = "The people of a project."),
        (name = "tokens", description = "The credentials of machines."),
        (name = "functions", description = "Named things that can be invoked."),
        (name = "versions", description = "Components with their configuration, immutable and numbered."),
        (name = "deployments", description = "What a function's traffic does; the newest is live."),
        (name = "queues", description = "Named, durable lines of messages, and the letters that nobody could settle."),
        (name = "connections", description = "Open WebSockets and groups of them: listing, watching, sending, closing."),
        (name = "secrets", description = "What guests may read and nobody sees: written, numbered, bound to deployments."),
        (name = "schedules", description = "Times at which functions run by themselves, and the ledger of what became of each."),
    ),
    security(("bearer" = []), ("session" = [], "csrf" = [])),
    components(schemas(wire::Problem)),
    modifiers(&Schemes),
)]
struct Document;

/// The document that `/api/openapi.json` answers with.
#[must_use]
pub fn openapi() -> openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(resources().into_openapi());
    answers::complete(&mut document);
    document
}

/// The ways in which a request says who makes it.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some("A token: `dm_` and 64 hexadecimal digits.".to_owned());
        let session = "A signed-in browser; `__Host-dormouse` where the console is reached by https.";
        let csrf = "The session's `csrf_token`, with every request that changes something.";
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description("dormouse", session))),
        );
        components.add_security_scheme(
            "csrf",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("x-csrf-token", csrf))),
        );
    }
}
