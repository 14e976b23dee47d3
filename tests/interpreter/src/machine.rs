//! Runs statements. A function sees its own variables only: PowerShell would also show it those of
//! its callers, which no script is meant to rely on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::calls;
use crate::syntax::{Block, Expression, Statement};
use crate::value::{Table, Value, array, text};

/// How a statement ended.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Return,
    Exit(i64),
}

/// What was thrown.
#[derive(Debug)]
pub struct Thrown(pub Vec<u16>);

type Result<T> = std::result::Result<T, Thrown>;

/// A function of the host of scripts that stands in for one of the script.
pub type Native<'s> = Box<dyn Fn(&[Value]) -> Value + 's>;

/// A machine with its functions and files.
#[derive(Default)]
pub struct Machine<'s> {
    /// Functions of the outside by name in lower case; they replace those of the script.
    pub natives: BTreeMap<String, Native<'s>>,
    functions: BTreeMap<String, (&'s [String], &'s Block)>,
    /// The texts of files by path.
    pub files: BTreeMap<String, String>,
    /// What was written to the standard error.
    pub errors: RefCell<Vec<String>>,
}

/// The variables and the output of a function call.
#[derive(Debug, Default)]
pub struct Frame {
    variables: BTreeMap<String, Value>,
    output: Vec<Value>,
}

impl Frame {
    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.variables.insert(name.to_owned(), value);
    }
}

impl<'s> Machine<'s> {
    /// Runs a script: its output and its exit code.
    ///
    /// # Errors
    /// What nothing catches.
    pub fn run(&mut self, script: &'s Block, mut frame: Frame) -> Result<(Vec<Value>, i64)> {
        for statement in script {
            if let Statement::Function(name, parameters, body) = statement {
                self.functions.insert(name.clone(), (parameters, body));
            }
        }
        match self.block(script, &mut frame)? {
            Flow::Exit(code) => Ok((frame.output, code)),
            _ => Ok((frame.output, 0)),
        }
    }

