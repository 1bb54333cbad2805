//! The demo's layers as GeoJSON: parcels, control lines, projects, administrative areas, names.

use std::collections::BTreeMap;

use super::demo::{Demo, Traits};
use super::geojson::{Collection, Property, Shape};
use super::landscape::{STREET_OFFICES, TOWNS};
use super::landuse::is_construction;
use super::names::{COUNTY, street_code, street_name, village_code};
use super::plane::{Point, Vector, area_m2, inside};
use super::region::Ground;
use super::sites;
use super::tuning::PATCHES;
use crate::model::classes::{Class, Scheme};
use crate::text::Language;
use crate::units::{Area, M2_PER_MU, round_half_up};

/// What every file of the demo says of itself.
const ORIGIN: &str = "合成数据：由程序按固定种子画出，不是测绘或规划成果，不得用于任何实际工作。\
    数字来源：研究范围约 798 km² 见公开的起步区实施方案；永久基本农田调减 13 万亩（扣除田坎的净面积）、已清理土地 6.2 万亩、\
    安置区 11 处出自一篇新闻报道，未见正式文件；城镇开发边界 146 km² 及其余图形、名称、编码均为虚构。 \
    Synthetic data drawn by a program from a fixed seed: no survey, no plan, not for any real use. Figures: the study \
    area of about 798 km² follows the public implementation plan; the reduction of permanent basic farmland by \
    130,000 mu (net of ridges), 62,000 mu of cleared land and 11 resettlement sites come from one press account; the \
    development boundary of 146 km² and all shapes, names and codes are invented.";

/// What MSSM says of land that is no island.
const MAINLAND: &str = "00";

/// Name of the area as an administrative unit.
const AREA_NAME: &str = "起步区（示例）";

/// Years of the two states.
pub const YEARS: [i64; 2] = [2025, 2035];

/// Files of the demo as name and text.
pub fn write_all(demo: &Demo) -> Vec<(&'static str, String)> {
    let orders = [0, 1].map(|year| order(demo, year));
    let numbers = numbers(demo, &orders);
    vec![
        ("czkfbj.geojson", development_boundary(demo)),
        ("stbhhx.geojson", red_line(demo)),
        ("yjjbnt_2025.geojson", farmland(demo, 0, &orders[0], &numbers[0])),
        ("yjjbnt_2035.geojson", farmland(demo, 1, &orders[1], &numbers[1])),
        ("azq.geojson", sites::resettlement(demo)),
        ("qltd.geojson", cleared(demo)),
        ("zdxm.geojson", sites::key_projects(demo)),
        ("cm.geojson", places(demo)),
        ("xzq.geojson", streets(demo)),
        ("fw.geojson", study_area(demo)),
        ("sx.geojson", rivers(demo)),
        ("jsyd_2025.geojson", construction(demo)),
        ("dltb_2025.geojson", parcels(demo, 0, &orders[0], &numbers[0])),
        ("dltb_2035.geojson", parcels(demo, 1, &orders[1], &numbers[1])),
    ]
}

/// The collection of a layer whose description begins with `what`.
pub(super) fn collection(name: &str, what: &str) -> Collection {
    Collection::new(name, &format!("{what}{ORIGIN}"))
}

/// An area as the databases hold it: m² with two decimals.
pub(super) fn square_metres(m2: f64) -> Property {
    Property::Number(round_half_up(m2, 2), 2)
}

/// An area in mu with two decimals.
pub(super) fn mu(m2: f64) -> Property {
    Property::Number(round_half_up(Area::from_m2(m2).mu(), 2), 2)
}

/// Parcels in the order of the file: by street office, village, then from north-west to south-east.
fn order(demo: &Demo, year: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..demo.parcels[year].len()).collect();
    order.sort_by_key(|parcel| {
        let (traits, label) = (&demo.parcels[year][*parcel], demo.label(year, *parcel));
        (traits.street, traits.village.map_or(0, |village| village + 1), label.x - label.y, label.x, *parcel)
    });
    order
}

/// Number of each parcel in either year. What did not change its outline keeps its number.
fn numbers(demo: &Demo, orders: &[Vec<usize>; 2]) -> [Vec<usize>; 2] {
    let mut base = vec![0; demo.parcels[0].len()];
    let mut known: BTreeMap<&[u32], usize> = BTreeMap::new();
    for (i, parcel) in orders[0].iter().enumerate() {
        base[*parcel] = i + 1;
        known.insert(&demo.map.parcels[0][*parcel].cells, i + 1);
    }
    let mut plan = vec![0; demo.parcels[1].len()];
    let mut fresh = 50_000;
    for parcel in &orders[1] {
        plan[*parcel] = known.get(&demo.map.parcels[1][*parcel].cells[..]).copied().unwrap_or_else(|| {
            fresh += 1;
            fresh
        });
    }
    [base, plan]
}

