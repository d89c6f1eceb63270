//! What every operation takes and may answer beyond what its handler says: added here once.

use utoipa::openapi::{
    Components, Content, ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    Type,
    path::{Operation, ParameterBuilder, ParameterIn},
};

use super::shapes;

/// Problems that many operations share: name, status, meaning.
const PROBLEMS: [(&str, &str, &str); 11] = [
    ("Malformed", "400", "`malformed`: the body cannot be read; `truncated`: it ended early"),
    ("Unauthenticated", "401", "`unauthenticated`: no valid session or token"),
    ("Forbidden", "403", "`forbidden`: the caller may not do this, and the missing action is named; or `csrf`"),
    ("NotFound", "404", "`not-found`: it is not there, or the caller may not see it"),
    ("Timeout", "408", "`timeout`: the body took too long"),
    ("Conflict", "409", "`idempotency-conflict`: the key was used for another request"),
    ("TooLarge", "413", "`too-large`"),
    ("UnsupportedMediaType", "415", "`unsupported-media-type`: the body is not JSON"),
    ("Invalid", "422", "`invalid`: the input breaks a rule; `errors` names the fields"),
    ("Internal", "500", "`internal`: our fault; it is in the server's log under the request's id"),
    ("Unavailable", "503", "`unavailable`: try again soon"),
];

/// Headers that many operations take: name of the component, header, meaning.
const PARAMETERS: [(&str, &str, &str); 3] = [
    (
        "RequestId",
        "x-request-id",
        "Your id for this request: 1 to 128 visible ASCII characters. Another is made where it is anything else.",
    ),
    ("IfNoneMatch", "if-none-match", "The ETag that you have; the answer is 304 while it holds."),
    ("IdempotencyKey", "idempotency-key", "1 to 128 visible ASCII characters; the same request with it happens once."),
];

/// Headers of answers: name of the component, meaning.
const HEADERS: [(&str, &str); 3] = [
    ("RequestId", "The request's id, in the log and in traces too."),
    ("ETag", "Names this state."),
    ("RetryAfter", "Seconds to wait."),
];

/// Completes every operation of `document`.
pub(super) fn complete(document: &mut OpenApi) {
    add_components(document.components.get_or_insert_default());
    for item in document.paths.paths.values_mut() {
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete_operation(method, operation);
            }
        }
    }
}

fn add_components(components: &mut Components) {
    for (name, _, description) in PROBLEMS {
        let mut problem = ResponseBuilder::new().description(description).build();
        carry_problem(&mut problem);
        if name == "Unavailable" {
            add_header(&mut problem, "retry-after", "RetryAfter");
        }
        components.responses.insert(name.to_owned(), RefOr::T(problem));
    }
    for (name, header, description) in PARAMETERS {
        let parameter = ParameterBuilder::new()
            .name(header)
            .parameter_in(ParameterIn::Header)
            .description(Some(description))
            .schema(Some(text()));
        let mut parameter = parameter.build();
        shapes::describe(&mut parameter);
        components.parameters.insert(name.to_owned(), RefOr::T(parameter));
    }
    for (name, description) in HEADERS {
        let header = HeaderBuilder::new().schema(Some(text())).description(Some(description));
        components.headers.insert(name.to_owned(), RefOr::T(header.build()));
    }
}

/// What decides which of the shared parts an operation has.
struct Traits {
    reads: bool,
    repeatable: bool,
    json: bool,
    body: bool,
    caller: bool,
    in_path: bool,
    in_query: bool,
}

impl Traits {
    fn of(method: &str, operation: &Operation) -> Self {
        let has = |place: &ParameterIn| {
            let mut known = operation.parameters.iter().flatten();
            known.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place))
        };
        let body = match &operation.request_body {
            Some(RefOr::T(body)) => Some(body),
            _ => None,
        };
        // What needs no caller says so with an empty requirement.
        let open = operation.security.iter().flatten().any(|requirement| *requirement == Default::default());
        Self {
            reads: method == "get",
            repeatable: method == "post" && !open,
            json: body.is_some_and(|body| body.content.contains_key("application/json")),
            body: body.is_some(),
            caller: !open,
            in_path: has(&ParameterIn::Path),
            in_query: has(&ParameterIn::Query),
        }
    }

    fn may_answer(&self, problem: &str) -> bool {
        match problem {
            "Malformed" | "Timeout" | "TooLarge" => self.body,
            "UnsupportedMediaType" => self.json,
            "Unauthenticated" | "Forbidden" => self.caller,
            "NotFound" => self.in_path,
            "Conflict" => self.repeatable,
            "Invalid" => self.body || self.in_path || self.in_query,
            _ => true,
        }
    }
}

fn complete_operation(method: &str, operation: &mut Operation) {
    let traits = Traits::of(method, operation);
    let parameters = operation.parameters.get_or_insert_default();
    for parameter in parameters.iter_mut() {
        if let RefOr::T(parameter) = parameter {
            shapes::describe(parameter);
        }
    }
    let shared = [(true, "RequestId"), (traits.reads, "IfNoneMatch"), (traits.repeatable, "IdempotencyKey")];
    for (_, name) in shared.iter().filter(|(applies, _)| *applies) {
        parameters.push(RefOr::Ref(Ref::new(format!("#/components/parameters/{name}"))));
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        show_bytes(body.content.get_mut("application/wasm"));
    }
    let answers = &mut operation.responses.responses;
    if traits.reads {
        let unchanged = ResponseBuilder::new().description("What the client has is still right").build();
        answers.insert("304".to_owned(), RefOr::T(unchanged));
    }
    for (status, answer) in answers.iter_mut() {
        if let RefOr::T(answer) = answer {
            show_bytes(answer.content.get_mut("application/wasm"));
            complete_answer(status, answer, &traits);
        }
    }
    for (name, status, _) in PROBLEMS {
        if traits.may_answer(name) && !answers.contains_key(status) {
            answers.insert(status.to_owned(), RefOr::Ref(Ref::from_response_name(name)));
        }
    }
}

/// Adds the shape of a problem, and the headers.
fn complete_answer(status: &str, answer: &mut Response, traits: &Traits) {
    match status {
        "200" | "304" if traits.reads => add_header(answer, "etag", "ETag"),
        "429" => add_header(answer, "retry-after", "RetryAfter"),
        _ => {}
    }
    if status.starts_with(['4', '5']) {
        carry_problem(answer);
    } else {
        add_header(answer, "x-request-id", "RequestId");
    }
}

/// Bytes have no schema (OpenAPI 3.1, section 4.8.14.2).
fn show_bytes(content: Option<&mut RefOr<Content>>) {
    if let Some(RefOr::T(bytes)) = content {
        bytes.schema = None;
    }
}

fn carry_problem(answer: &mut Response) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    answer.content.insert("application/problem+json".to_owned(), RefOr::T(content));
    add_header(answer, "x-request-id", "RequestId");
}

fn add_header(answer: &mut Response, name: &str, component: &str) {
    let reference = Ref::new(format!("#/components/headers/{component}"));
    answer.headers.insert(name.to_owned(), RefOr::Ref(reference));
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
