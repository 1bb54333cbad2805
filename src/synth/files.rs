//! The demo project as files: compressed GeoJSON and the project file that opens them.

use std::path::Path;
use std::sync::Arc;

use super::demo::Demo;
use super::landscape::{ORIGIN_E, ORIGIN_N};
use super::layers;
use crate::demo::PROJECT;
use crate::io::{Guard, OpenOptions, SaveError, gzip, open_bytes, save_atomically};
use crate::model::Coord;
use crate::model::roles::Role;
use crate::model::style::labels::Labels;
use crate::model::style::{Casing, Color, Dash, Marker, Shape, Stroke, Styling, Symbol};
use crate::scenario::{By, Entry, SavedView, Workspace, project};
use crate::task::Progress;

/// Name of the rules file among them, and the file itself: written by hand, with its sources.
const RULES: (&str, &str) = ("demo.rules.toml", include_str!("../../data/demo.rules.toml"));

const NAME: &str = "起步区用地示例（合成数据）";

const NOTE: &str = "全部图形、名称和编码均为程序合成，不是测绘或规划成果，不得用于任何实际工作。\
    数字来源：研究范围约 798 km² 见公开的起步区实施方案；永久基本农田调减 130,000 亩（扣除田坎的净面积）、\
    已清理土地 62,000 亩、安置区 11 处出自一篇新闻报道，未见正式文件；城镇开发边界 146 km² 为虚构。\n\
    Synthetic data, not for any real use. The study area of about 798 km² follows the public implementation plan; the \
    reduction of permanent basic farmland by 130,000 mu (net of ridges), 62,000 mu of cleared land and 11 resettlement \
    sites come from one press account; everything else is invented.";

/// Heading of the layers of the plan year.
const PLAN_GROUP: &str = "plan-2035";

/// The scenario made of them.
const PLAN: &str = "规划 2035";

/// What stands in for what in it.
const STAND_INS: [(&str, &str); 2] = [("永久基本农田 2025", "永久基本农田 2035"), ("地类图斑 2025", "地类图斑 2035")];

/// A layer of the project: file, title, heading, whether it is drawn.
const TREE: &[(&str, &str, &str, bool)] = &[
    ("czkfbj", "城镇开发边界", "control-lines", true),
    ("yjjbnt_2025", "永久基本农田 2025", "control-lines", true),
    ("stbhhx", "生态保护红线", "control-lines", true),
    ("azq", "安置区", "projects", true),
    ("qltd", "已清理土地", "projects", true),
    ("zdxm", "重点项目", "projects", false),
    ("cm", "村名", "other", false),
    ("fw", "起步区范围", "other", true),
    ("xzq", "街道界线", "other", true),
    ("sx", "水系", "other", true),
    ("yjjbnt_2035", "永久基本农田 2035", PLAN_GROUP, true),
    ("dltb_2035", "地类图斑 2035", PLAN_GROUP, true),
    ("jsyd_2025", "建设用地 2025", "land-use", false),
    ("dltb_2025", "地类图斑 2025", "land-use", true),
];

/// All files of the demo, as name and bytes.
pub fn files() -> Vec<(String, Vec<u8>)> {
    files_of(&Demo::build())
}

fn files_of(demo: &Demo) -> Vec<(String, Vec<u8>)> {
    let texts = layers::write_all(demo);
    let mut files: Vec<(String, Vec<u8>)> =
        texts.into_iter().map(|(name, text)| (format!("{name}.gz"), gzip(text.as_bytes()))).collect();
    let project = project_text(&files);
    files.push((PROJECT.to_owned(), project.into_bytes()));
    files.push((RULES.0.to_owned(), RULES.1.as_bytes().to_vec()));
    files
}

/// Writes all files of the demo into a folder.
///
/// # Errors
/// When one cannot be written; those before it are.
pub fn write(folder: &Path) -> Result<(), SaveError> {
    for (name, bytes) in files() {
        save_atomically(&folder.join(name), &Guard::none(), |out| out.write_all(&bytes))?;
    }
    Ok(())
}

