//! Filters as SQL: names quoted, values bound.

use rusqlite::{Connection, OptionalExtension, params};

use super::filter::{Condition, Filter, Test};
use super::resolve::{Table, source};
use crate::store::classes::MAX_COLUMNS;
use crate::store::error::{Failure, StoreError};
use crate::store::names::quoted;
use crate::store::schema::PER_ARC;
use crate::store::value::Value;
use crate::store::writer::AHEAD;

/// Conditions of one question.
const MAX_CONDITIONS: usize = 32;

/// The part of a statement behind WHERE, and what is bound in it.
#[derive(Debug, Default)]
pub(super) struct Where {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// The rows of `a` that a filter leaves.
pub(super) fn conditions(db: &Connection, of: &Table, filter: &Filter) -> Result<Where, StoreError> {
    if filter.conditions.len() > MAX_CONDITIONS {
        let sentence = format!("found more than {MAX_CONDITIONS} conditions, expected no more");
        return Err(StoreError::new(Failure::Unknown, sentence));
    }
    let mut parts = vec!["1".to_owned()];
    let mut values = Vec::new();
    if let Some(from) = filter.from {
        if let Some(first) = first_after(db, from)? {
            values.push(Value::Int(first));
            parts.push(format!("a._id >= ?{}", values.len()));
        }
        values.push(Value::Real(from));
        parts.push(format!("a._first >= ?{}", values.len()));
    }
    if let Some(until) = filter.until {
        values.push(Value::Real(until));
        parts.push(format!("a._first < ?{}", values.len()));
    }
    for condition in &filter.conditions {
        parts.push(one(db, of, condition, &mut values)?);
    }
    Ok(Where { sql: parts.join(" AND "), values })
}

/// What began at this time or later arrived later too, unless times were ahead: the number of the first ARC
/// that can be meant.
pub(super) fn first_after(db: &Connection, from: f64) -> Result<Option<i64>, StoreError> {
    let mut query =
        db.prepare_cached(
        "SELECT arc FROM mona_arrivals WHERE time < ?1 AND NOT EXISTS (SELECT 1 FROM mona_meta WHERE key = 'ahead')
         ORDER BY arc DESC LIMIT 1",
    )?;
    let arc: Option<i64> = query.query_row([from - AHEAD], |row| row.get(0)).optional()?;
    Ok(arc.map(|arc| arc * PER_ARC))
}

/// The text is in the context id, the user id or any field of the row itself.
fn anywhere(db: &Connection, of: &Table, text: &str, values: &mut Vec<Value>) -> Result<String, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT col FROM mona_fields WHERE class = ?1 AND col IS NOT NULL ORDER BY position LIMIT ?2",
    )?;
    let columns = query.query_map(params![of.id, MAX_COLUMNS], |row| row.get::<_, String>(0))?;
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    values.push(Value::Text(contains(text)));
    let own = ["_context", "_user", "_more"].map(str::to_owned);
    let parts = own.iter().chain(&columns);
    let parts = parts.map(|column| format!("a.{} LIKE ?{} ESCAPE '\\'", quoted(column), values.len()));
    Ok(format!("({})", parts.collect::<Vec<_>>().join(" OR ")))
}

/// A pattern of LIKE for what has this text in it.
fn contains(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|letter| matches!(letter, '%' | '_' | '\\').then_some('\\').into_iter().chain([letter]))
        .collect();
    format!("%{escaped}%")
}

fn one(
    db: &Connection,
    of: &Table,
    condition: &Condition,
    values: &mut Vec<Value>,
) -> Result<String, StoreError> {
    if let Test::Anywhere(text) = &condition.test {
        return anywhere(db, of, text, values);
    }
    let source = source(db, of, &condition.field)?;
    let field = source.expression(values);
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let told = |value: &Value| match value {
        // An address has no types.
        Value::Text(text) if source.is_boolean() && text == "true" => Value::Int(1),
        Value::Text(text) if source.is_boolean() && text == "false" => Value::Int(0),
        value => value.clone(),
    };
    Ok(match &condition.test {
        Test::Is(value) => format!("{field} IS {}", bind(told(value))),
        Test::IsNot(value) => format!("{field} IS NOT {}", bind(told(value))),
        Test::Contains(text) => format!("{field} LIKE {} ESCAPE '\\'", bind(Value::Text(contains(text)))),
        // Answered above: it is about no single field.
        Test::Anywhere(_) => "1".to_owned(),
        Test::Below(number) => {
            format!("typeof({field}) IN ('integer', 'real') AND {field} < {}", bind(Value::Real(*number)))
        }
        Test::AtLeast(number) => {
            format!("typeof({field}) IN ('integer', 'real') AND {field} >= {}", bind(Value::Real(*number)))
        }
        Test::Missing => format!("{field} IS NULL"),
        Test::Present => format!("{field} IS NOT NULL"),
    })
}
