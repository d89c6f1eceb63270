//! The version that runs a slot.

use super::{Routing, Target};
use crate::{Error, TakenSlot};

impl Routing {
    /// The version for a slot: the same at each attempt while nothing is deployed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the function is live no more, [`Error::Unavailable`].
    pub async fn slot_target(&self, slot: &TakenSlot) -> Result<Target, Error> {
        if let Some(target) = self.known_slot_target(slot) {
            return Ok(target);
        }
        // Another server that shares the database may have made it live.
        self.publishing().await.adopt(slot.function_id).await?;
        self.known_slot_target(slot).ok_or_else(|| Error::not_found(format!("live function {}", slot.function_id)))
    }

    fn known_slot_target(&self, slot: &TakenSlot) -> Option<Target> {
        let home = self.homes().find(&slot.function_id)?;
        // Another function may have its name by now.
        let live = self.find_live(&home.project.name, &home.name).filter(|live| live.home.id == home.id)?;
        live.choose_for(Some(slot.id.to_string().as_bytes()), &self.0.draw).cloned().map(Target::of)
    }
}