/// An 18-digit BSM: county, table, number.
pub(super) fn bsm(table: u32, number: usize) -> String {
    format!("{COUNTY}{table:04}{number:08}")
}

fn class_name(code: &str) -> &'static str {
    Class::find(Scheme::Ydyh2023, code).map_or("", |class| class.name(Language::Chinese))
}

/// Code and name of the unit that owns the land, and the kind of right.
fn owner(demo: &Demo, traits: &Traits) -> (String, String, &'static str) {
    let number = traits.village.unwrap_or(usize::MAX);
    let code = format!("{}0000000", village_code(traits.street, number));
    match traits.village {
        Some(village) => (code, format!("{}村民委员会", demo.village_names[village]), "30"),
        None => (code, format!("国有（{}）", street_name(traits.street)), "20"),
    }
}

/// Code and name of the unit that the land lies in: its village, or for state-owned land its street office.
fn place(demo: &Demo, traits: &Traits) -> (String, String) {
    match traits.village {
        Some(village) => {
            (format!("{}0000000", village_code(traits.street, village)), demo.village_names[village].clone())
        }
        None => (format!("{}0000000000", street_code(traits.street)), street_name(traits.street).to_owned()),
    }
}

fn parcels(demo: &Demo, year: usize, order: &[usize], numbers: &[usize]) -> String {
    let what = if year == 0 {
        "地类图斑，2025 年现状；5 个图斑的 TBMJ 故意写错（按 667 m²/亩换算、平面面积、以亩为单位、以公顷为单位、旧值），供核对面积练习。"
    } else {
        "地类图斑，2035 年方案。"
    };
    let mut out = collection(&format!("地类图斑{}", YEARS[year]), what);
    let errors = if year == 0 { wrong_areas(demo, order) } else { BTreeMap::new() };
    for parcel in order {
        let traits = &demo.parcels[year][*parcel];
        let (owner_code, owner_name, right) = owner(demo, traits);
        let (place_code, place_name) = place(demo, traits);
        let stated = errors.get(parcel).copied().unwrap_or(traits.printed_m2);
        let ridges = round_half_up(stated * traits.ridge, 2);
        let cropland = traits.ridge > 0.0;
        let or_null = |value: Property| if cropland { value } else { Property::Null };
        let number = numbers[*parcel];
        out.add(
            &[
                ("BSM", bsm(2110, number).into()),
                ("YSDM", "2001010100".into()),
                ("TBBH", format!("{:04}", number % 10_000).into()),
                ("DLBM", traits.code.into()),
                ("DLMC", class_name(traits.code).into()),
                ("QSXZ", right.into()),
                ("QSDWDM", owner_code.into()),
                ("QSDWMC", owner_name.into()),
                ("ZLDWDM", place_code.into()),
                ("ZLDWMC", place_name.into()),
                ("街道", street_name(traits.street).into()),
                ("TBMJ", square_metres(stated)),
                ("KCDLBM", or_null("2303".into())),
                ("KCXS", or_null(Property::Number(traits.ridge, 4))),
                ("KCMJ", square_metres(ridges)),
                ("TBDLMJ", square_metres(stated - ridges)),
                ("SJNF", YEARS[year].into()),
                ("MSSM", MAINLAND.into()),
            ],
            &Shape::Polygon(demo.map.polygon(year, *parcel as u32)),
        );
    }
    out.finish()
}

/// Parcels of the base year whose stated area is wrong in a way that is met in practice, with that area in m².
fn wrong_areas(demo: &Demo, order: &[usize]) -> BTreeMap<usize, f64> {
    let mut wrong = BTreeMap::new();
    let mut pick = |code: &str, street: &str, area: &dyn Fn(usize, f64) -> f64| {
        let found = order.iter().find(|parcel| {
            let traits = &demo.parcels[0][**parcel];
            let fits = traits.code == code && street_name(traits.street) == street && traits.exact_m2 > 120_000.0;
            fits && !wrong.contains_key(*parcel)
        });
        if let Some(parcel) = found {
            let area = area(*parcel, demo.parcels[0][*parcel].exact_m2);
            wrong.insert(*parcel, area);
        }
    };
    pick("0701", "大桥街道", &|_, m2| m2 / M2_PER_MU * 667.0);
    pick("0102", "高官寨街道", &|parcel, _| {
        let rings = demo.map.polygon(0, parcel as u32);
        rings.iter().flatten().enumerate().map(|(i, ring)| if i == 0 { area_m2(ring) } else { -area_m2(ring) }).sum()
    });
    pick("0103", "孙耿街道", &|_, m2| m2 / M2_PER_MU);
    pick("1001", "崔寨街道", &|_, m2| m2 / 1e4);
    pick("0102", "太平街道", &|_, m2| m2 * 1.0312);
    wrong
}

