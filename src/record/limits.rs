//! Limits of records, all checked before or while parsing (SPEC section 2.6). They are far above honest
//! use; they exist so that no input costs more than its size.

/// Bytes of one record.
pub const RECORD_BYTES: usize = 1 << 20;
/// Bytes of one armored signature.
pub const SIGNATURE_BYTES: usize = 4096;
/// Characters of one base64 timestamp token.
pub const TOKEN_CHARS: usize = 65_536;
/// Bytes of a one-line text: a name, a version, a forge, a reason in people records.
pub const LINE_BYTES: usize = 512;
/// Bytes of the sentence signed.
pub const MEANING_BYTES: usize = 4096;
/// Bytes of a text in paragraphs: a concern, an answer, a comment.
pub const TEXT_BYTES: usize = 65_536;
/// Bytes of a MANIFEST.
pub const MANIFEST_BYTES: usize = 768 * 1024;
/// Items of any list.
pub const LIST_ITEMS: usize = 1024;
/// Integers are below this, so that every JSON reader holds them exactly.
pub const INTEGER_BOUND: u64 = 1 << 53;
/// Seconds a delegation may last: 366 days. One that is needed longer is looked at again and renewed.
pub const DELEGATION_SECONDS: i64 = 366 * 86_400;
