//! Live figures of a layer of the workspace: which states are held against each other, and on what ground.

use std::sync::Arc;

use super::edited;
use crate::model::keys::{GroupKey, KeyPart};
use crate::model::{Areas, Layer, LayerId};
use crate::scenario::compare::live::{Ground, Live};
use crate::scenario::compare::transition::{CompareError, CompareOptions, Comparison, Grouping, Level, Tolerance};
use crate::scenario::document::planned::{ScenarioId, Source};
use crate::scenario::document::state::LayerState;
use crate::scenario::document::workspace::Workspace;
use crate::task::Progress;
use crate::text::Message;

/// Why there are no live figures.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LiveError {
    /// The layer is not open, or there is no such scenario.
    #[error("no such layer or scenario")]
    Missing,
    /// Areas are not measured yet.
    #[error("the areas are not measured yet")]
    NotMeasured,
    /// The states cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
}

impl LiveError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Missing => Message::new("scenario.live-missing"),
            Self::NotMeasured => Message::new("scenario.live-not-measured"),
            Self::Compare(error) => error.message(),
        }
    }
}

/// The figures of a layer in a scenario against its base, by the class field (or as one class, where it has none).
///
/// Instant where only attributes were edited, but for the classes of every feature; where features came or went, these
/// are laid over each other; a scenario made of other files is laid over the base as a whole.
///
/// # Errors
/// [`LiveError`].
pub fn live(
    workspace: &Workspace,
    scenario: ScenarioId,
    layer: LayerId,
    level: Level,
    progress: &Progress,
) -> Result<Live, LiveError> {
    let request = Request::new(workspace, scenario, layer)?;
    request.run(level, progress)
}

/// What [`live`] needs, so that it can run beside the window.
#[derive(Clone, Debug)]
pub struct Request {
    base: Arc<Layer>,
    scenario: Arc<Layer>,
    fields: [Option<String>; 2],
    ground: Asked,
}

/// How the ground is found.
#[derive(Clone, Debug)]
enum Asked {
    Same(Arc<Areas>),
    Edited(Box<LayerState>, [Arc<Areas>; 2]),
    Overlay,
}

impl Request {
    /// Takes from the workspace what the figures of a layer in a scenario need.
    ///
    /// # Errors
    /// [`LiveError::Missing`], [`LiveError::NotMeasured`].
    pub fn new(workspace: &Workspace, scenario: ScenarioId, layer: LayerId) -> Result<Self, LiveError> {
        let base_entry = workspace.base_entry(layer).ok_or(LiveError::Missing)?;
        let plan = workspace.scenarios.get(scenario).ok_or(LiveError::Missing)?;
        let base = base_entry.layer.clone();
        let planned = plan.planned(layer);
        let stands_in = |(id, _): &(LayerId, LayerId)| *id == layer;
        let is_other = matches!(&plan.source, Source::Layers(layers) if layers.iter().any(stands_in));
        let ground = match planned {
            _ if is_other => Asked::Overlay,
            Some(planned) if !planned.state.has_shape_of_base() => {
                let areas = [&base_entry.areas, &planned.areas].map(Clone::clone);
                let [Some(a), Some(b)] = areas else { return Err(LiveError::NotMeasured) };
                Asked::Edited(Box::new(planned.state.clone()), [a, b])
            }
            _ => Asked::Same(base_entry.areas.clone().ok_or(LiveError::NotMeasured)?),
        };
        let of_base = base_entry.recognition.class_field.clone();
        let of_plan = planned.and_then(|planned| planned.recognition.as_ref());
        let of_plan = of_plan.map_or_else(|| of_base.clone(), |recognition| recognition.class_field.clone());
        let scenario = planned.map_or_else(|| base.clone(), |planned| planned.state.layer().clone());
        Ok(Self { base, scenario, fields: [of_base, of_plan], ground })
    }

    /// Makes the figures.
    ///
    /// # Errors
    /// [`LiveError::Compare`].
    pub fn run(self, level: Level, progress: &Progress) -> Result<Live, LiveError> {
        let keys = |layer: &Layer, field: &Option<String>| -> Vec<GroupKey> {
            let field = field.as_deref().and_then(|field| layer.field(field));
            field.map(|field| GroupKey { field, part: KeyPart::Whole }).into_iter().collect()
        };
        let [of_base, of_plan] = [keys(&self.base, &self.fields[0]), keys(&self.scenario, &self.fields[1])];
        let level = if of_base.is_empty() || of_plan.is_empty() { Level::AsGiven } else { level };
        let ground = match self.ground {
            Asked::Same(areas) => Ground::Same(areas),
            Asked::Edited(state, [base, plan]) => {
                Ground::Laid(Arc::new(edited::compare(&state, &base, &plan, Tolerance::default(), progress)?))
            }
            Asked::Overlay => {
                let options = CompareOptions::default();
                Ground::Laid(Arc::new(Comparison::new(&self.base, &self.scenario, &options, progress)?))
            }
        };
        let base = Grouping { layer: &self.base, keys: &of_base };
        Ok(Live::new(base, &self.scenario, &of_plan, level, None, ground)?)
    }
}
