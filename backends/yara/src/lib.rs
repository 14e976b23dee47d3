//! YARA rules from Caveat rules: each recognises an outdated file by itself, by its name and version.
//!
//! ```text
//! Checked -> sight (what files tell of a case) -> signature (merged, named) -> emit -> artifacts
//! ```
//!
//! A scan sees one file at a time and nothing of the host, so what is made here reports more than
//! the rules do, and says so. What a rule means is not decided here: see `caveat_ir::meaning`.

mod built;
mod emit;
mod machine;
mod options;
mod sight;
mod signature;
mod text;

use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitCx, EmitError, Fidelity, Losses, Metadata, Note,
    Policy, Support, Text, text,
};
use caveat_ir::{Checked, Feature};
use std::borrow::Cow;

use crate::options::{Layout, Settings};
use crate::signature::{Draft, Named, Unseen, named};

const EXTENSIONS: &[Text] = &[text("yar")];

static INFO: BackendInfo = BackendInfo {
    id: text("yara"),
    title: text("YARA 4.2 and YARA-X"),
    summary: text("YARA rules that recognise outdated files by name and fixed file version"),
    extensions: Cow::Borrowed(EXTENSIONS),
    options: Cow::Borrowed(options::SPECS),
    metadata: Cow::Borrowed(&[Metadata::Reference]),
};

/// The back end for YARA.
#[derive(Debug, Clone, Copy, Default)]
pub struct Yara;

impl Backend for Yara {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    fn support(&self, feature: Feature) -> Support {
        let over = |why| Support::approximate(Fidelity::MayOverReport, why);
        match feature {
            Feature::FileVersion
            | Feature::MachineVariable
            | Feature::OtherVariable
            | Feature::CurrentUser
            | Feature::FileDigest => {
                over("a file tells its name, version and digest, not the folder it was in")
            }
            Feature::Architecture => over("the machine of a file tells it in System32 and SysWOW64 only"),
            Feature::OsFamily
            | Feature::OsVersion
            | Feature::OsBuild
            | Feature::OsRevision
            | Feature::ServicePack
            | Feature::ProductType
            | Feature::InstallationType
            | Feature::Suite
            | Feature::Language => Support::no("a file does not tell which Windows it is on"),
            Feature::RegistryExists
            | Feature::RegistryValue
            | Feature::RegistryPattern
            | Feature::RegistryBits
            | Feature::RegistryType
            | Feature::RegistryView
            | Feature::SeveralKeys
            | Feature::KeysWithoutValue
            | Feature::ServiceStart
            | Feature::ServiceState
            | Feature::Hotfix => Support::no("a file does not tell how its host is set up"),
            Feature::FileExists | Feature::FileSize => {
                Support::no("a file is looked at for its version and digest only")
            }
            Feature::Unknowable => Support::no("no fact can tell"),
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let settings = Settings::read(cx.options());
        let mut drafts = Vec::new();
        for bulletin in &rules.rules().bulletins {
            let draft = Draft::new(rules.rules(), bulletin, self, settings.identity);
            if admitted(&draft, cx) {
                drafts.push(draft);
            }
        }
        let named = named(&drafts)?;
        for (path, files) in files(&named, settings.layout) {
            cx.artifact(artifact(path, &files, &settings))?;
        }
        Ok(())
    }
}

/// Whether a bulletin is made, by the policy. The user hears of each case that no file shows.
fn admitted(draft: &Draft<'_>, cx: &mut EmitCx<'_>) -> bool {
    let made = cx.admit(draft.bulletin, draft.fidelity(), draft.losses.clone());
    if cx.policy() == Policy::Approximate {
        for unseen in &draft.unseen {
            cx.note(left_out(draft, unseen));
        }
    }
    made
}

fn left_out(draft: &Draft<'_>, unseen: &Unseen<'_>) -> Note {
    let cves: Vec<&str> = unseen.cves.iter().map(|cve| cve.as_str()).collect();
    Note {
        bulletin: Some(draft.bulletin.id.clone()),
        origin: unseen.package.origin,
        fidelity: if unseen.is_partial { Fidelity::MayErrBothWays } else { Fidelity::LeftOut },
        message: format!(
            "{}: {} by the package \"{}\": {}",
            if unseen.is_partial { "seen in part" } else { "left out" },
            cves.join(", "),
            unseen.package.name,
            unseen.why
        ),
        losses: Losses::default(),
    }
}

/// The path of every file, with the bulletins in it.
fn files<'n, 'a>(all: &'n [Named<'a>], layout: Layout) -> Vec<(String, Vec<&'n Named<'a>>)> {
    match layout {
        Layout::Bundle if all.is_empty() => Vec::new(),
        Layout::Bundle => vec![("yara/caveat.yar".to_owned(), all.iter().collect())],
        Layout::Bulletin => {
            let path =
                |one: &Named<'_>| format!("yara/{}.yar", one.draft.bulletin.id.as_str().to_ascii_lowercase());
            all.iter().map(|one| (path(one), vec![one])).collect()
        }
    }
}

fn artifact(path: String, files: &[&Named<'_>], settings: &Settings) -> Artifact {
    Artifact {
        path,
        text: emit::file(files, settings),
        role: ArtifactRole::Main,
        bulletins: files.iter().map(|one| one.draft.bulletin.id.clone()).collect(),
        fidelity: files.iter().map(|one| one.draft.fidelity()).fold(Fidelity::Exact, Fidelity::and),
    }
}
