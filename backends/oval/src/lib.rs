//! OVAL definitions from Caveat rules.
//!
//! A bulletin becomes definitions of class vulnerability (one for every CVE and package, and those that sum them up for
//! every CVE and for the bulletin), patch (one for every package) and inventory (one for every platform), for OVAL 5.10
//! or 5.11.
//!
//! ```text
//! Checked -> lower -> model::Document -> numbers -> verify -> emit, map -> artifacts
//! ```
//!
//! What a rule means is not decided here: every formula comes from `caveat_ir::meaning`.

mod emit;
mod lower;
mod map;
mod model;
mod numbers;
mod options;
mod verify;
mod xml;

use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitBug, EmitCx, EmitError, Fidelity, Ledger, Losses,
    Metadata, Note, Support, Text, text,
};
use caveat_ir::rule::Bulletin;
use caveat_ir::{Checked, Feature, Origin};
use std::borrow::Cow;

use crate::lower::{Draft, Platforms};
use crate::model::Document;
use crate::numbers::Numbers;
use crate::options::{Layout, Settings};

const EXTENSIONS: &[Text] = &[text("xml")];

static INFO: BackendInfo = BackendInfo {
    id: text("oval"),
    title: text("OVAL 5.10 and 5.11"),
    summary: text("OVAL definitions for Windows: vulnerability, patch and inventory"),
    extensions: Cow::Borrowed(EXTENSIONS),
    options: Cow::Borrowed(options::SPECS),
    metadata: Cow::Borrowed(&[Metadata::Documentation, Metadata::Reference]),
};

/// The back end for OVAL.
#[derive(Debug, Clone, Copy, Default)]
pub struct Oval;

impl Backend for Oval {
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
            | Feature::ServiceStart
            | Feature::ServiceState
            | Feature::Hotfix
            | Feature::MachineVariable
            | Feature::Unknowable => Support::Exact,
            Feature::CurrentUser => Support::narrow("only the account that the interpreter runs as is asked"),
            Feature::KeysWithoutValue => {
                Support::no("OVAL collects values, and none of a key that has no such value")
            }
            Feature::OtherVariable => Support::no(
                "OVAL expands no environment variables, and the registry holds those of the machine only",
            ),
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let settings = Settings::read(cx.options());
        let platforms = Platforms::new(rules.rules(), self)?;
        let mut documents = Vec::new();
        for (stem, bulletins) in files(&rules.rules().bulletins, settings.layout) {
            let mut draft = Draft::new(rules, &platforms, settings.schema, stem);
            for bulletin in bulletins {
                draft.bulletin(bulletin, self, cx)?;
            }
            documents.extend(draft.finish(settings.timestamp.as_deref()));
        }
        let numbers = Numbers::assign(cx.ledger(), &settings.namespace, &documents);
        for note in collision_notes(cx.ledger()) {
            cx.note(note);
        }
        documents.into_iter().try_for_each(|document| write(&document, &numbers, &settings, cx))?;
        Ok(())
    }

    /// Readers of OVAL take two definitions of one id and version for the same.
    fn counts_versions(&self) -> bool {
        true
    }

    fn reviewed<'a>(&self, artifact: &'a Artifact) -> Cow<'a, str> {
        match artifact.role {
            ArtifactRole::Main => Cow::Borrowed(&artifact.text),
            ArtifactRole::Companion => Cow::Owned(map::without_lines(&artifact.text)),
        }
    }
}

/// The bulletins of every file, with its name but for the extension.
fn files(bulletins: &[Bulletin], layout: Layout) -> Vec<(String, Vec<&Bulletin>)> {
    match layout {
        Layout::Bundle => vec![("oval/caveat".to_owned(), bulletins.iter().collect())],
        Layout::Bulletin => {
            let stem = |bulletin: &Bulletin| format!("oval/{}", bulletin.id.as_str().to_ascii_lowercase());
            bulletins.iter().map(|bulletin| (stem(bulletin), vec![bulletin])).collect()
        }
    }
}

fn write(
    document: &Document,
    numbers: &Numbers,
    settings: &Settings,
    cx: &mut EmitCx<'_>,
) -> Result<(), EmitBug> {
    verify::document(document, numbers, &settings.namespace)?;
    let path = format!("{}.xml", document.stem);
    let main = Artifact {
        text: emit::document(document, numbers, settings.schema)?,
        role: ArtifactRole::Main,
        bulletins: document.bulletins.iter().cloned().collect(),
        fidelity: document.fidelity,
        path: path.clone(),
    };
    let companion = Artifact {
        path: format!("{}.map.json", document.stem),
        text: map::map(document, numbers, &path)?,
        role: ArtifactRole::Companion,
        ..main.clone()
    };
    cx.artifact(main)?;
    cx.artifact(companion)
}

/// Two things whose numbers would have been the same keep them only as long as both are there.
fn collision_notes(ledger: &mut Ledger) -> Vec<Note> {
    let note = |(kind, key): (String, String)| Note {
        bulletin: None,
        origin: Origin::default(),
        fidelity: Fidelity::Exact,
        message: format!(
            "the number of the {kind} `{key}` was taken by another, so it got the next; keep a lock file to make both permanent"
        ),
        losses: Losses::default(),
    };
    ledger.take_collisions().into_iter().map(note).collect()
}
