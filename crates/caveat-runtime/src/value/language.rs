//! Languages of Windows: BCP 47 tags and Windows' language identifiers.

use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// Display languages of Windows up to 11 (Microsoft, "Available languages for Windows"), first the tag with its region, then the language
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
    // Interface packs: display languages that come on top of one of those above.
    ("af-ZA", 0x0436),
    ("am-ET", 0x045e),
    ("as-IN", 0x044d),
    ("az-Latn-AZ", 0x042c),
    ("be-BY", 0x0423),
    ("bn-IN", 0x0445),
    ("bn-BD", 0x0845),
    ("bs-Latn-BA", 0x141a),
    ("ca-ES-valencia", 0x0803),
    ("chr-Cher-US", 0x045c),
    ("cy-GB", 0x0452),
    ("fa-IR", 0x0429),
    ("fil-PH", 0x0464),
    ("ga-IE", 0x083c),
    ("gd-GB", 0x0491),
    ("gu-IN", 0x0447),
    ("ha-Latn-NG", 0x0468),
    ("hi-IN", 0x0439),
    ("hy-AM", 0x042b),
    ("ig-NG", 0x0470),
    ("is-IS", 0x040f),
    ("ka-GE", 0x0437),
    ("kk-KZ", 0x043f),
    ("km-KH", 0x0453),
    ("kn-IN", 0x044b),
    ("kok-IN", 0x0457),
    ("ku-Arab-IQ", 0x0492),
    ("ky-KG", 0x0440),
    ("lb-LU", 0x046e),
    ("lo-LA", 0x0454),
    ("mi-NZ", 0x0481),
    ("mk-MK", 0x042f),
    ("ml-IN", 0x044c),
    ("mn-MN", 0x0450),
    ("mr-IN", 0x044e),
    ("ms-MY", 0x043e),
    ("mt-MT", 0x043a),
    ("ne-NP", 0x0461),
    ("nn-NO", 0x0814),
    ("nso-ZA", 0x046c),
    ("or-IN", 0x0448),
    ("pa-IN", 0x0446),
    ("pa-Arab-PK", 0x0846),
    ("prs-AF", 0x048c),
    ("quc-Latn-GT", 0x0486),
    ("quz-PE", 0x0c6b),
    ("rw-RW", 0x0487),
    ("sd-Arab-PK", 0x0859),
    ("si-LK", 0x045b),
    ("sq-AL", 0x041c),
    ("sr-Cyrl-BA", 0x1c1a),
    ("sr-Cyrl-RS", 0x281a),
    ("sw-KE", 0x0441),
    ("ta-IN", 0x0449),
    ("te-IN", 0x044a),
    ("tg-Cyrl-TJ", 0x0428),
    ("ti-ET", 0x0473),
    ("tk-TM", 0x0442),
    ("tn-ZA", 0x0432),
    ("tt-RU", 0x0444),
    ("ug-CN", 0x0480),
    ("ur-PK", 0x0420),
    ("uz-Latn-UZ", 0x0443),
    ("wo-SN", 0x0488),
    ("xh-ZA", 0x0434),
    ("yo-NG", 0x046a),
    ("zu-ZA", 0x0435),
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
    "^[A-Za-z]{2,3}((-[A-Za-z]{4})?-[A-Za-z]{2}(-[A-Za-z]{5,8})?)?$",
    ["ja", "pt-BR"]
);
