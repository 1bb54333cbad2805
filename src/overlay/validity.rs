//! What is wrong with a polygon, by the rules of OGC Simple Features: which contacts of edges and which positions of
//! rings are not allowed.
//!
//! Judged in the coordinates of the layer, where the polygon was drawn: a hole that touches a long edge there does not
//! cross it, though it may in a projection. Winding is not judged, and repeated vertices are only counted.

use rustc_hash::FxHashMap;

use super::crossings::{self, Contact, Meeting};
use super::meet::Budget;
use super::parts::LostHole;
use super::rings::Rings;
use super::tiles;
use super::walk::{self, Scratch};
use crate::model::Coord;
use crate::task::{Cancelled, Progress};

/// Rings up to this many edges are checked by comparing every two of them.
const FEW_EDGES: usize = 48;
/// What a contact takes up, in notes of a crossing.
const NOTES_PER_CONTACT: usize = 3;

/// A kind of flaw, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Flaw {
    /// A ring has a coordinate that is not a finite number.
    NotFinite,
    /// A ring has under 3 distinct points.
    TooFewPoints,
    /// A ring crosses itself.
    SelfCrossing,
    /// Rings of one part cross each other.
    RingsCross,
    /// Parts overlap.
    PartsOverlap,
    /// A hole was written as a part of its own.
    HoleAsPart,
    /// A hole lies outside its outer ring.
    HoleOutside,
    /// A hole lies inside another.
    HolesNested,
    /// A ring is the same as another of its part.
    RingRepeated,
    /// Rings of one part have a stretch of border in common.
    RingsShareBorder,
    /// A ring walks a stretch more than once in one direction.
    WalkedAgain,
    /// A ring runs back on itself: a spike.
    SelfOverlap,
    /// Parts have a stretch of border in common.
    PartsShareBorder,
    /// Rings touch so that the inside falls apart.
    InsideCut,
    /// A ring touches itself in a point.
    SelfTouch,
    /// Edges meet too often for all of it to be looked at.
    TooMany,
    /// A walk failed: coordinates defeat the arithmetic.
    Unresolved,
}

/// A flaw, how often it was found, and where first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Finding {
    pub flaw: Flaw,
    pub count: usize,
    pub at: Coord,
}

/// Flaws by kind.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, flaw: Flaw, at: Coord) {
        match self.0.iter_mut().find(|f| f.flaw == flaw) {
            Some(finding) => finding.count += 1,
            None => self.0.push(Finding { flaw, count: 1, at }),
        }
    }

    /// Adds one that was found `count` times.
    pub(super) fn add_all(&mut self, flaw: Flaw, count: usize, at: Coord) {
        match self.0.iter_mut().find(|f| f.flaw == flaw) {
            Some(finding) => finding.count += count,
            None if count > 0 => self.0.push(Finding { flaw, count, at }),
            None => {}
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.0.iter().any(|f| f.flaw == flaw)
    }

    /// All of them, gravest first. Where a ring crosses or overlaps itself it touches itself too: said once.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        if self.has(Flaw::SelfCrossing) || self.has(Flaw::SelfOverlap) || self.has(Flaw::WalkedAgain) {
            self.0.retain(|f| f.flaw != Flaw::SelfTouch);
        }
        self.0.sort_unstable_by_key(|f| f.flaw);
        self.0
    }
}

/// Whether `ring`, the only one of its feature, is clean and simple, so that nothing more needs to be asked. `false`
/// means only that it must be looked at closely: it is long, or something is odd about it.
pub(super) fn plainly_simple(ring: &[Coord]) -> bool {
    let count = ring.len().saturating_sub(1);
    if !(3..=FEW_EDGES).contains(&count) || ring[0] != ring[count] {
        return false;
    }
    if ring.iter().any(|c| !(c.x.is_finite() && c.y.is_finite())) || ring.windows(2).any(|edge| edge[0] == edge[1]) {
        return false;
    }
    for i in 0..count {
        let e = (ring[i], ring[i + 1]);
        for j in i + 1..count {
            if let Some(meeting) = Meeting::of(e, (ring[j], ring[j + 1])) {
                let neighbours = j == i + 1 || (i == 0 && j == count - 1);
                match meeting.contact() {
                    None => {}
                    Some(Contact::Touch(_)) if neighbours => {}
                    Some(_) => return false,
                }
            }
        }
    }
    true
}