/// The project file for these sources.
fn project_text(files: &[(String, Vec<u8>)]) -> String {
    let mut workspace = Workspace::new();
    NAME.clone_into(&mut workspace.name);
    NOTE.clone_into(&mut workspace.note);
    workspace.rules = Some(RULES.0.into());
    let plan = workspace.add_group("2035 方案");
    if let Some(group) = workspace.group_mut(&plan) {
        PLAN_GROUP.clone_into(&mut group.id);
        group.visible = false;
        group.open = false;
    }
    workspace.move_group(PLAN_GROUP, 3);
    for (stem, title, group, visible) in TREE {
        let name = format!("{stem}.geojson.gz");
        let bytes = files.iter().find(|(file, _)| *file == name).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        let opened = open_bytes(&name, bytes, &OpenOptions::default(), &Progress::new())
            .expect("the generator writes valid GeoJSON");
        for layer in opened.layers {
            let mut entry = Entry::recognised(Arc::new(layer), 0);
            (*title).clone_into(&mut entry.title);
            (*group).clone_into(&mut entry.group);
            entry.visible = *visible;
            entry.open = *stem == "dltb_2025";
            dress(stem, &mut entry);
            workspace.push_entry(entry);
        }
    }
    let of_title = |title: &str| workspace.entries.iter().find(|entry| entry.title == title).map(Entry::id);
    let pairs: Vec<_> = STAND_INS.iter().filter_map(|(base, other)| of_title(base).zip(of_title(other))).collect();
    workspace.scenario_of_layers(&pairs, Some(PLAN), By::default());
    workspace.show(None);
    // The city between river and canal, as a first look.
    let center = Coord { x: ORIGIN_E as f64 - 3_600.0, y: ORIGIN_N as f64 - 3_900.0 };
    workspace.view = Some(SavedView { center, units_per_px: 22.0 });
    project::to_text(&workspace, Path::new("."))
}

/// Styles that differ from the ones that layers start with.
fn dress(stem: &str, entry: &mut Entry) {
    let line = |color: Color, width_px: f32, dash: Option<Dash>| Stroke { color, width_px, dash, casing: None };
    let single = |stroke: Stroke| Styling::Single(Symbol { stroke: Some(stroke), ..Symbol::default() });
    match stem {
        "fw" => {
            let dash = Some(Dash { on_px: 12.0, off_px: 4.0 });
            entry.style.styling = single(line(Color::rgb(38, 43, 51), 2.4, dash));
            entry.style.labels = None;
        }
        "xzq" => {
            // A dashed line on a quiet band, as borders of streets are drawn.
            let dash = Some(Dash { on_px: 8.0, off_px: 3.0 });
            let casing = Some(Casing { color: Color::rgb(110, 106, 168).with_alpha(51), width_px: 5.0 });
            entry.style.styling = single(Stroke { casing, ..line(Color::rgb(86, 84, 135), 1.2, dash) });
            let mut labels = Labels::of_role("XZQMC", Role::Administrative, "街道界线");
            (labels.look.size_px, labels.look.bold) = (15.0, true);
            labels.look.color = Some(Color::rgb(58, 64, 84));
            entry.style.labels = Some(labels);
        }
        "sx" => {
            // The channel is a parcel; its middle line is there for the name.
            entry.style.styling = single(line(Color::rgb(255, 255, 255).with_alpha(120), 0.8, None));
            let mut labels = Labels::of_role("名称", Role::Water, "水系");
            labels.look.size_px = 16.0;
            entry.style.labels = Some(labels);
        }
        "cm" => {
            let marker = Marker {
                shape: Shape::Circle,
                size_px: 4.0,
                color: Color::rgb(90, 90, 90),
                icon: crate::model::style::Icon::None,
                icon_color: Color::WHITE,
                casing: None,
            };
            entry.style.styling = Styling::Single(Symbol { marker: Some(marker), ..Symbol::default() });
            entry.style.labels = Some(Labels::of_role("名称", Role::Other, "村名"));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
