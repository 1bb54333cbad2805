//! A drawing as an SVG file.

use std::fmt::Write as _;

use base64::Engine as _;
use tiny_skia::Pixmap;

use super::{Drawing, Lines, Piece, Shape, Text, png, swatch};
use crate::io::xml_escaped;
use crate::model::style::{Blend, Color, Marker};
use crate::render::lettering::Anchor;
use crate::render::raster::marker_paths;

impl Drawing {
    /// The drawing as an SVG file. Text stays text, outlines stay outlines; pictures are held in it as PNG.
    pub fn svg(&self) -> String {
        let [width, height] = self.size;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"'Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
            rgb(self.ground)
        );
        // Writing into memory does not fail.
        for shape in &self.shapes {
            let _ = write_svg(&mut svg, shape);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn write_lines(svg: &mut String, lines: &Lines) -> std::fmt::Result {
    svg.push_str("<path d=\"");
    for places in &lines.paths {
        for (i, [x, y]) in places.iter().enumerate() {
            write!(svg, "{}{x:.2},{y:.2}", if i == 0 { 'M' } else { 'L' })?;
        }
        if lines.closed {
            svg.push('Z');
        }
    }
    svg.push_str("\" fill-rule=\"evenodd\"");
    match lines.fill {
        Some(color) => paint_attribute(svg, "fill", color)?,
        None => svg.push_str(" fill=\"none\""),
    }
    if let Some(line) = lines.line {
        paint_attribute(svg, "stroke", line.color)?;
        write!(svg, " stroke-width=\"{:.2}\"", line.width)?;
        if let Some([on, off]) = line.dash {
            write!(svg, " stroke-dasharray=\"{on:.2} {off:.2}\"")?;
        }
        if line.round {
            svg.push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
        }
    }
    Ok(())
}

fn write_marker(svg: &mut String, at: [f32; 2], marker: &Marker) -> std::fmt::Result {
    use tiny_skia::PathSegment;
    for (path, color) in marker_paths(at, marker) {
        svg.push_str("<path d=\"");
        for segment in path.segments() {
            match segment {
                PathSegment::MoveTo(to) => write!(svg, "M{:.2},{:.2}", to.x, to.y)?,
                PathSegment::LineTo(to) => write!(svg, "L{:.2},{:.2}", to.x, to.y)?,
                PathSegment::QuadTo(a, to) => write!(svg, "Q{:.2},{:.2} {:.2},{:.2}", a.x, a.y, to.x, to.y)?,
                PathSegment::CubicTo(a, b, to) => {
                    write!(svg, "C{:.2},{:.2} {:.2},{:.2} {:.2},{:.2}", a.x, a.y, b.x, b.y, to.x, to.y)?;
                }
                PathSegment::Close => svg.push('Z'),
            }
        }
        svg.push('"');
        paint_attribute(svg, "fill", color)?;
        svg.push_str("/>\n");
    }
    Ok(())
}

fn write_svg(svg: &mut String, shape: &Shape) -> std::fmt::Result {
    match shape {
        Shape::Rect { at: [x, y], size: [width, height], color } => {
            write!(svg, "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"")?;
            paint_attribute(svg, "fill", *color)?;
        }
        Shape::Path { outline, fill, line } => {
            svg.push_str("<path d=\"");
            for (i, piece) in outline.iter().enumerate() {
                match piece {
                    Piece::Line([x, y]) => write!(svg, "{}{x:.2},{y:.2}", if i == 0 { 'M' } else { 'L' })?,
                    Piece::Curve(a, b, to) => {
                        write!(svg, "C{:.2},{:.2} {:.2},{:.2} {:.2},{:.2}", a[0], a[1], b[0], b[1], to[0], to[1])?;
                    }
                }
            }
            svg.push_str("Z\"");
            match fill {
                Some(color) => paint_attribute(svg, "fill", *color)?,
                None => svg.push_str(" fill=\"none\""),
            }
            if let Some((color, width)) = line {
                paint_attribute(svg, "stroke", *color)?;
                write!(svg, " stroke-width=\"{width:.2}\" paint-order=\"stroke\"")?;
            }
        }
        Shape::Text(Text { at: [x, y], text, size_px, bold, anchor, color, casing }) => {
            let anchor = match anchor {
                Anchor::Left => "start",
                Anchor::Middle => "middle",
                Anchor::Right => "end",
            };
            let weight = if *bold { " font-weight=\"bold\"" } else { "" };
            let baseline = y + size_px * 0.36;
            write!(
                svg,
                "<text x=\"{x:.2}\" y=\"{baseline:.2}\" font-size=\"{size_px}\" text-anchor=\"{anchor}\"{weight}"
            )?;
            paint_attribute(svg, "fill", *color)?;
            if let Some((color, width)) = casing {
                paint_attribute(svg, "stroke", *color)?;
                write!(svg, " stroke-width=\"{width:.2}\" stroke-linejoin=\"round\" paint-order=\"stroke\"")?;
            }
            return writeln!(svg, ">{}</text>", xml_escaped(text));
        }
        Shape::Letters(letters) => return letters.write_svg(svg),
        Shape::Picture { at, size, pixels } => write_image(svg, *at, *size, pixels)?,
        Shape::Swatch { rect, symbol, kind } => {
            return swatch::shapes(*rect, symbol, *kind).iter().try_for_each(|shape| write_svg(svg, shape));
        }
        Shape::Lines(lines) => write_lines(svg, lines)?,
        Shape::Marker { at, marker } => return write_marker(svg, *at, marker),
        Shape::Group { clip, opacity, blend, shapes } => {
            // An inner picture cuts what lies outside it.
            if let Some([x, y, width, height]) = clip {
                write!(svg, "<svg x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" ")?;
                writeln!(svg, "viewBox=\"{x:.2} {y:.2} {width:.2} {height:.2}\" overflow=\"hidden\">")?;
            }
            let blended = match blend {
                Blend::Normal => "",
                Blend::Multiply => " style=\"mix-blend-mode:multiply\"",
            };
            writeln!(svg, "<g opacity=\"{:.3}\"{blended}>", opacity.clamp(0.0, 1.0))?;
            for shape in shapes {
                write_svg(svg, shape)?;
            }
            return svg.write_str(if clip.is_some() { "</g></svg>\n" } else { "</g>\n" });
        }
    }
    svg.push_str("/>\n");
    Ok(())
}

fn write_image(svg: &mut String, [x, y]: [f32; 2], [width, height]: [f32; 2], pixels: &Pixmap) -> std::fmt::Result {
    let data = base64::engine::general_purpose::STANDARD.encode(png(pixels));
    write!(
        svg,
        "<image x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" preserveAspectRatio=\"none\" \
         href=\"data:image/png;base64,{data}\""
    )
}

pub(super) fn paint_attribute(svg: &mut String, name: &str, color: Color) -> std::fmt::Result {
    write!(svg, " {name}=\"{}\"", rgb(color))?;
    if color.a < 255 {
        write!(svg, " {name}-opacity=\"{:.3}\"", f32::from(color.a) / 255.0)?;
    }
    Ok(())
}

fn rgb(color: Color) -> String {
    format!("#{:02x}{:02x}{:02x}", color.r, color.g, color.b)
}
