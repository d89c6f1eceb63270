//! Files of the bundle: names that hold a hash of the content, links between them, compression.

use std::{collections::BTreeMap, fs, io::Write as _, path::Path};

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

/// The bundle's files before they are written.
#[derive(Default)]
pub(crate) struct Assets {
    /// From the name in the source to the name in the bundle.
    names: BTreeMap<String, String>,
    /// From the name in the bundle to the content.
    files: BTreeMap<String, Vec<u8>>,
}

/// One file as it was written.
pub(crate) struct Written {
    /// Its name in the bundle.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: usize,
    /// Its size after brotli.
    pub(crate) brotli_bytes: usize,
}

impl Assets {
    /// Adds a file under a name that changes with its content, so that browsers may keep it for ever.
    pub(crate) fn add(&mut self, name: &str, content: Vec<u8>) {
        let digest = hex::encode(Sha256::digest(&content));
        let hashed = match name.split_once('.') {
            Some((stem, extension)) => format!("{stem}-{digest:.16}.{extension}"),
            None => format!("{name}-{digest:.16}"),
        };
        self.names.insert(name.to_owned(), hashed.clone());
        self.files.insert(hashed, content);
    }

    /// Adds a file under its own name.
    pub(crate) fn add_page(&mut self, name: &str, content: Vec<u8>) {
        self.files.insert(name.to_owned(), content);
    }

    /// Puts the address of a file that was added in the place of each `{{its name}}` of `template`.
    ///
    /// # Errors
    ///
    /// Where the template is not text or names a file that was not added.
    pub(crate) fn link(&self, template: &[u8]) -> Result<Vec<u8>> {
        let mut rest = std::str::from_utf8(template).context("a template is not UTF-8")?;
        let mut linked = String::with_capacity(rest.len());
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else { bail!("a {{{{ without }}}} in a template") };
            let target = self.names.get(name).with_context(|| format!("no file {name:?} to link to"))?;
            linked.push_str(before);
            linked.push('/');
            linked.push_str(target);
            rest = after;
        }
        linked.push_str(rest);
        Ok(linked.into_bytes())
    }

    /// Writes all files, each with its brotli form beside it, in the place of what `folder` held. Being
    /// `quick` makes the brotli forms larger.
    pub(crate) fn write(&self, folder: &Path, quick: bool) -> Result<Vec<Written>> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("empty {}", folder.display()))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        // The page comes last, so that a build that was stopped leaves no page behind.
        let (page, files): (Vec<_>, Vec<_>) = self.files.iter().partition(|(name, _)| name.as_str() == "index.html");
        let mut written = Vec::new();
        for (name, content) in files.into_iter().chain(page) {
            let packed = brotli(content, if quick { 1 } else { 11 })?;
            fs::write(folder.join(format!("{name}.br")), &packed)?;
            fs::write(folder.join(name), content)?;
            written.push(Written { name: name.clone(), bytes: content.len(), brotli_bytes: packed.len() });
        }
        Ok(written)
    }
}

/// Compresses with a quality of 0 to 11 and a window of 4 MiB (RFC 7932).
fn brotli(content: &[u8], quality: u32) -> Result<Vec<u8>> {
    let mut writer = ::brotli::CompressorWriter::new(Vec::new(), 64 << 10, quality, 22);
    writer.write_all(content).context("compress")?;
    Ok(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_carries_the_hash_of_what_it_links_to() -> Result<()> {
        let mut assets = Assets::default();
        assets.add("start.js", b"1".to_vec());
        let first = assets.link(b"<script src={{start.js}}>")?;
        assets.add("start.js", b"2".to_vec());
        assert_ne!(first, assets.link(b"<script src={{start.js}}>")?);
        assert!(first.starts_with(b"<script src=/start-"));
        assert!(assets.link(b"{{absent.js}}").is_err());
        Ok(())
    }
}
