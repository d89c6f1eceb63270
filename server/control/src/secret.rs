//! Secrets: written by people and machines, read by guests alone, and bound to deployments by version.

mod seal;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use domain::{
    Action, FunctionName, Ids, ProjectName, SecretName, Timestamp, VersionNumber,
    id::{ProjectId, SecretId},
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use store::{Reader, Store, Transaction};

use self::seal::{Place, Seal};
use crate::{Caller, Control, Error, Page, PageQuery, key_file};

/// The file of the key in the data folder.
const KEY_FILE: &str = "secret.key";
/// The most bytes of a value.
const MAX_BYTES: usize = 64 << 10;
/// The most secrets of a project.
const MAX_SECRETS: u32 = 200;
/// The versions of a secret that a list shows.
const SHOWN_VERSIONS: u32 = 20;

/// A secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What it is called.
    pub name: SecretName,
    /// Its versions, newest first, at most 20.
    pub versions: Vec<SecretVersion>,
    /// The functions whose live deployment reads it, each with the version that it reads.
    pub bound: Vec<(FunctionName, u32)>,
}

/// One version of a secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion {
    /// Its id.
    pub id: SecretId,
    /// Its number: 1, 2, 3….
    pub version: u32,
    /// Who wrote it.
    pub created_by: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Reads secrets for guests. A cheap handle.
#[derive(Clone)]
pub struct Secrets(Arc<Inner>);

struct Inner {
    store: Store,
    ids: Ids,
    seal: Seal,
}

impl Secrets {
    /// Seals under `key`, or under the one in the data folder, which is made where it is missing.
    pub(crate) async fn open(
        store: Store,
        ids: Ids,
        data_dir: PathBuf,
        key: Option<SecretSlice<u8>>,
    ) -> Result<Self, Error> {
        let given = key.and_then(|key| <[u8; 32]>::try_from(key.expose_secret()).ok());
        let fresh = ids.random();
        let key = match given {
            Some(key) => key,
            None => tokio::task::spawn_blocking(move || key_file::read_or_make(&data_dir, KEY_FILE, fresh))
                .await
                .map_err(Error::internal("reading secret.key"))?
                .map_err(Error::internal("reading secret.key in the data folder"))?,
        };
        Ok(Self(Arc::new(Inner { store, ids, seal: Seal::new(key) })))
    }

    /// The value of one version of a secret; `None` if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`]; [`Error::Internal`] if it was sealed under another key, or changed since.
    pub async fn find(
        &self,
        project: ProjectId,
        name: &SecretName,
        version: u32,
    ) -> Result<Option<SecretSlice<u8>>, Error> {
        let Some(found) = self.0.store.read().await?.find_secret(project, name, version).await? else {
            return Ok(None);
        };
        let opened = self.0.seal.open(Place { project, name, version }, &found.sealed);
        opened.map(Some).ok_or_else(|| {
            let why = if found.key_id == self.0.seal.key_id {
                "its row was changed"
            } else {
                "it was sealed under another key; give all servers of a database the same secret_key"
            };
            Error::internal("opening a secret")(format!("{name} {version} cannot be opened: {why}"))
        })
    }
}