    fn block(&self, block: &Block, frame: &mut Frame) -> Result<Flow> {
        for statement in block {
            let flow = self.statement(statement, frame)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&self, statement: &Statement, frame: &mut Frame) -> Result<Flow> {
        match statement {
            Statement::Function(..) => {}
            Statement::Output(value) => self.output(value, frame)?,
            Statement::Assign(target, value) => self.assign(target, value, frame)?,
            Statement::If(branches, otherwise) => {
                for (condition, block) in branches {
                    if self.value(condition, frame)?.holds() {
                        return self.block(block, frame);
                    }
                }
                return self.block(otherwise, frame);
            }
            Statement::Foreach(variable, over, block) => {
                for item in self.value(over, frame)?.walked() {
                    frame.set(variable, item);
                    match self.block(block, frame)? {
                        Flow::Next => {}
                        Flow::Break => break,
                        other => return Ok(other),
                    }
                }
            }
            Statement::For(first, condition, each, block) => {
                self.statement(first, frame)?;
                return self.repeat(condition, Some(each), block, frame);
            }
            Statement::While(condition, block) => return self.repeat(condition, None, block, frame),
            Statement::Try(block, caught, last) => return self.attempt(block, caught.as_ref(), last, frame),
            Statement::Return(value) => {
                if let Some(value) = value {
                    self.output(value, frame)?;
                }
                return Ok(Flow::Return);
            }
            Statement::Throw(value) => return Err(Thrown(self.value(value, frame)?.units().to_vec())),
            Statement::Break => return Ok(Flow::Break),
            Statement::Exit(code) => return Ok(Flow::Exit(self.value(code, frame)?.number())),
            Statement::Increment(name) => {
                let number = Self::variable(name, frame).number();
                frame.set(name, Value::Int(number + 1));
            }
        }
        Ok(Flow::Next)
    }

    fn repeat(
        &self,
        condition: &Expression,
        each: Option<&Statement>,
        block: &Block,
        frame: &mut Frame,
    ) -> Result<Flow> {
        while self.value(condition, frame)?.holds() {
            match self.block(block, frame)? {
                Flow::Next => {}
                Flow::Break => break,
                other => return Ok(other),
            }
            if let Some(each) = each {
                self.statement(each, frame)?;
            }
        }
        Ok(Flow::Next)
    }

    fn attempt(
        &self,
        block: &Block,
        caught: Option<&Block>,
        last: &Block,
        frame: &mut Frame,
    ) -> Result<Flow> {
        let flow = match (self.block(block, frame), caught) {
            (Err(Thrown(message)), Some(caught)) => {
                frame.set("_", Value::Text(message.into()));
                self.block(caught, frame)
            }
            (result, _) => result,
        };
        self.block(last, frame)?;
        flow
    }

    fn assign(&self, target: &Expression, value: &Expression, frame: &mut Frame) -> Result<()> {
        let value = match self.value(value, frame)? {
            Value::Void => Value::Null,
            value => value,
        };
        match target {
            Expression::Variable(name) => frame.set(name, value),
            Expression::Index(of, at) => {
                let (of, at) = (self.value(of, frame)?, self.value(at, frame)?);
                match &of {
                    Value::Array(items) | Value::List(items) => items.borrow_mut()[at.index()] = value,
                    Value::Table(table) => {
                        table.entries.borrow_mut().insert(table.key(&at), (at, value));
                    }
                    other => panic!("assignment into {other:?}"),
                }
            }
            other => panic!("assignment to {other:?}"),
        }
        Ok(())
    }

    /// Adds what an expression gives to the output: what a command puts out as it is, any other
    /// value unrolled.
    fn output(&self, value: &Expression, frame: &mut Frame) -> Result<()> {
        let more = match value {
            Expression::Command(name, by_position, by_name) => {
                self.command(name, by_position, by_name, frame)?
            }
            other => self.value(other, frame)?.enumerated(),
        };
        frame.output.extend(more);
        Ok(())
    }

    fn variable(name: &str, frame: &Frame) -> Value {
        match name {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            name => {
                let found = frame.variables.get(name).cloned();
                found.unwrap_or_else(|| panic!("the variable ${name} has no value"))
            }
        }
    }

    fn values(&self, expressions: &[Expression], frame: &mut Frame) -> Result<Vec<Value>> {
        expressions.iter().map(|one| self.value(one, frame)).collect()
    }

    fn value(&self, expression: &Expression, frame: &mut Frame) -> Result<Value> {
        Ok(match expression {
            Expression::Text(one) => text(one),
            Expression::Number(number) => Value::Int(*number),
            Expression::Fraction(number) => Value::Double(*number),
            Expression::Variable(name) => Self::variable(name, frame),
            Expression::Array(block) => array(self.collected(block, frame)?),
            Expression::List(items) => array(self.values(items, frame)?),
            Expression::Table(entries) => self.table(entries, frame)?,
            Expression::Group(inner) => self.value(inner, frame)?,
            Expression::Index(of, at) => self.indexed(of, at, frame)?,
            // The one property of exceptions that scripts read.
            Expression::Member(of, name) if name == "Message" || name == "Exception" => {
                self.value(of, frame)?
            }
            Expression::Member(_, name) if name == "LanguageMode" => text("FullLanguage"),
            Expression::Member(of, name) => calls::member(&self.value(of, frame)?, name),
            Expression::Static(of, name) => text(&format!("{}::{name}", spelled(of))),
            Expression::Method(of, name, arguments) => {
                let (of, arguments) = (self.value(of, frame)?, self.values(arguments, frame)?);
                match (name.as_str(), arguments.as_slice()) {
                    ("WriteLine", [line]) if of.string() == "Console::Error" => {
                        self.errors.borrow_mut().push(line.string());
                        Value::Void
                    }
                    _ => calls::method(&of, name, &arguments),
                }
            }
            Expression::StaticMethod(of, name, arguments) => {
                let arguments = self.values(arguments, frame)?;
                let native = self.natives.get(&format!("{of}::{name}").to_ascii_lowercase());
                match (name.as_str(), arguments.as_slice()) {
                    ("ReadAllText", [path]) => self.read(path)?,
                    ("Exists", [path]) => Value::Bool(self.files.contains_key(&path.string())),
                    (_, arguments) if native.is_some() => native.unwrap()(arguments),
                    _ => calls::static_method(of, name, &arguments),
                }
            }
            Expression::Cast(name, of) => calls::cast(name, &self.value(of, frame)?),
            Expression::Not(of) => Value::Bool(!self.value(of, frame)?.holds()),
            Expression::Minus(of) => Value::Int(-self.value(of, frame)?.number()),
            Expression::Binary(left, operator, right) => self.binary(left, operator, right, frame)?,
            Expression::Is(of, name) => Value::Bool(calls::is(&self.value(of, frame)?, name)),
            Expression::Command(name, by_position, by_name) => {
                Value::collapsed(self.command(name, by_position, by_name, frame)?)
            }
        })
    }

    fn read(&self, path: &Value) -> Result<Value> {
        let missing = || Thrown("the file is not there".encode_utf16().collect());
        self.files.get(&path.string()).map(|contents| text(contents)).ok_or_else(missing)
    }

    /// The output of statements in `@( )`.
    fn collected(&self, block: &Block, frame: &mut Frame) -> Result<Vec<Value>> {
        let before = std::mem::take(&mut frame.output);
        let flow = self.block(block, frame)?;
        assert_eq!(flow, Flow::Next, "@( ) is left in the middle");
        Ok(std::mem::replace(&mut frame.output, before))
    }

    fn table(&self, entries: &[(String, Expression)], frame: &mut Frame) -> Result<Value> {
        let table = Table { folds: true, ..Table::default() };
        for (name, value) in entries {
            let (key, value) = (text(name), self.value(value, frame)?);
            let before = table.entries.borrow_mut().insert(table.key(&key), (key, value));
            assert!(before.is_none(), "the key {name} stands twice");
        }
        Ok(Value::Table(Rc::new(table)))
    }

    fn indexed(&self, of: &Expression, at: &Expression, frame: &mut Frame) -> Result<Value> {
        let (of, at) = (self.value(of, frame)?, self.value(at, frame)?);
        Ok(match &of {
            Value::Array(items) | Value::List(items) => items.borrow()[at.index()].clone(),
            Value::Text(units) => Value::Char(units[at.index()]),
            Value::Table(table) => table.get(&at),
            other => panic!("{other:?} has no items"),
        })
    }

    fn binary(
        &self,
        left: &Expression,
        operator: &str,
        right: &Expression,
        frame: &mut Frame,
    ) -> Result<Value> {
        let left = self.value(left, frame)?;
        Ok(match operator {
            "-and" => Value::Bool(left.holds() && self.value(right, frame)?.holds()),
            "-or" => Value::Bool(left.holds() || self.value(right, frame)?.holds()),
            _ => calls::binary(&left, operator, &self.value(right, frame)?),
        })
    }

    /// The output of a command.
    fn command(
        &self,
        name: &str,
        by_position: &[Expression],
        by_name: &[(String, Expression)],
        frame: &mut Frame,
    ) -> Result<Vec<Value>> {
        let arguments = self.values(by_position, frame)?;
        if name == "new-object" {
            return Ok(vec![created(&arguments[0].string())]);
        }
        if ["set-strictmode", "write-warning", "write-verbose"].contains(&name) {
            return Ok(Vec::new());
        }
        if name == "get-fullpath" {
            return Ok(arguments);
        }
        assert!(by_name.is_empty(), "{name} with arguments by name");
        if let Some(native) = self.natives.get(name) {
            return Ok(vec![native(&arguments)]);
        }
        let Some((parameters, body)) = self.functions.get(name) else {
            panic!("the command {name} is not known")
        };
        assert_eq!(parameters.len(), arguments.len(), "arguments of {name}");
        let mut inner = Frame::default();
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let argument = if matches!(argument, Value::Void) { Value::Null } else { argument };
            inner.set(parameter, argument);
        }
        match self.block(body, &mut inner)? {
            Flow::Next | Flow::Return => Ok(inner.output),
            other => panic!("{name} ended with {other:?}"),
        }
    }
}

fn created(name: &str) -> Value {
    match name {
        "System.Collections.ArrayList" => Value::List(Rc::default()),
        "System.Collections.Hashtable" => Value::Table(Rc::default()),
        other => panic!("the type {other} is not known"),
    }
}

fn spelled(name: &str) -> &str {
    match name {
        "stringcomparison" => "StringComparison",
        "console" => "Console",
        other => other,
    }
}
