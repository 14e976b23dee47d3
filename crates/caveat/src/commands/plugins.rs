//! What commands share that use back ends beyond the built-in ones.

use std::collections::BTreeMap;

use caveat_backend::Registry;
use caveat_driver::config::Project;
use caveat_driver::plugin::discover::{self, Found};

use crate::signals;
use crate::ui::{Outcome, Ui};

/// The plug-ins that can be found, by name.
pub(super) fn find(
    ui: &Ui,
    registry: &Registry,
    project: &Project,
) -> Result<BTreeMap<String, Found>, Outcome> {
    signals::end_plugins();
    let built_in: Vec<&str> = registry.iter().map(|backend| backend.info().id.as_ref()).collect();
    discover::find(project, &built_in).map_err(|refused| ui.misconfigured(&refused))
}
