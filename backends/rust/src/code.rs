//! Formulas as tables: a static for each one that has a name, the others where they are used.

use std::collections::BTreeMap;

use caveat_ir::Expr;
use caveat_ir::rule::SelectorId;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::formulas::{Formulas, Node, NodeId};
use crate::literal;
use crate::names::Names;
use crate::print::doc;

/// Which static holds a platform.
pub(crate) type PlatformNames = BTreeMap<SelectorId, Ident>;

/// The tables of one file.
pub(crate) struct Code<'a> {
    platforms: &'a PlatformNames,
    formulas: Formulas,
    names: Names,
    named: BTreeMap<NodeId, Ident>,
    patterns: BTreeMap<String, Ident>,
    statics: Vec<TokenStream>,
}

impl<'a> Code<'a> {
    pub(crate) fn new(platforms: &'a PlatformNames) -> Self {
        Self {
            platforms,
            formulas: Formulas::default(),
            names: Names::default(),
            named: BTreeMap::new(),
            patterns: BTreeMap::new(),
            statics: Vec::new(),
        }
    }

    /// Makes a formula known, so that what it shares with others becomes a static of its own.
    pub(crate) fn add(&mut self, expr: &Expr) -> NodeId {
        self.formulas.add(expr)
    }

    /// A formula that has a name, but for the smallest.
    pub(crate) fn called(&mut self, id: NodeId, role: &str, words: &str) -> TokenStream {
        match self.formulas.get(id) {
            Some(Node::All(parts) | Node::Any(parts)) if parts.is_empty() => quote!(Formula::All(&[])),
            Some(Node::Platform(_)) => self.body(id),
            _ => self.named(id, role, words),
        }
    }

    fn named(&mut self, id: NodeId, role: &str, words: &str) -> TokenStream {
        if let Some(name) = self.named.get(&id) {
            return quote!(Formula::Shared(&#name));
        }
        let body = self.body(id);
        let name = self.names.fresh_static(role);
        let docs = doc(words);
        self.statics.push(quote!(#docs static #name: Formula = #body;));
        self.named.insert(id, name.clone());
        quote!(Formula::Shared(&#name))
    }

    /// The formula where another one has it as a part.
    fn part(&mut self, id: NodeId) -> TokenStream {
        let shared = self.formulas.is_shared(id) || self.named.contains_key(&id);
        if shared { self.named(id, "shared", "Several formulas have this part.") } else { self.body(id) }
    }

    fn parts(&mut self, parts: &[NodeId]) -> Vec<TokenStream> {
        parts.iter().map(|part| self.part(*part)).collect()
    }

    /// The formula in full.
    pub(crate) fn body(&mut self, id: NodeId) -> TokenStream {
        match self.formulas.get(id).cloned() {
            Some(Node::All(parts)) => {
                let parts = self.parts(&parts);
                quote!(Formula::All(&[#(#parts),*]))
            }
            Some(Node::Any(parts)) => {
                let parts = self.parts(&parts);
                quote!(Formula::Any(&[#(#parts),*]))
            }
            Some(Node::Not(part)) => {
                let part = self.part(part);
                quote!(Formula::Not(&#part))
            }
            Some(Node::Platform(platform)) => {
                self.platforms.get(&platform).map_or_else(lost, |name| quote!(Formula::Platform(&#name)))
            }
            Some(Node::Test(test)) => {
                let patterns = &mut self.patterns;
                let test = literal::test(&test, &mut |text| {
                    let number = patterns.len() + 1;
                    let name = || Ident::new(&format!("PATTERN_{number}"), Span::call_site());
                    patterns.entry(text.to_owned()).or_insert_with(name).clone()
                });
                quote!(Formula::Test(#test))
            }
            None => lost(),
        }
    }

    /// The formulas that were named, and the patterns they use.
    pub(crate) fn finish(self) -> TokenStream {
        let Self { statics, patterns, .. } = self;
        let patterns =
            patterns.iter().map(|(text, name)| quote!(static #name: Pattern = Pattern::new(#text);));
        quote!(#(#patterns)* #(#statics)*)
    }
}

/// A formula that rules refer to and do not have, which no checked rules do: nobody can tell.
pub(crate) fn lost() -> TokenStream {
    quote!(Formula::Test(Test::Unknowable("a formula that the rules do not have")))
}
