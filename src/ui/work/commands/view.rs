//! Where the map looks, and what it shows.

use eframe::egui::Key;

use crate::crs::Crs;
use crate::scenario::{Property, Seeing, Workspace};
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::spec::{Spec, alt, ctrl, plain, shift, spec};
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::parts::Card;
use crate::ui::session::project::Project;
use crate::ui::session::settings::Settings;
use crate::ui::work::marks;
use crate::ui::work::scenarios::change;
use crate::ui::work::two_states::{self, MOST_LINKED};
use crate::ui::work::view::{set_map_size, zoom_by, zoom_to};

impl ViewCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 17] {
        [
            Self::FullExtent,
            Self::ZoomToSelection,
            Self::ZoomIn,
            Self::ZoomOut,
            Self::ViewBack,
            Self::ViewForward,
            Self::AddBookmark,
            Self::ShowMarks(true),
            Self::ToggleGrid,
            Self::ToggleGraticule,
            Self::ToggleSoftColors,
            Self::ToggleLegend,
            Self::ToggleTransitions,
            Self::ToggleSwipe,
            Self::ToggleSwipeLevel,
            Self::ToggleLinked,
            Self::ChooseProjectCrs,
        ]
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::ToggleSwipe => spec("edit.swipe", None, const { &[plain(Key::W)] }),
            Self::ToggleSwipeLevel => spec("edit.swipe-level", None, const { &[shift(Key::W)] }),
            Self::ToggleLinked => spec("edit.linked", None, const { &[plain(Key::B)] }),
            Self::FullExtent => {
                spec("ui.full-extent", Some(icons::FULLSCREEN), const { &[ctrl(Key::Num0), plain(Key::Home)] })
            }
            Self::ZoomToSelection => spec("ui.zoom-to-selection", Some(icons::SCALING), const { &[plain(Key::Z)] }),
            Self::ZoomIn => spec("ui.zoom-in", Some(icons::ZOOM_IN), const { &[plain(Key::Plus), plain(Key::Equals)] }),
            Self::ZoomOut => spec("ui.zoom-out", Some(icons::ZOOM_OUT), const { &[plain(Key::Minus)] }),
            Self::ViewBack => spec("ui.view-back", Some(icons::ARROW_LEFT), const { &[alt(Key::ArrowLeft)] }),
            Self::ViewForward => spec("ui.view-forward", Some(icons::ARROW_RIGHT), const { &[alt(Key::ArrowRight)] }),
            Self::AddBookmark => spec("habits.bookmark-add", Some(icons::BOOKMARK_PLUS), const { &[ctrl(Key::B)] }),
            Self::ShowMarks(true) => spec("habits.marks", Some(icons::MAP_PIN), &[]),
            Self::ToggleGrid => spec("ui.grid", Some(icons::GRID_3X3), const { &[plain(Key::G)] }),
            Self::ToggleGraticule => spec("ui.graticule", Some(icons::GLOBE), const { &[alt(Key::G)] }),
            Self::ToggleSoftColors => spec("ui.soft-colors", Some(icons::PALETTE), &[]),
            Self::ToggleLegend => spec("ui.map-legend", Some(icons::LIST), const { &[shift(Key::L)] }),
            Self::ToggleTransitions => spec("ui.transitions", None, &[]),
            Self::ChooseProjectCrs => spec("ui.project-crs", Some(icons::GLOBE), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, workspace: &Workspace, project: &Project) -> bool {
        let has_layers = !workspace.is_empty();
        match self {
            Self::ToggleSwipe | Self::ToggleSwipeLevel | Self::ToggleLinked => !workspace.scenarios.list().is_empty(),
            // A bookmark keeps a place: it needs a CRS, not a layer.
            Self::AddBookmark | Self::ShowMarks(_) => workspace.crs.is_some(),
            Self::FullExtent => has_layers,
            Self::ZoomIn | Self::ZoomOut | Self::ChooseProjectCrs => has_layers,
            Self::ToggleGrid | Self::ToggleGraticule | Self::ToggleSoftColors | Self::ToggleLegend => has_layers,
            Self::ZoomToSelection => !project.selection.is_empty(),
            Self::ViewBack => project.views.can_go_back(),
            Self::ViewForward => project.views.can_go_forward(),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(&self, project: &Project, settings: &Settings) -> Option<bool> {
        match self {
            Self::ToggleSwipe => Some(matches!(project.seeing, Seeing::Swipe { level: false, .. })),
            Self::ToggleSwipeLevel => Some(matches!(project.seeing, Seeing::Swipe { level: true, .. })),
            Self::See(seeing) => Some(project.seeing == *seeing),
            Self::ToggleLinked => Some(matches!(project.seeing, Seeing::Linked { .. })),
            Self::ToggleGrid => Some(settings.grid),
            Self::ToggleGraticule => Some(settings.graticule),
            Self::ToggleSoftColors => Some(settings.soft_colors),
            Self::ToggleLegend => Some(settings.legend),
            Self::ToggleTransitions => Some(settings.transitions),
            _ => None,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: ViewCommand) {
    match command {
        ViewCommand::See(seeing) => session.project.seeing = seeing,
        ViewCommand::SeeBeside(nth, state) => two_states::choose(session, nth, state),
        ViewCommand::ToggleSwipe => toggle_swipe(session, false),
        ViewCommand::ToggleSwipeLevel => toggle_swipe(session, true),
        ViewCommand::ToggleLinked => {
            let states = 1 + session.workspace.scenarios.list().len();
            session.project.seeing = match session.project.seeing {
                Seeing::Linked { .. } => Seeing::One,
                _ => Seeing::Linked { count: states.clamp(2, MOST_LINKED) },
            };
        }
        ViewCommand::FullExtent => zoom_to(session, session.full_extent()),
        ViewCommand::ZoomToSelection => zoom_to(session, session.selection_extent()),
        ViewCommand::ZoomIn => zoom_by(session, 2.0),
        ViewCommand::ZoomOut => zoom_by(session, 0.5),
        ViewCommand::ViewBack => {
            if let Some(view) = session.project.views.back(&session.view) {
                session.view = view.resized(session.view.size_px);
            }
        }
        ViewCommand::ViewForward => {
            if let Some(view) = session.project.views.forward(&session.view) {
                session.view = view.resized(session.view.size_px);
            }
        }
        ViewCommand::SetView(view) => session.view = view,
        ViewCommand::RememberView => session.project.views.leave(&session.view),
        ViewCommand::SetMapSize(size_px) => set_map_size(session, size_px),
        ViewCommand::ZoomTo(extent) => zoom_to(session, extent),
        ViewCommand::GoTo(place) => {
            session.project.views.leave(&session.view);
            session.view = session.view.centered(place);
            session.project.marked = Some(place);
        }
        ViewCommand::SetScale(denominator) => {
            session.project.views.leave(&session.view);
            session.view = session.view.at_scale(denominator, session.metres_per_unit());
        }
        ViewCommand::AddBookmark => marks::add_bookmark(session),
        ViewCommand::GoToBookmark(at) => marks::go(session, at),
        ViewCommand::SetBookmarks(bookmarks) => change(session, Property::Bookmarks(bookmarks)),
        ViewCommand::PinNote(place) => marks::pin(session, place),
        ViewCommand::GoToNote(at) => marks::show_note(session, at),
        ViewCommand::SetNotes(notes) => change(session, Property::Notes(notes)),
        ViewCommand::ShowMarks(open) => session.project.marks_open = open,
        ViewCommand::ToggleGrid => session.settings.grid = !session.settings.grid,
        ViewCommand::ToggleGraticule => session.settings.graticule = !session.settings.graticule,
        ViewCommand::ToggleSoftColors => session.settings.soft_colors = !session.settings.soft_colors,
        ViewCommand::ToggleLegend => session.settings.legend = !session.settings.legend,
        ViewCommand::ToggleTransitions => session.settings.transitions = !session.settings.transitions,
        ViewCommand::SetCursor(place) => session.project.cursor = place,
        ViewCommand::SetProjectCrs(crs) => set_project_crs(session, crs),
        ViewCommand::ChooseProjectCrs => session.card = Some(Card::ProjectCrs),
    }
}

fn toggle_swipe(session: &mut Session, wanted: bool) {
    session.project.seeing = match session.project.seeing {
        Seeing::Swipe { level, .. } if level == wanted => Seeing::One,
        Seeing::Swipe { at, .. } => Seeing::Swipe { level: wanted, at },
        _ => Seeing::Swipe { level: wanted, at: 0.5 },
    };
}

fn set_project_crs(session: &mut Session, crs: Crs) {
    change(session, Property::Crs(Some(crs)));
}
