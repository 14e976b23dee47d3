//! Data of registry values that a check may trip over: other types, other spellings, and texts that
//! are nearly what it asks for.

use std::ops::Bound;

use caveat_ir::expr::ValueCheck;
use caveat_ir::host::{DataEntry, RegistryData, Scalar};
use caveat_ir::value::{TextRange, TextVersion};

use super::build::value;

/// The data for a check, where `satisfying` passes it.
pub(super) fn odd(check: &ValueCheck, satisfying: &RegistryData) -> Vec<RegistryData> {
    let mut texts = vec![String::new()];
    if let DataEntry::One(data) = &satisfying.data {
        texts.extend(in_other_cases(&data.to_string()));
    }
    if let ValueCheck::Version(versions) = check {
        texts.extend(versions.ranges().iter().flat_map(around));
    }
    let mut data: Vec<RegistryData> = texts.iter().map(|text| single("reg_sz", text)).collect();
    let text = match &satisfying.data {
        DataEntry::One(data) => data.to_string(),
        DataEntry::Many(_) => "1".to_owned(),
    };
    data.push(single("reg_expand_sz", &text));
    data.push(list(&[]));
    data.push(list(&["other", &text]));
    data.push(value("reg_dword", DataEntry::One(Scalar::Integer(6))));
    data.push(single("reg_binary", "00ff"));
    data.push(single("reg_qword", "6"));
    data.push(single("reg_none", "00ff"));
    data.push(single("reg_link", &text));
    data
}

fn single(kind: &str, text: &str) -> RegistryData {
    value(kind, DataEntry::One(Scalar::Text(text.to_owned())))
}

fn list(texts: &[&str]) -> RegistryData {
    let texts = texts.iter().map(|text| Scalar::Text((*text).to_owned())).collect();
    value("reg_multi_sz", DataEntry::Many(texts))
}

fn in_other_cases(text: &str) -> Vec<String> {
    vec![text.to_uppercase(), text.to_lowercase()]
}

/// Texts around the ends of a range: versions in other spellings and with other last parts, and what
/// is no version.
fn around(range: &TextRange) -> Vec<String> {
    let ends = [range.low(), range.high()].into_iter().filter_map(|end| match end {
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
        Bound::Unbounded => None,
    });
    let mut texts = Vec::new();
    for end in ends {
        let beside = |part: u32| {
            let mut parts = end.parts().to_vec();
            parts.pop();
            parts.push(part);
            TextVersion::new(parts).to_string()
        };
        let last = end.parts().last().copied().unwrap_or(0);
        texts.extend([end.to_string(), beside(last.saturating_sub(1)), beside(last + 1), beside(70_000)]);
        let spellings = [
            format!("{end}.0.0"),
            format!("0{end}"),
            format!("{end}.0.0.1"),
            format!("{end}.2147483647"),
            format!("{end}.2147483648"),
            format!("{end}."),
            format!("v{end}"),
            format!("{end} (Build 9638)"),
            format!("{end}\n"),
            end.to_string().replace('.', ","),
        ];
        texts.extend(spellings);
    }
    texts
}
