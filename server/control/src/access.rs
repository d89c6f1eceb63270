//! People, sessions, invitations, members and tokens.

mod invitation;
mod member;
mod password;
mod secret;
mod session;
mod throttle;
mod token;

pub use invitation::{Accept, InvitationPreview, SetUpLink};
pub use member::{Added, Member};
pub(crate) use password::Passwords;
pub use session::{Credential, SignedIn};
pub(crate) use throttle::Throttle;
pub use token::{NewToken, Token, TokenWithSecret};
