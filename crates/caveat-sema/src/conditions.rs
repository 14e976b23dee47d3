//! Named conditions: finding, calling and expanding them.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, FileId, Span};
use caveat_ir::Expr;
use caveat_syntax::ast::{ConditionDef, ConditionKind, ExprKind, Operand, Word};

use crate::expansion::Argument;
use crate::lower::Lowering;
use crate::references::Kind;

/// How many tests one expression may come to, named conditions expanded.
const MAX_TESTS: usize = 10_000;
/// How many named conditions may stand inside each other.
const MAX_EXPANSION: usize = 64;

impl<'a> Lowering<'a> {
    /// Looks at every condition of the current module once, so that mistakes in those that
    /// nobody calls are found too.
    pub(crate) fn check_conditions(&mut self) {
        let Some(module) = self.current() else { return };
        for definition in module.definitions.conditions(module.tree()) {
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
        self.local.conditions().any(|local| local.name.span == definition.name.span)
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
            let span = self.expansion.open.first().map_or(span, |outermost| outermost.name.span);
            let problem =
                Diagnostic::new(Code::TOO_LARGE, format!("this comes to more than {MAX_TESTS} tests"));
            self.report(
                problem.at(span, "").help("named conditions are expanded where they stand; use fewer"),
            );
        }
        if self.expansion.size > MAX_TESTS {
            self.reporter.lose();
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
            self.report(problem.suggest(&version.text, known.iter().map(String::as_str), version.span));
            return None;
        }
        Some(chosen)
    }

    /// Where a condition is defined, whether that is outside the bulletin, and its definitions.
    fn find_condition(
        &mut self,
        kind: ConditionKind,
        name: &Word,
    ) -> Option<(FileId, bool, Vec<&'a ConditionDef>)> {
        let local = self.local.named(kind, &name.text);
        if !self.expansion.outside_bulletin && !local.is_empty() {
            return Some((self.module, false, local));
        }
        let scope = self.scope;
        let visible = scope.visible(self.module);
        let modules = visible.iter().filter_map(|module| scope.module(*module));
        let found: Vec<(FileId, Vec<_>)> = modules
            .map(|module| (module.file(), module.definitions.named(module.tree(), kind, &name.text)))
            .filter(|(_, found)| !found.is_empty())
            .collect();
        let modules: Vec<FileId> = found.iter().map(|(module, _)| *module).collect();
        let Some((module, definitions)) = found.into_iter().next() else {
            self.unknown_condition(kind, name, visible);
            return None;
        };
        if module != self.module && modules.len() > 1 {
            self.ambiguous(kind.keyword(), name, &modules);
        }
        self.record.used.modules.insert((self.module, module));
        Some((module, true, definitions))
    }

    fn unknown_condition(&mut self, kind: ConditionKind, name: &Word, visible: &[FileId]) {
        let scope = self.scope;
        let modules = visible.iter().filter_map(|module| scope.module(*module));
        let mut keys: Vec<(ConditionKind, &str)> =
            modules.flat_map(|module| module.definitions.condition_names()).collect();
        keys.extend(self.local.conditions().map(|one| (one.kind, one.name.text.as_str())));
        let other = keys.iter().find(|(_, other)| *other == name.text).map(|(kind, _)| kind.keyword());
        let known: Vec<&str> =
            keys.iter().filter(|(other, _)| *other == kind).map(|(_, name)| *name).collect();
        let message = format!("there is no {} `{}`", kind.keyword(), name.text);
        let problem = Diagnostic::new(Code::UNKNOWN_CONDITION, message).at(name.span, "");
        let problem = match other {
            Some(keyword) => {
                problem.help(format!("there is a {keyword} of this name: write `{keyword} {}`", name.text))
            }
            None => problem.suggest(&name.text, known, name.span),
        };
        self.report(problem);
    }

    fn call(
        &mut self,
        definition: &'a ConditionDef,
        module: FileId,
        outside: bool,
        name: &Word,
        arguments: &[Operand],
    ) -> Option<Expr> {
        if !self.count(name.span) {
            return None;
        }
        self.record.used.conditions.insert(definition.name.span);
        self.record.refer(Kind::Condition(definition.kind), &name.text, name.span, definition.name.span);
        if definition.body.kind == ExprKind::Error || (outside && !self.is_certain(module, definition)) {
            self.reporter.lose();
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

    /// Whether the definition is all that was meant by its name.
    fn is_certain(&self, module: FileId, definition: &ConditionDef) -> bool {
        let module = self.scope.module(module);
        let has_version = |word: &Word| word.text.parse::<caveat_ir::value::FileVersion>().is_ok();
        definition.version.as_ref().is_none_or(has_version)
            && module.is_some_and(|module| module.is_certain(definition.span, definition.name.span))
    }

    /// An argument, with the caller's own parameters put in.
    fn argument(&mut self, operand: &Operand) -> Argument {
        self.bound(operand).unwrap_or_else(|| Argument::Given(operand.clone()))
    }

    /// What an operand stands for that is a parameter of the innermost condition.
    pub(crate) fn bound(&mut self, operand: &Operand) -> Option<Argument> {
        let Operand::Word(word) = operand else { return None };
        let bound = self.expansion.arguments.get(&word.text).cloned()?;
        let parameters = self.expansion.open.last().map_or(&[][..], |innermost| &innermost.parameters);
        if let Some(parameter) = parameters.iter().find(|parameter| parameter.text == word.text) {
            self.record.refer(Kind::Parameter, &word.text, word.span, parameter.span);
        }
        Some(bound)
    }

    fn expand(
        &mut self,
        definition: &'a ConditionDef,
        module: FileId,
        outside: bool,
        arguments: BTreeMap<String, Argument>,
    ) -> Option<Expr> {
        if self.is_open(definition) || self.expansion.open.len() >= MAX_EXPANSION {
            self.endless(definition);
            return None;
        }
        let caller_module = std::mem::replace(&mut self.module, module);
        let caller_outside = std::mem::replace(&mut self.expansion.outside_bulletin, outside);
        let caller_arguments = std::mem::replace(&mut self.expansion.arguments, arguments);
        self.expansion.open.push(definition);
        let lowered = self.expr(&definition.body);
        self.expansion.open.pop();
        self.expansion.arguments = caller_arguments;
        self.expansion.outside_bulletin = caller_outside;
        self.module = caller_module;
        lowered
    }

    fn is_open(&self, definition: &ConditionDef) -> bool {
        self.expansion.open.iter().any(|open| open.name.span == definition.name.span)
    }

    fn endless(&mut self, definition: &ConditionDef) {
        self.reporter.lose();
        let (keyword, name) = (definition.kind.keyword(), &definition.name);
        let circular = self.is_open(definition);
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
