//! How large and how branched a component may be: one table for the shape check and for the pool,
//! so that whatever is accepted also fits.

/// Core instances that one component makes, its adapters and shims included.
pub(crate) const CORE_INSTANCES: u32 = 200;
/// Linear memories that one component has.
pub(crate) const MEMORIES: u32 = 8;
/// Tables that one component has.
pub(crate) const TABLES: u32 = 32;
/// Linear memories of one core module.
pub(crate) const MEMORIES_PER_MODULE: u32 = 4;
/// Tables of one core module.
pub(crate) const TABLES_PER_MODULE: u32 = 8;
/// Elements of one table at its start; a version's own limit may be less. Languages with an interpreter
/// inside come near 30,000.
pub(crate) const TABLE_ELEMENTS: u32 = 100_000;
/// Stack of one guest, in bytes.
pub(crate) const STACK_BYTES: usize = 512 << 10;
/// The part of one memory that an artifact holds as an image, which instances share until they write, however
/// sparse it is: all that an init can fill.
pub(crate) const IMAGE_BYTES: u64 = 128 << 20;
/// Functions of one component, over all of its modules.
pub(crate) const FUNCTIONS: u32 = 100_000;
/// Code of one function, in bytes; compiling takes more than linear time.
pub(crate) const FUNCTION_BYTES: usize = 512 << 10;
/// Imports, exports, types, globals, segments, aliases and the like of one component, over all of its modules and
/// inner components.
pub(crate) const DEFINITIONS: usize = 300_000;
/// Instances of inner components that one file makes.
pub(crate) const COMPONENT_INSTANCES: usize = 1_000;
/// The name of one import or export, in bytes.
pub(crate) const NAME_BYTES: usize = 16 << 10;
/// The names of all imports and exports of one component, in bytes.
pub(crate) const ALL_NAME_BYTES: usize = 8 << 20;
/// How deep components may hold components.
pub(crate) const NESTING: usize = 16;
/// Bytes that a guest passes in one call of the host: the largest message of a WebSocket, and room for what goes with it.
pub(crate) const HOST_CALL_BYTES: usize = (16 << 20) + (64 << 10);
/// Random bytes that a guest draws in one call.
pub(crate) const RANDOM_BYTES: u64 = 1 << 20;
/// Keys, values or messages in one call of a guest.
pub(crate) const BATCH: usize = 100;
/// The body of one message that a guest sends.
pub(crate) const MESSAGE_BYTES: usize = 256 << 10;
/// How many calls away from its event a function may be called by another.
pub(crate) const CALL_DEPTH: u8 = 8;
