//! From the grammar's tree to statements and expressions. What the interpreter does not know is
//! refused here.

use tree_sitter::Node;

/// A sequence of statements.
pub type Block = Vec<Statement>;

/// A statement.
#[derive(Debug)]
pub enum Statement {
    /// Its value goes to the output.
    Output(Expression),
    /// `target = value`
    Assign(Expression, Expression),
    /// `if`, `elseif`, `else`
    If(Vec<(Expression, Block)>, Block),
    /// `foreach`
    Foreach(String, Expression, Block),
    /// `for`
    For(Box<Statement>, Expression, Box<Statement>, Block),
    /// `while`
    While(Expression, Block),
    /// `try`: the block, `catch`, `finally`
    Try(Block, Option<Block>, Block),
    /// `return`
    Return(Option<Expression>),
    /// `throw`
    Throw(Expression),
    /// `break`
    Break,
    /// `exit`
    Exit(Expression),
    /// `$x++`
    Increment(String),
    /// `function`
    Function(String, Vec<String>, Block),
}

/// An expression.
#[derive(Debug)]
pub enum Expression {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// A variable by its name in lower case.
    Variable(String),
    /// `@( … )`
    Array(Block),
    /// `a, b`
    List(Vec<Expression>),
    /// `@{ … }`
    Table(Vec<(String, Expression)>),
    /// `( … )`
    Group(Box<Expression>),
    /// `a[b]`
    Index(Box<Expression>, Box<Expression>),
    /// `a.b`
    Member(Box<Expression>, String),
    /// `a.b(…)`
    Method(Box<Expression>, String, Vec<Expression>),
    /// `[type]::member`
    Static(String, String),
    /// `[type]::method(…)`
    StaticMethod(String, String, Vec<Expression>),
    /// `[type]a`
    Cast(String, Box<Expression>),
    /// `-not a`
    Not(Box<Expression>),
    /// `-a`
    Minus(Box<Expression>),
    /// `a op b`
    Binary(Box<Expression>, String, Box<Expression>),
    /// `a -is [type]`
    Is(Box<Expression>, String),
    /// A command, its arguments by position and by name.
    Command(String, Vec<Expression>, Vec<(String, Expression)>),
}

/// Reads the tree of a script.
#[derive(Debug)]
pub struct Reader<'s> {
    script: &'s str,
}

type Tree<'t> = Node<'t>;

impl<'s> Reader<'s> {
    /// A reader of this text.
    #[must_use]
    pub const fn new(script: &'s str) -> Self {
        Self { script }
    }

