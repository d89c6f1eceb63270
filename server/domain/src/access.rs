//! Who may do what: roles of people, actions of tokens, and the one table between them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $field:literal: $($(#[$variant_doc:meta])* $variant:ident = $text:tt,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// All of them, in the order in which they are documented.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name as clients and the database spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|known| known.as_str()).collect();
                    Invalid::new($field, format!("is {text:?}; use one of {}", known.join(", ")))
                })
            }
        }
    };
}

named! {
    /// What a person is in a project.
    Role, "role":
    /// May do everything, members and tokens included.
    Owner = "owner",
    /// May create functions and versions and move traffic.
    Deployer = "deployer",
    /// May keep things running: roll back and invoke, but bring nothing new.
    Operator = "operator",
    /// May look.
    Reader = "reader",
}

named! {
    /// One thing that can be done in a project; what a token is scoped to.
    Action, "actions":
    /// See the project, its members and its settings.
    ProjectRead = "project:read",
    /// Change the project's settings.
    ProjectUpdate = "project:update",
    /// Add and remove members and change their roles.
    MemberManage = "member:manage",
    /// List, create and revoke tokens.
    TokenManage = "token:manage",
    /// See functions, versions and deployments.
    FunctionRead = "function:read",
    /// Create functions.
    FunctionCreate = "function:create",
    /// Change a function's description.
    FunctionUpdate = "function:update",
    /// Delete functions with all of their versions and deployments.
    FunctionDelete = "function:delete",
    /// Call a function through the API.
    FunctionInvoke = "function:invoke",
    /// Upload versions.
    VersionCreate = "version:create",
    /// Delete versions that were never deployed.
    VersionDelete = "version:delete",
    /// Deploy, promote and split.
    DeploymentCreate = "deployment:create",
    /// Put an earlier deployment back.
    DeploymentRollBack = "deployment:roll-back",
    /// See queues and their messages.
    QueueRead = "queue:read",
    /// Create, change and delete queues.
    QueueManage = "queue:manage",
    /// Send messages.
    QueueSend = "queue:send",
    /// Pause, resume, purge and redrive queues.
    QueueOperate = "queue:operate",
    /// See schedules and the ledger of their slots.
    ScheduleRead = "schedule:read",
    /// Pause and resume schedules and run a slot by hand.
    ScheduleOperate = "schedule:operate",
    /// See open WebSocket connections and what passes over them.
    ConnectionRead = "connection:read",
    /// Send to connections and groups, and close connections.
    ConnectionOperate = "connection:operate",
    /// See the names of secrets, never their values.
    SecretRead = "secret:read",
    /// Write and delete secrets.
    SecretWrite = "secret:write",
}

impl Role {
    /// Whether a person of this role may do `action`: the only place that knows.
    #[must_use]
    pub const fn permits(self, action: Action) -> bool {
        use Action::{
            ConnectionOperate, ConnectionRead, DeploymentCreate, DeploymentRollBack, FunctionCreate, FunctionDelete,
            FunctionInvoke, FunctionRead, FunctionUpdate, MemberManage, ProjectRead, ProjectUpdate, QueueManage,
            QueueOperate, QueueRead, QueueSend, ScheduleOperate, ScheduleRead, SecretRead, SecretWrite, TokenManage,
            VersionCreate, VersionDelete,
        };
        match action {
            ProjectRead | FunctionRead | QueueRead | ScheduleRead | ConnectionRead | SecretRead => true,
            FunctionInvoke | DeploymentRollBack | QueueSend | QueueOperate | ScheduleOperate | ConnectionOperate => {
                !matches!(self, Self::Reader)
            }
            FunctionCreate | FunctionUpdate | FunctionDelete | VersionCreate | VersionDelete | DeploymentCreate
            | QueueManage | SecretWrite => matches!(self, Self::Owner | Self::Deployer),
            ProjectUpdate | MemberManage | TokenManage => matches!(self, Self::Owner),
        }
    }
}

/// The table of roles and actions as text, one action a line: the golden file that reviewers read.
#[must_use]
pub fn permission_table() -> String {
    let mut table = format!("{:<22}", "action");
    for role in Role::ALL {
        table.push_str(&format!("{:<10}", role.as_str()));
    }
    for action in Action::ALL {
        table = format!("{}\n{:<22}", table.trim_end(), action.as_str());
        for role in Role::ALL {
            table.push_str(&format!("{:<10}", if role.permits(*action) { "yes" } else { "-" }));
        }
    }
    format!("{}\n", table.trim_end())
}
