//! TOML.

use caveat_diag::FileId;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::node::span;
use crate::{Data, Fault, Key, Node};

/// The tree of a TOML file.
///
/// # Errors
/// When the text is not TOML.
pub fn toml(file: FileId, text: &str) -> Result<Node, Fault> {
    match DeTable::parse(text) {
        Ok(table) => Ok(node(file, table.span().start, table.span().end, map(file, table.get_ref()))),
        Err(error) => {
            let range = error.span().unwrap_or(0..0);
            Err(Fault::new(error.message()).within(span(file, range.start, range.end)))
        }
    }
}

fn node(file: FileId, start: usize, end: usize, data: Data) -> Node {
    Node { span: span(file, start, end), data }
}

fn map(file: FileId, table: &DeTable<'_>) -> Data {
    let entry = |(key, value): (&Spanned<_>, _)| {
        let range = key.span();
        let text: &str = std::convert::AsRef::<str>::as_ref(key.get_ref());
        (Key { span: span(file, range.start, range.end), text: text.to_owned() }, value_node(file, value))
    };
    let mut entries: Vec<(Key, Node)> = table.iter().map(entry).collect();
    entries.sort_by_key(|(key, _)| key.span);
    Data::Map(entries)
}

fn value_node(file: FileId, value: &Spanned<DeValue<'_>>) -> Node {
    let data = match value.get_ref() {
        DeValue::String(text) => Data::Text(text.to_string()),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(number.as_str(), number.radix());
            read.map_or_else(|_| Data::Word(number.to_string()), Data::Integer)
        }
        DeValue::Float(number) => Data::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Data::Truth(*truth),
        DeValue::Datetime(time) => Data::Word(time.to_string()),
        DeValue::Array(items) => Data::List(items.iter().map(|item| value_node(file, item)).collect()),
        DeValue::Table(table) => map(file, table),
    };
    let range = value.span();
    node(file, range.start, range.end, data)
}
