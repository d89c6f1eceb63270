//! What the texts in paths, queries and headers look like, by their names: said in the document, so that a client can
//! tell before it asks. The rules themselves are those of `domain`.

use utoipa::openapi::{
    RefOr, Schema,
    path::{Parameter, ParameterIn},
};

/// The shape of the texts that `names` have in one place.
struct Shape {
    place: ParameterIn,
    names: &'static [&'static str],
    /// What it matches, where more than its length counts.
    pattern: Option<&'static str>,
    /// The fewest and the most characters.
    length: (usize, usize),
}

const NAME: &str = "^[a-z](-?[a-z0-9])*$";

/// The shapes of all parameters that have one.
const SHAPES: [Shape; 9] = [
    Shape {
        place: ParameterIn::Path,
        names: &["project", "function", "queue", "schedule"],
        pattern: Some(NAME),
        length: (1, 48),
    },
    Shape { place: ParameterIn::Path, names: &["secret"], pattern: Some("^[A-Za-z_][A-Za-z0-9_]*$"), length: (1, 128) },
    Shape {
        place: ParameterIn::Path,
        names: &["version", "number"],
        pattern: Some("^v?[1-9][0-9]*$"),
        length: (1, 11),
    },
    Shape { place: ParameterIn::Path, names: &["id"], pattern: Some("^[a-z]+_[0-9a-f]{32}$"), length: (35, 40) },
    Shape { place: ParameterIn::Path, names: &["group"], pattern: None, length: (1, 128) },
    Shape { place: ParameterIn::Query, names: &["group"], pattern: None, length: (1, 128) },
    Shape { place: ParameterIn::Query, names: &["function"], pattern: Some(NAME), length: (1, 48) },
    Shape { place: ParameterIn::Query, names: &["sha256"], pattern: Some("^[0-9a-f]{64}$"), length: (64, 64) },
    Shape { place: ParameterIn::Header, names: &["idempotency-key"], pattern: Some("^[!-~]+$"), length: (1, 128) },
];

/// Says what the text of `parameter` looks like.
pub(super) fn describe(parameter: &mut Parameter) {
    let is_of =
        |shape: &&Shape| shape.place == parameter.parameter_in && shape.names.contains(&parameter.name.as_str());
    let Some(shape) = SHAPES.iter().find(is_of) else { return };
    if let Some(RefOr::T(Schema::Object(text))) = &mut parameter.schema {
        text.pattern = shape.pattern.map(str::to_owned);
        (text.min_length, text.max_length) = (Some(shape.length.0), Some(shape.length.1));
    }
}
