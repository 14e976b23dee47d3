//! Values of PowerShell, and what becomes of them in outputs and conditions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value. Arrays, lists and hashtables are shared, as they are in .NET.
#[derive(Debug, Clone)]
pub enum Value {
    /// `$null`
    Null,
    /// What a method without a result gives: nothing in any output.
    Void,
    /// `System.Boolean`
    Bool(bool),
    /// `System.Int32`
    Int(i64),
    /// `System.Int64`
    Long(i64),
    /// `System.UInt64`
    ULong(u64),
    /// `System.Double`
    Double(f64),
    /// `System.Char`
    Char(u16),
    /// `System.String`
    Text(Rc<[u16]>),
    /// An array.
    Array(Rc<RefCell<Vec<Value>>>),
    /// `System.Collections.ArrayList`
    List(Rc<RefCell<Vec<Value>>>),
    /// A hashtable.
    Table(Rc<Table>),
}

/// A hashtable.
#[derive(Debug, Default)]
pub struct Table {
    /// Whether keys that differ in case only are one, as in `@{ }`.
    pub folds: bool,
    /// Keys and values by what tells keys apart.
    pub entries: RefCell<BTreeMap<Key, (Value, Value)>>,
}

/// What tells the keys of hashtables apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A number.
    Number(i64),
    /// A text.
    Text(Vec<u16>),
}

/// UTF-16 of a text.
#[must_use]
pub fn text(text: &str) -> Value {
    Value::Text(text.encode_utf16().collect())
}

/// An array of values.
#[must_use]
pub fn array(items: Vec<Value>) -> Value {
    Value::Array(Rc::new(RefCell::new(items)))
}

impl Table {
    /// The key as this table tells it apart.
    #[must_use]
    pub fn key(&self, value: &Value) -> Key {
        match value {
            Value::Int(number) | Value::Long(number) => Key::Number(*number),
            Value::Text(units) if self.folds => {
                Key::Text(String::from_utf16_lossy(units).to_lowercase().encode_utf16().collect())
            }
            Value::Text(units) => Key::Text(units.to_vec()),
            other => panic!("{other:?} as a key"),
        }
    }

    /// The value of a key; `$null` when there is none.
    #[must_use]
    pub fn get(&self, key: &Value) -> Value {
        self.entries.borrow().get(&self.key(key)).map_or(Value::Null, |(_, value)| value.clone())
    }
}

impl Value {
    /// What the value adds to an output: arrays and lists unroll, hashtables do not.
    #[must_use]
    pub fn enumerated(self) -> Vec<Self> {
        match self {
            Self::Array(items) | Self::List(items) => items.borrow().clone(),
            Self::Void => Vec::new(),
            one => vec![one],
        }
    }

    /// What an output comes to when it is assigned.
    #[must_use]
    pub fn collapsed(mut output: Vec<Self>) -> Self {
        match output.len() {
            0 => Self::Null,
            1 => output.remove(0),
            _ => array(output),
        }
    }

    /// What `foreach` walks over. PowerShell 2.0 walks over `$null` once and a hashtable is one
    /// item: scripts must do neither.
    #[must_use]
    pub fn walked(self) -> Vec<Self> {
        match self {
            Self::Null | Self::Void | Self::Table(_) => panic!("foreach over {self:?}"),
            other => other.enumerated(),
        }
    }

    /// Whether a condition holds. Those of arrays are too subtle to be meant.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            other => panic!("{other:?} as a condition"),
        }
    }

    /// The units of a text, or of what stands for one.
    #[must_use]
    pub fn units(&self) -> &[u16] {
        match self {
            Self::Text(units) => units,
            other => panic!("{other:?} is not a text"),
        }
    }

    /// The text, for what is known to be well-formed.
    #[must_use]
    pub fn string(&self) -> String {
        String::from_utf16_lossy(self.units())
    }

    /// The number.
    #[must_use]
    pub fn number(&self) -> i64 {
        match self {
            Self::Int(number) | Self::Long(number) => *number,
            other => panic!("{other:?} is not a number"),
        }
    }

    /// A number as an index.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::try_from(self.number()).expect("an index is not negative")
    }

    /// The unit of a character.
    #[must_use]
    pub fn unit(&self) -> u16 {
        match self {
            Self::Char(unit) => *unit,
            other => panic!("{other:?} is not a character"),
        }
    }

    /// The hashtable.
    #[must_use]
    pub fn table(&self) -> &Table {
        match self {
            Self::Table(table) => table,
            other => panic!("{other:?} is not a hashtable"),
        }
    }

    /// The value as a text, as in `[string]$x` and on the right of `+`.
    #[must_use]
    pub fn shown(&self) -> Vec<u16> {
        match self {
            Self::Text(units) => units.to_vec(),
            Self::Char(unit) => vec![*unit],
            Self::Null => Vec::new(),
            Self::Int(number) | Self::Long(number) => number.to_string().encode_utf16().collect(),
            Self::ULong(number) => number.to_string().encode_utf16().collect(),
            other => panic!("{other:?} as a text"),
        }
    }
}
