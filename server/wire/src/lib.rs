//! What HTTP carries between server, console and command line: requests, answers and problems.
//!
//! Only shapes, no logic. Names are text here: the server checks them with `domain` and answers with
//! a problem that names the field. Times are microseconds since 1970-01-01 UTC.

mod access;
mod call;
mod connection;
mod deployment;
mod function;
mod invoke;
mod page;
mod problem;
mod queue;
mod schedule;
mod secret;
mod version;

pub use access::{
    AcceptInvitation, AddMember, ChangeMember, CreateProject, CreateToken, CreatedToken, Invitation, InvitationPreview,
    Member, Project, Session, SignIn, Token, UpdateProject, Whoami, WhoamiKind, WhoamiProject,
};
pub use call::{Call, CallAnswer, CreateCall};
pub use connection::{
    Connection, ConnectionCount, ConnectionCounts, ConnectionFrame, ConnectionHistory, ConnectionSeries, Direction,
    GroupMembers, SendToConnection,
};
pub use deployment::{Change, CreateDeployment, Deployment, DeploymentChanges, RollBack};
pub use domain::{
    Action, CallState, Capability, CatchUp, Ceiling, Configuration, CronTrigger, Failure, Handler, HttpTrigger, Limit,
    Limits, Migrate, OutboundHost, Overlap, QueueTrigger, Reuse, Role, SecretName, SlotKind, SlotState, SplitKey,
    Timestamp, Trigger, Verdict, VersionNumber, VersionState, WebSocketTrigger, WeightedVersion,
    invocation::{LogLine, Outcome, Stream, Usage},
    queue::{MessageState, RedriveState},
    version::{Source, Start, Step, Wasi},
};
pub use function::{CreateFunction, Function, UpdateFunction};
pub use invoke::{Invoke, InvokeAnswer};
pub use page::Page;
pub use problem::{FieldError, Problem};
pub use queue::{
    AttemptError, CreateQueue, CreateRedrive, PurgeQueue, PurgedQueue, Queue, QueueDepth, QueueMessage, Redrive,
    SendMessage, SendMessages, SentMessage, SentMessages, UpdateQueue,
};
pub use schedule::{Schedule, ScheduleRuns, Slot};
pub use secret::{Secret, SecretBinding, SecretVersion, SetSecret};
pub use version::{ReconfigureVersion, Version};
