//! How many columns of a terminal a text takes.

/// Columns that `text` takes where Chinese characters take two, by the wide ranges of Unicode's East Asian Width (UAX
/// #11); marks that combine with their neighbour take none.
pub fn display_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

const WIDE: &[(u32, u32)] = &[
    (0x1100, 0x115F),
    (0x2E80, 0x303E),
    (0x3041, 0x33FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE6F),
    (0xFF01, 0xFF60),
    (0xFFE0, 0xFFE6),
    (0x1F300, 0x1F64F),
    (0x1F900, 0x1F9FF),
    (0x20000, 0x3FFFD),
];

const NONE: &[(u32, u32)] = &[
    (0x0, 0x1F),
    (0x7F, 0x9F),
    (0x300, 0x36F),
    (0x200B, 0x200F),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
];

fn char_width(c: char) -> usize {
    let within = |ranges: &[(u32, u32)]| ranges.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)));
    if c.is_ascii_graphic() || c == ' ' {
        1
    } else if within(NONE) {
        0
    } else if within(WIDE) {
        2
    } else {
        1
    }
}
