//! Signing in and out, and the invitations that make accounts.

use serde::Deserialize;
use wire::{AcceptInvitation, InvitationPreview, Session, SignIn};

use super::{Api, Error, Reply, encoded};
use crate::account::Seat;

/// Whether the platform still waits for its first owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct SetUp {
    /// Whether it does.
    pub(crate) open: bool,
}

impl Api {
    /// Asks who sits here and notes it.
    pub(crate) async fn find_session(self) {
        let seat = match self.get::<Option<Session>>("/session".to_owned()).await {
            Ok(Some(session)) => Seat::Taken(Box::new(session)),
            Ok(None) => Seat::Nobody,
            Err(error) if error.code() == "unauthenticated" => Seat::Nobody,
            Err(error) => Seat::Failed(error),
        };
        self.account.set(seat);
    }

    /// Signs in.
    pub(crate) async fn sign_in(self, body: SignIn) -> Result<(), Error> {
        let session: Session = self.post("/session".to_owned(), &body).await?;
        self.account.set(Seat::Taken(Box::new(session)));
        Ok(())
    }

    /// Signs out.
    pub(crate) async fn sign_out(self) -> Result<(), Error> {
        self.delete("/session".to_owned()).await?;
        self.account.set(Seat::Nobody);
        Ok(())
    }

    /// Asks whether the platform still waits for its first owner.
    pub(crate) fn find_set_up(self) -> Reply<SetUp> {
        self.get("/set-up".to_owned())
    }

    /// Reads what an invitation's link leads to.
    pub(crate) fn find_invitation(self, token: &str) -> Reply<InvitationPreview> {
        self.get(format!("/invitations/{}", encoded(token)))
    }

    /// Makes the account that an invitation offers, and signs in. Gives the first project's name.
    pub(crate) async fn accept_invitation(self, body: AcceptInvitation) -> Result<Option<String>, Error> {
        let session: Session = self.post("/invitations/accept".to_owned(), &body).await?;
        let project = session.whoami.projects.first().map(|project| project.name.clone());
        self.account.set(Seat::Taken(Box::new(session)));
        Ok(project)
    }
}
