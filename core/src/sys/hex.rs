//! Hexadecimal digits, always in lower case.

/// The sixteen digits of `bits`, all of them at once: every context that is opened waits for its id.
pub(crate) fn digits(bits: u64) -> [u8; 16] {
    const ONES: u128 = u128::MAX / 0xff;
    let mut digits = u128::from(bits);
    // Each step halves the groups of bits that stand together, until there is one digit a byte.
    digits = (digits | digits << 32) & (u128::MAX / 0x1_0000_0001);
    digits = (digits | digits << 16) & (u128::MAX / 0x1_0001);
    digits = (digits | digits << 8) & (u128::MAX / 0x101);
    digits = (digits | digits << 4) & (u128::MAX / 0x11);
    let is_letter = ((digits + ONES * 6) >> 4) & ONES;
    let from_letter = u128::from(b'a' - b'0' - 10);
    (digits + ONES * u128::from(b'0') + is_letter * from_letter).to_be_bytes()
}

/// The digits of any bytes.
pub(crate) fn text(bytes: &[u8]) -> String {
    let (words, rest) = bytes.as_chunks();
    let mut text: Vec<u8> = words.iter().flat_map(|word| digits(u64::from_be_bytes(*word))).collect();
    text.extend(rest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]));
    String::from_utf8(text).unwrap_or_default()
}

/// The digit of a number below 16.
pub(crate) fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' - 10 + value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_prints_them() {
        for bits in (0..64).map(|shift| 0x0123_4567_89ab_cdef_u64.rotate_left(shift)) {
            assert_eq!(digits(bits).to_vec(), format!("{bits:016x}").into_bytes());
        }
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..=bytes.len() {
            let expected: String = bytes[..length].iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text(&bytes[..length]), expected);
        }
    }
}
