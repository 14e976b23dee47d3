//! Formulas as functions over a session.
//!
//! A run of plain tests, or of calls, becomes a table; so large rules stay small code. Long chains are
//! split, as a compiler walks them by recursion.

use std::collections::BTreeMap;

use caveat_ir::rule::SelectorId;
use caveat_ir::{Expr, Test};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::formulas::{Formulas, Node, NodeId};
use crate::literal;
use crate::names::Names;
use crate::print::doc;

/// The most links of one chain of `and` and `or`.
const MAX_CHAIN: usize = 8;

/// Which function tells a platform.
pub(crate) type PlatformNames = BTreeMap<SelectorId, Ident>;

/// The functions of one file.
pub(crate) struct Code<'a> {
    platforms: &'a PlatformNames,
    formulas: Formulas,
    names: Names,
    named: BTreeMap<NodeId, Ident>,
    patterns: BTreeMap<String, Ident>,
    functions: Vec<TokenStream>,
}

impl<'a> Code<'a> {
    pub(crate) fn new(platforms: &'a PlatformNames) -> Self {
        Self {
            platforms,
            formulas: Formulas::default(),
            names: Names::default(),
            named: BTreeMap::new(),
            patterns: BTreeMap::new(),
            functions: Vec::new(),
        }
    }

    /// Makes a formula known, so that what it shares with others becomes a function of its own.
    pub(crate) fn add(&mut self, expr: &Expr) -> NodeId {
        self.formulas.add(expr)
    }

    /// A formula as the name of a function, or what can stand for one.
    pub(crate) fn function(&mut self, id: NodeId, role: &str, words: &str) -> TokenStream {
        match self.formulas.get(id) {
            Some(Node::All(parts) | Node::Any(parts)) if parts.is_empty() => quote!(|_| Truth::NotApplicable),
            Some(Node::Platform(platform)) => self.platform(*platform),
            _ => self.named(id, role, words),
        }
    }

    fn named(&mut self, id: NodeId, role: &str, words: &str) -> TokenStream {
        if let Some(name) = self.named.get(&id) {
            return quote!(#name);
        }
        let body = self.body(id);
        let name = self.names.fresh(role);
        let docs = doc(words);
        self.functions.push(quote! {
            #docs
            fn #name<H: HostFacts>(on: &On<H>) -> Truth { #body }
        });
        self.named.insert(id, name.clone());
        quote!(#name)
    }

    fn platform(&self, id: SelectorId) -> TokenStream {
        self.platforms.get(&id).map_or_else(|| quote!(|_| Truth::Error), |name| quote!(#name))
    }

    /// The formula where another one has it as a part.
    fn part(&mut self, id: NodeId) -> TokenStream {
        match self.callable(id) {
            Some(function) => quote!(#function(on)),
            None => self.body(id),
        }
    }

    /// The function that stands for the part, if there is one.
    fn callable(&mut self, id: NodeId) -> Option<TokenStream> {
        if let Some(Node::Platform(platform)) = self.formulas.get(id) {
            return self.platforms.get(platform).map(|name| quote!(#name));
        }
        let shared = self.formulas.is_shared(id) || self.named.contains_key(&id);
        shared.then(|| self.named(id, "shared", "Several formulas have this part."))
    }

    /// What a formula comes to, as an expression over the session `on`.
    pub(crate) fn body(&mut self, id: NodeId) -> TokenStream {
        match self.formulas.get(id).cloned() {
            Some(Node::All(parts)) => self.joined(&parts, &ALL),
            Some(Node::Any(parts)) => self.joined(&parts, &ANY),
            Some(Node::Not(part)) => {
                let part = self.part(part);
                quote!(!#part)
            }
            Some(Node::Platform(platform)) => {
                let function = self.platforms.get(&platform);
                function.map_or_else(|| quote!(Truth::Error), |function| quote!(#function(on)))
            }
            Some(Node::Test(test)) => {
                let test = self.test(&test);
                quote!(on.test(#test))
            }
            None => quote!(Truth::Error),
        }
    }

    fn joined(&mut self, parts: &[NodeId], join: &Join) -> TokenStream {
        let links = self.links(parts, join);
        chained(&links, join)
    }

    /// The parts, runs of tests and runs of calls in one link each.
    fn links(&mut self, parts: &[NodeId], join: &Join) -> Vec<TokenStream> {
        let mut links = Vec::new();
        let mut rest = parts;
        while let Some((first, after)) = rest.split_first() {
            let tests: Vec<Test> = rest.iter().map_while(|id| self.plain_test(*id)).collect();
            if tests.len() > 1 {
                let tests: Vec<TokenStream> = tests.iter().map(|test| self.test(test)).collect();
                let table = join.tests();
                links.push(quote!(on.#table(&[#(#tests),*])));
                rest = rest.get(tests.len()..).unwrap_or(&[]);
                continue;
            }
            let mut calls = Vec::new();
            while let Some(call) = rest.get(calls.len()).and_then(|id| self.callable(*id)) {
                calls.push(call);
            }
            if calls.len() > 2 {
                let table = join.calls();
                links.push(quote!(on.#table(&[#(#calls),*])));
                rest = rest.get(calls.len()..).unwrap_or(&[]);
            } else {
                links.push(self.part(*first));
                rest = after;
            }
        }
        links
    }

    fn plain_test(&self, id: NodeId) -> Option<Test> {
        match self.formulas.get(id) {
            Some(Node::Test(test)) => Some(test.clone()),
            _ => None,
        }
    }

    fn test(&mut self, test: &Test) -> TokenStream {
        let patterns = &mut self.patterns;
        literal::test(test, &mut |text| {
            let number = patterns.len() + 1;
            let name = || Ident::new(&format!("PATTERN_{number}"), Span::call_site());
            patterns.entry(text.to_owned()).or_insert_with(name).clone()
        })
    }

    /// The functions that were named, and the patterns they use.
    pub(crate) fn finish(self) -> TokenStream {
        let Self { functions, patterns, .. } = self;
        let statics =
            patterns.iter().map(|(text, name)| quote!(static #name: Pattern = Pattern::new(#text);));
        quote!(#(#statics)* #(#functions)*)
    }
}

/// A conjunction or a disjunction.
struct Join {
    tests: &'static str,
    calls: &'static str,
    link: &'static str,
}

const ALL: Join = Join { tests: "all", calls: "all_of", link: "and" };
const ANY: Join = Join { tests: "any", calls: "any_of", link: "or" };

impl Join {
    fn tests(&self) -> Ident {
        Ident::new(self.tests, Span::call_site())
    }

    fn calls(&self) -> Ident {
        Ident::new(self.calls, Span::call_site())
    }

    fn link(&self) -> Ident {
        Ident::new(self.link, Span::call_site())
    }
}

/// `a.or(|| b).or(|| c)`; chains of chains when it gets long.
fn chained(links: &[TokenStream], join: &Join) -> TokenStream {
    if links.len() > MAX_CHAIN {
        let piece = links.len().div_ceil(MAX_CHAIN);
        let chains: Vec<TokenStream> = links.chunks(piece).map(|links| chained(links, join)).collect();
        return chained(&chains, join);
    }
    let Some((first, others)) = links.split_first() else { return quote!(Truth::NotApplicable) };
    let method = join.link();
    let first = if others.is_empty() || !is_negated(first) { quote!(#first) } else { quote!((#first)) };
    quote!(#first #(.#method(|| #others))*)
}

/// Whether a method call behind the expression would bind tighter than it.
fn is_negated(link: &TokenStream) -> bool {
    matches!(link.clone().into_iter().next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
}
