//! Two states held against each other in the real window over the demo project, by accessible name.

use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use tuban::model::keys::{GroupKey, KeyPart};
use tuban::report;
use tuban::report::transition::matrix_table;
use tuban::scenario::transition::{Classes, CompareOptions, Comparison, Grouping, Level, Matrix, MatrixCell};
use tuban::task::Progress;
use tuban::text::Language;
use tuban::ui::session::Session;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::compare::CompareCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::tool::ToolCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::compare::By;
use tuban::ui::session::compare::pick::Pick;
use tuban::ui::session::compare::sides::Source;
use tuban::ui::session::parts::Tab;
use tuban::ui::{App, Start};
use tuban::units::{Area, AreaUnit};

type Window = Harness<'static, App>;

/// The window with the demo project, read and measured.
fn demo(language: Language, size: (f32, f32)) -> Window {
    let mut start = Start::for_test();
    start.demo = true;
    start.settings.language = language;
    let mut window = Harness::builder()
        .with_size(egui::vec2(size.0, size.1))
        .with_max_steps(64)
        .build_eframe(move |cc| App::new(cc, start));
    window.run_steps(2);
    until(&mut window, |session| {
        let polygons = |entry: &&tuban::scenario::Entry| entry.layer.kind == tuban::model::GeometryKind::Polygon;
        !session.workspace.is_empty()
            && session.jobs.is_empty()
            && session.workspace.entries.iter().filter(polygons).all(|entry| entry.areas.is_some())
    });
    window
}

/// The same, with both states of land use compared.
fn compared(language: Language) -> Window {
    let mut window = demo(language, (1600.0, 1000.0));
    window.state_mut().push(Command::Compare(CompareCommand::Open));
    window.run_steps(2);
    settle(&mut window);
    window
}

/// Steps until the session is as wanted and nothing more happens.
fn until(window: &mut Window, wanted: impl Fn(&Session) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !wanted(window.state().session()) {
        assert!(Instant::now() < deadline, "not in time");
        std::thread::sleep(Duration::from_millis(2));
        window.step();
    }
    window.run_steps(4);
}

fn settle(window: &mut Window) {
    until(window, |session| session.compare.shown().is_some() && session.jobs.is_empty());
}

fn session(window: &Window) -> &Session {
    window.state().session()
}

fn matrix(window: &Window) -> &Matrix {
    &session(window).compare.shown().expect("compared").matrix
}

fn give(window: &mut Window, command: CompareCommand) {
    window.state_mut().push(Command::Compare(command));
    window.run_steps(4);
    settle(window);
}

/// The largest cell of what changed that is in view.
fn largest(window: &Window) -> MatrixCell {
    let changed = matrix(window).cells.iter().filter(|cell| cell.from != cell.to);
    let mut changed: Vec<MatrixCell> = changed.copied().collect();
    changed.sort_by(|a, b| b.m2.total_cmp(&a.m2));
    let seen = |cell: &&MatrixCell| window.query_all_by_label_contains(&cell_name(window, cell)).count() > 0;
    *changed.iter().find(seen).expect("something changed")
}

/// What a cell of the matrix is called.
fn cell_name(window: &Window, cell: &MatrixCell) -> String {
    let shown = session(window).compare.shown().expect("compared");
    let class = |class: Option<u32>| shown.class(class.expect("a class")).name(session(window).language());
    let at = shown.matrix.cells.iter().position(|other| other == cell).expect("a cell of the matrix");
    let figure = &session(window).compare.work.figures().expect("figures").cells[at];
    format!("{} → {} {figure}", class(cell.from), class(cell.to))
}

