//! The options of the back end, and what they come to.

use std::str::FromStr;

use caveat_backend::{OptionSpec, Options, Text, text};
use caveat_ir::Test;
use caveat_ir::expr::ValueCheck;
use caveat_ir::value::Date;
use caveat_ir::value::RegistryType;

const SCHEMAS: &[Text] = &[text("5.11"), text("5.10")];
const LAYOUTS: &[Text] = &[text("bulletin"), text("bundle")];

/// What a user may set.
pub(crate) const SPECS: &[OptionSpec] = &[
    OptionSpec::free(
        "namespace",
        "caveat",
        is_namespace,
        "the namespace of ids, as in `oval:NAMESPACE:def:1`: letters, digits, `_`, `-` and `.`",
    ),
    OptionSpec::listed(
        "schema",
        "5.11",
        SCHEMAS,
        "the version of OVAL: 5.11 (written as 5.11.2) or 5.10 (written as 5.10.1)",
    ),
    OptionSpec::listed("layout", "bulletin", LAYOUTS, "a document per bulletin, or one for all"),
    OptionSpec::free(
        "timestamp",
        "",
        is_timestamp,
        "the generator's timestamp, as in `2004-02-11T00:00:00`; when empty, the latest date in the bulletins",
    ),
];

/// What the options come to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) namespace: String,
    pub(crate) schema: Schema,
    pub(crate) layout: Layout,
    /// None when it follows from the bulletins.
    pub(crate) timestamp: Option<String>,
}

/// A version of the OVAL language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    V5_10,
    V5_11,
}

impl Schema {
    /// As the generator states it.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::V5_10 => "5.10.1",
            Self::V5_11 => "5.11.2",
        }
    }

    /// Whether this version has names for the types of registry values that the test asks for.
    pub(crate) fn names_types_of(self, test: &Test) -> bool {
        let Test::RegistryValue(_, _, ValueCheck::Type(types)) = test else { return true };
        self == Self::V5_11
            || types.iter().all(|kind| match kind {
                RegistryType::Text
                | RegistryType::ExpandText
                | RegistryType::Multi
                | RegistryType::Dword
                | RegistryType::Qword
                | RegistryType::Binary
                | RegistryType::None => true,
                RegistryType::DwordBigEndian
                | RegistryType::Link
                | RegistryType::ResourceList
                | RegistryType::FullResourceDescriptor
                | RegistryType::ResourceRequirementsList => false,
            })
    }
}

/// How bulletins are divided among documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Bulletin,
    Bundle,
}

impl Settings {
    /// Reads options that passed their [`SPECS`].
    pub(crate) fn read(options: &Options) -> Self {
        Self {
            namespace: options.get("namespace").to_owned(),
            schema: if options.get("schema") == "5.10" { Schema::V5_10 } else { Schema::V5_11 },
            layout: if options.get("layout") == "bundle" { Layout::Bundle } else { Layout::Bulletin },
            timestamp: options.given("timestamp"),
        }
    }
}

/// The schema's pattern for the second part of an id.
pub(crate) fn is_namespace(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Nothing, or an `xs:dateTime` of a four-digit year.
fn is_timestamp(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('T') else { return text.is_empty() };
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    Date::from_str(date).is_ok() && is_time(time) && is_zone(zone)
}

fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [hour, minute, second] => {
            up_to(hour, 23) && up_to(minute, 59) && up_to(second, 59) && digits(fraction)
        }
        _ => false,
    }
}

fn is_zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return matches!(text, "" | "Z") };
    offset == "14:00"
        || offset.split_once(':').is_some_and(|(hour, minute)| up_to(hour, 13) && up_to(minute, 59))
}

/// Two digits, at most `max`.
fn up_to(text: &str, max: u8) -> bool {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.parse::<u8>().is_ok_and(|number| number <= max)
}

#[cfg(test)]
mod tests {
    use super::{is_namespace, is_timestamp};

    #[test]
    fn timestamps_are_those_of_xml_schema() {
        for good in [
            "",
            "2004-02-11T00:00:00",
            "2004-02-29T23:59:59.5Z",
            "2004-02-11T00:00:00+09:00",
            "2004-02-11T00:00:00-14:00",
        ] {
            assert!(is_timestamp(good), "{good}");
        }
        for bad in [
            "now",
            "2004-02-11",
            "2003-02-29T00:00:00",
            "2004-02-11T24:00:00",
            "2004-02-11T00:00",
            "2004-02-11T00:00:00.",
            "2004-02-11T00:00:00 Z",
            "2004-02-11T00:00:00+9:00",
            "2004-02-11T00:00:00+14:01",
        ] {
            assert!(!is_timestamp(bad), "{bad}");
        }
    }

    #[test]
    fn namespaces_are_those_of_the_schema() {
        assert!(is_namespace("jp.example_1-2"));
        for bad in ["", "a:b", "a b", "ä", "a/b"] {
            assert!(!is_namespace(bad), "{bad}");
        }
    }
}
