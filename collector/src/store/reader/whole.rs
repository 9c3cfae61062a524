//! Whole classes, row by row, for other programs.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::open::Reader;
use super::resolve::{self, Table};
use crate::store::error::StoreError;
use crate::store::names::quoted;
use crate::store::value::Value;

/// What all values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// True and false.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Numbers; whole ones among them are exact.
    Real,
    /// Moments in Unix seconds.
    Time,
    /// Text, and everything else as text.
    Text,
}

/// One column, as it is named in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the table.
    pub name: String,
    /// What its values are.
    pub form: Form,
    declared_boolean: bool,
}

/// What a class has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Our columns, then those of the fields, then what had no room.
    pub columns: Vec<Column>,
    /// How many contexts there are.
    pub rows: u64,
}

/// Our columns that are for other programs.
const OWN: [(&str, Form); 9] = [
    ("_id", Form::Integer),
    ("_context", Form::Text),
    ("_main", Form::Integer),
    ("_parent", Form::Integer),
    ("_position", Form::Integer),
    ("_user", Form::Text),
    ("_first", Form::Time),
    ("_last", Form::Time),
    ("_events", Form::Integer),
];
/// Columns that are looked at in one statement, which may have 2,000 results.
const TOGETHER: usize = 200;
/// The largest whole number below which a double holds all of them.
const EXACT: i64 = 1 << 53;

impl Reader {
    /// Goes over all contexts of a class in the order of their ARCs' first events, as they are at this
    /// moment: `begin` hears what there is, `each` the values of one row, one for each column. An error of
    /// theirs is a sentence.
    pub fn whole<T>(
        &self,
        class: &str,
        begin: impl FnOnce(&Shape) -> Result<T, String>,
        mut each: impl FnMut(&mut T, &[Value]) -> Result<(), String>,
    ) -> Result<T, StoreError> {
        self.ask(|db| {
            let table = resolve::class(db, class)?;
            let shape = shape(db, &table)?;
            let mut taker = begin(&shape).map_err(StoreError::broken)?;
            let names: Vec<String> = shape.columns.iter().map(|column| quoted(&column.name)).collect();
            let mut query =
                db.prepare(&format!("SELECT {} FROM {} ORDER BY _id", names.join(", "), table.table))?;
            let mut rows = query.query([])?;
            let mut values = Vec::with_capacity(shape.columns.len());
            while let Some(row) = rows.next()? {
                values.clear();
                for (at, column) in shape.columns.iter().enumerate() {
                    values.push(column.value(row.get_ref(at)?));
                }
                each(&mut taker, &values).map_err(StoreError::broken)?;
            }
            Ok(taker)
        })
    }
}

impl Column {
    /// A cell in the form of its column.
    fn value(&self, cell: ValueRef<'_>) -> Value {
        match (Value::of_cell(cell, self.declared_boolean), self.form) {
            (Value::Null, _) => Value::Null,
            (Value::Int(number), Form::Real) => Value::Real(number as f64),
            (value @ Value::Text(_), _) => value,
            (value, Form::Text) => Value::Text(value.to_string()),
            (value, _) => value,
        }
    }
}

fn shape(db: &Connection, table: &Table) -> Result<Shape, StoreError> {
    let own = OWN.map(|(name, form)| Column { name: name.to_owned(), form, declared_boolean: false });
    let mut columns = own.to_vec();
    let mut query = db.prepare(
        "SELECT col, type FROM mona_fields WHERE class = ?1 AND col IS NOT NULL ORDER BY position, name",
    )?;
    let found = query.query_map([table.id], |row| {
        let declared_boolean = row.get::<_, String>(1)? == "BOOLEAN";
        Ok(Column { name: row.get(0)?, form: Form::Text, declared_boolean })
    })?;
    let mut fields = found.collect::<Result<Vec<Column>, _>>()?;
    for some in fields.chunks_mut(TOGETHER) {
        settle(db, table, some)?;
    }
    columns.append(&mut fields);
    let counts = format!("SELECT count(*), count(_more) FROM {}", table.table);
    let (rows, more) = db.query_row(&counts, [], |row| Ok((row.get(0)?, row.get::<_, u64>(1)?)))?;
    if more > 0 {
        columns.push(Column { name: "_more".to_owned(), form: Form::Text, declared_boolean: false });
    }
    Ok(Shape { columns, rows })
}

