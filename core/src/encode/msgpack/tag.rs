//! The first byte of every msgpack value, by the names of its specification.
//!
//! Reading and writing both take them from here. Where a family has widths, they follow each other.

/// A non-negative integer is its own tag up to this one.
pub(super) const FIXINT_LAST: u8 = 0x7f;
/// A map; its number of pairs is in the lower four bits.
pub(super) const FIXMAP: u8 = 0x80;
pub(super) const FIXMAP_LAST: u8 = 0x8f;
/// An array; its number of values is in the lower four bits.
pub(super) const FIXARRAY: u8 = 0x90;
pub(super) const FIXARRAY_LAST: u8 = 0x9f;
/// What stands before the eight bytes of an EventTime of the Forward protocol: an extension of type 0.
pub(crate) const EVENT_TIME: [u8; 2] = [0xd7, 0];
/// A text; its length is in the lower five bits.
pub(super) const FIXTEXT: u8 = 0xa0;
pub(super) const FIXTEXT_LAST: u8 = 0xbf;
/// The one-byte value nil.
pub const NIL: u8 = 0xc0;
/// The only tag without a meaning.
pub(super) const RESERVED: u8 = 0xc1;
pub(super) const FALSE: u8 = 0xc2;
pub(super) const TRUE: u8 = 0xc3;
pub(super) const BIN8: u8 = 0xc4;
pub(super) const BIN16: u8 = 0xc5;
pub(super) const BIN32: u8 = 0xc6;
pub(super) const EXT8: u8 = 0xc7;
pub(super) const EXT32: u8 = 0xc9;
pub(super) const FLOAT32: u8 = 0xca;
pub(super) const FLOAT64: u8 = 0xcb;
pub(super) const UINT8: u8 = 0xcc;
pub(super) const UINT16: u8 = 0xcd;
/// An unsigned integer of four bytes.
pub(crate) const UINT32: u8 = 0xce;
pub(super) const UINT64: u8 = 0xcf;
pub(super) const INT8: u8 = 0xd0;
pub(super) const INT16: u8 = 0xd1;
pub(super) const INT32: u8 = 0xd2;
pub(super) const INT64: u8 = 0xd3;
pub(super) const FIXEXT1: u8 = 0xd4;
pub(super) const FIXEXT16: u8 = 0xd8;
pub(super) const TEXT8: u8 = 0xd9;
pub(super) const TEXT16: u8 = 0xda;
pub(super) const TEXT32: u8 = 0xdb;
pub(super) const ARRAY16: u8 = 0xdc;
pub(super) const ARRAY32: u8 = 0xdd;
pub(super) const MAP16: u8 = 0xde;
pub(super) const MAP32: u8 = 0xdf;
/// The first of the negative integers that are their own tags.
pub(super) const NEGATIVE_FIXINT: u8 = 0xe0;