/// The same comparison, without the window.
fn comparison(window: &Window, level: Level) -> (Comparison, Classes) {
    let sources = session(window).compare.sources.expect("two states");
    let [base, scenario] = sources.map(|source| session(window).layer(source.layer()).expect("a layer").clone());
    let keys = |layer: &tuban::model::Layer| {
        [GroupKey { field: layer.field("DLBM").expect("the class field"), part: KeyPart::Whole }]
    };
    let (base_keys, scenario_keys) = (keys(&base), keys(&scenario));
    let grouping = |layer, keys| Grouping { layer, keys };
    let classes = Classes::new(grouping(&base, &base_keys), grouping(&scenario, &scenario_keys), level, None);
    let comparison = Comparison::new(&base, &scenario, &CompareOptions::default(), &Progress::new());
    (comparison.expect("comparable"), classes.expect("one scheme"))
}

#[test]
fn opening_compares_the_earlier_year_with_the_later() {
    let window = compared(Language::Chinese);
    let shown = session(&window).compare.shown().expect("compared");
    assert_eq!([shown.sides[0].title.as_str(), shown.sides[1].title.as_str()], ["地类图斑 2025", "地类图斑 2035"]);
    assert_eq!(session(&window).compare.by, By::Level(2));
    assert_eq!(session(&window).settings.tab, Tab::Transitions);

    let (comparison, classes) = comparison(&window, Level::Of(2));
    let expected = Matrix::new(&comparison, &classes);
    assert_eq!((&shown.matrix, &shown.classes), (&expected, &classes));

    // What stands in the cells is what the CSV file says.
    let table = matrix_table(&expected, &classes, AreaUnit::Mu, Language::Chinese);
    let tsv = report::to_tsv(&table, Language::Chinese);
    let lines: Vec<Vec<&str>> = tsv.lines().map(|line| line.split('\t').collect()).collect();
    let figures = session(&window).compare.work.figures().expect("figures");
    let place = |class: u32| shown.used.iter().position(|used| *used == class).expect("a class that occurs") + 1;
    for (cell, figure) in shown.matrix.cells.iter().zip(&figures.cells) {
        let (Some(from), Some(to)) = (cell.from, cell.to) else { continue };
        assert_eq!(figure.replace(',', ""), lines[place(from)][place(to)], "{cell:?}");
    }
    window.get_by_label_contains("守恒：行和 = 基期表，列和 = 方案表；余差 0.0000 亩");
    window.get_by_label_contains("2025 ＼ 2035（亩）");
}

#[test]
fn a_cell_shows_its_pieces_and_esc_everything_again() {
    let mut window = compared(Language::Chinese);
    let cell = largest(&window);
    let name = cell_name(&window, &cell);
    let view = session(&window).view;
    window.get_by_label_contains(&name).click();
    window.run_steps(4);
    settle(&mut window);

    let now = session(&window);
    let pick = Pick::Cell { from: cell.from, to: cell.to };
    assert_eq!(now.compare.pick, Some(pick));
    assert_ne!(now.view, view, "the map shows the pieces");
    let shown = now.compare.shown().expect("compared");
    let made = tuban::ui::work::compare::pick::features(shown, pick);
    assert_eq!(made.pairs.len() as u64, cell.pieces);
    for (side, of) in [(0, 0), (1, 1)] {
        let layer = shown.sides[side].layer.id;
        let selected: Vec<usize> = now.project.selection.rows(layer).expect("features of both").iter().collect();
        let mut expected: Vec<usize> =
            made.pairs.iter().map(|pair| if of == 0 { pair.a as usize } else { pair.b as usize }).collect();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(selected, expected, "side {side}");
    }
    let picture = now.compare.pieces.picture().expect("pieces");
    assert!(!picture.symbols.is_empty() && picture.symbols.len() as u64 <= cell.pieces);
    // The card says what and how much.
    let figure = Area::from_m2(cell.m2).display(AreaUnit::Mu);
    let pieces = tuban::units::format_number(cell.pieces as f64, 0);
    let cards = window.query_all_by_role(Role::Heading);
    let cards: Vec<String> =
        cards.filter_map(|node| node.accesskit_node().label()).filter(|label| label.contains('→')).collect();
    assert!(cards.iter().any(|card| card.contains(&format!("{figure} 亩 {pieces} 块"))), "{cards:?}");

    window.key_press_modifiers(Modifiers::NONE, Key::Escape);
    window.run_steps(4);
    assert_eq!(session(&window).compare.pick, None);
    assert!(session(&window).compare.pieces.picture().is_none());
    assert!(!session(&window).project.selection.is_empty(), "the selection is the next step back");
    window.key_press_modifiers(Modifiers::NONE, Key::Escape);
    window.run_steps(4);
    assert!(session(&window).project.selection.is_empty());
}

