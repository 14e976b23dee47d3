//! The registry of diagnostic codes. A code is never reused and never changes
//! its meaning; each has a page in `docs/codes/` with a bad and a good example.
//!
//! `CAV00xx` text and tokens · `CAV01xx` grammar · `CAV02xx` names · `CAV03xx`
//! values and meaning · `CAV04xx` lints · `CAV05xx` hosts · `CAV06xx` targets ·
//! `CAV07xx` files and configuration · `CAV08xx` rules that cannot mean what they say.

use crate::Severity;

/// A stable diagnostic code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `CAV` and four digits.
    pub id: &'static str,
    /// A kebab-case name.
    pub name: &'static str,
    /// The severity diagnostics of this code have.
    pub severity: Severity,
    /// The Markdown page `caveat explain` prints.
    pub page: &'static str,
}

/// The code with this id, written in any case.
#[must_use]
pub fn code(id: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}

macro_rules! codes {
    ($($constant:ident $id:literal $severity:ident $name:literal),+ $(,)?) => {
        $(
            static $constant: Code = Code {
                id: $id,
                name: $name,
                severity: Severity::$severity,
                page: include_str!(concat!("../../../docs/codes/", $id, ".md")),
            };
        )+
        /// Every code, in order.
        pub static CODES: &[&Code] = &[$(&$constant),+];
        impl Code { $(
            #[doc = concat!("`", $name, "`: see `docs/codes/", $id, ".md`.")]
            pub const $constant: &'static Code = &$constant;
        )+ }
    };
}

