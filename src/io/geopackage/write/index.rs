//! The spatial index of a layer, packed at once.
//!
//! SQLite's R*-tree takes a million entries one by one in many times the time that writing the layer takes. Its nodes are
//! plain rows, so the tree is packed from the sorted entries (sort-tile-recursive; Leutenegger, Lopez, Edgington, 1997)
//! and put there whole. The layout is that of SQLite's documentation of the R*-tree's shadow tables.

use rayon::slice::ParallelSliceMut;
use rusqlite::{Connection, params_from_iter};

use super::super::database::quoted;
use crate::model::Extent;

/// Bytes of an entry of two dimensions, and of what stands before the entries of a node.
const ENTRY_BYTES: usize = 24;
const HEAD_BYTES: usize = 4;
/// Rows that one statement inserts.
const ROWS_AT_ONCE: usize = 8;

/// An entry: the row, or the node below, and its bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    id: i64,
    /// Least and largest x, least and largest y, rounded outwards.
    bounds: [f32; 4],
}

impl Entry {
    /// The entry of a row; `None` where it has no place.
    pub(super) fn new(id: i64, extent: &Extent) -> Option<Self> {
        let (min, max) = (extent.min, extent.max);
        (!extent.is_empty()).then(|| Self { id, bounds: [down(min.x), up(max.x), down(min.y), up(max.y)] })
    }

    fn middle(&self, axis: usize) -> f32 {
        self.bounds[2 * axis] / 2.0 + self.bounds[2 * axis + 1] / 2.0
    }
}

/// The largest single that is not above `v`.
fn down(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) > v { near.next_down() } else { near }
}

/// The least single that is not below `v`.
fn up(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) < v { near.next_up() } else { near }
}

/// Makes the index `name` and fills it.
pub(super) fn create(connection: &Connection, name: &str, entries: Vec<Entry>) -> rusqlite::Result<()> {
    let table = |part: &str| quoted(&format!("{name}{part}"));
    let sql = format!("CREATE VIRTUAL TABLE {} USING rtree(id, minx, maxx, miny, maxy)", quoted(name));
    connection.execute_batch(&sql)?;
    if entries.is_empty() {
        return Ok(());
    }
    let nodes = table("_node");
    // SQLite decided by the size of a page how large a node is.
    let size = connection
        .query_row(&format!("SELECT length(data) FROM {nodes} WHERE nodeno = 1"), [], |row| row.get::<_, i64>(0))?;
    let size = usize::try_from(size).unwrap_or(0).max(HEAD_BYTES + 2 * ENTRY_BYTES);
    let tree = packed(entries, (size - HEAD_BYTES) / ENTRY_BYTES);
    let mut statement =
        connection.prepare(&format!("INSERT OR REPLACE INTO {nodes} (nodeno, data) VALUES (?1, ?2)"))?;
    let mut bytes = vec![0; size];
    for (at, node) in tree.nodes.iter().enumerate() {
        bytes.fill(0);
        if at == 0 {
            bytes[..2].copy_from_slice(&(tree.depth as u16).to_be_bytes());
        }
        bytes[2..4].copy_from_slice(&(node.len() as u16).to_be_bytes());
        for (entry, place) in node.iter().zip(bytes[HEAD_BYTES..].chunks_exact_mut(ENTRY_BYTES)) {
            place[..8].copy_from_slice(&entry.id.to_be_bytes());
            for (bound, place) in entry.bounds.iter().zip(place[8..].chunks_exact_mut(4)) {
                place.copy_from_slice(&bound.to_be_bytes());
            }
        }
        statement.execute((at as i64 + 1, &bytes))?;
    }
    let mut parents =
        connection.prepare(&format!("INSERT INTO {} (nodeno, parentnode) VALUES (?1, ?2)", table("_parent")))?;
    for (node, parent) in &tree.parents {
        parents.execute((node, parent))?;
    }
    let inserting = |row_count: usize| {
        let rows = vec!["(?, ?)"; row_count].join(", ");
        connection.prepare(&format!("INSERT INTO {} (rowid, nodeno) VALUES {rows}", table("_rowid")))
    };
    let (mut of_several, mut of_one) = (inserting(ROWS_AT_ONCE)?, inserting(1)?);
    let several = tree.rows.chunks_exact(ROWS_AT_ONCE);
    let left = several.remainder();
    for rows in several {
        of_several.execute(params_from_iter(rows.iter().flat_map(|(row, node)| [row, node])))?;
    }
    for (row, node) in left {
        of_one.execute((row, node))?;
    }
    Ok(())
}