#[test]
fn arrows_move_the_cell_and_enter_shows_its_pieces() {
    let mut window = compared(Language::Chinese);
    let cell = largest(&window);
    window.get_by_label_contains(&cell_name(&window, &cell)).click();
    window.run_steps(4);
    settle(&mut window);
    let first = session(&window).compare.pick.expect("picked");
    let view = session(&window).view;
    // The cell moves and nothing is picked; the next one that holds land is shown by Enter.
    let mut found = None;
    for _ in 0..40 {
        window.key_press_modifiers(Modifiers::NONE, Key::ArrowLeft);
        window.run_steps(2);
        assert_eq!(session(&window).compare.pick, found.or(Some(first)));
        window.key_press_modifiers(Modifiers::NONE, Key::Enter);
        window.run_steps(4);
        settle(&mut window);
        found = session(&window).compare.pick;
        if found != Some(first) {
            break;
        }
    }
    let Some(Pick::Cell { from, to }) = found else { panic!("{found:?}") };
    assert_eq!((from, to != cell.to), (cell.from, true), "the same row, another column");
    assert_ne!(session(&window).view, view, "the map went there");
}

#[test]
fn pieces_have_the_area_of_their_cell() {
    let mut window = compared(Language::Chinese);
    let cell = largest(&window);
    give(&mut window, CompareCommand::Pick(Some(Pick::Cell { from: cell.from, to: cell.to })));
    let picture = session(&window).compare.pieces.picture().expect("pieces").clone();
    let area: f64 = picture
        .prepared
        .projected
        .blocks
        .iter()
        .flat_map(|block| (0..block.feature_count()).map(|row| planar(block, row)).collect::<Vec<_>>())
        .sum();
    // Planar against ellipsoidal: a few parts in ten thousand near the meridian; slivers are not drawn.
    assert!((area / cell.m2 - 1.0).abs() < 2e-3, "{area} {}", cell.m2);

    // In a file they have the figures of the cell to the last digit.
    window.get_by_label("导出这些地块…");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pieces.geojson");
    give(&mut window, CompareCommand::SavePiecesTo(path.clone()));
    settle(&mut window);
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("written")).expect("JSON");
    let features = file["features"].as_array().expect("features");
    assert_eq!(features.len() as u64, cell.pieces);
    let shown = session(&window).compare.shown().expect("compared");
    let key = |class: Option<u32>| shown.classes.list[class.expect("a class") as usize].key.as_str();
    let sum: f64 = features.iter().map(|f| f["properties"]["m2"].as_f64().expect("m²")).sum();
    assert!((sum - cell.m2).abs() < 1e-6 * cell.m2, "{sum} {}", cell.m2);
    let of_cell =
        |f: &serde_json::Value| f["properties"]["from"] == key(cell.from) && f["properties"]["to"] == key(cell.to);
    assert!(features.iter().all(of_cell), "{file}");
}

/// Area of a polygon in the plane, holes off.
fn planar(block: &tuban::model::GeometryBlock, row: usize) -> f64 {
    let ring_area = |ring: &[tuban::model::Coord]| {
        let origin = ring[0];
        let twice: f64 = ring
            .windows(2)
            .map(|e| (e[0].x - origin.x) * (e[1].y - origin.y) - (e[1].x - origin.x) * (e[0].y - origin.y))
            .sum();
        (twice / 2.0).abs()
    };
    let parts = block.polygon(row);
    parts
        .parts()
        .map(|part| {
            let rings: Vec<f64> = part.rings().map(ring_area).collect();
            rings.iter().enumerate().map(|(at, area)| if at == 0 { *area } else { -area }).sum::<f64>()
        })
        .sum()
}

