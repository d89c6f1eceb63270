//! Signing in and out, and the invitations that make accounts.

use serde::Deserialize;
use wire::{AcceptInvitation, InvitationPreview, Session, SignIn};

use super::{Api, Error, encoded};
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
        let seat = match self.get::<Option<Session>>("/session").await {
            Ok(Some(session)) => Seat::Taken(Box::new(session)),
            Ok(None) => Seat::Nobody,
            Err(error) if error.code() == "unauthenticated" => Seat::Nobody,
            Err(error) => Seat::Failed(error),
        };
        self.account.set(seat);
    }

    /// Signs in.
    pub(crate) async fn sign_in(self, body: SignIn) -> Result<(), Error> {
        let session: Session = self.post("/session", &body).await?;
        self.account.set(Seat::Taken(Box::new(session)));
        Ok(())
    }

    /// Signs out.
    pub(crate) async fn sign_out(self) -> Result<(), Error> {
        self.delete("/session").await?;
        self.account.set(Seat::Nobody);
        Ok(())
    }

    /// Asks whether the platform still waits for its first owner.
    pub(crate) async fn find_set_up(self) -> Result<SetUp, Error> {
        self.get("/set-up").await
    }

    /// Reads what an invitation's link leads to.
    pub(crate) async fn find_invitation(self, token: &str) -> Result<InvitationPreview, Error> {
        self.get(&format!("/invitations/{}", encoded(token))).await
    }

    /// Makes the account that an invitation offers, and signs in. Gives the first project's name.
    pub(crate) async fn accept_invitation(self, body: AcceptInvitation) -> Result<Option<String>, Error> {
        let session: Session = self.post("/invitations/accept", &body).await?;
        let project = session.whoami.projects.first().map(|project| project.name.clone());
        self.account.set(Seat::Taken(Box::new(session)));
        Ok(project)
    }
}
