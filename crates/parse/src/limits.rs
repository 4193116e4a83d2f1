//! How much of everything is read. What is over a limit is left out and told as a flaw.

/// Items read of one document.
pub(crate) const MAX_ITEMS: usize = 10_000;
/// Nesting of elements; feeds nest to about 20.
pub(crate) const MAX_DEPTH: usize = 128;
/// Attributes of one tag.
pub(crate) const MAX_ATTRIBUTES: usize = 64;
/// Elements of one document: 10,000 items of 40.
pub(crate) const MAX_ELEMENTS: usize = 400_000;
/// Elements of one item.
pub(crate) const MAX_ITEM_ELEMENTS: usize = 2_000;
/// Links, people, categories and media of one item, each.
pub(crate) const MAX_EACH: usize = 64;
/// Namespace declarations in force at one place.
pub(crate) const MAX_NAMESPACES: usize = 256;
/// Bytes of an address that others are resolved against.
pub(crate) const MAX_BASE: usize = 2_048;
/// Bytes of a date that is kept.
pub(crate) const MAX_DATE: usize = 128;