#[test]
fn headings_show_what_leaves_and_what_comes() {
    let mut window = compared(Language::Chinese);
    let cell = largest(&window);
    let from = cell.from.expect("a class");
    let label = session(&window).compare.shown().expect("compared").class(from).label(Language::Chinese);
    window.get_by_role_and_label(Role::RowHeader, &format!("{label}：点击查看转出的地块")).click();
    window.run_steps(4);
    settle(&mut window);
    assert_eq!(session(&window).compare.pick, Some(Pick::Leaves(from)));
    let shown = session(&window).compare.shown().expect("compared");
    // The card says what the matrix prints as leaving the class.
    let (area, _) = tuban::ui::work::compare::pick::sum(
        &session(&window).compare,
        &session(&window).settings,
        shown,
        Pick::Leaves(from),
    );
    let areas = session(&window).compare.work.areas().expect("figures");
    assert_eq!(area, areas.lines[from as usize].out);
    window.get_by_label("恢复显示全部").click();
    window.run_steps(4);
    assert_eq!(session(&window).compare.pick, None);
}

#[test]
fn levels_units_and_shares_change_the_figures() {
    let mut window = compared(Language::Chinese);
    let second = matrix(&window).lines.len();
    window.get_by_label("地类层级 二级类").click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::MenuItem, "一级类").click();
    window.run_steps(4);
    settle(&mut window);
    let (comparison, classes) = comparison(&window, Level::Of(1));
    assert_eq!(*matrix(&window), Matrix::new(&comparison, &classes));
    assert!(matrix(&window).lines.len() < second);

    window.get_by_label("面积单位 亩").click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::MenuItem, "公顷").click();
    window.run_steps(4);
    window.get_by_label_contains("2025 ＼ 2035（公顷）");
    window.get_by_label("面积单位 公顷").click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::MenuItem, "占期初 %").click();
    window.run_steps(4);
    let figures = session(&window).compare.work.figures().expect("figures");
    assert!(figures.lines.iter().all(|line| line.base == "100.00" || line.base == "0.00"));

    give(&mut window, CompareCommand::SetBy(By::Field("街道".to_owned())));
    let shown = session(&window).compare.shown().expect("compared");
    assert!(shown.classes.list.iter().any(|class| class.value == "太平街道"), "{:?}", shown.classes.list);
}

#[test]
fn swapping_transposes_the_matrix() {
    let mut window = compared(Language::Chinese);
    let before = matrix(&window).clone();
    give(&mut window, CompareCommand::Swap);
    let after = matrix(&window);
    assert_eq!(after.lines.len(), before.lines.len());
    for cell in &before.cells {
        let other = after.cell(cell.to, cell.from);
        assert!((other.m2 - cell.m2).abs() < 1e-3 && other.pieces == cell.pieces, "{cell:?} {other:?}");
    }
}

#[test]
fn a_study_area_cuts_the_figures() {
    let mut window = compared(Language::Chinese);
    let whole = matrix(&window).total.base.m2;
    let site = session(&window).workspace.entries.iter().find(|entry| entry.title == "安置区").expect("a layer");
    let (id, area) = (site.id(), site.areas.as_ref().expect("measured").exact_total().m2());
    give(&mut window, CompareCommand::SetWithin(Some(id)));
    until(&mut window, |session| session.compare.shown().is_some_and(|shown| shown.within.is_some()));
    let cut = matrix(&window).total.base.m2;
    assert!(cut < whole && (cut / area - 1.0).abs() < 1e-3, "{cut} {area}");
    window.get_by_label_contains("范围：安置区");

    // An area that was drawn and kept restricts them too.
    let center = session(&window).view.center;
    let corner = |dx: f64, dy: f64| tuban::model::Coord { x: center.x + dx, y: center.y + dy };
    let points = vec![corner(0.0, 0.0), corner(1000.0, 0.0), corner(1000.0, 500.0), corner(0.0, 500.0)];
    window.state_mut().push(Command::Tool(ToolCommand::UseTool(tuban::ui::session::parts::Tool::Area)));
    let sketch = tuban::ui::session::sketch::Sketch { points, finished: true, ..Default::default() };
    window.state_mut().push(Command::Tool(ToolCommand::SetSketch(sketch)));
    window.state_mut().push(Command::Tool(ToolCommand::KeepMeasurement));
    give(&mut window, CompareCommand::SetWithinMeasured(0));
    until(&mut window, |session| {
        session.compare.shown().is_some_and(|shown| (shown.matrix.total.base.m2 - 500_000.0).abs() < 500.0)
    });
}

