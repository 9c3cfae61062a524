//! One view each. A view asks the store, and gives headings, text and tables; it knows nothing of HTTP.

pub(crate) mod by;
pub(crate) mod changes;
pub(crate) mod example;
pub(crate) mod field;
pub(crate) mod kapis;
pub(crate) mod live;
pub(crate) mod trouble;
pub(crate) mod words;
