//! What all packed values have in common: little-endian numbers, one after the other, and a CRC-32 of them at the end.

use super::packed::UnpackError;

/// Bytes of the checksum.
pub(super) const CRC_BYTES: usize = 4;

/// Ends a packed value by the checksum of its bytes.
pub(super) fn add_checksum(bytes: &mut Vec<u8>) {
    let checksum = crc32fast::hash(bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// What is still to be unpacked.
pub(super) struct Rest<'a> {
    bytes: &'a [u8],
    length: UnpackError,
}

impl<'a> Rest<'a> {
    /// All before the checksum, which is looked at first.
    pub(super) fn checked(bytes: &'a [u8]) -> Result<Self, UnpackError> {
        let length = UnpackError::Length { bytes: bytes.len() };
        let (body, stated) = bytes.split_last_chunk::<CRC_BYTES>().ok_or(length)?;
        let (stated, computed) = (u32::from_le_bytes(*stated), crc32fast::hash(body));
        if stated == computed { Ok(Self { bytes: body, length }) } else { Err(UnpackError::Checksum { stated, computed }) }
    }

    /// Bytes left.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next number.
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], UnpackError> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or(self.length)?;
        self.bytes = rest;
        Ok(*taken)
    }

    /// The next `count` numbers. They are lent, so a count that is wrong allocates nothing.
    pub(super) fn take_many<const N: usize>(&mut self, count: usize) -> Result<&'a [[u8; N]], UnpackError> {
        let bytes = count.checked_mul(N).ok_or(self.length)?;
        let (taken, rest) = self.bytes.split_at_checked(bytes).ok_or(self.length)?;
        self.bytes = rest;
        Ok(taken.as_chunks().0)
    }

    /// Refuses bytes left over.
    pub(super) fn finish(self) -> Result<(), UnpackError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(self.length) }
    }
}