#[test]
fn the_balance_adds_up_and_leads_to_the_map() {
    let mut window = compared(Language::Chinese);
    window.get_by_label("用地平衡");
    let shown = session(&window).compare.shown().expect("compared").clone();
    let class = shown.used.iter().copied().max_by(|a, b| {
        let change = |class: &u32| shown.matrix.lines[*class as usize].change_m2().abs();
        change(a).total_cmp(&change(b))
    });
    let class = class.expect("classes");
    let areas = session(&window).compare.work.areas().expect("figures").clone();
    let change = areas.lines[class as usize].net.as_str();
    let row = format!("{} {change}", shown.class(class).name(Language::Chinese));
    window.get_by_role_and_label(Role::Row, &row).click();
    window.run_steps(4);
    settle(&mut window);
    assert_eq!(session(&window).compare.pick, Some(Pick::Moves(class)));

    window.get_by_label("打开结构调整表").click();
    window.run_steps(4);
    assert_eq!(session(&window).settings.tab, Tab::Balance);
    let label = shown.class(class).label(Language::Chinese);
    let rows: Vec<String> = window
        .query_all_by_role(Role::Row)
        .filter_map(|node| node.accesskit_node().label())
        .filter(|row| row.starts_with(&label))
        .collect();
    assert!(rows.iter().any(|row| row.contains(change)), "{rows:?}");
    window.get_by_label("变更一览").click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::ColumnHeader, "减少 亩");
    window.get_by_label("流向一览").click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::ColumnHeader, "块数");
}

#[test]
fn only_what_changed_is_shown_until_esc() {
    let mut window = compared(Language::Chinese);
    window.get_by_label("仅显示变化").click();
    window.run_steps(4);
    settle(&mut window);
    let changed: u64 = matrix(&window).cells.iter().filter(|cell| cell.from != cell.to).map(|cell| cell.pieces).sum();
    let pieces = session(&window).compare.pieces.picture().expect("pieces").symbols.len();
    assert!(pieces > 0 && pieces as u64 <= changed, "{pieces} of {changed}");
    window.get_by_label("恢复显示全部").click();
    window.run_steps(4);
    assert!(!session(&window).compare.change_map && session(&window).compare.pieces.picture().is_none());
}

#[test]
fn a_layer_against_itself_is_all_diagonal_and_closing_ends_it() {
    let mut window = compared(Language::Chinese);
    let base = session(&window).compare.sources.expect("two states")[0].layer();
    give(&mut window, CompareCommand::SetSources([Source::Layer(base); 2]));
    until(&mut window, |session| session.compare.shown().is_some_and(|shown| shown.matrix.changed_m2 == 0.0));
    let shown = session(&window).compare.shown().expect("compared");
    assert!(shown.matrix.cells.iter().all(|cell| cell.from == cell.to));
    window.state_mut().push(Command::Compare(CompareCommand::Close));
    window.run_steps(4);
    assert!(!session(&window).compare.is_open());
    window.get_by_label("选两个图层，逐类看土地从哪里来、到哪里去");
}

