//! The back ends of a program.

use std::fmt;

use crate::{Backend, Text};

/// Back ends by id, in the order they were added.
#[derive(Default)]
pub struct Registry {
    backends: Vec<Box<dyn Backend>>,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a back end.
    ///
    /// # Errors
    /// When its id is taken.
    pub fn add(&mut self, backend: Box<dyn Backend>) -> Result<(), DuplicateBackend> {
        let id = backend.info().id.clone();
        if self.get(&id).is_some() {
            return Err(DuplicateBackend(id));
        }
        self.backends.push(backend);
        Ok(())
    }

    /// The back end with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&dyn Backend> {
        self.iter().find(|backend| backend.info().id == id)
    }

    /// All back ends.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Backend> {
        self.backends.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|backend| &backend.info().id)).finish()
    }
}

/// Two back ends with the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateBackend(pub Text);

impl fmt::Display for DuplicateBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two back ends are called `{}`", self.0)
    }
}

impl std::error::Error for DuplicateBackend {}
