//! What generated code tells of a bulletin, as statics.

use caveat_ir::rule::{Bulletin, Package, Vulnerability};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::literal::{kb, optional, variant};
use crate::print::doc;

/// What decides a vulnerability: its ratings and its cases, as items of tables.
pub(crate) struct Decided {
    pub(crate) ratings: Vec<TokenStream>,
    pub(crate) cases: Vec<TokenStream>,
}

/// The statics `BULLETIN`, `VULNERABILITIES` and `PACKAGES`; `decided` says what decides each vulnerability.
pub(crate) fn statics(bulletin: &Bulletin, decided: &[Decided]) -> TokenStream {
    let vulnerabilities =
        bulletin.vulnerabilities.iter().zip(decided).map(|(one, decided)| vulnerability(one, decided));
    let packages = bulletin.packages.iter().map(package);
    let count = Literal::usize_unsuffixed;
    let (flaws, updates) = (count(bulletin.vulnerabilities.len()), count(bulletin.packages.len()));
    let Bulletin { kb: articles, published, severity, impacts, references, .. } = bulletin;
    let (id, title) = (bulletin.id.as_str(), bulletin.title());
    let articles = articles.iter().map(|number| kb(*number));
    let published = optional(published.map(|date| date.to_string()));
    let severity = optional(severity.map(|rating| variant("Rating", &rating.value)));
    let impacts = impacts.iter().map(|impact| variant("Impact", impact));
    let docs = doc(&format!("The bulletin {id}."));
    quote! {
        #docs
        pub static BULLETIN: Bulletin = Bulletin {
            id: #id,
            title: #title,
            kb: &[#(#articles),*],
            published: #published,
            severity: #severity,
            impacts: &[#(#impacts),*],
            references: &[#(#references),*],
            vulnerabilities: &VULNERABILITIES,
            packages: &PACKAGES,
        };
        pub(super) static VULNERABILITIES: [Vulnerability; #flaws] = [#(#vulnerabilities),*];
        static PACKAGES: [Package; #updates] = [#(#packages),*];
    }
}

fn vulnerability(vulnerability: &Vulnerability, decided: &Decided) -> TokenStream {
    let Vulnerability { titles, references, .. } = vulnerability;
    let id = vulnerability.id.as_str();
    let title = optional(titles.first().map(|title| &title.text));
    let Decided { ratings, cases } = decided;
    quote! {
        Vulnerability {
            id: #id,
            title: #title,
            references: &[#(#references),*],
            ratings: &[#(#ratings),*],
            cases: &[#(#cases),*],
        }
    }
}

fn package(package: &Package) -> TokenStream {
    let Package { name, kb: articles, restart, references, .. } = package;
    let articles = articles.iter().map(|number| kb(*number));
    let restart = optional(restart.map(|restart| variant("Restart", &restart)));
    quote!(Package { name: #name, kb: &[#(#articles),*], restart: #restart, references: &[#(#references),*] })
}
