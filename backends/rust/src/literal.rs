//! Tests and values as expressions. Every text goes through a string literal of `quote`, so it
//! cannot end early, whatever is in it.

use std::ops::Bound;

use caveat_ir::expr::{Comparison, Integer, KeyPart, ServiceCheck, Subject, ValueCheck};
use caveat_ir::value::{
    Digest, Hive, Kb, RegistryPath, StartType, TextInterval, TextVersionSet, VersionInterval, VersionSet,
    View, WindowsPath,
};
use caveat_ir::{Test, describe};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

/// A test. `pattern` names the static that holds a regular expression.
pub(crate) fn test(test: &Test, pattern: &mut impl FnMut(&str) -> Ident) -> TokenStream {
    match test {
        Test::Family(family) => {
            let family = variant("Family", family);
            quote!(Test::Family(#family))
        }
        Test::OsVersion(version) => {
            let (major, minor) = (number(version.major), number(version.minor));
            quote!(Test::OsVersion(OsVersion { major: #major, minor: #minor }))
        }
        Test::OsBuild(builds) => {
            let ranges = ranges(builds.ranges());
            quote!(Test::OsBuild(#ranges))
        }
        Test::OsRevision(revisions) => {
            let ranges = ranges(revisions.ranges());
            quote!(Test::OsRevision(#ranges))
        }
        Test::ServicePack(set) => {
            let ranges = ranges(set.ranges());
            quote!(Test::ServicePack(#ranges))
        }
        Test::ProductType(types) => {
            let types = types.iter().map(|one| variant("ProductType", one));
            quote!(Test::ProductType(&[#(#types),*]))
        }
        Test::InstallationType(types) => {
            let types = types.iter().map(|one| variant("InstallationType", one));
            quote!(Test::InstallationType(&[#(#types),*]))
        }
        Test::Suite(name) => quote!(Test::Suite(#name)),
        Test::Architecture(list) => {
            let list = list.iter().map(|one| variant("Architecture", one));
            quote!(Test::Architecture(&[#(#list),*]))
        }
        Test::Language(language) => {
            let tag = language.as_str();
            quote!(Test::Language(#tag))
        }
        Test::FileExists(_) | Test::FileVersion(..) | Test::FileSize(..) | Test::FileDigest(..) => {
            file_test(test)
        }
        Test::RegistryKey(key) => {
            let key = registry_key(key);
            quote!(Test::RegistryKey(#key))
        }
        Test::RegistryValue(key, name, check) => {
            let (key, check) = (registry_key(key), value_check(check, pattern));
            quote!(Test::RegistryValue(#key, #name, #check))
        }
        Test::AnyKey(pattern_of_keys, parts) => {
            let key = registry_key(pattern_of_keys);
            let parts = parts.iter().map(|part| key_part(part, pattern));
            quote!(Test::AnyKey(#key, &[#(#parts),*]))
        }
        Test::Service(name, check) => {
            let check = service_check(*check);
            quote!(Test::Service(#name, #check))
        }
        Test::Hotfix(number) => {
            let kb = kb(*number);
            quote!(Test::Hotfix(#kb))
        }
        Test::Unknowable(_) => {
            let why = describe::subject(test);
            quote!(Test::Unknowable(#why))
        }
    }
}

fn file_test(test: &Test) -> TokenStream {
    match test {
        Test::FileVersion(path, versions) => {
            let (path, versions) = (file_path(path), intervals(versions));
            quote!(Test::FileVersion(#path, #versions))
        }
        Test::FileSize(path, comparison, size) => {
            let (path, comparison, size) = (file_path(path), compare(*comparison), number(*size));
            quote!(Test::FileSize(#path, #comparison, #size))
        }
        Test::FileDigest(path, algorithm, digest) => {
            let path = file_path(path);
            let algorithm = variant("Digest", algorithm);
            quote!(Test::FileDigest(#path, #algorithm, #digest))
        }
        other => {
            let path = other.path().map(file_path);
            quote!(Test::FileExists(#path))
        }
    }
}

fn value_check(check: &ValueCheck, pattern: &mut impl FnMut(&str) -> Ident) -> TokenStream {
    match check {
        ValueCheck::Exists => quote!(ValueCheck::Exists),
        ValueCheck::Text(text) => quote!(ValueCheck::Text(#text)),
        ValueCheck::TextIgnoringCase(text) => quote!(ValueCheck::TextIgnoringCase(#text)),
        ValueCheck::Matches(text) => {
            let pattern = pattern(text);
            quote!(ValueCheck::Matches(&#pattern))
        }
        ValueCheck::Version(versions) => {
            let versions = text_intervals(versions);
            quote!(ValueCheck::Version(#versions))
        }
        ValueCheck::Number(comparison, value) => {
            let (comparison, value) = (compare(*comparison), integer(*value));
            quote!(ValueCheck::Number(#comparison, #value))
        }
        ValueCheck::Bits(bits) => {
            let bits = integer(*bits);
            quote!(ValueCheck::Bits(#bits))
        }
        ValueCheck::Type(types) => {
            let types = types.iter().map(|kind| variant("RegistryType", kind));
            quote!(ValueCheck::Type(&[#(#types),*]))
        }
        ValueCheck::Binary(bytes) => quote!(ValueCheck::Binary(#bytes)),
    }
}

fn integer(integer: Integer) -> TokenStream {
    let value = number(integer.number());
    match integer {
        Integer::Dword(_) => quote!(Integer::Dword(#value)),
        Integer::Qword(_) => quote!(Integer::Qword(#value)),
    }
}

fn service_check(check: ServiceCheck) -> TokenStream {
    match check {
        ServiceCheck::Installed => quote!(ServiceCheck::Installed),
        ServiceCheck::Enabled => quote!(ServiceCheck::Enabled),
        ServiceCheck::Start(start) => {
            let start = variant("StartType", &start);
            quote!(ServiceCheck::Start(#start))
        }
        ServiceCheck::Running => quote!(ServiceCheck::Running),
        ServiceCheck::Stopped => quote!(ServiceCheck::Stopped),
    }
}

fn compare(comparison: Comparison) -> TokenStream {
    variant("Comparison", &comparison)
}

fn file_path(path: &WindowsPath) -> TokenStream {
    let path = path.as_str();
    quote!(PathRef(#path))
}

fn registry_key(path: &RegistryPath) -> TokenStream {
    let (hive, key) = (variant("Hive", &path.hive), &path.key);
    let view = path.view.map(|view| variant("View", &view));
    let view = optional(view);
    quote!(KeyRef { hive: #hive, key: #key, view: #view })
}

fn key_part(part: &KeyPart, pattern: &mut impl FnMut(&str) -> Ident) -> TokenStream {
    let subject = match &part.subject {
        Subject::Value(name) => quote!(Subject::Value(#name)),
        Subject::Star(star) => {
            let star = number(*star);
            quote!(Subject::Star(#star))
        }
    };
    let (check, holds) = (value_check(&part.check, pattern), !part.negated);
    quote!(KeyPart { subject: #subject, check: #check, holds: #holds })
}

fn ranges(ranges: &[(u32, u32)]) -> TokenStream {
    let pairs = ranges.iter().map(|(low, high)| {
        let (low, high) = (number(*low), bound(*high));
        quote!((#low, #high))
    });
    quote!(&[#(#pairs),*])
}

fn bound(high: u32) -> TokenStream {
    if high == u32::MAX { quote!(u32::MAX) } else { number(high) }
}

fn intervals(versions: &VersionSet) -> TokenStream {
    let interval = |interval: &VersionInterval| {
        let parts = |parts: [u16; 4]| {
            let parts = parts.map(number);
            quote!([#(#parts),*])
        };
        let (low, high) = (parts(interval.low.0), parts(interval.high.0));
        quote!(VersionInterval::new(#low, #high))
    };
    let intervals = versions.intervals().iter().map(interval);
    quote!(&[#(#intervals),*])
}

fn text_intervals(versions: &TextVersionSet) -> TokenStream {
    let interval = |interval: TextInterval<'_>| {
        let (low, high) = (end(interval.low), end(interval.high));
        quote!(TextInterval { low: #low, high: #high })
    };
    let intervals = versions.intervals().into_iter().map(interval);
    quote!(&[#(#intervals),*])
}

fn end(bound: Bound<&[u32]>) -> TokenStream {
    let parts = |parts: &[u32]| {
        let parts = parts.iter().map(|part| number(*part));
        quote!(&[#(#parts),*])
    };
    match bound.map(parts) {
        Bound::Included(parts) => quote!(::core::ops::Bound::Included(#parts)),
        Bound::Excluded(parts) => quote!(::core::ops::Bound::Excluded(#parts)),
        Bound::Unbounded => quote!(::core::ops::Bound::Unbounded),
    }
}

/// The number of an article.
pub(crate) fn kb(kb: Kb) -> TokenStream {
    let number = number(kb.0);
    quote!(Kb(#number))
}

/// `Some(…)` or `None`.
pub(crate) fn optional(value: Option<impl quote::ToTokens>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// A value of one of the runtime's enumerations, whose variants `Debug` names.
pub(crate) fn variant(of: &str, value: &impl Word) -> TokenStream {
    let (of, name) =
        (Ident::new(of, Span::call_site()), Ident::new(&format!("{value:?}"), Span::call_site()));
    quote!(#of::#name)
}
impl Word for caveat_ir::value::Family {}

/// An enumeration without fields.
pub(crate) trait Word: std::fmt::Debug {}

impl Word for caveat_ir::value::Architecture {}
impl Word for caveat_ir::value::Impact {}
impl Word for caveat_ir::value::ProductType {}
impl Word for caveat_ir::value::InstallationType {}
impl Word for caveat_ir::value::Rating {}
impl Word for caveat_ir::value::RegistryType {}
impl Word for caveat_ir::value::Restart {}
impl Word for Comparison {}
impl Word for Digest {}
impl Word for Hive {}
impl Word for StartType {}
impl Word for View {}

fn number(number: impl Into<u64>) -> TokenStream {
    let literal = Literal::u64_unsuffixed(number.into());
    quote!(#literal)
}
