//! Languages of Windows: BCP 47 tags and Windows' language identifiers.

use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// Languages that Windows was sold in, first the tag with its region, then the language
/// identifier that the installer records (`HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language`,
/// value `InstallLanguage`, four hexadecimal digits). Source: [MS-LCID], section 2.2.
const LANGUAGES: &[(&str, u16)] = &[
    ("ar-SA", 0x0401),
    ("bg-BG", 0x0402),
    ("zh-TW", 0x0404),
    ("cs-CZ", 0x0405),
    ("da-DK", 0x0406),
    ("de-DE", 0x0407),
    ("el-GR", 0x0408),
    ("en-US", 0x0409),
    ("fi-FI", 0x040b),
    ("fr-FR", 0x040c),
    ("he-IL", 0x040d),
    ("hu-HU", 0x040e),
    ("it-IT", 0x0410),
    ("ja-JP", 0x0411),
    ("ko-KR", 0x0412),
    ("nl-NL", 0x0413),
    ("nb-NO", 0x0414),
    ("pl-PL", 0x0415),
    ("pt-BR", 0x0416),
    ("ro-RO", 0x0418),
    ("ru-RU", 0x0419),
    ("hr-HR", 0x041a),
    ("sk-SK", 0x041b),
    ("sv-SE", 0x041d),
    ("th-TH", 0x041e),
    ("tr-TR", 0x041f),
    ("id-ID", 0x0421),
    ("uk-UA", 0x0422),
    ("sl-SI", 0x0424),
    ("et-EE", 0x0425),
    ("lv-LV", 0x0426),
    ("lt-LT", 0x0427),
    ("vi-VN", 0x042a),
    ("eu-ES", 0x042d),
    ("gl-ES", 0x0456),
    ("ca-ES", 0x0403),
    ("zh-CN", 0x0804),
    ("en-GB", 0x0809),
    ("es-MX", 0x080a),
    ("pt-PT", 0x0816),
    ("zh-HK", 0x0c04),
    ("es-ES", 0x0c0a),
    ("fr-CA", 0x0c0c),
    ("sr-Latn-RS", 0x241a),
];

/// A language, with or without its region: `ja`, `pt-BR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(&'static str);

impl Language {
    /// American English, what Windows is when nothing else is said.
    #[must_use]
    pub const fn english() -> Self {
        Self("en-US")
    }

    /// One that Caveat has no tag for, and so no rule can name.
    #[must_use]
    pub const fn another() -> Self {
        Self("another language")
    }

    /// The tag.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.0
    }

    /// Whether a host of language `host` is covered: the same tag, or a region of this language.
    #[must_use]
    pub fn covers(&self, host: &Self) -> bool {
        covers(self.0, *host)
    }

    /// The language identifiers of the regions this language covers.
    pub fn identifiers(&self) -> impl Iterator<Item = u16> + use<> {
        let own = self.0;
        let regions = LANGUAGES.iter().filter(move |(tag, _)| covers(own, Self(tag)));
        regions.map(|(_, identifier)| *identifier)
    }

    /// The identifier of a host of this language: that of its first region when it names none.
    #[must_use]
    pub fn identifier(&self) -> Option<u16> {
        self.identifiers().next()
    }

    /// The language with this identifier.
    #[must_use]
    pub fn from_identifier(identifier: u16) -> Option<Self> {
        let found = LANGUAGES.iter().find(|(_, other)| *other == identifier)?;
        Some(Self(found.0))
    }
}

/// Whether a host of language `host` is covered by that of a tag.
pub(crate) fn covers(tag: &str, host: Language) -> bool {
    host.0.strip_prefix(tag).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Language {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let known = LANGUAGES.iter().find_map(|(tag, _)| {
            let primary = tag.split('-').next().unwrap_or(tag);
            [*tag, primary].into_iter().find(|name| name.eq_ignore_ascii_case(text))
        });
        known.map(Self).ok_or_else(|| {
            Malformed::new(format!("`{text}` is not a language that Windows is known in"))
                .help("write a tag such as `en`, `ja` or `pt-BR`")
        })
    }
}

#[cfg(feature = "serde")]
crate::serde_as_text!(
    Language,
    "A language, with or without its region, in any case of letters. docs/values.md lists them.",
    "^[A-Za-z]{2}((-[A-Za-z]{4})?-[A-Za-z]{2})?$",
    ["ja", "pt-BR"]
);
