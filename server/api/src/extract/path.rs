//! Names and numbers in paths, checked by the vocabulary's own rules.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use domain::{
    CronName, FunctionName, GroupName, Invalid, ProjectName, QueueName, SecretName, VersionNumber,
    id::{ConnectionId, InvocationId, MessageId, PersonId, RedriveId, TokenId},
};

use crate::problem::{Kind, Problem};

/// Declares what stands in a path: each field is parsed by its type and documented.
macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, utoipa::IntoParams)]
        #[into_params(parameter_in = Path)]
        pub(crate) struct $name {
            $($(#[$field_doc])* #[param(value_type = String)] pub(crate) $field: $kind,)*
        }

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| unreadable())?;
                Ok(Self { $($field: parse(&params, stringify!($field))?,)* })
            }
        }
    )*};
}

paths! {
    /// A project.
    ProjectPath {
        /// The project's name.
        project: ProjectName,
    }
    /// A member of a project.
    MemberPath {
        /// The project's name.
        project: ProjectName,
        /// The person's id, `usr_…`.
        id: PersonId,
    }
    /// A token of a project.
    TokenPath {
        /// The project's name.
        project: ProjectName,
        /// The token's id, `tok_…`.
        id: TokenId,
    }
    /// A function of a project.
    FunctionPath {
        /// The project's name.
        project: ProjectName,
        /// The function's name.
        function: FunctionName,
    }
    /// A queue of a project.
    QueuePath {
        /// The project's name.
        project: ProjectName,
        /// The queue's name.
        queue: QueueName,
    }
    /// A message of a queue.
    MessagePath {
        /// The project's name.
        project: ProjectName,
        /// The queue's name.
        queue: QueueName,
        /// The message's id, `msg_…`.
        id: MessageId,
    }
    /// A redrive of a queue.
    RedrivePath {
        /// The project's name.
        project: ProjectName,
        /// The queue's name.
        queue: QueueName,
        /// The redrive's id, `rdr_…`.
        id: RedriveId,
    }
    /// A schedule of a function.
    SchedulePath {
        /// The project's name.
        project: ProjectName,
        /// The function's name.
        function: FunctionName,
        /// The schedule's name.
        schedule: CronName,
    }
    /// An open WebSocket connection of a project.
    ConnectionPath {
        /// The project's name.
        project: ProjectName,
        /// The connection's id, `con_…`.
        id: ConnectionId,
    }
    /// A group of connections of a project.
    GroupPath {
        /// The project's name.
        project: ProjectName,
        /// The group's name.
        group: GroupName,
    }
    /// A secret of a project.
    SecretPath {
        /// The project's name.
        project: ProjectName,
        /// The secret's name.
        secret: SecretName,
    }
    /// A version of a function.
    VersionPath {
        /// The project's name.
        project: ProjectName,
        /// The function's name.
        function: FunctionName,
        /// The version's number, `7` or `v7`.
        version: VersionNumber,
    }
    /// An asynchronous call of a function.
    CallPath {
        /// The project's name.
        project: ProjectName,
        /// The function's name.
        function: FunctionName,
        /// The call's id, `inv_…`.
        id: InvocationId,
    }
    /// A deployment of a function.
    DeploymentPath {
        /// The project's name.
        project: ProjectName,
        /// The function's name.
        function: FunctionName,
        /// The deployment's number, or `live`.
        number: DeploymentRef,
    }
}

/// A deployment as a path names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeploymentRef {
    /// The one that decides the traffic now.
    Live,
    /// That of this number.
    Number(u32),
}

impl FromStr for DeploymentRef {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "live" {
            return Ok(Self::Live);
        }
        let plain = text.starts_with(|c: char| matches!(c, '1'..='9'));
        match text.parse() {
            Ok(number) if plain => Ok(Self::Number(number)),
            _ => Err(Invalid::new("number", format!("is {text:?}; use a deployment's number, or live"))),
        }
    }
}

fn parse<T: FromStr<Err = Invalid>>(params: &RawPathParams, name: &str) -> Result<T, Problem> {
    let text = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value).unwrap_or_default();
    text.parse().map_err(|Invalid { message, .. }: Invalid| Invalid::new(name, message).into())
}

fn unreadable() -> Problem {
    Problem::new(Kind::MALFORMED, "the path is not percent-encoded UTF-8")
}
