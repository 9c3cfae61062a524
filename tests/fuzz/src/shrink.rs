//! Makes a case that fails smaller, as long as it fails.

use crate::case::{Case, Entry, LIMITS};
use crate::check::Bench;

/// A smaller case that fails as well, made by taking away and by making plain what can be.
pub fn shrink(bench: &mut Bench, case: &Case) -> Case {
    let mut best = case.clone();
    let mut tries = 0;
    let mut fails = |bench: &mut Bench, case: &Case| {
        tries += 1;
        bench.refresh();
        // Enough for any text of a few kilobytes; a larger one stays as large as it is by then.
        tries < 100_000 && bench.run(case).is_err()
    };
    // The failure may be one of an earlier text, and not all of those before it may be needed.
    for last in 0..best.earlier.len() {
        let shorter =
            Case { text: best.earlier[last].clone(), earlier: best.earlier[..last].to_vec(), ..best.clone() };
        if fails(bench, &shorter) {
            best = shorter;
            break;
        }
    }
    let mut at = 0;
    while at < best.earlier.len() {
        let mut fewer = best.clone();
        fewer.earlier.remove(at);
        if fails(bench, &fewer) { best = fewer } else { at += 1 }
    }
    for simpler in [
        Case { limits: LIMITS, ..best.clone() },
        Case { room: None, ..best.clone() },
        Case { entry: Entry::Object, ..best.clone() },
    ] {
        if fails(bench, &simpler) {
            best = simpler;
        }
    }
    let mut again = true;
    while again {
        again = false;
        for index in 0..=best.earlier.len() {
            let mut len = text_at(&mut best, index).len();
            while len > 0 {
                let mut at = 0;
                while at + len <= text_at(&mut best, index).len() {
                    let mut smaller = best.clone();
                    drop(text_at(&mut smaller, index).drain(at..at + len));
                    if fails(bench, &smaller) {
                        (best, again) = (smaller, true);
                    } else {
                        at += len.div_ceil(2);
                    }
                }
                len /= 2;
            }
            for at in 0..text_at(&mut best, index).len() {
                for plain in [b'a', b'0', b' '] {
                    let mut plainer = best.clone();
                    let byte = &mut text_at(&mut plainer, index)[at];
                    if matches!(std::mem::replace(byte, plain), b'a' | b'0' | b' ') {
                        break;
                    }
                    if fails(bench, &plainer) {
                        (best, again) = (plainer, true);
                    }
                }
            }
        }
    }
    best
}

/// An earlier text of a case, or behind those its own.
fn text_at(case: &mut Case, index: usize) -> &mut Vec<u8> {
    match case.earlier.get_mut(index) {
        Some(text) => text,
        None => &mut case.text,
    }
}
