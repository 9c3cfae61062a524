//! What a request asks for: a path and the state in its query string. Every view is a link.

use form_urlencoded::Serializer;

use super::trouble::Trouble;

/// Filters, columns and places together; a form of the page sends a few dozen.
const MAX_PAIRS: usize = 256;
/// Names of fields are short, values that are searched for are typed.
const MAX_VALUE: usize = 8 << 10;
/// Pages of a table, and stages of an ARC, that an address can ask for: no store has more rows.
const MAX_PLACE: usize = 1_000_000_000;
/// Rows of a table on the page.
pub(crate) const ROWS: usize = 50;
/// Rows of a table as CSV: what a spreadsheet opens at once. `mona-collector export` writes all.
pub(crate) const CSV_ROWS: usize = 20_000;

/// A request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    /// Without `.csv` at its end.
    pub(crate) path: String,
    pairs: Vec<(String, String)>,
    /// Whether a table of the view is wanted as CSV.
    pub(crate) csv: bool,
}

impl Ask {
    /// Reads a path and a query string.
    pub(crate) fn new(path: &str, query: Option<&str>) -> Result<Ask, Trouble> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .take(MAX_PAIRS + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        if pairs.len() > MAX_PAIRS || pairs.iter().any(|(name, value)| name.len() + value.len() > MAX_VALUE) {
            return Err(Trouble::wrong("the address is too long: remove some filters"));
        }
        let (path, csv) = match path.strip_suffix(".csv") {
            Some(path) => (path, true),
            None => (path, false),
        };
        Ok(Ask { path: path.to_owned(), pairs, csv })
    }

    /// The first value of this name; an empty one counts as none, as forms send those for what is left blank.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values =
            self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        values.find(|value| !value.is_empty())
    }

    /// All values of this name, in their order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The first value of this name, which the view cannot do without.
    pub(crate) fn need(&self, name: &'static str) -> Result<&str, Trouble> {
        self.get(name)
            .ok_or_else(|| Trouble::wrong(format!("the address names no {name}: follow a link of the page")))
    }

    /// A number of this name; `other` where there is none.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str, other: N) -> N {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(other)
    }

    /// Whether this name is given at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The page of a long table, from 0.
    pub(crate) fn page(&self) -> usize {
        self.place("page")
    }

    /// A place in a list, from 0; addresses count from 1.
    pub(crate) fn place(&self, name: &str) -> usize {
        self.number(name, 1_usize).saturating_sub(1).min(MAX_PLACE)
    }

    /// How many rows of a long table are wanted.
    pub(crate) fn rows(&self) -> usize {
        if self.csv { CSV_ROWS } else { ROWS }
    }

    /// A link to the same view.
    pub(crate) fn link(&self) -> Link {
        Link { path: self.path.clone(), pairs: self.pairs.clone() }
    }

    /// All pairs, for the hidden inputs of a form.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// An address on the page.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Link {
    /// The view at this path.
    pub(crate) fn to(path: &str) -> Link {
        Link { path: path.to_owned(), pairs: Vec::new() }
    }

    /// Adds a value.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Link {
        self.pairs.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sets the only value of this name.
    pub(crate) fn set(self, name: &str, value: impl ToString) -> Link {
        self.without(name).with(name, value)
    }

    /// Removes all values of this name.
    pub(crate) fn without(mut self, name: &str) -> Link {
        self.pairs.retain(|(given, _)| given != name);
        self
    }

    /// The same view as CSV.
    pub(crate) fn csv(mut self) -> Link {
        self.path.push_str(".csv");
        self
    }

    /// As it stands in an attribute `href`, before that is escaped.
    pub(crate) fn href(&self) -> String {
        if self.pairs.is_empty() {
            return self.path.clone();
        }
        let query = Serializer::new(String::new()).extend_pairs(&self.pairs).finish();
        format!("{}?{query}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_view_is_in_its_address() {
        let ask = Ask::new("/arcs.csv", Some("class=digits%2Fink&f=a&f=b&page=3&q=")).unwrap();
        assert_eq!((ask.path.as_str(), ask.csv, ask.page()), ("/arcs", true, 2));
        assert_eq!((ask.get("class"), ask.get("q"), ask.has("q")), (Some("digits/ink"), None, true));
        assert_eq!(ask.all("f").collect::<Vec<_>>(), ["a", "b"]);
        let link = ask.link().without("q").set("page", 1).with("v", "ü&=").csv();
        assert_eq!(link.href(), "/arcs.csv?class=digits%2Fink&f=a&f=b&page=1&v=%C3%BC%26%3D");
    }

    #[test]
    fn a_long_address_is_refused() {
        assert!(Ask::new("/", Some(&"a=b&".repeat(MAX_PAIRS + 1))).is_err());
        assert!(Ask::new("/", Some(&"a".repeat(MAX_VALUE + 1))).is_err());
    }

    #[test]
    fn a_place_is_one_that_can_be_counted_on_from() {
        let page = |text: &str| Ask::new("/", Some(&format!("page={text}"))).unwrap().page();
        assert_eq!(["0", "1", "7", "x", "-1"].map(page), [0, 0, 6, 0, 0]);
        assert_eq!(page(&usize::MAX.to_string()), MAX_PLACE);
    }
}