/// A packed tree. Nodes are numbered from 1 in the order of the list; the first is the root.
struct Tree {
    nodes: Vec<Vec<Entry>>,
    /// Levels below the root.
    depth: usize,
    /// Each node but the root and that which it hangs on.
    parents: Vec<(i64, i64)>,
    /// Each row and the leaf where it stands, by row.
    rows: Vec<(i64, i64)>,
}

/// Packs entries into nodes of up to `most`.
fn packed(mut entries: Vec<Entry>, most: usize) -> Tree {
    let leaf_count = entries.len().div_ceil(most);
    let slice_count = (leaf_count as f64).sqrt().ceil() as usize;
    let by = |axis: usize| move |a: &Entry, b: &Entry| a.middle(axis).total_cmp(&b.middle(axis)).then(a.id.cmp(&b.id));
    entries.par_sort_unstable_by(by(0));
    for slice in entries.chunks_mut(leaf_count.div_ceil(slice_count) * most) {
        slice.par_sort_unstable_by(by(1));
    }
    // Levels from the leaves up, until one node holds all.
    let mut levels = vec![entries.chunks(most).map(<[Entry]>::to_vec).collect::<Vec<_>>()];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let above: Vec<Entry> = below.iter().map(|node| Entry { id: 0, bounds: joined(node) }).collect();
        levels.push(above.chunks(most).map(<[Entry]>::to_vec).collect());
    }
    levels.reverse();
    let mut tree = Tree { nodes: Vec::new(), depth: levels.len() - 1, parents: Vec::new(), rows: Vec::new() };
    // Nodes of a level follow those of the level above, in the order of the entries that stand for them.
    let mut next = 2;
    for (height, mut level) in levels.into_iter().enumerate() {
        let is_leaf = height == tree.depth;
        let first = tree.nodes.len() as i64 + 1;
        for (at, node) in level.iter_mut().enumerate() {
            let number = first + at as i64;
            for entry in node {
                if is_leaf {
                    tree.rows.push((entry.id, number));
                } else {
                    entry.id = next;
                    tree.parents.push((next, number));
                    next += 1;
                }
            }
        }
        tree.nodes.extend(level);
    }
    tree.rows.sort_unstable();
    tree
}

fn joined(node: &[Entry]) -> [f32; 4] {
    node.iter().skip(1).fold(node.first().map_or([0.0; 4], |entry| entry.bounds), |all, entry| {
        let [a, b, c, d] = entry.bounds;
        [all[0].min(a), all[1].max(b), all[2].min(c), all[3].max(d)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Coord;

    #[test]
    fn bounds_are_rounded_outwards() {
        let value = 39_491_586.046;
        assert!(f64::from(down(value)) <= value && f64::from(up(value)) >= value);
        assert_eq!((down(0.5), up(0.5), down(-0.1).to_bits()), (0.5, 0.5, (-0.1f32).to_bits()));
    }

    #[test]
    fn sqlite_finds_nothing_wrong_with_a_packed_index() {
        for count in [0, 1, 51, 52, 2000, 30_000] {
            let connection = Connection::open_in_memory().expect("opens");
            let at = |i: i64| Coord { x: (i * 7919 % 10_007) as f64 * 1.5, y: (i * 104_729 % 9973) as f64 };
            let entries = (1..=count).filter_map(|i| {
                let (min, max) = (at(i), at(i));
                Entry::new(i, &Extent { min, max: Coord { x: max.x + 3.0, y: max.y + 2.0 } })
            });
            create(&connection, "rtree_a_g", entries.collect()).expect("made");
            let check: String =
                connection.query_row("SELECT rtreecheck('rtree_a_g')", [], |row| row.get(0)).expect("checked");
            assert_eq!(check, "ok", "{count}");
            let sql =
                "SELECT count(*) FROM rtree_a_g WHERE maxx >= 1000 AND minx <= 2000 AND maxy >= 500 AND miny <= 800";
            let found: i64 = connection.query_row(sql, [], |row| row.get(0)).expect("found");
            let expected = (1..=count)
                .map(at)
                .filter(|c| c.x + 3.0 >= 1000.0 && c.x <= 2000.0 && c.y + 2.0 >= 500.0 && c.y <= 800.0);
            assert_eq!(found, expected.count() as i64);
            // Rows that are added and removed later find their place.
            connection.execute("INSERT INTO rtree_a_g VALUES (1000000, 1, 2, 3, 4)", []).expect("added");
            connection.execute("DELETE FROM rtree_a_g WHERE id <= 40", []).expect("removed");
            let check: String =
                connection.query_row("SELECT rtreecheck('rtree_a_g')", [], |row| row.get(0)).expect("checked");
            assert_eq!(check, "ok", "{count}");
        }
    }
}
