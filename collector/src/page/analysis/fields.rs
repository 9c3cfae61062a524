//! Which fields of a class can be looked at as KAPIs and as dimensions.

use super::look::{self, Look};
use crate::page::trouble::Trouble;
use crate::store::{Field, Filter, Reader, Sort, Value};

/// Fields that a view offers to choose from: a longer list is typed faster than read.
const MAX_OFFERED: usize = 500;
/// Fields that are compared; a class with more has them compared in the order of their first appearance.
pub(crate) const MAX_FIELDS: usize = 60;
/// ARCs that are looked at: enough to tell a label from an id, and read in some milliseconds.
const LOOKED_AT: u64 = 500;

/// A field of an ARC, or of a stage inside it: `detect.label`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offered {
    /// As questions to the store name it.
    pub(crate) name: String,
    /// As the store declares it.
    pub(crate) kind: String,
    /// Numbers came, or true and false.
    pub(crate) is_kapi: bool,
    /// Of a sub-context.
    pub(crate) is_inner: bool,
    /// What its values say; nothing before they are looked at.
    pub(crate) look: Look,
}

impl Offered {
    fn new(field: Field, of: Option<&str>) -> Offered {
        let counts = field.counts;
        let name = of.map_or_else(|| field.name.clone(), |class| format!("{class}.{}", field.name));
        let is_kapi = counts.integers + counts.reals + counts.booleans > counts.texts + counts.lists;
        Offered { name, kind: field.kind, is_kapi, is_inner: of.is_some(), look: Look::default() }
    }

    /// Worth a mean: a number that is no id.
    pub(crate) fn is_measured(&self) -> bool {
        self.is_kapi && !self.look.is_id
    }

    /// True and false only: shown as a share.
    pub(crate) fn is_share(&self) -> bool {
        self.kind == "BOOLEAN"
    }

    /// Texts, true and false: split by without a second thought.
    pub(crate) fn is_dimension(&self) -> bool {
        !self.is_kapi || self.is_share()
    }
}

/// The fields of a class and of the stages inside, those of the ARC itself first.
pub(crate) fn fields(reader: &Reader, class: &str) -> Result<Vec<Offered>, Trouble> {
    let classes = reader.classes()?;
    if !classes.iter().any(|known| known.name == class) {
        return Err(Trouble::missing("there is no such ARC class; the list of ARC classes has all"));
    }
    let own = reader.fields(class)?.into_iter().map(|field| Offered::new(field, None));
    let mut offered: Vec<Offered> = own.take(MAX_OFFERED).collect();
    for stage in classes.iter().filter(|known| known.name != class && known.contexts > known.arcs) {
        if offered.len() >= MAX_OFFERED {
            break;
        }
        let inner =
            reader.fields(&stage.name)?.into_iter().map(|field| Offered::new(field, Some(&stage.name)));
        offered.extend(inner.take(MAX_OFFERED - offered.len()));
    }
    Ok(offered)
}

/// The same, after a look at their values in the youngest ARCs, at those of the first fields where there are many.
pub(crate) fn looked_at(reader: &Reader, class: &str) -> Result<Vec<Offered>, Trouble> {
    let mut offered = fields(reader, class)?;
    let names: Vec<String> = offered.iter().take(MAX_FIELDS).map(|field| field.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        return Ok(offered);
    }
    let found = reader.arcs_of(class, Some(&names), &Filter::default(), &Sort::default(), 0, LOOKED_AT)?;
    for (at, field) in offered.iter_mut().take(MAX_FIELDS).enumerate() {
        let values: Vec<&Value> = found.rows.iter().filter_map(|row| row.values.get(at)).collect();
        field.look = look::of(&field.name, &values);
    }
    Ok(offered)
}

/// The field of this name; a name that is not offered is a field all the same, and nothing is known of it.
pub(crate) fn find(offered: &[Offered], name: &str) -> Offered {
    let found = offered.iter().find(|field| field.name == name).cloned();
    found.unwrap_or_else(|| Offered {
        name: name.to_owned(),
        kind: String::new(),
        is_kapi: true,
        is_inner: false,
        look: Look::default(),
    })
}
