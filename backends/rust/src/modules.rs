//! The modules of a rule set: a root with the platforms and a table of bulletins, and one for each
//! bulletin.

use std::collections::BTreeSet;

use caveat_ir::meaning::{Case, Part};
use caveat_ir::rule::{Bulletin, RatedOn, SelectorId};
use caveat_ir::{Expr, RuleSet, describe};
use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::code::{Code, PlatformNames, lost};
use crate::literal::variant;
use crate::metadata::{self, Decided};
use crate::names::Names;
use crate::print::{doc, plain};

/// Generated code.
pub(crate) struct Modules<'a> {
    /// The items of the root, without those that declare the modules.
    pub(crate) root: TokenStream,
    /// The documentation of the root.
    pub(crate) doc: String,
    /// One module for each bulletin.
    pub(crate) bulletins: Vec<Module<'a>>,
}

/// The module of a bulletin.
pub(crate) struct Module<'a> {
    pub(crate) bulletin: &'a Bulletin,
    pub(crate) name: Ident,
    /// Its documentation.
    pub(crate) doc: String,
    pub(crate) items: TokenStream,
}

/// The modules of the rules. `runtime` is the path of the runtime crate.
pub(crate) fn modules<'a>(rules: &'a RuleSet, runtime: &TokenStream) -> Modules<'a> {
    let platforms = platforms(rules);
    let mut names = Names::default();
    let bulletins: Vec<Module<'a>> = rules
        .bulletins
        .iter()
        .map(|bulletin| Module {
            bulletin,
            name: names.fresh(bulletin.id.as_str()),
            doc: plain(&format!("{}: {}", bulletin.id, bulletin.title())),
            items: self::bulletin(rules, bulletin, &platforms, runtime),
        })
        .collect();
    let ids: Vec<&str> = rules.bulletins.iter().map(|bulletin| bulletin.id.as_str()).collect();
    let doc = plain(&format!("What the rules of {} say of a host.", ids.join(", ")));
    Modules { root: root(rules, &bulletins, &platforms, runtime), doc, bulletins }
}

/// The statics of the platforms that verdicts depend on.
fn platforms(rules: &RuleSet) -> PlatformNames {
    let mut found = BTreeSet::new();
    for bulletin in &rules.bulletins {
        for case in rules.cases(bulletin) {
            for (_, part) in case.parts() {
                reach(rules, part, &mut found);
            }
        }
        let rated = bulletin.vulnerabilities.iter().flat_map(|one| &one.ratings);
        for id in rated.flat_map(|rated| &rated.on) {
            reach(rules, &Expr::Platform(*id), &mut found);
        }
    }
    let mut names = Names::default();
    found.into_iter().map(|id| (id, names.fresh_static(&platform_name(rules, id)))).collect()
}

/// Adds the platforms that a formula depends on.
fn reach(rules: &RuleSet, expr: &Expr, found: &mut BTreeSet<SelectorId>) {
    let mut named = Vec::new();
    expr.platforms(&mut |id| named.push(id));
    for id in named {
        if found.insert(id)
            && let Some(claim) = rules.inventory(id)
        {
            reach(rules, &claim.formula, found);
        }
    }
}

/// `IS_WINDOWS_2000_SERVER_SP_2_4`, in any case
fn platform_name(rules: &RuleSet, id: SelectorId) -> String {
    let selector = rules.selector(id);
    let platform = selector.and_then(|selector| rules.platform(selector.platform));
    let mut words = vec!["is".to_owned()];
    words.extend(platform.map(|platform| platform.name.clone()));
    words.extend(platform.and_then(|platform| platform.edition.clone()));
    let Some(selector) = selector else { return words.join("_") };
    words.extend(selector.architectures.iter().flatten().map(ToString::to_string));
    if let Some(set) = &selector.service_packs {
        words.push("sp".to_owned());
        for (low, high) in set.ranges() {
            words.push(low.to_string());
            words.extend((*high != *low && *high != u32::MAX).then(|| high.to_string()));
            words.extend((*high == u32::MAX).then(|| "up".to_owned()));
        }
    }
    words.extend(selector.language.iter().map(ToString::to_string));
    words.join("_")
}

