//! What the views of figures have in common: which fields they are about, the ARCs they are computed from, and how
//! figures are said in words.

pub(crate) mod along;
pub(crate) mod fields;
pub(crate) mod look;
pub(crate) mod pick;
pub(crate) mod propose;
pub(crate) mod sample;
pub(crate) mod say;

#[cfg(test)]
mod tests;
