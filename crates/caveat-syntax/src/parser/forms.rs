//! The statements of every block and how each is written: the one table behind
//! keyword recognition, suggestions and advice.

use super::BlockStyle;

/// A statement.
pub(super) struct Form {
    pub(super) keyword: &'static str,
    /// How it is written.
    pub(super) usage: &'static str,
}

/// What may stand between a pair of braces, or at the top of a file.
pub(super) struct Block {
    /// What messages call it, with its article.
    pub(super) noun: &'static str,
    pub(super) style: BlockStyle,
    pub(super) forms: &'static [Form],
}

impl Block {
    pub(super) fn form(&self, keyword: &str) -> Option<&'static Form> {
        self.forms.iter().find(|form| form.keyword == keyword)
    }
}

const fn form(keyword: &'static str, usage: &'static str) -> Form {
    Form { keyword, usage }
}

const fn block(noun: &'static str, forms: &'static [Form]) -> Block {
    Block { noun, style: BlockStyle::Statements, forms }
}

const TITLE: Form = form("title", "title [LANGUAGE] \"…\"");
const IMPACT: Form = form("impact", "impact KIND, …");
const REFERENCE: Form = form("reference", "reference \"https://…\"");
const NOTE: Form = form("note", "note \"…\"");
const SOURCE: Form = form("source", "source \"…\"");
const KB: Form = form("kb", "kb NUMBER, …");
const PUBLISHED: Form = form("published", "published YYYY-MM-DD");
const REVISED: Form = form("revised", "revised YYYY-MM-DD [\"what changed\"]");
const ALIAS: Form = form("alias", "alias ID, …");
const SEVERITY: Form = form("severity", "severity LEVEL [on PLATFORM, …]");
const WORKAROUND_FORM: Form = form("workaround", "workaround \"what to do\" { … }");
const WHEN: Form = form("when", "when CONDITION");
const PLATFORM_FORM: Form = form("platform", "platform NAME { … }");
const BULLETIN_FORM: Form = form("bulletin", "bulletin ID { … }");
const SUMMARY_FORM: Form = form("summary", "summary ID { includes BULLETIN, … }");
const CONDITION: Form = form("condition", "condition NAME[(PARAMETER, …)] = CONDITION");
const COMPONENT: Form = form("component", "component NAME = CONDITION");
const ROLE: Form = form("role", "role NAME = CONDITION");
const PRODUCT: Form = form("product", "product NAME [version VERSION] = CONDITION");

pub(super) static FILE: Block = block(
    "a file",
    &[
        form("use", "use MODULE"),
        PLATFORM_FORM,
        CONDITION,
        COMPONENT,
        ROLE,
        PRODUCT,
        BULLETIN_FORM,
        SUMMARY_FORM,
    ],
);

const CPE: Form = form("cpe", "cpe \"cpe:/o:…\"");
const FAMILY: Form = form("family", "family windows|macos|unix");
const VERSION: Form = form("version", "version VERSION");
const BUILD: Form = form("build", "build NUMBER or build FIRST..LAST");
const TYPE: Form = form("type", "type workstation, server, domain-controller");
const SUITE: Form = form("suite", "suite \"…\"");
const WITHOUT: Form = form("without", "without suite \"…\"");
const ARCHITECTURE: Form = form("architecture", "architecture x86, …");
const PACKS: Form = form("packs", "packs FIRST..LAST");
const NUMBERED: Form = form("numbered", "numbered 10.0.17763, … or numbered 6.0.6001 sp 1, …");
const ALWAYS: Form = form("always", "always in FOLDER NAME, …");
const EDITION_FORM: Form = form("edition", "edition NAME { … }");

pub(super) static PLATFORM: Block = block(
    "a platform",
    &[
        TITLE,
        CPE,
        FAMILY,
        VERSION,
        BUILD,
        TYPE,
        SUITE,
        WITHOUT,
        ARCHITECTURE,
        WHEN,
        PACKS,
        NUMBERED,
        ALWAYS,
        EDITION_FORM,
    ],
);

pub(super) static EDITION: Block = block(
    "an edition",
    &[TITLE, CPE, VERSION, BUILD, TYPE, SUITE, WITHOUT, ARCHITECTURE, WHEN, PACKS, NUMBERED, ALWAYS],
);

pub(super) static BULLETIN: Block = block(
    "a bulletin",
    &[
        TITLE,
        KB,
        PUBLISHED,
        REVISED,
        SEVERITY,
        IMPACT,
        REFERENCE,
        NOTE,
        SOURCE,
        ALIAS,
        form("supersedes", "supersedes BULLETIN, … [on PLATFORM, …]"),
        form("unaffected", "unaffected PLATFORM, … [when CONDITION]"),
        CONDITION,
        COMPONENT,
        ROLE,
        PRODUCT,
        form("vulnerability", "vulnerability CVE { … }"),
        form("package", "package \"NAME\" { … }"),
        WORKAROUND_FORM,
        form("test", "test \"NAME\" { host { … } expect VERDICT }"),
    ],
);

