//! Floats of 32 bits, which go out as the float of 64 bits that has the same shortest text.
//!
//! Every receiver turns a float 32 of MessagePack into a float 64 and prints that: 0.97 becomes 0.9700000286102295. The float
//! 64 that is nearest to 0.97 prints as 0.97 everywhere, and is the same float 32 for who asks for one.

use std::io::Write as _;

use crate::sys::float_mode;

/// Powers of ten that a float 32 is multiplied with exactly: 24 bits, and 28 of the power without its twos.
const POWERS: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/// Sizes whose nine digits, which tell all floats 32 apart, end at the last of these powers.
const USUAL: std::ops::Range<f64> = 1e-4..1e7;

/// Powers of two have neighbours of two distances, and the nearest decimal need not be the one that is taken. Up to here
/// decimals are further from each other than those neighbours.
const SURE_OF_POWERS_OF_TWO: usize = 6;

/// More than the longest text, -1.17549435e-38.
const LONGEST_TEXT: usize = 32;

/// The float 64 with the shortest text that reads back as this float 32; NaN and infinities stay what they are. So does
/// 7.038531e-26, with either sign: of all floats this one has a text whose float 64 becomes its neighbour as a float 32.
pub(crate) fn widened(value: f32) -> f64 {
    let plain = if float_mode::rounds_to_nearest() { decimal(value) } else { None };
    plain.unwrap_or_else(|| float_mode::in_default(|| by_its_text(value)))
}

/// By the first number of decimals that is enough; `None` where that is not certain to be what the text has.
#[inline]
fn decimal(value: f32) -> Option<f64> {
    let size = value.abs();
    let wide = f64::from(size);
    if !USUAL.contains(&wide) {
        return None;
    }
    let is_power_of_two = value.to_bits() << 9 == 0;
    for (decimals, power) in POWERS.iter().enumerate() {
        let scaled = wide * power;
        // At most ten digits, so that neither the half nor the whole number is rounded.
        let whole = (scaled + 0.5) as i64 as f64;
        // Rounded as a reader of the decimal does.
        let near = whole / power;
        if near as f32 == size {
            let is_sure = whole - scaled != 0.5 && !(is_power_of_two && decimals > SURE_OF_POWERS_OF_TWO);
            return is_sure.then(|| near.copysign(f64::from(value)));
        }
    }
    None
}

#[cold]
#[inline(never)]
fn by_its_text(value: f32) -> f64 {
    let mut text = [0; LONGEST_TEXT];
    let mut rest = text.as_mut_slice();
    // There is room for every float.
    let _ = write!(rest, "{value:e}");
    let len = LONGEST_TEXT - rest.len();
    let text = std::str::from_utf8(text.get(..len).unwrap_or_default()).unwrap_or_default();
    let exact = f64::from(value);
    text.parse().ok().filter(|wide| *wide as f32 == value).unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of every so many floats one: all of them take minutes, and were looked at once.
    const STEP: usize = 4099;

    #[test]
    #[ignore = "slow: make test-slow"]
    fn it_has_the_text_of_the_float() {
        for bits in (0..=u32::MAX).step_by(STEP) {
            let value = f32::from_bits(bits);
            let wide = widened(value);
            assert_eq!(wide.is_nan(), value.is_nan());
            if !value.is_nan() {
                assert_eq!(format!("{wide:e}"), format!("{value:e}"));
                assert_eq!((wide as f32).to_bits(), bits, "{value:e} reads back");
                assert_eq!(wide.to_bits(), by_its_text(value).to_bits(), "{value:e}");
            }
        }
    }

    #[test]
    fn so_have_the_ends_of_all_ranges() {
        let powers = (0..255_u32).map(|exponent| exponent << 23);
        let around = powers.flat_map(|bits| [bits.wrapping_sub(1), bits, bits + 1, bits | 0x0040_0000]);
        for bits in around.filter(|bits| bits >> 31 == 0) {
            for value in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(widened(value).to_bits(), by_its_text(value).to_bits(), "{value:e}");
                assert_eq!(format!("{:e}", widened(value)), format!("{value:e}"));
            }
        }
        for (value, expected) in [
            (0.97, 0.97),
            (-0.97, -0.97),
            (0.1, 0.1),
            (3.0, 3.0),
            (0.5, 0.5),
            (16_777_216.0, 16_777_216.0),
            (1e-4, 1e-4),
            (9_999_999.0, 9_999_999.0),
            // Two decimals are as near.
            (1.0 + 1.0 / 256.0, 1.003_906_3),
            (f32::MAX, 3.402_823_5e38),
            (f32::MIN_POSITIVE, 1.175_494_4e-38),
            (f32::from_bits(1), 1e-45),
            (f32::INFINITY, f64::INFINITY),
        ] {
            assert_eq!(widened(value), expected);
        }
        assert!(widened(-0.0).is_sign_negative());
        let rounded_twice = f32::from_bits(0x15ae_43fd);
        assert_eq!("7.038531e-26".parse::<f64>().unwrap() as f32, f32::from_bits(0x15ae_43fe));
        assert_eq!(widened(rounded_twice), f64::from(rounded_twice));
        assert_eq!(widened(-rounded_twice), f64::from(-rounded_twice));
    }
}
