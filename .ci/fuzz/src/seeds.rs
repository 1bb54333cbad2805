//! Writes the inputs that a target begins with into a folder: `seeds TARGET CORPUS INTO`. Without arguments it lists the
//! targets.

use std::path::Path;

#[path = "../../../tests/fuzz/laws.rs"]
mod laws;
#[path = "../../../tests/fuzz/targets.rs"]
mod targets;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, corpus, into] = words.as_slice() else {
        targets::TARGETS.iter().for_each(|target| println!("{}", target.name));
        return;
    };
    let target = targets::TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    for (nth, seed) in targets::seeds(target, Path::new(corpus)).into_iter().enumerate() {
        std::fs::write(Path::new(into).join(format!("seed-{nth}")), seed).expect("the folder can be written");
    }
    // Read by it: whoever calls this sees at once whether the seeds themselves pass.
    targets::seeds(target, Path::new(corpus)).iter().for_each(|seed| (target.run)(seed));
}