pub(super) static SUMMARY: Block = block(
    "a summary",
    &[TITLE, PUBLISHED, REVISED, form("includes", "includes BULLETIN, …"), REFERENCE, NOTE, SOURCE],
);

pub(super) static VULNERABILITY: Block = block(
    "a vulnerability",
    &[
        TITLE,
        ALIAS,
        SEVERITY,
        IMPACT,
        form("affects", "affects [file NAME, …] [on PLATFORM, …]"),
        form("exposed", "exposed [\"who, in words\"] when CONDITION [on PLATFORM, …]"),
        KB,
        PUBLISHED,
        REVISED,
        REFERENCE,
        NOTE,
        SOURCE,
        WORKAROUND_FORM,
    ],
);

pub(super) static PACKAGE: Block = block(
    "a package",
    &[
        form("for", "for PLATFORM, …"),
        form("requires", "requires CONDITION"),
        form("file", "file PATH fixed in VERSION [QUALIFIER …], … or file PATH unversioned"),
        form("files", "files in FOLDER { NAME VERSION … } [columns QUALIFIER …, …]"),
        form("build", "build fixed in BUILD.REVISION [kb NUMBER], …"),
        form("hotpatch", "hotpatch BUILD.REVISION [kb NUMBER] [fixes CVE, …]"),
        form("branches", "branches lowest|highest|unknown"),
        form("outside", "outside fixed|outdated|unknown"),
        form("vulnerable", "vulnerable when CONDITION"),
        form("marker", "marker registry KEY …"),
        form("included", "included in sp NUMBER or included in \"…\""),
        form("restart", "restart required|maybe|none"),
        form("install", "install \"…\""),
        form("uninstall", "uninstall \"…\""),
        form("languages", "languages TAG, …"),
        TITLE,
        KB,
        PUBLISHED,
        REVISED,
        IMPACT,
        REFERENCE,
        NOTE,
        SOURCE,
        ALIAS,
    ],
);

pub(super) static WORKAROUND: Block = block(
    "a workaround",
    &[WHEN, form("blocks", "blocks tcp PORT, udp PORT, …"), form("on", "on PLATFORM, …"), NOTE],
);

pub(super) static TEST: Block = block(
    "a test",
    &[form("host", "host { … }"), form("expect", "expect VERDICT [for CVE, …] or expect inconsistent")],
);

pub(super) static HOST: Block = block(
    "a host",
    &[
        form("os", "os PLATFORM [EDITION] [sp NUMBER] [language TAG]"),
        form("build", "build BUILD.REVISION"),
        form("file", "file PATH [VERSION] [size BYTES]"),
        form("registry", "registry [32|64] KEY [value NAME = DATA]"),
        form("service", "service NAME [START] [running|stopped]"),
        form("hotfix", "hotfix KB…"),
        form("environment", "environment NAME = \"…\""),
        form("missing", "missing KIND, …"),
    ],
);

pub(super) static TABLE: Block = Block { noun: "a table of files", style: BlockStyle::Table, forms: &[] };
pub(super) const ROW_USAGE: &str = "NAME VERSION …";

pub(super) static PARTS: Block = Block { noun: "a list of conditions", style: BlockStyle::Parts, forms: &[] };

/// Every block that has keywords of its own.
pub(super) static BLOCKS: [&Block; 10] =
    [&FILE, &PLATFORM, &EDITION, &BULLETIN, &SUMMARY, &VULNERABILITY, &PACKAGE, &WORKAROUND, &TEST, &HOST];

/// Statements with a block of their own: where they cannot stand, a `}` before them is probably missing.
pub(super) const OPENERS: [&str; 8] =
    ["bulletin", "summary", "platform", "edition", "vulnerability", "package", "workaround", "test"];

/// Definitions of conditions: the same holds when `=` follows their name.
pub(super) const DEFINERS: [&str; 4] = ["condition", "component", "role", "product"];

/// The tests of host facts.
pub(super) static PREDICATES: [Form; 8] = [
    PLATFORM_TEST,
    form(
        "os",
        "os version|build|sp RANGE, os family|type|installation|architecture|language VALUE, … or os suite \"…\"",
    ),
    form(
        "file",
        "file PATH [exists | version < VERSION | version in RANGE, … | size < BYTES | sha256 \"…\"]",
    ),
    form(
        "registry",
        "registry [32|64] KEY [value NAME] [exists | = DATA | matches \"…\" | in version RANGE, …]",
    ),
    form("any", "any key [32|64|both] KEY { value NAME …; star … }"),
    form("service", "service NAME installed|enabled|disabled|running|stopped|start TYPE"),
    form("hotfix", "hotfix KB…"),
    form("undecidable", "undecidable \"why no fact can tell\""),
];
const PLATFORM_TEST: Form = form("platform", "platform NAME [EDITION] [sp RANGE] [language TAG]");

/// What may be asked of one of several keys.
pub(super) static KEY_PARTS: [Form; 2] = [
    form("value", "value NAME [exists | = DATA | matches \"…\" | in version RANGE, …]"),
    form("star", "star [NUMBER] = \"…\" | < version VERSION | in version RANGE, …"),
];