codes! {
    INVALID_CHARACTER "CAV0001" Error "invalid-character",
    UNTERMINATED_STRING "CAV0002" Error "unterminated-string",
    UNTERMINATED_COMMENT "CAV0003" Error "unterminated-comment",
    INVALID_ESCAPE "CAV0004" Error "invalid-escape",
    FORBIDDEN_CHARACTER "CAV0005" Error "forbidden-character",
    MALFORMED_NUMBER "CAV0006" Error "malformed-number",
    UNEXPECTED_TOKEN "CAV0101" Error "unexpected-token",
    UNCLOSED_DELIMITER "CAV0102" Error "unclosed-delimiter",
    UNKNOWN_STATEMENT "CAV0103" Error "unknown-statement",
    NESTING_TOO_DEEP "CAV0104" Error "nesting-too-deep",
    UNKNOWN_MODULE "CAV0201" Error "unknown-module",
    CYCLIC_USE "CAV0202" Error "cyclic-use",
    UNKNOWN_PLATFORM "CAV0203" Error "unknown-platform",
    UNKNOWN_CONDITION "CAV0204" Error "unknown-condition",
    DUPLICATE_DEFINITION "CAV0205" Error "duplicate-definition",
    CYCLIC_CONDITION "CAV0206" Error "cyclic-condition",
    WRONG_ARGUMENTS "CAV0207" Error "wrong-arguments",
    AMBIGUOUS_NAME "CAV0208" Error "ambiguous-name",
    DUPLICATE_BULLETIN "CAV0209" Error "duplicate-bulletin",
    MALFORMED_VERSION "CAV0301" Error "malformed-version",
    MALFORMED_REGISTRY_PATH "CAV0302" Error "malformed-registry-path",
    MALFORMED_PATH "CAV0303" Error "malformed-path",
    MALFORMED_DATE "CAV0304" Error "malformed-date",
    MALFORMED_IDENTIFIER "CAV0305" Error "malformed-identifier",
    UNKNOWN_VALUE "CAV0306" Error "unknown-value",
    EMPTY_RANGE "CAV0307" Error "empty-range",
    MALFORMED_REGEX "CAV0308" Error "malformed-regex",
    MISSING_PART "CAV0309" Error "missing-part",
    REPEATED_STATEMENT "CAV0310" Error "repeated-statement",
    UNSHIPPED_FILE "CAV0311" Error "unshipped-file",
    AMBIGUOUS_BRANCH "CAV0312" Error "ambiguous-branch",
    UNREACHABLE_FLOOR "CAV0313" Error "unreachable-floor",
    TOO_LARGE "CAV0314" Error "too-large",
    IMPOSSIBLE_PLATFORM "CAV0315" Error "impossible-platform",
    INVALID_IR "CAV0316" Error "invalid-ir",
    NO_SUCH_SERVICE_PACK "CAV0321" Error "no-such-service-pack",
    MALFORMED_KEYS "CAV0322" Error "malformed-keys",
    UNUSED_CONDITION "CAV0401" Warning "unused-condition",
    UNUSED_USE "CAV0402" Warning "unused-use",
    MISSING_TESTS "CAV0403" Warning "missing-tests",
    MISSING_METADATA "CAV0404" Warning "missing-metadata",
    UNKNOWN_BULLETIN "CAV0405" Warning "unknown-bulletin",
    MALFORMED_HOST "CAV0501" Error "malformed-host",
    MALFORMED_FACT "CAV0502" Warning "malformed-fact",
    FAILED_TEST "CAV0503" Error "failed-test",
    APPROXIMATED "CAV0601" Warning "approximated",
    NOT_EXPRESSIBLE "CAV0602" Error "not-expressible",
    LEFT_OUT "CAV0603" Warning "left-out",
    ID_COLLISION "CAV0604" Warning "id-collision",
    BACKEND_FAILED "CAV0605" Error "backend-failed",
    PLUGIN_NOT_ALLOWED "CAV0606" Error "plugin-not-allowed",
    PLUGIN_NOT_STARTED "CAV0607" Error "plugin-not-started",
    PLUGIN_ENDED "CAV0608" Error "plugin-ended",
    PLUGIN_TOO_SLOW "CAV0609" Error "plugin-too-slow",
    PLUGIN_TOO_MUCH "CAV0610" Error "plugin-too-much",
    PLUGIN_MISSPOKE "CAV0611" Error "plugin-misspoke",
    PLUGIN_ERROR "CAV0612" Error "plugin-error",
    PLUGIN_WARNING "CAV0613" Warning "plugin-warning",
    UNREVISED_CHANGE "CAV0614" Warning "unrevised-change",
    WITHOUT_LOCK "CAV0615" Warning "without-lock",
    LARGE_SCRIPT "CAV0616" Warning "large-script",
    UNREADABLE_FILE "CAV0701" Error "unreadable-file",
    NOT_UTF8 "CAV0702" Error "not-utf8",
    FILE_TOO_LARGE "CAV0703" Error "file-too-large",
    INVALID_CONFIGURATION "CAV0704" Error "invalid-configuration",
    UNWRITABLE_OUTPUT "CAV0705" Error "unwritable-output",
    NOTHING_TO_DO "CAV0706" Error "nothing-to-do",
    LOCK_OUT_OF_DATE "CAV0707" Error "lock-out-of-date",
    NOT_FORMATTED "CAV0708" Error "not-formatted",
    STALE_ARTIFACT "CAV0709" Warning "stale-artifact",
    NEVER_APPLICABLE "CAV0801" Error "never-applicable",
    NEVER_VULNERABLE "CAV0802" Error "never-vulnerable",
    IMPOSSIBLE_CONDITION "CAV0803" Warning "impossible-condition",
    ALWAYS_TRUE "CAV0804" Warning "always-true",
    REDUNDANT_BRANCH "CAV0805" Warning "redundant-branch",
    IMPLIED_PART "CAV0806" Warning "implied-part",
    BLIND_TARGET "CAV0807" Warning "blind-target",
    NEVER_FIXED "CAV0808" Warning "never-fixed",
    HIDDEN_RATING "CAV0809" Warning "hidden-rating",
    OVERLAPPING_PACKAGES "CAV0811" Warning "overlapping-packages",
    SHADOWED_PACKAGE "CAV0812" Warning "shadowed-package",
    UNCOVERED_PLATFORM "CAV0813" Warning "uncovered-platform",
    UNAFFECTED_BUT_COVERED "CAV0814" Warning "unaffected-but-covered",
    FLOOR_OUT_OF_REACH "CAV0815" Warning "floor-out-of-reach",
    UNMEASURED_HOST "CAV0816" Warning "unmeasured-host",
    FLOOR_OF_ANOTHER_PLATFORM "CAV0817" Warning "floor-of-another-platform",
    WITHOUT_VULNERABILITY "CAV0818" Warning "without-vulnerability",
    COVERED_PLATFORM "CAV0819" Warning "covered-platform",
    BRANCH_WINDOW "CAV0821" Warning "branch-window",
    MIXED_BUILDS "CAV0822" Warning "mixed-builds",
    OVERLAPPING_RANGES "CAV0823" Warning "overlapping-ranges",
    UNMEASURED_VERSION "CAV0824" Warning "unmeasured-version",
    EXCHANGED_BRANCHES "CAV0825" Warning "exchanged-branches",
    UNMEASURED_BUILD "CAV0826" Warning "unmeasured-build",
    BUILD_OF_ANOTHER_PLATFORM "CAV0827" Warning "build-of-another-platform",
    ARTICLE_OF_ANOTHER_BUILD "CAV0828" Warning "article-of-another-build",
    FLOOR_OF_SOME_HOSTS "CAV0829" Warning "floor-of-some-hosts",
    DOUBLE_NEGATION "CAV0831" Warning "double-negation",
    INVERTED_CONDITION "CAV0832" Warning "inverted-condition",
    IDLE_WORKAROUND "CAV0833" Warning "idle-workaround",
    IDLE_EXPOSURE "CAV0834" Warning "idle-exposure",
    MISPLACED_FILE "CAV0841" Warning "misplaced-file",
    MISPLACED_SERVICE "CAV0842" Warning "misplaced-service",
    FOREIGN_MARKER "CAV0843" Warning "foreign-marker",
    SHARED_IDENTIFIER "CAV0844" Warning "shared-identifier",
    SUPERSEDING_CIRCLE "CAV0845" Warning "superseding-circle",
    LOWER_FLOOR "CAV0846" Warning "lower-floor",
    MISPLACED_KEY "CAV0847" Warning "misplaced-key",
    OWN_MARKER "CAV0848" Warning "own-marker",
    INCLUDED_IN_OWN_RANGE "CAV0849" Warning "included-in-own-range",
    UNTESTED_PACKAGE "CAV0851" Warning "untested-package",
    UNTESTED_BOUNDARY "CAV0852" Note "untested-boundary",
    CONFUSABLE_CHARACTER "CAV0853" Warning "confusable-character",
    TARGET_METADATA "CAV0854" Warning "target-metadata",
    CONTRADICTING_METADATA "CAV0855" Warning "contradicting-metadata",
    IDLE_BRANCHES "CAV0856" Warning "idle-branches",
    IDLE_FLOORS "CAV0857" Warning "idle-floors",
    SUPERSEDED_UPDATE "CAV0858" Warning "superseded-update",
    IDLE_ALLOW "CAV0861" Warning "idle-allow",
    SLIP_IN_NUMBER "CAV0871" Warning "slip-in-number",
    SLIP_IN_NAME "CAV0872" Warning "slip-in-name",
    REPEATED_FILE "CAV0873" Warning "repeated-file",
    MISSING_FILE "CAV0874" Warning "missing-file",
    CONTRADICTING_NAME "CAV0875" Warning "contradicting-name",
}
