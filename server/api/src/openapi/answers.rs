//! What every operation may answer, and which headers go with it: added here once, not at each handler.

use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
};

/// Completes every operation of `document`.
pub(super) fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for (method, operation) in
            [("get", &mut item.get), ("post", &mut item.post), ("patch", &mut item.patch), ("delete", &mut item.delete)]
        {
            if let Some(operation) = operation {
                add_parameters(method, operation);
                add_answers(method, operation);
                describe(method, operation);
            }
        }
    }
}

/// Whether the operation needs a caller; those that do not say so with an empty requirement.
fn needs_caller(operation: &Operation) -> bool {
    operation.security.as_ref().is_none_or(|requirements| !requirements.iter().any(|one| one == &Default::default()))
}

fn add_parameters(method: &str, operation: &mut Operation) {
    let caller = needs_caller(operation);
    let mut add = |name: &str, description: &str| {
        let parameter =
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).description(Some(description));
        let parameter: Parameter = parameter.schema(Some(text())).build();
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    };
    add("x-request-id", "Your id for this request: 1 to 128 visible ASCII characters. One is made where it is absent.");
    match method {
        "get" => add("if-none-match", "The ETag that you have; the answer is 304 while it holds."),
        "post" if caller => {
            add(
                "idempotency-key",
                "1 to 128 visible ASCII characters. The same request with the same key happens once.",
            );
        }
        _ => {}
    }
}

fn add_answers(method: &str, operation: &mut Operation) {
    let caller = needs_caller(operation);
    let body = operation.request_body.is_some();
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(&parameter.parameter_in),
        RefOr::Ref(_) => None,
    });
    let (mut in_path, mut in_query) = (false, false);
    for place in parameters {
        in_path |= *place == ParameterIn::Path;
        in_query |= *place == ParameterIn::Query;
    }
    let common = [
        (method == "get", "304", "What the client has is still right"),
        (body, "400", "`malformed`: the body cannot be read"),
        (caller, "401", "`unauthenticated`: no valid session or token"),
        (caller, "403", "`forbidden`: the caller may not do this, and the missing action is named; or `csrf`"),
        (in_path, "404", "`not-found`: it is not there, or the caller may not see it"),
        (body, "408", "`timeout`: the body took too long"),
        (caller && method == "post", "409", "`idempotency-conflict`: the key was used for another request"),
        (body, "413", "`too-large`"),
        (body, "415", "`unsupported-media-type`: the body is not JSON"),
        (body || in_path || in_query, "422", "`invalid`: the input breaks a rule; `errors` names the fields"),
        (true, "500", "`internal`: our fault; it is in the server's log under the request's id"),
        (true, "503", "`unavailable`: try again soon"),
    ];
    let answers = &mut operation.responses.responses;
    for (applies, status, description) in common {
        if applies && !answers.contains_key(status) {
            answers.insert(status.to_owned(), RefOr::T(ResponseBuilder::new().description(description).build()));
        }
    }
}

/// Adds the shape of problems and the headers of each answer.
fn describe(method: &str, operation: &mut Operation) {
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        if status.starts_with(['4', '5']) {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            answer.content.insert("application/problem+json".to_owned(), RefOr::T(content));
        }
        add_header(answer, "x-request-id", "The request's id");
        match status.as_str() {
            "200" | "304" if method == "get" => add_header(answer, "etag", "Names this state"),
            "201" | "202" if operation.operation_id.as_deref().is_some_and(has_location) => {
                add_header(answer, "location", "Where it is");
            }
            "429" | "503" => add_header(answer, "retry-after", "Seconds to wait"),
            _ => {}
        }
    }
}

/// Whether the operation makes something that has an address of its own.
fn has_location(operation: &str) -> bool {
    ["create_project", "create_function", "upload_version", "deploy", "roll_back"].contains(&operation)
}

fn add_header(answer: &mut Response, name: &str, description: &str) {
    let header = HeaderBuilder::new().schema(Some(text())).description(Some(description)).build();
    answer.headers.insert(name.to_owned(), RefOr::T(header));
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
