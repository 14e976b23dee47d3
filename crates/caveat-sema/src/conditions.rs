//! Named conditions: finding, calling and expanding them.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::Expr;
use caveat_syntax::ast::{ConditionDef, ConditionKind, ExprKind, Operand, Word};

use crate::lower::Lowering;
use crate::values::suggest;

/// How many tests one expression may come to, named conditions expanded.
const MAX_TESTS: usize = 10_000;
/// How many named conditions may stand inside each other.
const MAX_EXPANSION: usize = 64;

/// The value of a parameter during an expansion.
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    /// What the caller gave.
    Given(Operand),
    /// Nothing: the condition is looked at on its own.
    Opaque,
}

/// The state of an expansion.
#[derive(Default)]
pub(crate) struct Expansion {
    /// The definitions that are open, outermost first.
    open: Vec<Span>,
    /// The arguments of the innermost one.
    pub(crate) arguments: BTreeMap<String, Argument>,
    /// Whether the innermost one sees the bulletin's own conditions.
    outside_bulletin: bool,
    /// Expressions that are open.
    depth: usize,
    /// Tests made and conditions called by the outermost of them.
    size: usize,
    /// Whether expansions without end were reported; once is enough.
    endless_reported: bool,
}

impl<'a> Lowering<'a> {
    /// Looks at every condition of the current module once, so that mistakes in those that
    /// nobody calls are found too.
    pub(crate) fn check_conditions(&mut self) {
        let names = self.names;
        let Some(definitions) = names.modules.get(self.module) else { return };
        for definition in definitions.conditions.values() {
            self.check_condition(definition);
        }
    }

    pub(crate) fn check_condition(&mut self, definition: &'a ConditionDef) {
        if let Some(version) = &definition.version {
            self.word::<caveat_ir::value::FileVersion>(version);
        }
        let opaque = definition.parameters.iter().map(|name| (name.text.clone(), Argument::Opaque));
        let arguments = opaque.collect();
        self.expand(definition, self.module, !self.is_local(definition), arguments);
    }

    fn is_local(&self, definition: &ConditionDef) -> bool {
        self.local.conditions.values().any(|local| local.name.span == definition.name.span)
    }

    /// Goes into an expression; the outermost one starts counting afresh.
    pub(crate) fn enter(&mut self) {
        if self.expansion.depth == 0 {
            self.expansion.size = 0;
        }
        self.expansion.depth += 1;
    }

    /// Comes out of an expression.
    pub(crate) fn leave(&mut self) {
        self.expansion.depth -= 1;
    }

    /// Counts a test or a call; false when there are too many.
    pub(crate) fn count(&mut self, span: Span) -> bool {
        self.expansion.size += 1;
        if self.expansion.size == MAX_TESTS + 1 {
            let span = self.expansion.open.first().copied().unwrap_or(span);
            let problem =
                Diagnostic::new(Code::TOO_LARGE, format!("this comes to more than {MAX_TESTS} tests"));
            self.report(
                problem.at(span, "").help("named conditions are expanded where they stand; use fewer"),
            );
        }
        self.expansion.size <= MAX_TESTS
    }

