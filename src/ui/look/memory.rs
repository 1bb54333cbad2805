//! What panels remember between frames: one value of each type, made when it is first asked for.
//!
//! A panel with something to remember has a type of its own for it. Whoever draws the window need not know which.

use std::any::{Any, TypeId};

use rustc_hash::FxHashMap;

/// What is remembered.
#[derive(Default)]
pub struct Memory(FxHashMap<TypeId, Box<dyn Any>>);

impl Memory {
    /// The value of that type.
    pub fn of<T: Default + 'static>(&mut self) -> &mut T {
        let value = self.0.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        value.downcast_mut().expect("what is put under a type is of that type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_a_value_of_its_own_that_stays() {
        let mut memory = Memory::default();
        *memory.of::<u8>() = 3;
        memory.of::<String>().push('a');
        memory.of::<String>().push('b');
        assert_eq!((*memory.of::<u8>(), memory.of::<String>().clone(), *memory.of::<u16>()), (3, "ab".to_owned(), 0));
    }
}
