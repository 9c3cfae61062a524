//! The whole of what a view cuts, as plain text: a field, the fields of a context, an event.

use crate::page::ask::Ask;
use crate::page::shared::Shared;
use crate::page::trouble::Trouble;
use crate::page::view::View;
use crate::store::{Context, Value};

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let missing = || {
        Trouble::missing("the store has nothing like this any more: it may have made room for younger ARCs")
    };
    shared.ask(|reader| {
        if ask.has("event") {
            let number = ask.number("event", 0_u64);
            let event = reader.event(ask.number("arc", 0_i64), number)?.ok_or_else(missing)?;
            return Ok(View::whole(event.message));
        }
        let id: i64 =
            ask.need("context")?.parse().map_err(|_| Trouble::wrong("context: expected a number"))?;
        let context = reader.context(id)?.ok_or_else(missing)?;
        match ask.get("field") {
            None => Ok(View::whole(json(&context))),
            Some(name) => {
                let field = context.fields.iter().find(|(field, _)| field == name);
                field.map(|(_, value)| View::whole(value.to_string())).ok_or_else(missing)
            }
        }
    })
}

/// All fields as a JSON object, a line for each.
fn json(context: &Context) -> String {
    let lines = context.fields.iter().map(|(name, value)| {
        let value = match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(yes) => (*yes).into(),
            Value::Int(number) => (*number).into(),
            Value::Real(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
        };
        format!("  {}: {value}", serde_json::Value::from(name.as_str()))
    });
    format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n"))
}