fn root(
    rules: &RuleSet,
    bulletins: &[Module<'_>],
    platforms: &PlatformNames,
    runtime: &TokenStream,
) -> TokenStream {
    let count = Literal::usize_unsuffixed(platforms.len());
    let session = quote! {
        /// The evaluation of one host.
        type On<H> = Scan<H, #count>;
    };
    let table = table(bulletins);
    let platforms = platform_statics(rules, platforms);
    with_imports(runtime, &quote!(#table #session #platforms))
}

fn table(bulletins: &[Module<'_>]) -> TokenStream {
    let count = Literal::usize_unsuffixed(bulletins.len());
    let names: Vec<&Ident> = bulletins.iter().map(|module| &module.name).collect();
    let docs = bulletins.iter().map(|module| doc(&module.doc));
    let lengths: Vec<Literal> = bulletins
        .iter()
        .map(|module| Literal::usize_unsuffixed(module.bulletin.vulnerabilities.len()))
        .collect();
    quote! {
        /// The bulletins, in order.
        pub static BULLETINS: [&Bulletin; #count] = [#(&#names::BULLETIN),*];

        /// What every bulletin says of a host.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Outcomes { #(#docs pub #names: Outcome<[VulnerabilityOutcome; #lengths]>),* }

        impl Outcomes {
            /// The outcomes, in the order of the bulletins.
            pub fn iter(&self) -> impl Iterator<Item = &Outcome> {
                let all: [&Outcome; #count] = [#(&self.#names),*];
                all.into_iter()
            }
        }

        /// What every bulletin says of the host.
        pub fn evaluate<H: HostFacts + ?Sized>(host: &H) -> Outcomes {
            let on = On::new(host);
            Outcomes { #(#names: on.outcome(&#names::BULLETIN, &#names::VULNERABILITIES)),* }
        }
    }
}

fn platform_statics(rules: &RuleSet, platforms: &PlatformNames) -> TokenStream {
    let mut code = Code::new(platforms);
    let formulas: Vec<_> =
        platforms.keys().map(|id| rules.inventory(*id).map(|claim| code.add(&claim.formula))).collect();
    let mut statics = Vec::new();
    for (slot, ((id, name), formula)) in platforms.iter().zip(formulas).enumerate() {
        let slot = Literal::usize_unsuffixed(slot);
        let docs = doc(&format!("The host is of {}.", describe::platform(rules, *id)));
        let formula = formula.map_or_else(lost, |formula| code.body(formula));
        statics.push(quote! {
            #docs
            static #name: Platform = Platform { slot: #slot, formula: #formula };
        });
    }
    let shared = code.finish();
    quote!(#(#statics)* #shared)
}

fn bulletin(
    rules: &RuleSet,
    bulletin: &Bulletin,
    platforms: &PlatformNames,
    runtime: &TokenStream,
) -> TokenStream {
    let mut code = Code::new(platforms);
    let cases: Vec<Case<'_>> = rules.cases(bulletin).collect();
    for case in &cases {
        for (_, part) in case.parts() {
            code.add(part);
        }
    }
    let mut decided = Vec::new();
    for vulnerability in &bulletin.vulnerabilities {
        let own = cases.iter().filter(|case| std::ptr::eq(case.vulnerability, vulnerability));
        let ratings = vulnerability.ratings.iter().map(|rated| rating(rated, platforms)).collect();
        decided.push(Decided { ratings, cases: own.map(|own| case(rules, own, &mut code)).collect() });
    }
    let statics = metadata::statics(bulletin, &decided);
    let code = code.finish();
    let count = Literal::usize_unsuffixed(bulletin.vulnerabilities.len());
    let items = quote! {
        #statics

        /// What the bulletin says of the host.
        pub fn evaluate<H: HostFacts + ?Sized>(host: &H) -> Outcome<[VulnerabilityOutcome; #count]> {
            On::new(host).outcome(&BULLETIN, &VULNERABILITIES)
        }

        #code
    };
    let used = idents(&items);
    let supers = platforms.values().filter(|name| used.contains(&name.to_string()));
    with_imports(runtime, &quote!(use super::{On #(, #supers)*}; #items))
}

fn rating(rated: &RatedOn, platforms: &PlatformNames) -> TokenStream {
    let level = variant("Rating", &rated.rating);
    let on = rated.on.iter().filter_map(|id| platforms.get(id));
    quote!((#level, &[#(&#on),*]))
}

fn case(rules: &RuleSet, case: &Case<'_>, code: &mut Code<'_>) -> TokenStream {
    let package = case.bulletin.packages.iter().position(|one| std::ptr::eq(one, case.package));
    let package = Literal::usize_unsuffixed(package.unwrap_or_default());
    let parts = case.parts().map(|(part, formula)| {
        let id = code.add(formula);
        code.called(id, role(part), &describe::formula(rules, formula))
    });
    let parts = parts.collect::<Vec<_>>();
    let exposure = &case.exposure;
    quote!(Case { package: &PACKAGES[#package], parts: [#(#parts),*], exposure: &[#(#exposure),*] })
}

/// What the formulas of a part are called.
fn role(part: Part) -> &'static str {
    match part {
        Part::Platform => "on_platform",
        Part::Requires => "required",
        Part::Present => "present",
        Part::Outdated => "outdated",
        Part::Exposed => "exposed",
    }
}

/// What generated code may use of the runtime.
const IMPORTS: [&str; 18] = [
    "Bulletin",
    "Case",
    "Comparison",
    "Formula",
    "HostFacts",
    "Integer",
    "KeyPart",
    "Outcome",
    "Package",
    "Pattern",
    "Platform",
    "Scan",
    "ServiceCheck",
    "Subject",
    "Test",
    "ValueCheck",
    "Vulnerability",
    "VulnerabilityOutcome",
];
const VALUES: [&str; 18] = [
    "Architecture",
    "Digest",
    "Family",
    "Hive",
    "Impact",
    "InstallationType",
    "Kb",
    "KeyRef",
    "OsVersion",
    "PathRef",
    "ProductType",
    "Rating",
    "RegistryType",
    "Restart",
    "StartType",
    "TextInterval",
    "VersionInterval",
    "View",
];

/// The items, after imports of what they use.
fn with_imports(runtime: &TokenStream, items: &TokenStream) -> TokenStream {
    let used = idents(items);
    let named = |names: &[&str]| -> Vec<Ident> {
        names.iter().filter(|name| used.contains(**name)).map(|name| format_ident!("{name}")).collect()
    };
    let (imports, values) = (named(&IMPORTS), named(&VALUES));
    let values = (!values.is_empty()).then(|| quote!(use #runtime::value::{#(#values),*};));
    quote!(#values use #runtime::{#(#imports),*}; #items)
}

/// The names that stand alone or begin a path.
fn idents(tokens: &TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![tokens.clone()];
    while let Some(tokens) = open.pop() {
        let mut colons = 0;
        for token in tokens {
            match &token {
                TokenTree::Ident(ident) if colons < 2 => {
                    found.insert(ident.to_string());
                }
                TokenTree::Group(group) => open.push(group.stream()),
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            let colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
            colons = if colon { colons + 1 } else { 0 };
        }
    }
    found
}