fn farmland(demo: &Demo, year: usize, order: &[usize], numbers: &[usize]) -> String {
    let what = if year == 0 {
        "永久基本农田，2025 年现状；YJJBNTTBMJ 为图斑面积，YJJBNTMJ 为扣除田坎的净面积。"
    } else {
        "永久基本农田，2035 年方案：净面积比 2025 年少 130,000.00 亩。"
    };
    let mut out = collection(&format!("永久基本农田{}", YEARS[year]), what);
    for parcel in order {
        let traits = &demo.parcels[year][*parcel];
        if !traits.farmland {
            continue;
        }
        let (owner_code, owner_name, right) = owner(demo, traits);
        let ridges = round_half_up(traits.printed_m2 * traits.ridge, 2);
        let number = numbers[*parcel];
        out.add(
            &[
                ("BSM", bsm(2210, number).into()),
                ("YSDM", "2005010300".into()),
                ("XZQDM", street_code(traits.street).into()),
                ("XZQMC", street_name(traits.street).into()),
                ("YJJBNTTBBH", format!("{number:06}").into()),
                ("DLBM", traits.code.into()),
                ("DLMC", class_name(traits.code).into()),
                ("QSXZ", right.into()),
                ("QSDWDM", owner_code.into()),
                ("QSDWMC", owner_name.into()),
                ("KCXS", Property::Number(traits.ridge, 4)),
                ("KCMJ", square_metres(ridges)),
                ("YJJBNTTBMJ", square_metres(traits.printed_m2)),
                ("YJJBNTMJ", square_metres(traits.printed_m2 - ridges)),
                ("SJNF", YEARS[year].into()),
            ],
            &Shape::Polygon(demo.map.polygon(year, *parcel as u32)),
        );
    }
    out.finish()
}

/// Cells of the base year's parcels for which `member` holds.
fn cells(demo: &Demo, year: usize, member: impl Fn(usize, &Traits) -> bool) -> Vec<u32> {
    let parcels = demo.parcels[year].iter().enumerate().filter(|(i, traits)| member(*i, traits));
    parcels.flat_map(|(i, _)| demo.map.parcels[year][i].cells.iter().copied()).collect()
}

