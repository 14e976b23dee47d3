//! What a plug-in answers, message by message, each held against what it was given.

use std::collections::BTreeMap;
use std::time::Instant;

use caveat_backend::{Artifact, EmitCx, Fidelity, Loss, Losses, Note};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Leaf, Origin};
use caveat_plugin::message::{
    Cannot, Done, FromHost, FromPlugin, PluginArtifact, PluginDiagnostic, PluginNote, PluginSeverity,
};

use super::Plugin;
use super::cannot::Cannots;
use super::deal::{Dealt, deal};
use super::fault::{Fault, shortened};
use super::process::Process;
use super::settle::{Given, Made};
use crate::build::placed;

struct Answer<'a, 'b> {
    plugin: &'a Plugin,
    rules: &'a Checked,
    dealt: Dealt,
    cx: &'a mut EmitCx<'b>,
    made: Made,
    cannot: Cannots,
    problems: Vec<Diagnostic>,
}

/// What comes with artifacts, notes and ids.
pub(super) struct Told {
    /// What the plug-in wants the user to know.
    pub(super) problems: Vec<Diagnostic>,
    /// What it left to the host, in words.
    pub(super) amended: Vec<String>,
}

/// Has the rules compiled.
pub(super) fn converse(
    plugin: &Plugin,
    process: &mut Process,
    rules: &Checked,
    cx: &mut EmitCx<'_>,
) -> Result<Told, Fault> {
    let mut dealt = deal(plugin, rules, cx);
    let deadline = Instant::now() + plugin.limits.run;
    let emit = std::mem::replace(&mut dealt.emit, empty());
    process.send(&FromHost::Emit(Box::new(emit)))?;
    let made = Made::default();
    let cannot = Cannots::default();
    let mut answer = Answer { plugin, rules, dealt, cx, made, cannot, problems: Vec::new() };
    for _ in 0..plugin.limits.messages {
        match process.receive(deadline)? {
            FromPlugin::Hello(_) => return Err(misspoke("it introduces itself twice")),
            FromPlugin::Diagnostic(problem) => answer.diagnostic(&problem)?,
            FromPlugin::Note(note) => answer.note(*note)?,
            FromPlugin::Artifact(artifact) => answer.artifact(artifact)?,
            FromPlugin::Cannot(cannot) => answer.cannot(&cannot)?,
            FromPlugin::Failed(failed) => return Err(Fault::Failed(failed.message)),
            FromPlugin::Done(done) => return answer.done(done),
        }
    }
    Err(Fault::TooMuch(format!("more than {} messages", plugin.limits.messages)))
}

fn empty() -> caveat_plugin::message::Emit {
    caveat_plugin::message::Emit {
        rules: caveat_ir::RuleSet::default(),
        claims: Vec::new(),
        options: std::collections::BTreeMap::new(),
        policy: caveat_backend::Policy::default(),
        places: std::collections::BTreeMap::new(),
        ids: caveat_backend::Ledger::default(),
    }
}

fn misspoke(what: impl Into<String>) -> Fault {
    Fault::Misspoke(what.into())
}

/// More messages of one kind than this are counted only.
pub(super) const MAX_SHOWN: usize = 100;

/// The first of a plug-in's problems, errors before warnings, and how many there are beyond those and
/// `unshown`.
fn few(id: &str, mut problems: Vec<Diagnostic>, unshown: usize) -> Vec<Diagnostic> {
    problems.sort_by_key(|problem| !problem.is_error());
    let more = problems.len().saturating_sub(MAX_SHOWN) + unshown;
    problems.truncate(MAX_SHOWN);
    let told = || format!("{id}: {more} more messages of the plug-in are not shown");
    let rest =
        (more > 0).then(|| Diagnostic::new(Code::PLUGIN_WARNING, told()).data("target", [id.to_owned()]));
    problems.extend(rest);
    problems
}

impl Answer<'_, '_> {
    fn diagnostic(&mut self, told: &PluginDiagnostic) -> Result<(), Fault> {
        let code = match told.severity {
            PluginSeverity::Error => Code::PLUGIN_ERROR,
            PluginSeverity::Warning => Code::PLUGIN_WARNING,
        };
        let id = self.plugin.id();
        let mut problem = Diagnostic::new(code, format!("{id}: {}", shortened(&told.message)));
        problem = problem.data("target", [id.to_owned()]);
        problem = told.help.iter().fold(problem, |problem, help| problem.help(shortened(help)));
        let origin = self.origin(told.at.as_deref())?;
        self.problems.push(placed(self.rules, problem, origin));
        Ok(())
    }

