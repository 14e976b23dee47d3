//! Hosts of which one fact is known: that it lies in a cell.
//!
//! Whether a test holds there is not decided here: `caveat_runtime` does, for the evaluator and for generated code as
//! well.

use std::borrow::Cow;

use caveat_runtime::recorded::{Place, System};
use caveat_runtime::value::{
    Architecture, Digest, Family, FileVersion, InstallationType, Kb, KeyRef, Language, OsVersion, PathRef,
    ProductType, StartType,
};
use caveat_runtime::{EveryFact, Fact as Answer, Instances, RegistryValue, Suites};

use crate::cell::Cell;
use crate::fact::Fact;

/// A host whose fact lies in a cell. It answers for the fact, and for the place in the registry that holds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellHost<'c> {
    pub(crate) fact: &'c Fact,
    pub(crate) cell: &'c Cell,
}

impl<'c> CellHost<'c> {
    /// What `read` finds in the cell, of a fact that is there.
    fn answer<T>(&self, read: impl FnOnce(&'c Cell) -> Answer<T>) -> Answer<T> {
        match self.cell {
            Cell::Absent => Answer::Absent,
            cell => read(cell),
        }
    }

    fn number(&self) -> Answer<u32> {
        self.answer(|cell| match cell {
            Cell::Number(number) => Answer::Present(*number),
            _ => Answer::Unknown,
        })
    }

    fn there(&self) -> Answer<()> {
        self.answer(|_| Answer::Present(()))
    }
}

impl EveryFact for CellHost<'_> {
    fn name(&self) -> &'static str {
        "a cell"
    }

    fn os_family(&self) -> Answer<Family> {
        self.answer(|cell| match cell {
            Cell::Family(family) => Answer::Present(*family),
            _ => Answer::Unknown,
        })
    }

    fn os_version(&self) -> Answer<OsVersion> {
        self.answer(|cell| match cell {
            Cell::Version(version) => Answer::Present(*version),
            _ => Answer::Unknown,
        })
    }

    fn build(&self) -> Answer<u32> {
        self.number()
    }

    fn revision(&self) -> Answer<u32> {
        self.number()
    }

    fn revision_at_least(&self) -> Answer<u32> {
        Answer::Unknown
    }

    fn service_pack(&self) -> Answer<u32> {
        self.number()
    }

    fn product_type(&self) -> Answer<ProductType> {
        self.answer(|cell| match cell {
            Cell::Type(kind) => Answer::Present(*kind),
            _ => Answer::Unknown,
        })
    }

    fn installation_type(&self) -> Answer<InstallationType> {
        self.answer(|cell| match cell {
            Cell::Installation(kind) => Answer::Present(*kind),
            _ => Answer::Unknown,
        })
    }

    /// The suites, as far as they are asked for: the one, or none.
    fn suites(&self) -> Answer<Suites<'_>> {
        match self.fact {
            Fact::Suite(_) if *self.cell == Cell::Absent => Answer::Present(Suites::default()),
            Fact::Suite(name) => Answer::Present(Suites(Cow::Borrowed(std::slice::from_ref(name)))),
            _ => Answer::Unknown,
        }
    }

    fn architecture(&self) -> Answer<Architecture> {
        self.answer(|cell| match cell {
            Cell::Architecture(one) => Answer::Present(*one),
            _ => Answer::Unknown,
        })
    }

    fn language(&self) -> Answer<Language> {
        self.answer(|cell| match cell {
            Cell::Language(language) => Answer::Present(*language),
            _ => Answer::Unknown,
        })
    }

    fn variable(&self, _: &str) -> Answer<()> {
        Answer::Present(())
    }

    fn file(&self, _: PathRef<'_>) -> Answer<()> {
        self.there()
    }

    fn file_version(&self, _: PathRef<'_>) -> Answer<FileVersion> {
        self.answer(|cell| match cell {
            Cell::File(version) => Answer::Present(*version),
            _ => Answer::Absent,
        })
    }

    fn file_size(&self, _: PathRef<'_>) -> Answer<u64> {
        self.answer(|cell| match cell {
            Cell::Size(size) => Answer::Present(*size),
            _ => Answer::Unknown,
        })
    }

    fn file_digest(&self, _: PathRef<'_>, _: Digest) -> Answer<Cow<'_, str>> {
        self.answer(|cell| match cell {
            Cell::Digest(digest) => Answer::Present(Cow::Borrowed(digest.as_str())),
            _ => Answer::Unknown,
        })
    }

    fn registry_key(&self, _: KeyRef<'_>) -> Answer<()> {
        self.there()
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> Answer<RegistryValue<'_>> {
        match (self.fact, self.cell) {
            (Fact::Value(..), Cell::Data(data)) => Answer::Present(data.borrowed()),
            (Fact::SomeKey(_), Cell::Key(key)) => {
                key.values.get(name).map_or(Answer::Absent, |data| Answer::Present(data.borrowed()))
            }
            (Fact::Value(..) | Fact::Service(_), Cell::Absent)
            | (Fact::Service(_), Cell::Service(None, _)) => Answer::Absent,
            (Fact::Service(_), Cell::Service(Some(start), _)) => {
                Answer::Present(RegistryValue::Dword(start.registry_number()))
            }
            _ => Place::of(key, name).map_or(Answer::Unknown, |place| {
                place.holds(&System::of(self)).map(RegistryValue::into_owned)
            }),
        }
    }

    fn registry_keys(&self, _: KeyRef<'_>) -> Answer<Instances<'_>> {
        let keys = match self.cell {
            Cell::Key(key) => vec![key.key("1")],
            _ => Vec::new(),
        };
        Answer::Present(Instances { keys: keys.into(), complete: true })
    }

    fn service(&self, _: &str) -> Answer<()> {
        self.there()
    }

    fn service_start(&self, _: &str) -> Answer<StartType> {
        self.answer(|cell| match cell {
            Cell::Service(start, _) => start.map_or(Answer::Absent, Answer::Present),
            _ => Answer::Unknown,
        })
    }

    fn service_running(&self, _: &str) -> Answer<bool> {
        self.answer(|cell| match cell {
            Cell::Service(_, running) => Answer::Present(*running),
            _ => Answer::Unknown,
        })
    }

    fn hotfix(&self, _: Kb) -> Answer<()> {
        self.there()
    }
}
