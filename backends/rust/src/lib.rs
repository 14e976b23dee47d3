//! Rust code from Caveat rules.
//!
//! ```text
//! Checked -> modules (metadata, code: formulas -> functions) -> print -> artifacts, or a macro's tokens
//! ```
//!
//! The code asks any `caveat_runtime::HostFacts` and depends on nothing but that crate, which decides
//! when a test holds and how cases become a verdict. What a rule means comes from
//! `caveat_ir::meaning`. This crate does not compile what it writes.

mod code;
mod formulas;
mod literal;
mod metadata;
mod modules;
mod names;
mod print;

use std::borrow::Cow;
use std::collections::BTreeMap;

use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitBug, EmitCx, EmitError, Fidelity, OptionSpec, Support,
    Text, text,
};
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Feature};
use proc_macro2::TokenStream;
use quote::quote;

use crate::modules::{Module, Modules, modules};

const EXTENSIONS: &[Text] = &[text("rs")];

const SPECS: &[OptionSpec] = &[OptionSpec::free(
    "runtime",
    "::caveat_runtime",
    is_path,
    "the path under which generated code finds the crate `caveat-runtime`",
)];

static INFO: BackendInfo = BackendInfo {
    id: text("rust"),
    title: text("Rust source code"),
    summary: text("a Rust module for each bulletin, which evaluates anything that has `HostFacts`"),
    extensions: Cow::Borrowed(EXTENSIONS),
    options: Cow::Borrowed(SPECS),
    metadata: Cow::Borrowed(&[]),
};

fn is_path(text: &str) -> bool {
    syn::parse_str::<syn::Path>(text)
        .is_ok_and(|path| path.segments.iter().all(|one| one.arguments.is_none()))
}

/// The back end for Rust.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rust;

impl Backend for Rust {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    fn support(&self, feature: Feature) -> Support {
        match feature {
            Feature::OsFamily
            | Feature::OsVersion
            | Feature::OsBuild
            | Feature::OsRevision
            | Feature::ServicePack
            | Feature::ProductType
            | Feature::InstallationType
            | Feature::Suite
            | Feature::Architecture
            | Feature::Language
            | Feature::FileExists
            | Feature::FileVersion
            | Feature::FileSize
            | Feature::FileDigest
            | Feature::RegistryExists
            | Feature::RegistryValue
            | Feature::RegistryPattern
            | Feature::RegistryBits
            | Feature::RegistryType
            | Feature::RegistryView
            | Feature::SeveralKeys
            | Feature::KeysWithoutValue
            | Feature::ServiceStart
            | Feature::ServiceState
            | Feature::Hotfix
            | Feature::MachineVariable
            | Feature::Unknowable => Support::Exact,
            Feature::OtherVariable => Support::narrow("a host answers for one process only"),
            Feature::CurrentUser => Support::narrow("a host answers for one account only"),
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let path: TokenStream = cx
            .options()
            .get("runtime")
            .parse()
            .map_err(|error| EmitBug(format!("the path of the runtime does not parse: {error}")))?;
        let mut made = rules.rules().clone();
        let mut said = BTreeMap::new();
        for bulletin in &rules.rules().bulletins {
            if let Some(admitted) = cx.admit_bulletin(self, rules.rules(), bulletin) {
                said.insert(bulletin.id.clone(), (admitted.fidelity, admitted.losses.reasons()));
            }
        }
        made.bulletins.retain(|bulletin| said.contains_key(&bulletin.id));
        if made.bulletins.is_empty() && !rules.rules().bulletins.is_empty() {
            return Ok(());
        }
        let modules = modules(&made, &path);
        let whole = said.values().map(|(fidelity, _)| *fidelity).fold(Fidelity::Exact, Fidelity::and);
        let all = made.bulletins.iter().map(|bulletin| bulletin.id.clone()).collect();
        cx.artifact(artifact("mod", all, print::file(&root_file(&modules), whole)?, whole))?;
        for module in &modules.bulletins {
            let Module { bulletin, name, doc, items } = module;
            let (fidelity, reasons) = said.remove(&bulletin.id).unwrap_or_default();
            let errs = reasons.iter().map(|reason| format!(" {fidelity}: {}", print::plain(reason)));
            let docs = std::iter::once(format!(" {doc}")).chain(errs);
            let text = print::file(&quote!(#(#![doc = #docs])* #items), fidelity)?;
            cx.artifact(artifact(&name.to_string(), vec![bulletin.id.clone()], text, fidelity))?;
        }
        Ok(())
    }
}

fn artifact(stem: &str, bulletins: Vec<BulletinId>, text: String, fidelity: Fidelity) -> Artifact {
    let path = format!("rust/{stem}.rs");
    Artifact { path, text, role: ArtifactRole::Main, bulletins, fidelity }
}

/// The root as a file that declares the modules in the files beside it.
fn root_file(modules: &Modules<'_>) -> TokenStream {
    let doc = format!(" {}", modules.doc);
    let names = modules.bulletins.iter().map(|module| &module.name);
    let root = &modules.root;
    quote! {
        #![doc = #doc]
        #![allow(dead_code, unreachable_pub, rustdoc::all, clippy::all, clippy::pedantic)]
        #(pub mod #names;)*
        #root
    }
}

/// The whole code as the items of one module, for macros. `runtime` is the path of the runtime crate.
#[must_use]
pub fn items(rules: &Checked, runtime: &TokenStream) -> TokenStream {
    let Modules { root, bulletins, .. } = modules(rules.rules(), runtime);
    let modules = bulletins.iter().map(|Module { name, doc, items, .. }| {
        let doc = print::doc(doc);
        quote!(#doc pub mod #name { #items })
    });
    quote!(#(#modules)* #root)
}
