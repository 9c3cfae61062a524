//! Rows as Parquet, each column of the type that all of its values have.

use std::sync::Arc;

use mona_collector::store::{Form, Shape, Value};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::target::Out;

/// Rows that are held until they are written together.
const GROUP_ROWS: usize = 64 << 10;
/// Their bytes.
const GROUP_BYTES: usize = 16 << 20;
/// Seconds as Parquet counts them.
const MICROSECONDS: f64 = 1e6;

pub(super) struct Parquet {
    file: SerializedFileWriter<Out>,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

/// The values of one column that are not written yet.
struct Column {
    values: Values,
    /// For each row whether there is one.
    present: Vec<i16>,
    is_time: bool,
}

enum Values {
    Boolean(Vec<bool>),
    Integer(Vec<i64>),
    Real(Vec<f64>),
    Text(Vec<ByteArray>),
}

impl Parquet {
    pub(super) fn new(out: Out, shape: &Shape) -> Result<Parquet, String> {
        let columns = shape.columns.iter().map(|column| Column::new(column.form)).collect();
        let file = open(out, shape).map_err(|error| error.to_string())?;
        Ok(Parquet { file, columns, rows: 0, bytes: 0 })
    }

    pub(super) fn row(&mut self, values: &[Value]) -> Result<(), String> {
        for (column, value) in self.columns.iter_mut().zip(values) {
            self.bytes += column.add(value);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write().map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        let written = self.write().and_then(|()| self.file.close());
        written.map(drop).map_err(|error| error.to_string())
    }

    fn write(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for Column { values, present, .. } in &mut self.columns {
            let Some(mut column) = group.next_column()? else { break };
            let levels = Some(&present[..]);
            match values {
                Values::Boolean(values) => column.typed::<BoolType>().write_batch(values, levels, None)?,
                Values::Integer(values) => column.typed::<Int64Type>().write_batch(values, levels, None)?,
                Values::Real(values) => column.typed::<DoubleType>().write_batch(values, levels, None)?,
                Values::Text(values) => column.typed::<ByteArrayType>().write_batch(values, levels, None)?,
            };
            column.close()?;
            values.clear();
            present.clear();
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

fn open(out: Out, shape: &Shape) -> Result<SerializedFileWriter<Out>, ParquetError> {
    let fields = shape.columns.iter().map(|column| {
        let (physical, logical) = match column.form {
            Form::Boolean => (Physical::BOOLEAN, None),
            Form::Integer => (Physical::INT64, None),
            Form::Real => (Physical::DOUBLE, None),
            Form::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Form::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        field.build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
}

impl Column {
    fn new(form: Form) -> Column {
        let values = match form {
            Form::Boolean => Values::Boolean(Vec::new()),
            Form::Integer | Form::Time => Values::Integer(Vec::new()),
            Form::Real => Values::Real(Vec::new()),
            Form::Text => Values::Text(Vec::new()),
        };
        Column { values, present: Vec::new(), is_time: form == Form::Time }
    }

    /// Adds a value, which is of the column's form; gives the bytes it takes.
    fn add(&mut self, value: &Value) -> usize {
        let mut bytes = 8;
        let taken = match (&mut self.values, value) {
            (Values::Boolean(values), Value::Bool(yes)) => {
                values.push(*yes);
                true
            }
            (Values::Integer(values), Value::Int(number)) => {
                values.push(*number);
                true
            }
            (Values::Integer(values), Value::Real(seconds)) if self.is_time => {
                values.push((seconds * MICROSECONDS).round() as i64);
                true
            }
            (Values::Real(values), Value::Real(number)) => {
                values.push(*number);
                true
            }
            (Values::Text(values), Value::Text(text)) => {
                bytes += text.len();
                values.push(ByteArray::from(text.as_str()));
                true
            }
            _ => false,
        };
        self.present.push(i16::from(taken));
        bytes
    }
}

impl Values {
    fn clear(&mut self) {
        match self {
            Values::Boolean(values) => values.clear(),
            Values::Integer(values) => values.clear(),
            Values::Real(values) => values.clear(),
            Values::Text(values) => values.clear(),
        }
    }
}
