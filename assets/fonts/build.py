#!/usr/bin/env python3
"""Builds the fonts of this folder, and src/ui/icons.rs, from their sources.

  tuban-sans-regular.otf   Noto Sans CJK SC Regular: ASCII, Latin-1, punctuation, units, every character of
                              GB 2312 and of the 通用规范汉字表 (8,105 characters)
  tuban-sans-bold.otf      Noto Sans CJK SC Bold, the same characters: a village's name may stand in any heading
  lucide.ttf               Lucide: the icons named in ICONS

Run it again after a change of ICONS:

  apt-get download fonts-noto-cjk unicode-data && npm pack lucide-static     # in a folder WORK
  for d in *.deb; do dpkg -x "$d" .; done; tar xzf lucide-static-*.tgz
  python3 -m pip install fonttools
  python3 assets/fonts/build.py WORK

The character list comes from Unihan's kTGH property (package unicode-data), which numbers the 8,105 characters of
the table of 2013; GB 2312 comes from Python's codec. Digits of Noto Sans CJK all have one width, so columns of
figures line up; kerning is left out because it would pull a figure's point and comma under the digit before. The
files are not packed: the program reads them in place, which costs half a megabyte and saves the time to unpack.
"""
import bz2, io, json, pathlib, subprocess, sys

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

PUNCTUATION = "‐‑‒–—―‖‘’‚“”„†‡•‥…‰′″‴‹›※‾⁄ ​  "
UNITS = "−°²³·±×÷¹₀₁₂₃⁰⁴⁻℃№™Ω∆∑Σ∏√∞∠∥∩∪∫≈≠≡≤≥⊂⊃△▲▼▽◀▶◆◇○●◎■□☆★✓←↑→↓↔↕↖↗↘↙⇄⇌"
GREEK = "".join(chr(c) for c in range(0x391, 0x3CA) if c != 0x3A2)
CJK_MARKS = "".join(chr(c) for c in range(0x3000, 0x3020)) + "〡〢〣〤〥〦〧〨〩" + "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "￥"
ROMAN = "".join(chr(c) for c in list(range(0x2160, 0x216C)) + list(range(0x2170, 0x217A)) + list(range(0x2460, 0x2474)))

# Lucide's name of each icon used; the constant in src/ui/icons.rs is the name in capitals.
ICONS = """
arrow-down arrow-left arrow-right arrow-up ban bookmark-plus chart-pie check chevron-down chevron-left chevron-right
chevron-up circle circle-alert circle-check circle-dot circle-question-mark circle-x clipboard-copy clock compass copy
crosshair download ellipsis eraser eye eye-off file flag file-down file-plus folder-open folder-plus fullscreen funnel globe
grid-3x3 grip-vertical hand history house image-down info keyboard languages lasso layers list list-tree loader-circle
locate-fixed magnet map map-pin maximize minus moon mouse-pointer-2 palette panel-bottom panel-left panel-right pencil
pentagon pin plus redo-2 refresh-cw rotate-ccw ruler save scaling search settings shapes sigma sliders-horizontal spline
square square-dashed square-dashed-mouse-pointer star sun swatch-book table trash-2 triangle-alert undo-2 vector-square
waypoints x zoom-in zoom-out
""".split()


def table_of_standard_characters(work):
    chars = set()
    with bz2.open(work / "usr/share/unicode/Unihan_OtherMappings.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if "\tkTGH\t2013:" in line:
                chars.add(chr(int(line.split("\t")[0][2:], 16)))
    assert len(chars) == 8105, len(chars)
    return chars


def gb2312():
    chars = set()
    for hi in range(0xA1, 0xF8):
        for lo in range(0xA1, 0xFF):
            try:
                chars.add(bytes([hi, lo]).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    han = [c for c in chars if "\u4e00" <= c <= "\u9fff"]
    assert len(han) == 6763, len(han)
    # Kana, Cyrillic and box drawing of GB 2312 have no place in a planning office's data.
    return set(han)


def write(font, name, text, unicodes):
    options = subset.Options()
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.hinting = True
    options.desubroutinize = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=unicodes, text=text)
    worker.subset(font)
    for table in ("hhea", "OS/2"):
        if table in font and "CFF " in font:
            # The ideograph's box (880 above, 120 below) in the middle of the line, 1.4 em high.
            if table == "hhea":
                font[table].ascent, font[table].descent, font[table].lineGap = 1080, -320, 0
            else:
                font[table].sTypoAscender, font[table].sTypoDescender, font[table].sTypoLineGap = 1080, -320, 0
                font[table].usWinAscent, font[table].usWinDescent = 1080, 320
    font["head"].modified = font["head"].created  # the same input gives the same bytes
    font.recalcTimestamp = False
    out = io.BytesIO()
    font.save(out)
    (HERE / name).write_bytes(out.getvalue())
    print(f"{name}: {len(font.getGlyphOrder())} glyphs, {len(out.getvalue()):,} bytes")
    return len(out.getvalue())


def noto(work, weight):
    path = work / f"usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc"
    faces = TTCollection(path, lazy=True).fonts
    return next(f for f in faces if (f["name"].getDebugName(1) or "").startswith("Noto Sans CJK SC"))


def main():
    work = pathlib.Path(sys.argv[1])
    latin = "".join(chr(c) for c in list(range(0x20, 0x7F)) + list(range(0xA0, 0x100)))
    symbols = latin + PUNCTUATION + UNITS + GREEK + CJK_MARKS + ROMAN
    text = symbols + "".join(sorted(table_of_standard_characters(work) | gb2312()))
    total = sum(write(noto(work, weight), f"tuban-sans-{weight.lower()}.otf", text, []) for weight in ("Regular", "Bold"))

    codepoints = json.loads((work / "package/font/codepoints.json").read_text())
    total += write(TTFont(work / "package/font/lucide.ttf"), "lucide.ttf", "", [codepoints[name] for name in ICONS])
    assert total <= 5_000_000, total

    lines = [
        "//! The icons of the interface: one glyph each of the Lucide font (ISC). Written by `assets/fonts/build.py`.",
        "",
        "/// An icon: a character of the icon font.",
        "#[derive(Clone, Copy, Debug, PartialEq, Eq)]",
        "pub struct Icon(pub char);",
        "",
    ]
    for name in ICONS:
        lines.append(f"/// `{name}`.")
        lines.append(f"pub const {name.upper().replace('-', '_')}: Icon = Icon('\\u{{{codepoints[name]:x}}}');")
    (ROOT / "src/ui/icons.rs").write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run(["rustfmt", "--edition", "2024", ROOT / "src/ui/icons.rs"], check=True)


main()