/// Adds what is wrong with the rings of one feature, of whose parts `lost_holes` are holes of others.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn examine(
    rings: &Rings,
    lost_holes: &[LostHole],
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    if rings.ring_count() == 0 {
        return Ok(());
    }
    let mut entangled = vec![false; rings.ring_count()];
    let mut touches: Vec<(u32, u32, Coord)> = Vec::new();
    let Some(contacts) = contacts(rings, progress)? else {
        findings.add(Flaw::TooMany, rings.coords()[0]);
        return Ok(());
    };
    let mut equal: FxHashMap<(u32, u32), bool> = FxHashMap::default();
    for (e, f, contact) in contacts {
        let (a, b) = (rings.ring_of(e), rings.ring_of(f));
        let same_part = rings.part_of(a) == rings.part_of(b);
        let flaw = match contact {
            Contact::Touch(at) if a == b => {
                findings.add(Flaw::SelfTouch, at);
                entangled[a as usize] = true;
                continue;
            }
            Contact::Touch(at) => {
                if same_part {
                    touches.push((a, b, at));
                }
                continue;
            }
            Contact::Cross if a == b => Flaw::SelfCrossing,
            Contact::Cross if same_part => Flaw::RingsCross,
            Contact::Cross => Flaw::PartsOverlap,
            Contact::Overlap if a == b && same_direction(rings.ends(e), rings.ends(f)) => Flaw::WalkedAgain,
            Contact::Overlap if a == b => Flaw::SelfOverlap,
            Contact::Overlap if same_part => {
                let before = equal.len();
                let is_equal = *equal.entry((a, b)).or_insert_with(|| rings.outline(a) == rings.outline(b));
                match (is_equal, equal.len() > before) {
                    (true, true) => Flaw::RingRepeated,
                    // Said once, not for each edge.
                    (true, false) => continue,
                    (false, _) => Flaw::RingsShareBorder,
                }
            }
            Contact::Overlap => Flaw::PartsShareBorder,
        };
        let at = match contact {
            Contact::Cross => crossing_point(rings.ends(e), rings.ends(f)),
            _ => rings.ends(e).0,
        };
        findings.add(flaw, at);
        entangled[a as usize] = true;
        entangled[b as usize] = true;
    }
    if rings.ring_count() > 1 || entangled[0] {
        positions(rings, &entangled, lost_holes, findings, progress)?;
    }
    // Rings that do worse than touch have their own flaws.
    if !findings.0.iter().any(|f| f.flaw < Flaw::InsideCut && f.flaw > Flaw::TooFewPoints) {
        inside_cut(rings, &touches, findings);
    }
    Ok(())
}

/// All contacts of edges but those of neighbours in their shared vertex, by edge; `None` where there are too many.
fn contacts(rings: &Rings, progress: &Progress) -> Result<Option<Vec<(u32, u32, Contact)>>, Cancelled> {
    let units: Vec<u32> = (0..rings.ring_count() as u32).collect();
    let budget = Budget::new(rings, progress);
    let found = tiles::visit(rings, &units, progress, &|tile, found: &mut Vec<(u32, u32, Contact)>| {
        budget.each_pair(rings, tile.edges, |i, j| {
            let (e, f) = (tile.edges[i], tile.edges[j]);
            let meeting = Meeting::of(rings.ends(e), rings.ends(f));
            let Some(contact) = meeting.and_then(|meeting| meeting.contact()) else { return 0 };
            let neighbours = rings.ring_of(e) == rings.ring_of(f) && rings.adjacent(e, f);
            if neighbours && matches!(contact, Contact::Touch(_)) {
                return 0;
            }
            found.push((e.min(f), e.max(f), contact));
            NOTES_PER_CONTACT
        });
    })?;
    if budget.is_spent() {
        return Ok(None);
    }
    let mut contacts: Vec<_> = found.into_iter().flatten().collect();
    contacts.sort_unstable_by_key(|(e, f, _)| (*e, *f));
    contacts.dedup_by_key(|(e, f, _)| (*e, *f));
    Ok(Some(contacts))
}

/// Whether two edges on one straight line run the same way.
fn same_direction(e: (Coord, Coord), f: (Coord, Coord)) -> bool {
    (e.1.x - e.0.x) * (f.1.x - f.0.x) + (e.1.y - e.0.y) * (f.1.y - f.0.y) > 0.0
}

