//! What planning asks of a document: states of the plan, and what they are held against.
//!
//! | file | holds |
//! |---|---|
//! | `plan_state` | all that is true together, in the base or a scenario |
//! | `against_base`, `edited` | a scenario against its base, live and at the cost of its edits |
//! | `lines` | control lines, and the ledger of what lies on the wrong side of them |
//! | `conflicts` | both of a state, kept from edit to edit |
//! | `watch` | the layer whose gains and losses are watched, and its target |
//! | `red_line` | what any polygon takes |
//! | `locate` | features by where they lie to others |

pub mod against_base;
pub mod conflicts;
pub mod edited;
pub mod lines;
pub mod locate;
pub mod plan_state;
pub mod red_line;
pub mod watch;
