//! A line the size of a word. By hand: a whole library's axes are nothing for a cell of a table.

use maud::{Markup, html};

use crate::page::number;

/// The values from left to right; they are said in words too.
pub(crate) fn spark(values: &[f64], what: &str) -> Markup {
    let most = values.iter().copied().fold(0.0, f64::max);
    let last = values.last().copied().unwrap_or(0.0);
    let title = format!("{what}: at most {}, now {}", number::value(most), number::value(last));
    let step = 100.0 / values.len().saturating_sub(1).max(1) as f64;
    let height = |value: f64| if most > 0.0 { 19.0 - 18.0 * (value / most).clamp(0.0, 1.0) } else { 19.0 };
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{:.1},{:.1}", at as f64 * step, height(*value)))
        .collect();
    let line = points.join(" ");
    html! {
        svg.spark viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label=(title) {
            title { (title) }
            @if values.len() > 1 {
                polygon.area points={ "0,20 " (line) " 100,20" };
                polyline.line points=(line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_is_at_the_top() {
        let svg = spark(&[0.0, 2.0, 1.0], "events a minute").into_string();
        assert!(svg.contains("points=\"0.0,19.0 50.0,1.0 100.0,10.0\""), "{svg}");
        assert!(svg.contains("aria-label=\"events a minute: at most 2, now 1\""), "{svg}");
        assert!(!spark(&[], "x").into_string().contains("polyline"));
        assert!(spark(&[0.0, 0.0], "x").into_string().contains("0.0,19.0 100.0,19.0"));
    }
}
