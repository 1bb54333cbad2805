//! The icons of the interface: one glyph each of the Lucide font (ISC). Written by `assets/fonts/build.py`.

/// An icon: a character of the icon font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon(pub char);

/// `arrow-down`.
pub const ARROW_DOWN: Icon = Icon('\u{e042}');
/// `arrow-left`.
pub const ARROW_LEFT: Icon = Icon('\u{e048}');
/// `arrow-right`.
pub const ARROW_RIGHT: Icon = Icon('\u{e049}');
/// `arrow-up`.
pub const ARROW_UP: Icon = Icon('\u{e04a}');
/// `ban`.
pub const BAN: Icon = Icon('\u{e051}');
/// `bookmark-plus`.
pub const BOOKMARK_PLUS: Icon = Icon('\u{e23d}');
/// `chart-pie`.
pub const CHART_PIE: Icon = Icon('\u{e06b}');
/// `check`.
pub const CHECK: Icon = Icon('\u{e06c}');
/// `chevron-down`.
pub const CHEVRON_DOWN: Icon = Icon('\u{e06d}');
/// `chevron-left`.
pub const CHEVRON_LEFT: Icon = Icon('\u{e06e}');
/// `chevron-right`.
pub const CHEVRON_RIGHT: Icon = Icon('\u{e06f}');
/// `chevron-up`.
pub const CHEVRON_UP: Icon = Icon('\u{e070}');
/// `circle`.
pub const CIRCLE: Icon = Icon('\u{e076}');
/// `circle-alert`.
pub const CIRCLE_ALERT: Icon = Icon('\u{e077}');
/// `circle-check`.
pub const CIRCLE_CHECK: Icon = Icon('\u{e226}');
/// `circle-dot`.
pub const CIRCLE_DOT: Icon = Icon('\u{e345}');
/// `circle-question-mark`.
pub const CIRCLE_QUESTION_MARK: Icon = Icon('\u{e082}');
/// `circle-x`.
pub const CIRCLE_X: Icon = Icon('\u{e084}');
/// `clipboard-copy`.
pub const CLIPBOARD_COPY: Icon = Icon('\u{e225}');
/// `clock`.
pub const CLOCK: Icon = Icon('\u{e087}');
/// `compass`.
pub const COMPASS: Icon = Icon('\u{e09b}');
/// `copy`.
pub const COPY: Icon = Icon('\u{e09e}');
/// `crosshair`.
pub const CROSSHAIR: Icon = Icon('\u{e0ac}');
/// `download`.
pub const DOWNLOAD: Icon = Icon('\u{e0b2}');
/// `ellipsis`.
pub const ELLIPSIS: Icon = Icon('\u{e0b6}');
/// `eraser`.
pub const ERASER: Icon = Icon('\u{e28f}');
/// `eye`.
pub const EYE: Icon = Icon('\u{e0ba}');
/// `eye-off`.
pub const EYE_OFF: Icon = Icon('\u{e0bb}');
/// `file`.
pub const FILE: Icon = Icon('\u{e0c0}');
/// `flag`.
pub const FLAG: Icon = Icon('\u{e0d1}');
/// `file-down`.
pub const FILE_DOWN: Icon = Icon('\u{e318}');
/// `file-plus`.
pub const FILE_PLUS: Icon = Icon('\u{e0c9}');
/// `folder-open`.
pub const FOLDER_OPEN: Icon = Icon('\u{e247}');
/// `folder-plus`.
pub const FOLDER_PLUS: Icon = Icon('\u{e0d9}');
/// `fullscreen`.
pub const FULLSCREEN: Icon = Icon('\u{e534}');
/// `funnel`.
pub const FUNNEL: Icon = Icon('\u{e0dc}');
/// `globe`.
pub const GLOBE: Icon = Icon('\u{e0e8}');
/// `grid-3x3`.
pub const GRID_3X3: Icon = Icon('\u{e0e9}');
/// `grip-vertical`.
pub const GRIP_VERTICAL: Icon = Icon('\u{e0eb}');
/// `hand`.
pub const HAND: Icon = Icon('\u{e1d7}');
/// `history`.
pub const HISTORY: Icon = Icon('\u{e1f5}');
/// `house`.
pub const HOUSE: Icon = Icon('\u{e0f5}');
/// `image-down`.
pub const IMAGE_DOWN: Icon = Icon('\u{e53c}');
/// `info`.
pub const INFO: Icon = Icon('\u{e0f9}');
/// `keyboard`.
pub const KEYBOARD: Icon = Icon('\u{e284}');
/// `languages`.
pub const LANGUAGES: Icon = Icon('\u{e0fe}');
/// `lasso`.
pub const LASSO: Icon = Icon('\u{e1ce}');
/// `layers`.
pub const LAYERS: Icon = Icon('\u{e529}');
/// `list`.
pub const LIST: Icon = Icon('\u{e106}');
/// `list-tree`.
pub const LIST_TREE: Icon = Icon('\u{e408}');
/// `loader-circle`.
pub const LOADER_CIRCLE: Icon = Icon('\u{e10a}');
/// `locate-fixed`.
pub const LOCATE_FIXED: Icon = Icon('\u{e1db}');
/// `magnet`.
pub const MAGNET: Icon = Icon('\u{e2b5}');
/// `map`.
pub const MAP: Icon = Icon('\u{e110}');
/// `map-pin`.
pub const MAP_PIN: Icon = Icon('\u{e111}');
/// `maximize`.
pub const MAXIMIZE: Icon = Icon('\u{e112}');
/// `minus`.
pub const MINUS: Icon = Icon('\u{e11c}');
/// `moon`.
pub const MOON: Icon = Icon('\u{e11e}');
/// `mouse-pointer-2`.
pub const MOUSE_POINTER_2: Icon = Icon('\u{e1c3}');
/// `palette`.
pub const PALETTE: Icon = Icon('\u{e1dd}');
/// `panel-bottom`.
pub const PANEL_BOTTOM: Icon = Icon('\u{e42c}');
/// `panel-left`.
pub const PANEL_LEFT: Icon = Icon('\u{e12a}');
/// `panel-right`.
pub const PANEL_RIGHT: Icon = Icon('\u{e431}');
/// `pencil`.
pub const PENCIL: Icon = Icon('\u{e1f9}');
/// `pentagon`.
pub const PENTAGON: Icon = Icon('\u{e52b}');
/// `pin`.
pub const PIN: Icon = Icon('\u{e259}');
/// `plus`.
pub const PLUS: Icon = Icon('\u{e13d}');
/// `redo-2`.
pub const REDO_2: Icon = Icon('\u{e2a0}');
/// `refresh-cw`.
pub const REFRESH_CW: Icon = Icon('\u{e145}');
/// `rotate-ccw`.
pub const ROTATE_CCW: Icon = Icon('\u{e148}');
/// `ruler`.
pub const RULER: Icon = Icon('\u{e14b}');
/// `save`.
pub const SAVE: Icon = Icon('\u{e14d}');
/// `scaling`.
pub const SCALING: Icon = Icon('\u{e2ec}');
/// `search`.
pub const SEARCH: Icon = Icon('\u{e151}');
/// `settings`.
pub const SETTINGS: Icon = Icon('\u{e154}');
/// `shapes`.
pub const SHAPES: Icon = Icon('\u{e4b3}');
/// `sigma`.
pub const SIGMA: Icon = Icon('\u{e201}');
/// `sliders-horizontal`.
pub const SLIDERS_HORIZONTAL: Icon = Icon('\u{e29a}');
/// `spline`.
pub const SPLINE: Icon = Icon('\u{e38b}');
/// `square`.
pub const SQUARE: Icon = Icon('\u{e167}');
/// `square-dashed`.
pub const SQUARE_DASHED: Icon = Icon('\u{e1cb}');
/// `square-dashed-mouse-pointer`.
pub const SQUARE_DASHED_MOUSE_POINTER: Icon = Icon('\u{e509}');
/// `star`.
pub const STAR: Icon = Icon('\u{e176}');
/// `sun`.
pub const SUN: Icon = Icon('\u{e178}');
/// `swatch-book`.
pub const SWATCH_BOOK: Icon = Icon('\u{e59f}');
/// `table`.
pub const TABLE: Icon = Icon('\u{e17d}');
/// `trash-2`.
pub const TRASH_2: Icon = Icon('\u{e18e}');
/// `triangle-alert`.
pub const TRIANGLE_ALERT: Icon = Icon('\u{e193}');
/// `undo-2`.
pub const UNDO_2: Icon = Icon('\u{e2a1}');
/// `vector-square`.
pub const VECTOR_SQUARE: Icon = Icon('\u{e67c}');
/// `waypoints`.
pub const WAYPOINTS: Icon = Icon('\u{e542}');
/// `x`.
pub const X: Icon = Icon('\u{e1b2}');
/// `zoom-in`.
pub const ZOOM_IN: Icon = Icon('\u{e1b6}');
/// `zoom-out`.
pub const ZOOM_OUT: Icon = Icon('\u{e1b7}');