    /// A reference to a named condition.
    pub(crate) fn named(
        &mut self,
        kind: ConditionKind,
        name: &Word,
        version: Option<&Word>,
        arguments: &[Operand],
    ) -> Option<Expr> {
        let (module, outside, found) = self.find_condition(kind, name)?;
        let chosen: Vec<&'a ConditionDef> = match version {
            None => found,
            Some(version) => self.product_version(name, version, &found)?,
        };
        let parts: Option<Vec<Expr>> =
            chosen.into_iter().map(|one| self.call(one, module, outside, name, arguments)).collect();
        Some(Expr::any(parts?))
    }

    fn product_version(
        &mut self,
        name: &Word,
        version: &Word,
        found: &[&'a ConditionDef],
    ) -> Option<Vec<&'a ConditionDef>> {
        let wanted: caveat_ir::value::FileVersion = self.word(version)?;
        let of = |definition: &ConditionDef| definition.version.as_ref().map(|word| word.text.clone());
        let is_wanted =
            |text: String| text.parse().is_ok_and(|parsed: caveat_ir::value::FileVersion| parsed == wanted);
        let chosen: Vec<_> = found.iter().copied().filter(|one| of(one).is_some_and(is_wanted)).collect();
        if chosen.is_empty() {
            let known: Vec<String> = found.iter().filter_map(|one| of(one)).collect();
            let message = format!("no version {} of the product `{}` is defined", version.text, name.text);
            let problem = Diagnostic::new(Code::UNKNOWN_CONDITION, message).at(version.span, "");
            self.report(suggest(problem, &version.text, known.iter().map(String::as_str), version.span));
            return None;
        }
        Some(chosen)
    }

    /// Where a condition is defined, whether that is outside the bulletin, and its definitions.
    fn find_condition(
        &mut self,
        kind: ConditionKind,
        name: &Word,
    ) -> Option<(usize, bool, Vec<&'a ConditionDef>)> {
        let local = self.local.named(kind, &name.text);
        if !self.expansion.outside_bulletin && !local.is_empty() {
            return Some((self.module, false, local));
        }
        let names = self.names;
        let visible = self.visible();
        let definitions = visible.iter().filter_map(|module| Some((*module, names.modules.get(*module)?)));
        let found: Vec<(usize, Vec<_>)> = definitions
            .map(|(module, definitions)| (module, definitions.named(kind, &name.text)))
            .filter(|(_, found)| !found.is_empty())
            .collect();
        let modules: Vec<usize> = found.iter().map(|(module, _)| *module).collect();
        let Some((module, definitions)) = found.into_iter().next() else {
            self.unknown_condition(kind, name, &visible);
            return None;
        };
        if module != self.module && modules.len() > 1 {
            self.ambiguous(kind.keyword(), name, &modules);
        }
        self.used.modules.insert((self.module, module));
        Some((module, true, definitions))
    }

    fn unknown_condition(&mut self, kind: ConditionKind, name: &Word, visible: &[usize]) {
        let names = self.names;
        let defined = visible.iter().filter_map(|module| names.modules.get(*module)).chain([&self.local]);
        let keys: Vec<(ConditionKind, &str)> = defined
            .flat_map(|definitions| definitions.conditions.keys())
            .map(|(kind, name, _)| (*kind, *name))
            .collect();
        let other = keys.iter().find(|(_, other)| *other == name.text).map(|(kind, _)| kind.keyword());
        let known: Vec<&str> =
            keys.iter().filter(|(other, _)| *other == kind).map(|(_, name)| *name).collect();
        let message = format!("there is no {} `{}`", kind.keyword(), name.text);
        let problem = Diagnostic::new(Code::UNKNOWN_CONDITION, message).at(name.span, "");
        let problem = match other {
            Some(keyword) => {
                problem.help(format!("there is a {keyword} of this name: write `{keyword} {}`", name.text))
            }
            None => suggest(problem, &name.text, known, name.span),
        };
        self.report(problem);
    }

    fn call(
        &mut self,
        definition: &'a ConditionDef,
        module: usize,
        outside: bool,
        name: &Word,
        arguments: &[Operand],
    ) -> Option<Expr> {
        if !self.count(name.span) {
            return None;
        }
        self.used.conditions.insert(definition.name.span);
        if definition.body.kind == ExprKind::Error {
            return None;
        }
        let (wanted, given) = (definition.parameters.len(), arguments.len());
        if wanted != given {
            let message = format!(
                "`{}` takes {wanted} {}, but {given} {} given",
                name.text,
                plural(wanted),
                were(given)
            );
            let problem = Diagnostic::new(Code::WRONG_ARGUMENTS, message).at(name.span, "");
            self.report(problem.because(definition.name.span, "defined here"));
            return None;
        }
        let resolved: Vec<Argument> = arguments.iter().map(|argument| self.argument(argument)).collect();
        let names = definition.parameters.iter().map(|parameter| parameter.text.clone());
        let lowered = self.expand(definition, module, outside, names.zip(resolved).collect())?;
        if wanted > 0 {
            self.keep_called(module, name.span);
        }
        Some(lowered)
    }

    /// An argument, with the caller's own parameters put in.
    fn argument(&self, operand: &Operand) -> Argument {
        let bound = match operand {
            Operand::Word(word) => self.expansion.arguments.get(&word.text).cloned(),
            Operand::Text(_) => None,
        };
        bound.unwrap_or_else(|| Argument::Given(operand.clone()))
    }

    fn expand(
        &mut self,
        definition: &'a ConditionDef,
        module: usize,
        outside: bool,
        arguments: BTreeMap<String, Argument>,
    ) -> Option<Expr> {
        let span = definition.name.span;
        if self.expansion.open.contains(&span) || self.expansion.open.len() >= MAX_EXPANSION {
            self.endless(definition);
            return None;
        }
        let caller_module = std::mem::replace(&mut self.module, module);
        let caller_outside = std::mem::replace(&mut self.expansion.outside_bulletin, outside);
        let caller_arguments = std::mem::replace(&mut self.expansion.arguments, arguments);
        self.expansion.open.push(span);
        let lowered = self.expr(&definition.body);
        self.expansion.open.pop();
        self.expansion.arguments = caller_arguments;
        self.expansion.outside_bulletin = caller_outside;
        self.module = caller_module;
        lowered
    }

    fn endless(&mut self, definition: &ConditionDef) {
        let (keyword, name) = (definition.kind.keyword(), &definition.name);
        let circular = self.expansion.open.contains(&name.span);
        if !circular && std::mem::replace(&mut self.expansion.endless_reported, true) {
            return;
        }
        let problem = if circular {
            Diagnostic::new(Code::CYCLIC_CONDITION, format!("the {keyword} `{}` refers to itself", name.text))
                .help("a condition stands for its expression, so it cannot contain itself")
        } else {
            Diagnostic::new(
                Code::TOO_LARGE,
                format!("more than {MAX_EXPANSION} conditions stand inside each other"),
            )
            .help("write some of them out")
        };
        self.report(problem.at(name.span, ""));
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "argument" } else { "arguments" }
}

fn were(n: usize) -> &'static str {
    if n == 1 { "was" } else { "were" }
}
