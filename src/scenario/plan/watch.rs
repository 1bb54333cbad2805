//! The layer whose gains and losses are watched, and what is to come of it: words of the project's settings.

use crate::model::roles::Role;
use crate::model::{GeometryKind, LayerId};
use crate::scenario::compare::live::Target;
use crate::scenario::document::workspace::Workspace;
use crate::units::{Area, AreaUnit};

/// Word of the project's setting that names the layer to be watched, by its title.
pub const WATCHED: &str = "flow.layer";
/// Word of the project's setting that holds its target, in mu; negative for what should go.
pub const TARGET: &str = "flow.target-mu";
/// Word of the project's setting that says that the target is meant gross.
pub const TARGET_IS_GROSS: &str = "flow.target-gross";

/// The layer to be watched: the one that the project names, else basic farmland, else land use.
pub fn watched_layer(workspace: &Workspace) -> Option<LayerId> {
    let polygons = || workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let named = workspace.scenarios.settings.get(WATCHED);
    let named = named.and_then(|title| polygons().find(|entry| entry.title == *title));
    let of_role = |role: Role| polygons().find(|entry| entry.role == role);
    let found = named.or_else(|| of_role(Role::BasicFarmland)).or_else(|| of_role(Role::LandUse))?;
    Some(found.id())
}

/// The target that the user set; `None` where there is none. Rules may imply one.
pub fn set_target(workspace: &Workspace) -> Option<Target> {
    let settings = &workspace.scenarios.settings;
    let is_net = !settings.contains_key(TARGET_IS_GROSS);
    // What is no number sets no target.
    let mu = settings.get(TARGET).and_then(|text| text.trim().parse::<f64>().ok());
    let mu = mu.filter(|mu| mu.is_finite())?;
    Some(Target { change_m2: Area::of(mu, AreaUnit::Mu).m2(), is_net })
}
