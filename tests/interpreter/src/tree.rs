//! The syntax tree of a script, and rules for scripts that the grammar does not know.

use tree_sitter::{Node, Parser, Tree};

/// Parses a script.
#[must_use]
pub fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).expect("the grammar fits the parser");
    parser.parse(text, None).expect("a parser without limits ends")
}

/// Calls `visit` for a node and all below it.
pub fn walk<'t>(node: Node<'t>, visit: &mut impl FnMut(Node<'t>)) {
    visit(node);
    for child in node.children(&mut node.walk()) {
        walk(child, visit);
    }
}

/// Operators of PowerShell 2.0 that scripts use. `-and` and `-or` bind alike, so they may not mix.
const OPERATORS: [&str; 10] = ["-band", "-eq", "-ne", "-ceq", "-lt", "-le", "-gt", "-ge", "-is", "-join"];
/// Commands of PowerShell 2.0 that scripts use, or use only after asking whether they are there.
const COMMANDS: [&str; 10] = [
    "Set-StrictMode",
    "Write-Host",
    "Write-Warning",
    "Write-Verbose",
    "New-Object",
    "Add-Member",
    "Get-Command",
    "Get-Service",
    "Get-WmiObject",
    "Get-CimInstance",
];
/// Node kinds that have no place in a script: text that is expanded or run, and later syntax.
const FORBIDDEN: [&str; 9] = [
    "ERROR",
    "expandable_string_literal",
    "expandable_here_string_literal",
    "verbatim_here_string_characters",
    "script_block_expression",
    "class_statement",
    "enum_statement",
    "sub_expression",
    "ternary_expression",
];

/// What is wrong with a script, in words with lines.
#[must_use]
pub fn complaints(text: &str) -> Vec<String> {
    let tree = parse(text);
    let mut functions = Vec::new();
    walk(tree.root_node(), &mut |node| {
        if node.kind() == "function_name" {
            functions.push(text[node.byte_range()].to_owned());
        }
    });
    let mut found = Vec::new();
    for (at, name) in functions.iter().enumerate() {
        if COMMANDS.iter().any(|command| command.eq_ignore_ascii_case(name)) {
            found.push(format!("the function {name} hides the command"));
        }
        let again = functions.iter().take(at).any(|other| other.eq_ignore_ascii_case(name));
        found.extend(again.then(|| format!("the function {name} is defined twice, and the last counts")));
    }
    walk(tree.root_node(), &mut |node| {
        let words = &text[node.byte_range()];
        let known = functions.iter().any(|name| name == words) || COMMANDS.contains(&words);
        let wrong = match node.kind() {
            kind if FORBIDDEN.contains(&kind) => Some(kind.to_owned()),
            _ if node.is_missing() => Some(format!("{} is missing", node.kind())),
            "comparison_operator" if !OPERATORS.contains(&words) => Some(format!("operator {words}")),
            "command_name" if !known => Some(format!("command {words}")),
            "try_statement" if node.named_child_count() < 2 => {
                Some("try without catch or finally".to_owned())
            }
            "logical_expression" if mixes(node) => Some("-and and -or side by side".to_owned()),
            "hash_literal_body" => repeated(node, text),
            "type_identifier" if words == "pscustomobject" || words == "ordered" => Some(words.to_owned()),
            "member_name" if words == "new" => Some("::new".to_owned()),
            _ => None,
        };
        found.extend(wrong.map(|what| format!("line {}: {what}", node.start_position().row + 1)));
    });
    let odd = |c: &char| !matches!(c, '\r' | '\n' | ' '..='~');
    found.extend(text.chars().find(odd).map(|c| format!("the character {}", c.escape_unicode())));
    found
}

/// Whether a logical expression has both operators without parentheses.
fn mixes(node: Node<'_>) -> bool {
    let operator = |node: Node<'_>| node.child(1).map(|child| child.kind().to_owned());
    let inner = node.children(&mut node.walk()).find(|child| child.kind() == "logical_expression");
    match inner.filter(|inner| inner.child_count() == 3) {
        Some(inner) if node.child_count() == 3 => operator(inner) != operator(node),
        _ => false,
    }
}

/// A key that a hashtable literal repeats, in any case: PowerShell refuses it.
fn repeated(node: Node<'_>, text: &str) -> Option<String> {
    let entries =
        node.children(&mut node.walk()).filter(|child| child.kind() == "hash_entry").collect::<Vec<_>>();
    let mut keys: Vec<String> =
        entries.iter().map(|entry| text[entry.child(0).unwrap().byte_range()].to_ascii_lowercase()).collect();
    keys.sort();
    keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| format!("the key {} stands twice", pair[0]))
}
