//! The tables of a script, read off its syntax tree: literals, arrays and hashtables. Anything
//! else among them is refused, as it might do something.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::tree::{parse, walk};

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A text, its escapes resolved.
    Text(String),
    /// A number.
    Number(i64),
    /// An array.
    Array(Vec<Literal>),
    /// A hashtable.
    Table(BTreeMap<String, Literal>),
}

impl Literal {
    /// The entry of a hashtable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Table(entries) => entries.get(name),
            _ => None,
        }
    }

    /// The entry of a hashtable, which must be there.
    #[must_use]
    pub fn at(&self, name: &str) -> &Self {
        self.get(name).unwrap_or_else(|| panic!("{self:?} has no {name}"))
    }

    /// The items of an array.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            other => panic!("{other:?} is not an array"),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is not a text"),
        }
    }

    /// The number, as a place in a table.
    #[must_use]
    pub fn number(&self) -> usize {
        match self {
            Self::Number(number) => usize::try_from(*number).unwrap(),
            other => panic!("{other:?} is not a number"),
        }
    }

    /// Every text below.
    pub fn texts<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Text(text) => visit(text),
            Self::Number(_) => {}
            Self::Array(items) => items.iter().for_each(|item| item.texts(visit)),
            Self::Table(entries) => entries.values().for_each(|entry| entry.texts(visit)),
        }
    }
}

/// The tables of a script.
#[must_use]
pub fn read(script: &str) -> Literal {
    let tree = parse(script);
    let mut found = None;
    walk(tree.root_node(), &mut |node| {
        let begins = script[node.byte_range()].starts_with("$CaveatTables = @{");
        if node.kind() == "assignment_expression" && begins {
            found = node.child_by_field_name("value");
        }
    });
    literal(found.expect("the script has tables"), script)
}

fn literal(node: Node<'_>, script: &str) -> Literal {
    let children: Vec<Node<'_>> = node.children(&mut node.walk()).collect();
    let named: Vec<Node<'_>> = node.named_children(&mut node.walk()).collect();
    match (node.kind(), named.as_slice()) {
        ("verbatim_string_characters", []) => Literal::Text(unescaped(&script[node.byte_range()])),
        ("decimal_integer_literal", []) => Literal::Number(script[node.byte_range()].parse().unwrap()),
        ("array_expression", []) => Literal::Array(Vec::new()),
        ("array_expression", [one]) => match literal(*one, script) {
            // An array alone in an array would unroll.
            Literal::Array(items) => {
                assert_eq!(innermost(*one).kind(), "array_literal_expression", "an array alone in an array");
                Literal::Array(items)
            }
            one => Literal::Array(vec![one]),
        },
        ("array_literal_expression", [_, _, ..]) => {
            assert!(children.iter().all(|child| child.is_named() || child.kind() == ","), "not a list");
            Literal::Array(named.into_iter().map(|item| literal(item, script)).collect())
        }
        ("hash_literal_expression", [body]) => {
            Literal::Table(body.named_children(&mut body.walk()).map(|one| entry(one, script)).collect())
        }
        (wrapper, [one])
            if children.len() == 1
                && (wrapper.ends_with("_expression")
                    || matches!(
                        wrapper,
                        "pipeline"
                            | "pipeline_chain"
                            | "statement_list"
                            | "string_literal"
                            | "integer_literal"
                    )) =>
        {
            literal(*one, script)
        }
        (kind, _) => panic!("{kind} is no literal: {}", &script[node.byte_range()]),
    }
}

/// What a node holds that only wraps another.
fn innermost(node: Node<'_>) -> Node<'_> {
    match node.named_child(0) {
        Some(one) if node.child_count() == 1 => innermost(one),
        _ => node,
    }
}

fn entry(node: Node<'_>, script: &str) -> (String, Literal) {
    let named: Vec<Node<'_>> = node.named_children(&mut node.walk()).collect();
    let [key, value] = named.as_slice() else { panic!("not an entry: {}", &script[node.byte_range()]) };
    let name = &script[key.byte_range()];
    assert!(name.bytes().all(|byte| byte.is_ascii_alphabetic()), "{name} is no plain key");
    (name.to_owned(), literal(*value, script))
}

/// The text that a single-quoted literal stands for.
fn unescaped(quoted: &str) -> String {
    let inner = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).expect("quotes");
    let mut units = Vec::new();
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        assert!((' '..='~').contains(&c), "{c:?} in a literal");
        match c {
            '^' => {
                units.push(u16::from_str_radix(&rest[1..5], 16).unwrap());
                rest = &rest[5..];
            }
            '\'' => {
                assert!(rest.starts_with("''"), "a lone quote");
                units.push(39);
                rest = &rest[2..];
            }
            _ => {
                units.push(u16::try_from(u32::from(c)).unwrap());
                rest = &rest[1..];
            }
        }
    }
    String::from_utf16(&units).unwrap()
}
