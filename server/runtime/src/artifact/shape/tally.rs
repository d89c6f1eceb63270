//! Counts what a component has, section by section, against the platform's bounds.

use domain::Failure;
use wasmparser::{ComponentInstance, Instance, Payload, SectionLimited};

use super::within;
use crate::{artifact::refusal::invalid, bounds};

/// What has been counted so far, over all modules and components of the file.
#[derive(Default)]
pub(super) struct Tally {
    functions: usize,
    definitions: usize,
    memories: usize,
    tables: usize,
    core_instances: usize,
    component_instances: usize,
    name_bytes: usize,
}

impl Tally {
    /// Adds a section, or a function's body.
    ///
    /// # Errors
    ///
    /// `too-complex` when a bound is passed, `invalid-component` when a section cannot be read.
    pub(super) fn add(&mut self, payload: &Payload<'_>) -> Result<(), Failure> {
        match payload {
            Payload::CodeSectionStart { count, .. } => {
                self.functions += *count as usize;
                within("functions", self.functions, bounds::FUNCTIONS as usize)
            }
            Payload::CodeSectionEntry(body) => {
                within("bytes of code in one function", body.range().len(), bounds::FUNCTION_BYTES)
            }
            Payload::MemorySection(section) => {
                self.memories += section.count() as usize;
                within("memories", self.memories, bounds::MEMORIES as usize)
            }
            Payload::TableSection(section) => {
                self.tables += section.count() as usize;
                within("tables", self.tables, bounds::TABLES as usize)?;
                for table in section.clone() {
                    let elements = usize::try_from(table.map_err(invalid)?.ty.initial).unwrap_or(usize::MAX);
                    within("elements in one table", elements, bounds::TABLE_ELEMENTS as usize)?;
                }
                Ok(())
            }
            Payload::ImportSection(section) => {
                self.define(section)?;
                for import in section.clone().into_imports() {
                    let import = import.map_err(invalid)?;
                    self.name(import.module)?;
                    self.name(import.name)?;
                }
                Ok(())
            }
            Payload::ExportSection(section) => {
                self.define(section)?;
                section.clone().into_iter().try_for_each(|export| self.name(export.map_err(invalid)?.name))
            }
            Payload::ComponentImportSection(section) => {
                self.define(section)?;
                section.clone().into_iter().try_for_each(|import| self.name(import.map_err(invalid)?.name.name))
            }
            Payload::ComponentExportSection(section) => {
                self.define(section)?;
                section.clone().into_iter().try_for_each(|export| self.name(export.map_err(invalid)?.name.name))
            }
            Payload::InstanceSection(section) => {
                self.define(section)?;
                for instance in section.clone() {
                    if let Instance::Instantiate { .. } = instance.map_err(invalid)? {
                        self.core_instances += 1;
                    }
                }
                within("core instances", self.core_instances, bounds::CORE_INSTANCES as usize)
            }
            Payload::ComponentInstanceSection(section) => {
                self.define(section)?;
                for instance in section.clone() {
                    if let ComponentInstance::Instantiate { .. } = instance.map_err(invalid)? {
                        self.component_instances += 1;
                    }
                }
                within("component instances", self.component_instances, bounds::COMPONENT_INSTANCES)
            }
            Payload::TypeSection(section) => self.define(section),
            Payload::GlobalSection(section) => self.define(section),
            Payload::ElementSection(section) => self.define(section),
            Payload::DataSection(section) => self.define(section),
            Payload::TagSection(section) => self.define(section),
            Payload::CoreTypeSection(section) => self.define(section),
            Payload::ComponentTypeSection(section) => self.define(section),
            Payload::ComponentAliasSection(section) => self.define(section),
            Payload::ComponentCanonicalSection(section) => self.define(section),
            _ => Ok(()),
        }
    }

    /// Adds what a section says that it defines.
    fn define<T>(&mut self, section: &SectionLimited<'_, T>) -> Result<(), Failure> {
        self.definitions += section.count() as usize;
        within("imports, exports, types and other definitions", self.definitions, bounds::DEFINITIONS)
    }

    fn name(&mut self, name: &str) -> Result<(), Failure> {
        within("bytes in one name", name.len(), bounds::NAME_BYTES)?;
        self.name_bytes += name.len();
        within("bytes in all names", self.name_bytes, bounds::ALL_NAME_BYTES)
    }
}
