//! The stylesheet and the script, as files of their own: the page's policy allows neither inside it.

/// The stylesheet.
pub(crate) const STYLE: &str = include_str!("assets/style.css");
/// The script.
pub(crate) const SCRIPT: &str = include_str!("assets/page.js");
/// The icon: three bars.
pub(crate) const ICON: &str = include_str!("assets/icon.svg");
