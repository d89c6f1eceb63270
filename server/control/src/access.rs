//! People, sessions, invitations, members and tokens.

mod invitation;
mod member;
mod session;
mod token;

pub use invitation::{Accept, InvitationPreview, SetUpLink};
pub use member::{Added, Member};
pub use session::{Credential, SignedIn};
pub use token::{NewToken, Token, TokenWithSecret};