fn development_boundary(demo: &Demo) -> String {
    let mut out = collection("城镇开发边界", "城镇开发边界（虚构）。");
    for (town, its) in TOWNS.iter().enumerate() {
        let outline = &demo.land.outlines[town];
        let members: Vec<u32> = (0..demo.map.cell_points.len() as u32)
            .filter(|cell| demo.map.parcel_of_cell[0][*cell as usize] != u32::MAX)
            .filter(|cell| inside(outline, demo.map.cell_points[*cell as usize]))
            .collect();
        let shape = demo.map.dissolve(&members);
        out.add(
            &[
                ("BSM", bsm(2310, town + 1).into()),
                ("YSDM", "2090020210".into()),
                ("XZQDM", COUNTY.into()),
                ("CZMC", its.name.into()),
                ("GHFQDM", "410".into()),
                ("GHFQMC", "城镇集中建设区".into()),
                ("MJ", square_metres(demo.sizes.of(&shape).printed)),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

fn red_line(demo: &Demo) -> String {
    let mut out = collection("生态保护红线", "生态保护红线（虚构）。");
    let channel = cells(demo, 0, |_, traits| matches!(traits.ground, Ground::Channel | Ground::Shoal));
    let wild = cells(demo, 0, |_, traits| {
        traits.ground == Ground::Floodplain && ["03", "04", "05"].iter().any(|p| traits.code.starts_with(p))
    });
    let features = [("黄河干流河道与滩涂", "水源涵养", channel), ("黄河滩区林草湿地", "生物多样性维护", wild)];
    for (i, (name, kind, members)) in features.into_iter().enumerate() {
        let shape = demo.map.dissolve(&members);
        out.add(
            &[
                ("BSM", bsm(2320, i + 1).into()),
                ("YSDM", "2090020220".into()),
                ("XJXZQDM", COUNTY.into()),
                ("XJXZQMC", AREA_NAME.into()),
                ("MC", name.into()),
                ("LHLX", "陆域".into()),
                ("功能类型", kind.into()),
                ("MJ", square_metres(demo.sizes.of(&shape).printed)),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

fn cleared(demo: &Demo) -> String {
    let mut out = collection("已清理土地", "已清理土地，合计 62,000.00 亩（新闻报道数字，图形虚构）。");
    for (patch, (name, x, y, _)) in PATCHES.iter().enumerate() {
        let members = cells(demo, 0, |parcel, _| demo.cleared[parcel] == Some(patch));
        if members.is_empty() {
            continue;
        }
        let shape = demo.map.dissolve(&members);
        let area = demo.sizes.of(&shape).printed;
        let street = super::landuse::street_of(&demo.land, Vector::new(x * 1000.0, y * 1000.0).to_grid());
        out.add(
            &[
                ("BSM", bsm(2510, patch + 1).into()),
                ("名称", format!("{name}清理地块").into()),
                ("街道", street_name(street).into()),
                ("批次", ["一期", "二期", "三期"][patch % 3].into()),
                ("QLMJ", square_metres(area)),
                ("面积_亩", mu(area)),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

fn study_area(demo: &Demo) -> String {
    let mut out = collection("起步区范围", "研究范围，798.00 km²（面积取自公开的实施方案，界线虚构）。");
    let shape = demo.map.dissolve(&cells(demo, 0, |_, _| true));
    let printed: f64 = demo.parcels[0].iter().map(|traits| round_half_up(traits.printed_m2, 2)).sum();
    out.add(
        &[
            ("BSM", bsm(2600, 1).into()),
            ("XZQDM", COUNTY.into()),
            ("XZQMC", AREA_NAME.into()),
            ("KZMJ", square_metres(printed)),
            ("JSMJ", square_metres(demo.sizes.of(&shape).printed)),
        ],
        &Shape::Polygon(shape),
    );
    out.finish()
}

fn streets(demo: &Demo) -> String {
    let mut out = collection("行政区", "街道界线（名称为真，界线虚构）。");
    for street in 0..STREET_OFFICES.len() {
        let shape = demo.map.dissolve(&cells(demo, 0, |_, traits| traits.street == street));
        let members = demo.parcels[0].iter().filter(|traits| traits.street == street);
        let printed: f64 = members.map(|traits| round_half_up(traits.printed_m2, 2)).sum();
        out.add(
            &[
                ("BSM", bsm(1000, street + 1).into()),
                ("YSDM", "1000600100".into()),
                ("XZQDM", street_code(street).into()),
                ("XZQMC", street_name(street).into()),
                ("DCMJ", square_metres(printed)),
                ("KZMJ", square_metres(printed)),
                ("JSMJ", square_metres(demo.sizes.of(&shape).printed)),
                ("MSSM", MAINLAND.into()),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

/// Kind of construction land of a class.
fn construction_kind(traits: &Traits) -> Option<&'static str> {
    if !is_construction(traits.code) {
        return None;
    }
    let infrastructure = ["1201", "1202", "1203", "1311"].contains(&traits.code);
    Some(match traits.ground {
        _ if infrastructure => "区域基础设施用地",
        Ground::Lot | Ground::Street => "城镇用地",
        Ground::Homestead => "村庄建设用地",
        _ => "其他建设用地",
    })
}

fn construction(demo: &Demo) -> String {
    let mut out = collection("建设用地2025", "建设用地，2025 年现状，由地类图斑合并而成。");
    let kinds: Vec<Option<&str>> = demo.parcels[0].iter().map(construction_kind).collect();
    let mut number = 0;
    for members in demo.map.connected(0, |parcel| kinds[parcel].map(|kind| (kind, demo.parcels[0][parcel].street))) {
        let first = &demo.parcels[0][members[0]];
        let kind = kinds[members[0]].unwrap_or_default();
        let mine: Vec<u32> =
            members.iter().flat_map(|parcel| demo.map.parcels[0][*parcel].cells.iter().copied()).collect();
        let shape = demo.map.dissolve(&mine);
        number += 1;
        out.add(
            &[
                ("BSM", bsm(2410, number).into()),
                ("XZQDM", street_code(first.street).into()),
                ("XZQMC", street_name(first.street).into()),
                ("JSYDLX", kind.into()),
                ("MJ", square_metres(demo.sizes.of(&shape).printed)),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

fn places(demo: &Demo) -> String {
    let mut out = collection("村名", "村名注记（虚构）。");
    for (village, name) in demo.village_names.iter().enumerate() {
        let street = demo.village_street[village];
        let properties = [
            ("名称", name.clone().into()),
            ("类型", "村庄".into()),
            ("村代码", village_code(street, village).into()),
            ("街道", street_name(street).into()),
        ];
        out.add(&properties, &Shape::Point(demo.land.villages[village].center.to_grid()));
    }
    out.finish()
}

fn rivers(demo: &Demo) -> String {
    let mut out = collection("水系", "河流中心线（虚构走向）。");
    let line: Vec<Point> =
        demo.land.river.iter().map(|v| v.to_grid()).filter(|p| inside(&demo.land.border, *p)).collect();
    out.add(&[("名称", "黄河".into()), ("类型", "河流".into())], &Shape::Line(vec![line]));
    out.finish()
}