/// Finds the form of columns by what is in them.
fn settle(db: &Connection, table: &Table, columns: &mut [Column]) -> Result<(), StoreError> {
    let looks = columns.iter().map(|column| {
        let name = quoted(&column.name);
        let whole = format!("CASE typeof({name}) WHEN 'integer' THEN {name} END");
        format!(
            "min({whole}), max({whole}), total(typeof({name}) = 'real'), total(typeof({name}) IN ('text', 'blob'))"
        )
    });
    let looks: Vec<String> = looks.collect();
    let mut query = db.prepare(&format!("SELECT {} FROM {}", looks.join(", "), table.table))?;
    let mut rows = query.query([])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    for (at, column) in columns.iter_mut().enumerate() {
        let (least, most) = (row.get::<_, Option<i64>>(4 * at)?, row.get::<_, Option<i64>>(4 * at + 1)?);
        let reals = row.get::<_, f64>(4 * at + 2)? > 0.0;
        let texts = row.get::<_, f64>(4 * at + 3)? > 0.0;
        column.form = match (least.zip(most), reals, texts) {
            (_, _, true) | (None, false, false) => Form::Text,
            (Some((0.., ..=1)), false, false) if column.declared_boolean => Form::Boolean,
            (Some(_), false, false) => {
                column.declared_boolean = false;
                Form::Integer
            }
            (None, true, false) => Form::Real,
            (Some((least, most)), true, false) if least >= -EXACT && most <= EXACT => {
                column.declared_boolean = false;
                Form::Real
            }
            // A double would make another number of some.
            (Some(_), true, false) => Form::Text,
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_column_has_the_form_of_all_its_values() {
        let store = Store::temporary().unwrap();
        let messages = [
            r#"{"MONA_ARC_CLASS":"k","i":1,"r":0.5,"b":true,"t":"x","mixed":1,"large":9007199254740993,"odd":true,"l":[1]}"#,
            r#"{"MONA_ARC_CLASS":"k","i":-7,"r":2,"b":false,"t":null,"mixed":"y","large":0.5,"odd":5,"huge":18446744073709551615}"#,
        ];
        for (n, message) in messages.iter().enumerate() {
            let record = format!(
                r#"{{"user_id":"u","context":"{n}","message":{message},"export_timestamp":1800000000}}"#
            );
            store.add_json(&record).unwrap();
        }
        let reader = Reader::open(&store).unwrap();
        let begin = |shape: &Shape| Ok((shape.clone(), Vec::<Vec<Value>>::new()));
        let (shape, rows) = reader
            .whole("k", begin, |taken, row| {
                taken.1.push(row.to_vec());
                Ok(())
            })
            .unwrap();
        assert_eq!(shape.rows, 2);
        let form = |name: &str| shape.columns.iter().position(|column| column.name == name).unwrap();
        let text = |text: &str| Value::Text(text.to_owned());
        for (name, expected, values) in [
            ("i", Form::Integer, [Value::Int(1), Value::Int(-7)]),
            ("r", Form::Real, [Value::Real(0.5), Value::Real(2.0)]),
            ("b", Form::Boolean, [Value::Bool(true), Value::Bool(false)]),
            ("t", Form::Text, [text("x"), Value::Null]),
            ("mixed", Form::Text, [text("1"), text("y")]),
            ("large", Form::Text, [text("9007199254740993"), text("0.5")]),
            ("odd", Form::Integer, [Value::Int(1), Value::Int(5)]),
            ("huge", Form::Text, [Value::Null, text("18446744073709551615")]),
            ("_first", Form::Time, [Value::Real(1.8e9), Value::Real(1.8e9)]),
        ] {
            let at = form(name);
            assert_eq!(shape.columns[at].form, expected, "{name}");
            assert_eq!([rows[0][at].clone(), rows[1][at].clone()], values, "{name}");
        }
        let refused = reader.whole("k", |_| Ok(()), |_, _| Err("full".to_owned()));
        assert_eq!(refused.unwrap_err().to_string(), "full");
        assert!(reader.whole("none", |_| Ok(()), |_, _| Ok(())).is_err());
    }
}