    fn text(&self, node: Tree<'_>) -> &'s str {
        &self.script[node.byte_range()]
    }

    fn refuse(&self, node: Tree<'_>) -> ! {
        panic!("line {}: no {} here: {}", node.start_position().row + 1, node.kind(), self.text(node))
    }

    /// The statements below a node.
    #[must_use]
    pub fn block(&self, node: Tree<'_>) -> Block {
        let mut statements = Vec::new();
        for child in named(node) {
            match child.kind() {
                "statement_list" | "script_block" | "script_block_body" => {
                    statements.extend(self.block(child));
                }
                "comment" | "param_block" => {}
                _ => statements.push(self.statement(child)),
            }
        }
        statements
    }

    fn statement(&self, node: Tree<'_>) -> Statement {
        let node = bare(node);
        let children = named(node);
        match node.kind() {
            "assignment_expression" => self.assignment(node),
            "post_increment_expression" => Statement::Increment(self.variable(children[0])),
            "if_statement" => self.conditional(node),
            "foreach_statement" => Statement::Foreach(
                self.variable(children[0]),
                self.expression(children[1]),
                self.block(children[2]),
            ),
            "for_statement" => Statement::For(
                Box::new(self.statement(named(children[0])[0])),
                self.expression(named(children[1])[0]),
                Box::new(self.statement(named(children[2])[0])),
                self.block(children[3]),
            ),
            "while_statement" => {
                Statement::While(self.expression(named(children[0])[0]), self.block(children[1]))
            }
            "try_statement" => self.attempt(node),
            "flow_control_statement" => self.flow(node),
            "function_statement" => self.function(node),
            _ => Statement::Output(self.expression(node)),
        }
    }

    fn assignment(&self, node: Tree<'_>) -> Statement {
        let children = named(node);
        let [left, operator, value] = children.as_slice() else { self.refuse(node) };
        if self.text(*operator) != "=" {
            self.refuse(node);
        }
        let left = self.expression(named(*left)[0]);
        Statement::Assign(left, self.expression(*value))
    }

    fn conditional(&self, node: Tree<'_>) -> Statement {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        let children = named(node);
        branches.push((self.expression(children[0]), self.block(children[1])));
        for child in &children[2..] {
            match child.kind() {
                "elseif_clauses" => branches.extend(named(*child).into_iter().map(|clause| {
                    let parts = named(clause);
                    (self.expression(parts[0]), self.block(parts[1]))
                })),
                "else_clause" => otherwise = self.block(named(*child)[0]),
                "comment" => {}
                _ => self.refuse(*child),
            }
        }
        Statement::If(branches, otherwise)
    }

    fn attempt(&self, node: Tree<'_>) -> Statement {
        let (mut body, mut caught, mut last) = (Vec::new(), None, Vec::new());
        for child in named(node) {
            match child.kind() {
                "statement_block" => body = self.block(child),
                "catch_clauses" => caught = Some(self.block(*named(named(child)[0]).last().unwrap())),
                "finally_clause" => last = self.block(named(child)[0]),
                _ => self.refuse(child),
            }
        }
        Statement::Try(body, caught, last)
    }

    fn flow(&self, node: Tree<'_>) -> Statement {
        let value = named(node).first().map(|value| self.expression(*value));
        match (node.child(0).unwrap().kind(), value) {
            ("return", value) => Statement::Return(value),
            ("throw", Some(value)) => Statement::Throw(value),
            ("break", None) => Statement::Break,
            ("exit", Some(value)) => Statement::Exit(value),
            _ => self.refuse(node),
        }
    }

    fn function(&self, node: Tree<'_>) -> Statement {
        let mut name = "";
        let mut parameters = Vec::new();
        let mut body = Vec::new();
        for child in named(node) {
            match child.kind() {
                "function_name" => name = self.text(child),
                "function_parameter_declaration" => {
                    crate::tree::walk(child, &mut |node| {
                        if node.kind() == "variable" {
                            parameters.push(self.variable(node));
                        }
                    });
                }
                "script_block" => body = self.block(child),
                _ => self.refuse(child),
            }
        }
        Statement::Function(name.to_ascii_lowercase(), parameters, body)
    }

    fn variable(&self, node: Tree<'_>) -> String {
        self.text(bare(node)).trim_start_matches('$').to_ascii_lowercase()
    }

    fn expression(&self, node: Tree<'_>) -> Expression {
        let node = bare(node);
        let children = named(node);
        let boxed = |node| Box::new(self.expression(node));
        match node.kind() {
            "string_literal" => self.quoted(node),
            "integer_literal" => Expression::Number(self.text(node).parse().unwrap()),
            "real_literal" => Expression::Fraction(self.text(node).parse().unwrap()),
            "variable" => Expression::Variable(self.variable(node)),
            "array_expression" => Expression::Array(self.block(node)),
            "array_literal_expression" => {
                Expression::List(children.into_iter().map(|child| self.expression(child)).collect())
            }
            "hash_literal_expression" => self.table(node),
            "parenthesized_expression" => Expression::Group(boxed(children[0])),
            "element_access" => Expression::Index(boxed(children[0]), boxed(children[1])),
            "member_access" => self.member(node, None),
            "invokation_expression" => {
                let arguments = children.last().and_then(|list| named(*list).first().copied());
                let arguments = arguments.map_or_else(Vec::new, named);
                self.member(node, Some(arguments.into_iter().map(|one| self.expression(one)).collect()))
            }
            "expression_with_unary_operator" => self.unary(node),
            "command" => self.command(node),
            "foreach_statement" => Expression::Array(vec![self.statement(node)]),
            _ if node.child_count() == 3 => self.binary(node),
            _ => self.refuse(node),
        }
    }

    fn quoted(&self, node: Tree<'_>) -> Expression {
        let inner = self.text(node).strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        inner.map_or_else(|| self.refuse(node), |inner| Expression::Text(inner.replace("''", "'")))
    }

    fn table(&self, node: Tree<'_>) -> Expression {
        let entries = named(node).into_iter().flat_map(named).filter(|child| child.kind() == "hash_entry");
        let entry = |entry| {
            let parts = named(entry);
            let key = self.text(parts[0]).trim_matches('\'').to_owned();
            (key, self.expression(parts[1]))
        };
        Expression::Table(entries.map(entry).collect())
    }

    fn member(&self, node: Tree<'_>, arguments: Option<Vec<Expression>>) -> Expression {
        let children = named(node);
        let name = self.text(children[1]).to_owned();
        if children[0].kind() == "type_literal" {
            let of = self.type_name(children[0]);
            return match arguments {
                Some(arguments) => Expression::StaticMethod(of, name, arguments),
                None => Expression::Static(of, name),
            };
        }
        let of = Box::new(self.expression(children[0]));
        match arguments {
            Some(arguments) => Expression::Method(of, name, arguments),
            None => Expression::Member(of, name),
        }
    }

    fn type_name(&self, node: Tree<'_>) -> String {
        self.text(node).trim_matches(['[', ']']).to_ascii_lowercase()
    }

    fn unary(&self, node: Tree<'_>) -> Expression {
        let first = node.child(0).unwrap();
        match first.kind() {
            "cast_expression" => {
                let parts = named(first);
                Expression::Cast(self.type_name(parts[0]), Box::new(self.expression(parts[1])))
            }
            "-not" => Expression::Not(Box::new(self.expression(named(node)[0]))),
            "-" => Expression::Minus(Box::new(self.expression(named(node)[0]))),
            _ => self.refuse(node),
        }
    }

    fn binary(&self, node: Tree<'_>) -> Expression {
        let (left, operator, right) =
            (node.child(0).unwrap(), node.child(1).unwrap(), node.child(2).unwrap());
        let operator = self.text(operator).to_ascii_lowercase();
        let left = Box::new(self.expression(left));
        if operator == "-is" {
            return Expression::Is(left, self.type_name(bare(right)));
        }
        Expression::Binary(left, operator, Box::new(self.expression(right)))
    }

    fn command(&self, node: Tree<'_>) -> Expression {
        let children = named(node);
        let name = self.text(children[0]).to_ascii_lowercase();
        let (mut by_position, mut by_name, mut parameter) = (Vec::new(), Vec::new(), None);
        for element in children.get(1).map_or_else(Vec::new, |elements| named(*elements)) {
            match element.kind() {
                "command_argument_sep" => {}
                "command_parameter" => {
                    parameter = Some(self.text(element).trim_start_matches('-').to_ascii_lowercase());
                }
                kind => {
                    let value = match kind {
                        "generic_token" => Expression::Text(self.text(element).to_owned()),
                        _ => self.expression(element),
                    };
                    match parameter.take() {
                        Some(parameter) => by_name.push((parameter, value)),
                        None => by_position.push(value),
                    }
                }
            }
        }
        Expression::Command(name, by_position, by_name)
    }
}

fn named(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).filter(|child| child.kind() != "comment").collect()
}

/// The node without those that only wrap it.
fn bare(mut node: Node<'_>) -> Node<'_> {
    let wraps = |kind: &str| {
        matches!(kind, "pipeline" | "pipeline_chain" | "unary_expression" | "argument_expression")
            || kind.ends_with("_argument_expression")
            || matches!(
                kind,
                "logical_expression"
                    | "bitwise_expression"
                    | "comparison_expression"
                    | "additive_expression"
                    | "multiplicative_expression"
                    | "format_expression"
                    | "range_expression"
                    | "array_literal_expression"
            )
    };
    while node.child_count() == 1 && wraps(node.kind()) {
        node = node.child(0).unwrap();
    }
    node
}