fn crossing_point(e: (Coord, Coord), f: (Coord, Coord)) -> Coord {
    let (e, share) = (super::predicates::canonical(e), super::predicates::cut_share(e, f));
    Coord { x: e.0.x + share * (e.1.x - e.0.x), y: e.0.y + share * (e.1.y - e.0.y) }
}

/// Looks at which rings contain which. Rings that cross or overlap are told of already, unless they do so at vertices.
fn positions(
    rings: &Rings,
    entangled: &[bool],
    lost_holes: &[LostHole],
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let Ok(crossings) = crossings::find(rings, progress)? else {
        findings.add(Flaw::TooMany, rings.coords()[0]);
        return Ok(());
    };
    let mut scratch = Scratch::default();
    for ring in 0..rings.ring_count() as u32 {
        progress.tick(0)?;
        let (part, is_shell) = (rings.part_of(ring), rings.is_shell(ring));
        let first = rings.ends(rings.edges(ring).start).0;
        let (mut left, mut right) = (false, false);
        let (mut well_placed, mut outside, mut nested, mut in_other_part) = (false, false, false, false);
        let walk = walk::along(rings, &crossings, ring, &mut scratch, |stretch| {
            // Sides in turns: where a ring crosses itself at a vertex, they change.
            left |= stretch.left % 2 != 0;
            right |= stretch.left % 2 == 0;
            let of_part = |a: &(u32, i32), b: &(u32, i32)| rings.part_of(a.0) == rings.part_of(b.0);
            let (mut in_shell, mut in_holes) = (false, false);
            for around in stretch.within.chunk_by(of_part) {
                let rings_around = around.iter().map(|(ring, _)| *ring);
                if rings.part_of(around[0].0) == part {
                    in_shell |= rings_around.clone().any(|ring| rings.is_shell(ring));
                    in_holes |= rings_around.clone().any(|ring| !rings.is_shell(ring));
                } else {
                    in_other_part |= rings.hold(rings_around);
                }
            }
            match (is_shell, in_shell, in_holes) {
                (true, _, false) | (false, true, false) => well_placed = true,
                (false, true, true) => nested = true,
                _ => outside = true,
            }
        });
        if walk.is_err() {
            findings.add(Flaw::Unresolved, first);
            continue;
        }
        let known_flaw = [Flaw::SelfOverlap, Flaw::WalkedAgain, Flaw::SelfCrossing].iter().any(|f| findings.has(*f));
        if left && right && !known_flaw {
            findings.add(Flaw::SelfCrossing, first);
        }
        let known = entangled[ring as usize];
        if (outside || nested) && !known {
            let flaw = match (well_placed, nested) {
                (true, _) => Flaw::RingsCross,
                (false, true) => Flaw::HolesNested,
                (false, false) => Flaw::HoleOutside,
            };
            findings.add(flaw, first);
        }
        if lost_holes.iter().any(|hole| hole.part == part) {
            if is_shell {
                findings.add(Flaw::HoleAsPart, first);
            }
        } else if in_other_part
            && !(known && (findings.has(Flaw::PartsOverlap) || findings.has(Flaw::PartsShareBorder)))
        {
            findings.add(Flaw::PartsOverlap, first);
        }
    }
    Ok(())
}

/// Rings of a part that touch in a circle of points enclose a piece of the inside between them.
fn inside_cut(rings: &Rings, touches: &[(u32, u32, Coord)], findings: &mut Findings) {
    // Every place and every ring is a node; a ring is joined to each place where it touches another ring.
    let mut joints: Vec<(Coord, u32)> = touches.iter().flat_map(|(a, b, at)| [(*at, *a), (*at, *b)]).collect();
    joints.sort_unstable_by(|(c, a), (d, b)| c.x.total_cmp(&d.x).then(c.y.total_cmp(&d.y)).then(a.cmp(b)));
    joints.dedup();
    let mut parent: Vec<usize> = (0..rings.ring_count() + joints.len()).collect();
    fn root(parent: &mut [usize], mut node: usize) -> usize {
        while parent[node] != node {
            parent[node] = parent[parent[node]];
            node = parent[node];
        }
        node
    }
    let mut place = rings.ring_count();
    for (i, (at, ring)) in joints.iter().enumerate() {
        if i > 0 && joints[i - 1].0 != *at {
            place += 1;
        }
        // One place may join rings of several parts: those do not cut each other.
        let (a, b) = (root(&mut parent, *ring as usize), root(&mut parent, place));
        if a == b {
            findings.add(Flaw::InsideCut, *at);
        } else {
            parent[a] = b;
        }
    }
}
