//! Random numbers as text: short ones as events have them, and those where rounding is hard.

use crate::pieces;
use crate::random::Random;
use std::io::Write;

/// Appends a number of the right grammar, of any size.
pub(crate) fn number(random: &mut Random, out: &mut Vec<u8>) {
    match random.below(16) {
        0..=2 => put(out, format_args!("{}", random.bits() >> random.between(44, 63))),
        3 | 4 => typical_decimal(random, out),
        5 => integer_at_an_edge(random, out),
        6 => digits_of_any_count(random, out),
        7 => random_float(random, out),
        8 | 9 => near_a_half(random, out),
        10 => out.extend_from_slice(random.pick(pieces::NUMBERS).as_bytes()),
        11 => mantissa_and_exponent(random, out),
        12 => zeros(random, out),
        13 => put(out, format_args!("{}", (random.bits() >> random.below(63)) as i64)),
        14 => put(out, format_args!("-{}", random.bits() >> random.below(64))),
        _ => free_grammar(random, out),
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("memory can be written");
}

fn minus(random: &mut Random, out: &mut Vec<u8>) {
    if random.once_in(4) {
        out.push(b'-');
    }
}

fn digits(random: &mut Random, out: &mut Vec<u8>, count: usize) {
    for _ in 0..count {
        out.push(b'0' + random.below(10) as u8);
    }
}

fn typical_decimal(random: &mut Random, out: &mut Vec<u8>) {
    minus(random, out);
    let whole = random.bits() >> random.between(50, 63);
    put(out, format_args!("{whole}."));
    let count = random.between(1, 6);
    digits(random, out, count);
}

fn integer_at_an_edge(random: &mut Random, out: &mut Vec<u8>) {
    minus(random, out);
    let edge =
        if random.once_in(2) { 1_u128 << random.below(68) } else { 10_u128.pow(random.below(22) as u32) };
    put(out, format_args!("{}", (edge + random.below(5) as u128).saturating_sub(2)));
}

fn digits_of_any_count(random: &mut Random, out: &mut Vec<u8>) {
    minus(random, out);
    out.push(b'1' + random.below(9) as u8);
    let count = if random.once_in(20) { random.length(800) } else { random.below(26) };
    digits(random, out, count);
    if random.once_in(2) {
        out.push(b'.');
        let count = if random.once_in(20) { random.length(800) } else { random.below(26) };
        digits(random, out, count + 1);
    }
}

/// A float 64 of any bits, in one of the forms that read back as it.
fn random_float(random: &mut Random, out: &mut Vec<u8>) {
    let value = f64::from_bits(random.bits());
    if !value.is_finite() {
        return out.extend_from_slice(b"1.5");
    }
    match random.below(4) {
        0 => put(out, format_args!("{value:e}")),
        1 => put(out, format_args!("{value:.16e}")),
        2 => put(out, format_args!("{value:.*e}", random.below(20))),
        _ => {
            let value = value.rem_euclid(1e9);
            put(out, format_args!("{value:?}"));
        }
    }
}

/// A decimal at, just below or just above the middle between two float 64 that follow each other.
fn near_a_half(random: &mut Random, out: &mut Vec<u8>) {
    let odd = u128::from(random.bits() >> 11 | 1 << 52) * 2 + 1;
    let (mut middle, mut scale) = if random.once_in(2) {
        (odd << random.below(70), 0_i64)
    } else {
        // Halves have finitely many decimal digits: odd / 2^n is odd * 5^n / 10^n.
        let power = random.below(31);
        (odd * 5_u128.pow(power as u32), -(power as i64))
    };
    match random.below(6) {
        0 => middle += 1,
        1 => middle -= 1,
        // Far behind the point: only an exact comparison sees it.
        2 if middle < 10_u128.pow(30) => (middle, scale) = (middle * 10_000_000 + 1, scale - 7),
        3 if middle < 10_u128.pow(30) => (middle, scale) = (middle * 10_000_000 - 1, scale - 7),
        _ => {}
    }
    minus(random, out);
    let figures = middle.to_string();
    let point = random.between(1, figures.len());
    let (whole, fraction) = figures.split_at(point);
    let exponent = scale + fraction.len() as i64;
    out.extend_from_slice(whole.as_bytes());
    out.push(b'.');
    out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction.as_bytes() });
    if random.once_in(3) {
        out.extend_from_slice(&b"00000000000000000000000000000000"[..random.below(32)]);
        if random.once_in(2) {
            out.push(b'1');
        }
    }
    if exponent != 0 || random.once_in(2) {
        put(out, format_args!("e{exponent}"));
    }
}

fn mantissa_and_exponent(random: &mut Random, out: &mut Vec<u8>) {
    minus(random, out);
    let mantissa = random.bits() >> random.below(64);
    let exponent = match random.below(4) {
        0 => random.below(50) as i64 - 25,
        1 => random.below(700) as i64 - 350,
        2 => 308 - mantissa.to_string().len() as i64 + random.below(4) as i64 - 1,
        _ => -324 - mantissa.to_string().len() as i64 + random.below(6) as i64 - 1,
    };
    let sign = if exponent >= 0 { random.pick(&["", "+"]) } else { "" };
    put(out, format_args!("{mantissa}{}{sign}{exponent}", random.pick(&["e", "E"])));
}

/// Zeros in the places where they say nothing, or a lot.
fn zeros(random: &mut Random, out: &mut Vec<u8>) {
    const ZEROS: &[u8; 400] = &[b'0'; 400];
    minus(random, out);
    let many = random.length(400);
    if random.once_in(2) {
        out.extend_from_slice(b"0.");
        out.extend_from_slice(&ZEROS[..many]);
        put(out, format_args!("{}e{}", random.below(100_000), many as i64 + random.below(40) as i64 - 20));
    } else {
        put(out, format_args!("{}", random.between(1, 99_999)));
        out.extend_from_slice(&ZEROS[..many]);
        put(out, format_args!(".{}e-{}", random.below(1000), many + random.below(40)));
    }
}

fn free_grammar(random: &mut Random, out: &mut Vec<u8>) {
    minus(random, out);
    if random.once_in(3) {
        out.push(b'0');
    } else {
        out.push(b'1' + random.below(9) as u8);
        let count = random.length(24);
        digits(random, out, count);
    }
    if random.once_in(2) {
        out.push(b'.');
        let count = random.length(24);
        digits(random, out, count + 1);
    }
    if random.once_in(2) {
        out.push(random.pick(b"eE"));
        out.extend_from_slice(random.pick(&["", "+", "-"]).as_bytes());
        let count = if random.once_in(12) { random.below(24) } else { random.below(3) };
        digits(random, out, count + 1);
    }
}
