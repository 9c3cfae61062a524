//! Which numbers are ids.
//!
//! A mean of ids says nothing, so the table and the page do not show them as KAPIs. Whether a field is one
//! is judged by its name and by all of its numbers together.

/// Words at the end of a name that say so, whatever the numbers.
const IDS: [&str; 3] = ["id", "uuid", "guid"];
/// Words that say so if no number is there twice.
const COUNTERS: [&str; 9] = ["index", "idx", "key", "no", "nr", "number", "row", "seq", "sequence"];
/// So many numbers that follow each other without a gap were counted, and not measured.
const COUNTED: u64 = 20;

/// What is known of the numbers of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// How many there are.
    pub count: u64,
    /// Whether all are whole.
    pub whole: bool,
    /// Whether no two are the same.
    pub distinct: bool,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// Whether the field with this name is an id: whole numbers under a name that ends in the word *id*, or that are all
/// different and either named as a number of order or counted up.
pub fn is_id(name: &str, numbers: &Numbers) -> bool {
    if !numbers.whole || numbers.count == 0 {
        return false;
    }
    let word = last_word(name);
    let counted = numbers.count >= COUNTED && numbers.most - numbers.least + 1.0 == numbers.count as f64;
    IDS.contains(&word.as_str())
        || numbers.distinct && numbers.count > 1 && (counted || COUNTERS.contains(&word.as_str()))
}

/// The last word in small letters: `id` of `user_id`, `userId` and `USER-ID`.
fn last_word(name: &str) -> String {
    let letters: Vec<char> = name.chars().rev().take(16).collect();
    let mut word = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_alphabetic() {
            break;
        }
        word.push(*letter);
        // A capital behind a small letter begins a word.
        if letter.is_uppercase() && letters.get(at + 1).is_some_and(|before| before.is_lowercase()) {
            break;
        }
    }
    word.iter().rev().flat_map(|letter| letter.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Numbers = Numbers { count: 30, whole: true, distinct: true, least: 5.0, most: 900.0 };

    #[test]
    fn names_say_what_an_id_is() {
        for name in ["id", "user_id", "userId", "USER-ID", "request.uuid", "détail_id"] {
            assert!(is_id(name, &SOME) && is_id(name, &Numbers { distinct: false, ..SOME }), "{name}");
        }
        for name in ["row", "sample_index", "sampleNumber"] {
            assert!(is_id(name, &SOME) && !is_id(name, &Numbers { distinct: false, ..SOME }), "{name}");
        }
        for name in ["confidence", "latency_us", "kid", "paid", "valid", "grid", "id_count", "", "_", "UUIDs"]
        {
            assert!(!is_id(name, &SOME), "{name}");
        }
        assert!(
            !is_id("id", &Numbers { whole: false, ..SOME }) && !is_id("id", &Numbers { count: 0, ..SOME })
        );
        assert!(is_id("row", &Numbers { count: 2, ..SOME }) && !is_id("row", &Numbers { count: 1, ..SOME }));
    }

    #[test]
    fn what_was_counted_up_is_one_under_any_name() {
        let counted = Numbers { least: 7.0, most: 36.0, ..SOME };
        assert!(is_id("digit", &counted));
        assert!(!is_id("digit", &Numbers { distinct: false, ..counted }));
        assert!(!is_id("digit", &Numbers { most: 37.0, ..counted }));
        assert!(!is_id("epoch", &Numbers { count: 10, least: 1.0, most: 10.0, ..SOME }));
    }
}
