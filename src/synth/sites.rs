//! Resettlement sites and key projects: lots of the plan, or of the base year, taken together.

use super::demo::Demo;
use super::geojson::Shape;
use super::layers::{bsm, collection, mu, square_metres};
use super::names::street_name;
use super::plane::Vector;
use super::region::Ground;
use crate::units::Area;

/// A site to be placed: name, place in km, whether it stands in the base year already.
const RESETTLEMENT: &[(&str, f64, f64, bool)] = &[
    ("大桥一区", -7.5, -8.4, true),
    ("大桥二区", -6.0, -6.6, false),
    ("中心片区", -4.4, -5.0, true),
    ("崔寨南区", -1.0, -3.3, true),
    ("崔寨北区", -0.9, -0.2, true),
    ("桑梓店东区", -15.7, -7.2, true),
    ("桑梓店西区", -17.9, -6.2, false),
    ("孙耿社区", -10.4, 6.2, true),
    ("太平社区", -11.4, 11.8, false),
    ("临空社区", 9.3, -1.3, false),
    ("高官寨社区", 20.1, 8.9, true),
];

/// A project to be placed: name, kind, stage, place in km, codes of the lots that it takes.
const PROJECTS: &[(&str, &str, &str, f64, f64, &[&str])] = &[
    ("示例·氢能产业园", "产业", "在建", -10.6, -5.4, &["1001"]),
    ("示例·数据算力中心", "产业", "前期", -6.8, -2.6, &["1001", "1101"]),
    ("示例·综合医院", "公共服务", "前期", -2.4, -1.4, &["0806", "0804", "0801"]),
    ("示例·黄河体育公园", "公共服务", "在建", -4.0, -6.6, &["1401", "0805"]),
    ("示例·大学新校区", "公共服务", "前期", -4.6, 0.0, &["0804"]),
    ("示例·航空物流港", "物流", "在建", 11.3, -1.0, &["1101"]),
    ("示例·中央商务区", "商业", "前期", -0.6, -0.9, &["0901", "0902"]),
];

/// The resettlement sites.
pub fn resettlement(demo: &Demo) -> String {
    let mut out = collection("安置区", "安置区 11 处（数量为新闻报道数字，位置、名称、规模虚构）。");
    let mut taken = Vec::new();
    for (i, (name, x, y, built)) in RESETTLEMENT.iter().enumerate() {
        let year = if *built { 0 } else { 1 };
        let lots = lots_near(demo, year, (*x, *y), &["0701"], 330_000.0, &mut taken);
        let shape = shape_of(demo, year, &lots);
        let area = demo.sizes.of(&shape).printed;
        // 2.4 homes an mu, 3.1 people a home.
        let homes = (Area::from_m2(area).mu() * 0.24) as i64 * 10;
        out.add(
            &[
                ("BSM", bsm(2520, i + 1).into()),
                ("AZQMC", (*name).into()),
                ("街道", street_name(demo.parcels[year][lots[0]].street).into()),
                ("状态", if *built { "已建成" } else { "规划" }.into()),
                ("AZHS", homes.into()),
                ("AZRK", (homes * 31 / 10).into()),
                ("MJ", square_metres(area)),
                ("面积_亩", mu(area)),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

/// The key projects.
pub fn key_projects(demo: &Demo) -> String {
    let mut out = collection("重点项目", "重点项目（名称、位置、规模均为虚构）。");
    let mut taken = Vec::new();
    for (i, (name, kind, stage, x, y, codes)) in PROJECTS.iter().enumerate() {
        let lots = lots_near(demo, 1, (*x, *y), codes, 620_000.0, &mut taken);
        let shape = shape_of(demo, 1, &lots);
        let area = demo.sizes.of(&shape).printed;
        out.add(
            &[
                ("BSM", bsm(2530, i + 1).into()),
                ("XMMC", (*name).into()),
                ("类型", (*kind).into()),
                ("阶段", (*stage).into()),
                ("街道", street_name(demo.parcels[1][lots[0]].street).into()),
                ("MJ", square_metres(area)),
                ("面积_亩", mu(area)),
                ("备注", "虚构项目，仅供演示".into()),
            ],
            &Shape::Polygon(shape),
        );
    }
    out.finish()
}

fn shape_of(demo: &Demo, year: usize, lots: &[usize]) -> Vec<Vec<Vec<super::plane::Point>>> {
    let cells: Vec<u32> = lots.iter().flat_map(|lot| demo.map.parcels[year][*lot].cells.iter().copied()).collect();
    demo.map.dissolve(&cells)
}

/// The lot of one of `codes` nearest to `at` and those beside it, up to `most_m2` together, none taken before.
fn lots_near(
    demo: &Demo,
    year: usize,
    at: (f64, f64),
    codes: &[&str],
    most_m2: f64,
    taken: &mut Vec<(usize, usize)>,
) -> Vec<usize> {
    let at = Vector::new(at.0 * 1000.0, at.1 * 1000.0);
    let distance = |lot: usize| demo.label(year, lot).to_vector().minus(at).length();
    let free = |lot: usize, taken: &[(usize, usize)]| {
        let traits = &demo.parcels[year][lot];
        traits.ground == Ground::Lot && codes.contains(&traits.code) && !taken.contains(&(year, lot))
    };
    let mut lots: Vec<usize> = Vec::new();
    let mut area = 0.0;
    let all = 0..demo.parcels[year].len();
    let first = all.filter(|lot| free(*lot, taken)).min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    let mut next = first;
    while let Some(lot) = next {
        lots.push(lot);
        taken.push((year, lot));
        area += demo.parcels[year][lot].exact_m2;
        let mut beside: Vec<usize> = lots.iter().flat_map(|lot| demo.map.beside(year, *lot)).collect();
        beside.retain(|lot| free(*lot, taken) && area + demo.parcels[year][*lot].exact_m2 <= most_m2);
        next = beside.into_iter().min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    }
    lots
}