#[test]
fn the_comparison_speaks_english() {
    let mut window = compared(Language::English);
    window.get_by_label_contains("Conserved: rows add up to the base");
    window.get_by_label("Classes Level 2");
    let cell = largest(&window);
    let name = cell_name(&window, &cell);
    window.get_by_label_contains(&name).click();
    window.run_steps(4);
    settle(&mut window);
    let pieces = tuban::units::format_number(cell.pieces as f64, 0);
    assert!(window.query_all_by_label_contains(&format!("{pieces} pieces")).count() > 0);
    window.get_by_label("Show everything again");
}

#[test]
fn regions_and_scenarios_stand_beside_the_matrix() {
    let mut window = compared(Language::Chinese);
    window.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Balance)));
    window.run_steps(4);
    window.get_by_label("分区").click();
    window.run_steps(4);
    until(&mut window, |session| session.compare.beside_matrix.by_region.current().is_some());
    let found = session(&window).compare.beside_matrix.by_region.current().cloned().expect("is summed");
    assert!(found.regions.residual_m2(&found.shown.matrix) < 1e-3);
    assert!(found.list.len() > 3, "street offices");
    let first = &found.list[0].value;
    window.get(egui_kittest::kittest::By::new().role(Role::Row).label_contains(first));
    // Another field.
    window.state_mut().push(Command::Compare(CompareCommand::SetRegionField("QSXZ".to_owned())));
    window.run_steps(2);
    until(&mut window, |session| {
        session.compare.beside_matrix.by_region.current().is_some_and(|found| found.list.len() == 2)
    });
    window.get(egui_kittest::kittest::By::new().role(Role::Row).label_contains("国有土地使用权"));

    // The base, and the scenario that the demo has.
    let layer = {
        let workspace = &session(&window).workspace;
        workspace.entries.iter().find(|entry| entry.title == "地类图斑 2025").expect("is there").id()
    };
    let plan = session(&window).workspace.scenarios.list()[0].id;
    let sources = [Source::State(None, layer), Source::State(Some(plan), layer)];
    window.state_mut().push(Command::Compare(CompareCommand::SetSources(sources)));
    window.run_steps(2);
    settle(&mut window);
    window.get_by_label("各方案").click();
    window.run_steps(4);
    until(&mut window, |session| {
        session.compare.beside_matrix.states.current().is_some_and(|states| states.names.len() == 2)
    });
    let shown = session(&window).compare.shown().cloned().expect("compared");
    let states = session(&window).compare.beside_matrix.states.current().cloned().expect("summed");
    for (class, m2) in states.sums.classes.iter().zip(&states.sums.m2) {
        let line = &shown.matrix.lines[shown.class_of_key(&class.key).expect("a class of the matrix") as usize];
        assert!((m2[0] - line.base.m2).abs() < 1e-3 && (m2[1] - line.scenario.m2).abs() < 1e-3, "{}", class.key);
    }
}

#[test]
fn two_classifications_are_compared_by_a_crosswalk() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["base.geojson", "plan.geojson"].map(|name| folder.path().join(name));
    let map = "AAA/BBB/BBC";
    crate::compare::map_file(&files[0], map, &[('A', "0810"), ('B', "08H2"), ('C', "05H1")]);
    crate::compare::map_file(&files[1], map, &[('A', "1401"), ('B', "070102"), ('C', "080301")]);
    let mut start = Start::for_test();
    start.settings.language = Language::English;
    start.files = files.to_vec();
    let mut window = crate::window::open(start, (1280.0, 720.0));
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    let [base, plan] = ["base", "plan"].map(|name| {
        let entries = &session(&window).workspace.entries;
        Source::Layer(entries.iter().find(|entry| entry.title.contains(name)).expect("is open").id())
    });
    window.state_mut().push(Command::Compare(CompareCommand::SetSources([base, plan])));
    window.state_mut().push(Command::Compare(CompareCommand::SetBy(By::Class)));
    window.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Transitions)));
    window.run_steps(4);
    until(&mut window, |session| session.compare.work.problem().is_some());
    window.get_by_label("Read a crosswalk (CSV)…");
    let read = |window: &mut Window, text: &str| {
        let path = folder.path().join("cross.csv");
        std::fs::write(&path, text).expect("written");
        window.state_mut().push(Command::Compare(CompareCommand::ReadCrosswalk(path)));
        window.run_steps(6);
    };
    // What has several targets is listed for decision.
    read(&mut window, "from,to\n0810,1401\n08H2,0803\n08H2,0804\n05H1,0901\n");
    window.get(egui_kittest::kittest::By::new().label_contains("08H2 → 0803 | 0804"));
    read(&mut window, "from,to\n0810,1401\n08H2,0803\n05H1,0901\n");
    until(&mut window, |session| session.compare.shown().is_some() && session.compare.work.problem().is_none());
    let shown = session(&window).compare.shown().cloned().expect("compared");
    let class = |key: &str| shown.class_of_key(key).expect("a class");
    assert_eq!(shown.matrix.cell(Some(class("0803")), Some(class("070102"))).pieces, 1);
    assert!(shown.matrix.residual_m2 < 1e-6);
    // A file that is none leaves the one before.
    read(&mut window, "von;nach\n");
    assert!(session(&window).compare.crosswalk.is_some());
    assert!(!session(&window).notices.is_empty());
}