impl Control {
    /// Reads secrets for guests.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// The secrets of `project` by name, without their values.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub async fn list_secrets(
        &self,
        caller: &Caller,
        project: &ProjectName,
        query: &PageQuery,
    ) -> Result<Page<Secret>, Error> {
        let project = caller.require(project, Action::SecretRead)?.project;
        let mut reader = self.0.store.read().await?;
        let live = reader.list_live_functions_of(project).await?;
        let names = reader.list_secret_names(project, query.after()?.as_ref(), query.limit()).await?;
        let next_cursor = names.next.map(|name| name.to_string());
        let mut items = Vec::with_capacity(names.items.len());
        for name in names.items {
            let versions = reader.list_secret_versions(project, &name, SHOWN_VERSIONS).await?;
            let bound =
                |live: &store::LiveFunction| Some((live.function.clone(), *live.deployment.spec.secrets.get(&name)?));
            let bound = live.iter().filter_map(bound).collect();
            items.push(Secret { name, versions: versions.into_iter().map(SecretVersion::from).collect(), bound });
        }
        Ok(Page { items, next_cursor })
    }

    /// Writes a new version of a secret. Deployments that are made from now on read it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for an empty value or one above 64 KiB,
    /// [`Error::Conflict`] `too-many-secrets`.
    pub async fn set_secret(
        &self,
        caller: &Caller,
        project: &ProjectName,
        name: SecretName,
        value: SecretString,
    ) -> Result<SecretVersion, Error> {
        let access = caller.require(project, Action::SecretWrite)?.clone();
        let bytes = value.expose_secret().len();
        if !(1..=MAX_BYTES).contains(&bytes) {
            return Err(Error::invalid("value", format!("has {bytes} bytes; use 1 to {MAX_BYTES}")));
        }
        let secrets = self.0.secrets.clone();
        let (project, by) = (access.project, caller.name().clone());
        let written = self.0.store.write(move |transaction| {
            Box::pin(async move {
                let Inner { ids, seal, .. } = &*secrets.0;
                transaction.lock_project(project).await?;
                let names = transaction.list_secret_names(project, None, MAX_SECRETS).await?.items;
                if names.len() >= MAX_SECRETS as usize && !names.contains(&name) {
                    let detail = format!("the project has {MAX_SECRETS} secrets, which is the most; delete one");
                    return Err(Error::conflict("too-many-secrets", detail));
                }
                let version = transaction.draw_secret_version(project, &name).await?;
                let place = Place { project, name: &name, version };
                let sealed = seal
                    .close(place, value.expose_secret().as_bytes(), ids)
                    .ok_or_else(|| Error::internal("sealing a secret")("the cipher refused"))?;
                let secret = store::Secret {
                    id: ids.next(),
                    project_id: project,
                    name,
                    version,
                    sealed,
                    key_id: seal.key_id.clone(),
                    created_by: by,
                    created_at_us: ids.now(),
                };
                transaction.insert_secret(&secret).await?;
                Ok(secret)
            })
        });
        let secret = written.await?;
        tracing::info!(
            project.name = %access.name,
            secret.name = %secret.name,
            secret.version = secret.version,
            created_by = %secret.created_by,
            "a secret was written",
        );
        Ok(secret.into())
    }

    /// Deletes a secret with all of its versions. Its numbers are never used again.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `secret-in-use` if a live deployment reads it.
    pub async fn delete_secret(&self, caller: &Caller, project: &ProjectName, name: SecretName) -> Result<(), Error> {
        let access = caller.require(project, Action::SecretWrite)?.clone();
        let (project, deleted) = (access.project, name.clone());
        let deleting = self.0.store.write(move |transaction| {
            Box::pin(async move {
                transaction.lock_project(project).await?;
                let live = transaction.list_live_functions_of(project).await?;
                let reads = |live: &&store::LiveFunction| live.deployment.spec.secrets.contains_key(&deleted);
                let readers: Vec<_> = live.iter().filter(reads).map(|live| live.function.to_string()).collect();
                if !readers.is_empty() {
                    let detail = format!(
                        "the live deployment of {} reads {deleted}; deploy a version that does not declare it first",
                        readers.join(" and of ")
                    );
                    return Err(Error::conflict("secret-in-use", detail));
                }
                match transaction.delete_secret(project, &deleted).await? {
                    0 => Err(Error::not_found(format!("secret {deleted}"))),
                    _ => Ok(()),
                }
            })
        });
        deleting.await?;
        tracing::info!(project.name = %access.name, secret.name = %name, by = %caller.name(), "a secret was deleted");
        Ok(())
    }
}

/// Binds the newest version of each secret that `declared` names, or checks that those of `kept` are still there.
///
/// # Errors
///
/// [`Error::Conflict`] `secret-missing` that names the secret and who declares it.
pub(crate) async fn bind(
    transaction: &mut Transaction,
    project: ProjectId,
    declared: &[(VersionNumber, SecretName)],
    kept: Option<BTreeMap<SecretName, u32>>,
) -> Result<BTreeMap<SecretName, u32>, Error> {
    let reader: &mut Reader = transaction;
    if let Some(kept) = kept {
        for (name, version) in &kept {
            if reader.find_secret(project, name, *version).await?.is_none() {
                let detail = format!(
                    "version {version} of the secret {name}, which that deployment read, was deleted; write {name} \
                     anew and deploy the version"
                );
                return Err(Error::conflict("secret-missing", detail));
            }
        }
        return Ok(kept);
    }
    let mut bound = BTreeMap::new();
    for (number, name) in declared {
        let newest = reader.list_secret_versions(project, name, 1).await?.pop();
        let newest = newest.ok_or_else(|| {
            let detail = format!(
                "{number} declares the secret {name}, which the project does not have; write it first: dormouse \
                 secrets set {name}"
            );
            Error::conflict("secret-missing", detail)
        })?;
        bound.insert(name.clone(), newest.version);
    }
    Ok(bound)
}

impl From<store::Secret> for SecretVersion {
    fn from(secret: store::Secret) -> Self {
        Self {
            id: secret.id,
            version: secret.version,
            created_by: secret.created_by.to_string(),
            created_at: secret.created_at_us,
        }
    }
}