    /// The node at a pointer. Nodes that have no place are no reason to complain.
    fn origin(&self, at: Option<&str>) -> Result<Origin, Fault> {
        let Some(pointer) = at else { return Ok(Origin::default()) };
        match self.dealt.origins.get(pointer) {
            Some(origin) => Ok(*origin),
            None if self.dealt.origins.is_empty() => Ok(Origin::default()),
            None => Err(misspoke(format!("`{pointer}` is not the place of a node of the rules"))),
        }
    }

    fn given(&self, bulletins: &[BulletinId]) -> Result<(), Fault> {
        match bulletins.iter().find(|id| !self.dealt.best.contains_key(id)) {
            Some(id) => Err(misspoke(format!("it speaks of the bulletin `{id}`, which it was not given"))),
            None => Ok(()),
        }
    }

    fn note(&mut self, told: PluginNote) -> Result<(), Fault> {
        self.given(told.bulletin.as_slice())?;
        let mut losses = Losses::default();
        for loss in &told.losses {
            let leaf = Leaf { test: loss.test.clone(), origin: self.origin(loss.at.as_deref())? };
            let why = shortened(&loss.why);
            losses.insert(&leaf, Loss { kept: loss.kept, ..Loss::unseen(&leaf, loss.feature, why) });
        }
        let origin = self.origin(told.at.as_deref())?;
        let message = shortened(&told.message);
        self.made.notes.push(Note {
            bulletin: told.bulletin,
            origin,
            fidelity: told.fidelity,
            message,
            losses,
        });
        Ok(())
    }

    fn artifact(&mut self, told: PluginArtifact) -> Result<(), Fault> {
        self.given(&told.bulletins)?;
        let id = self.plugin.id();
        if !told.path.strip_prefix(id).is_some_and(|rest| rest.starts_with('/')) {
            return Err(misspoke(format!("the artifact path `{}` does not begin with `{id}/`", told.path)));
        }
        if told.fidelity == Some(Fidelity::LeftOut) {
            return Err(misspoke(format!("it made the artifact `{}`, and says that it did not", told.path)));
        }
        let PluginArtifact { path, text, role, bulletins, fidelity } = told;
        if fidelity.is_none() {
            self.made.unsaid.insert(path.clone());
        }
        let fidelity = fidelity.unwrap_or_default();
        let artifact = Artifact { path, text, role, bulletins, fidelity };
        self.made.outputs.add(artifact).map_err(|bug| misspoke(bug.0))
    }

    fn cannot(&mut self, told: &Cannot) -> Result<(), Fault> {
        let index = told.claim;
        if self.dealt.claims.get(index).is_none() {
            return Err(misspoke(format!("it speaks of the claim {index}, which it was not given")));
        }
        if told.why.trim().is_empty() {
            return Err(misspoke(format!("it does not say why it cannot say the claim {index}")));
        }
        self.cannot.add(index, shortened(&told.why));
        Ok(())
    }

    /// Where the plug-in found errors in the rules, nothing is written, and nothing need be made.
    fn done(self, done: Done) -> Result<Told, Fault> {
        let Self { plugin, rules, mut dealt, cx, mut made, cannot, problems } = self;
        if problems.iter().any(Diagnostic::is_error) {
            return Ok(Told { problems: few(plugin.id(), problems, 0), amended: Vec::new() });
        }
        let unsaid = cannot.settle(&mut dealt, cx);
        made.rate(&dealt.best, plugin.profile.projects)?;
        let known = if plugin.profile.projects { BTreeMap::new() } else { dealt.best.clone() };
        let given = Given { best: &known, unsaid: &unsaid };
        made.check(dealt.best.keys(), &given, cx.notes())?;
        if let Some(ids) = done.ids {
            ids.succeeds(cx.ledger()).map_err(|flaw| misspoke(format!("its ids do not hold: {flaw}")))?;
            *cx.ledger() = ids;
        }
        let unshown = made.shorten();
        let amended = made.deliver(rules.rules(), &given, cx)?;
        Ok(Told { problems: few(plugin.id(), problems, unshown), amended })
    }
}