#[test]
fn the_matrix_is_drawn_as_flows_and_bars() {
    use tuban::ui::session::command::compare::ComparePicture as Picture;
    use tuban::ui::work::compare::export::{chart, picture_bytes};
    let mut window = compared(Language::Chinese);
    window.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Balance)));
    window.run_steps(4);
    window.get_by_label("流向图").click();
    window.run_steps(4);
    window.get_by_label("地类流向图");
    let shown = session(&window).compare.shown().cloned().expect("compared");
    let colors = tuban::render::chart::ChartColors::PAPER;
    let (_, flows) = chart(&session(&window).settings, &shown, Picture::Flows, 1000.0, &colors);
    let flows = flows.expect("has flows").flows;
    // Nothing that changes is left out.
    let hundredths = |figure: &str| figure.replace([',', '.'], "").parse::<i64>().expect("a figure");
    let sum: i64 = flows.iter().map(|(_, _, figure, _)| hundredths(figure)).sum();
    let areas = session(&window).compare.work.areas().expect("figures");
    let total = &areas.total;
    let only = hundredths(&total.only_base) + hundredths(&total.only_scenario);
    assert_eq!(sum, hundredths(&areas.changed) + only);
    let svg = String::from_utf8(
        picture_bytes(&session(&window).compare, &session(&window).settings, Picture::Flows, true).expect("drawn"),
    )
    .expect("UTF-8");
    assert_eq!(svg.matches("<path").count(), flows.len());
    assert!(svg.contains("0102 水浇地"));
    window.get_by_label("增减图").click();
    window.run_steps(4);
    window.get_by_label("地类增减图");
    let png =
        picture_bytes(&session(&window).compare, &session(&window).settings, Picture::Bars, false).expect("drawn");
    assert_eq!(&png[1..4], b"PNG");
    window.get_by_label("保存图片…").click();
    window.run_steps(4);
    window.get_by_label("SVG 矢量图");
}

#[test]
fn a_scenario_that_is_shown_is_held_against_its_base_by_itself() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Window(WindowCommand::RevealTab(Tab::Transitions)));
    window.run_steps(3);
    assert!(!session(&window).compare.is_open(), "the base alone is held against nothing");
    let plan = session(&window).workspace.scenarios.list()[0].id;
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(Some(plan))));
    window.run_steps(3);
    settle(&mut window);
    let land = session(&window).workspace.entries.iter().find(|entry| entry.title == "地类图斑 2025").expect("is open");
    let expected = [Source::State(None, land.id()), Source::Layer(land.id())];
    assert_eq!(session(&window).compare.sources, Some(expected));
    // What the user ended stays ended.
    window.state_mut().push(Command::Compare(CompareCommand::Close));
    window.run_steps(4);
    assert!(!session(&window).compare.is_open());
}
