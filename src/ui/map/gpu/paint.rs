//! The symbols of a layer as the shader reads them.

use eframe::wgpu;

use crate::model::GeometryKind;
use crate::model::style::{Blend, Fill, LayerStyle, Part, Shape, Symbol};
use crate::ui::map::gpu::pipelines::Pipelines;
use crate::ui::map::gpu::{CanvasColors, rgba};

/// Texels of one symbol in the palette: the first of them, then the parts of the figure that fills it.
pub(super) const SYMBOL_TEXELS: usize = PARTS + MOST_PARTS;

/// The first texel of a part of a figure.
const PARTS: usize = 8;
/// Lines and circles that a figure has at most.
const MOST_PARTS: usize = 8;

/// One symbol as the shader reads it.
pub(super) type SymbolTexels = [[f32; 4]; SYMBOL_TEXELS];

/// The feature is selected.
pub const SELECTED: u16 = 4096;
/// The feature is not shown.
pub const HIDDEN: u16 = 8192;

/// Symbols of a layer, and how strongly they are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerPaint {
    /// Palette, in the order of the style's symbols.
    pub symbols: Vec<SymbolTexels>,
    /// 0 to 1.
    pub opacity: f32,
    /// How it lies on what is beneath.
    pub blend: Blend,
    /// Size of a typical feature in units of the project CRS, for fading outlines; 0 where they never fade.
    pub feature_size: f64,
    /// What the features are.
    pub kind: GeometryKind,
    /// Changes whenever the rest does.
    pub revision: u64,
}

impl LayerPaint {
    /// The paint of `style`: one palette row a symbol.
    pub fn of_style(style: &LayerStyle, kind: GeometryKind, feature_size: f64, revision: u64) -> Self {
        let count = style.symbol_count().min(4096);
        let symbols = (0..count)
            .map(|i| match style.symbol(i) {
                Some(symbol) if style.is_visible(i) => texels(symbol),
                _ => [[0.0; 4]; SYMBOL_TEXELS],
            })
            .collect();
        Self { symbols, opacity: style.opacity, blend: style.blend, feature_size, kind, revision }
    }

    /// How visible outlines are when a unit is `px_per_unit` pixels: gone below 3 px a feature, whole from 9 px on.
    pub fn outline_fade(&self, px_per_unit: f64) -> f32 {
        if self.feature_size <= 0.0 {
            return 1.0;
        }
        (((self.feature_size * px_per_unit) - 3.0) / 6.0).clamp(0.0, 1.0) as f32
    }

    /// Whether any symbol has that part.
    pub fn has(&self, texel: usize) -> bool {
        self.symbols.iter().any(|s| s[texel][3] > 0.0)
    }
}

fn texels(symbol: &Symbol) -> SymbolTexels {
    let mut out = [[0.0; 4]; SYMBOL_TEXELS];
    let color = |c: crate::model::style::Color| [c.r, c.g, c.b, c.a].map(|v| f32::from(v) / 255.0);
    match &symbol.fill {
        Fill::None => {}
        Fill::Solid(c) => out[0] = color(*c),
        Fill::Hatch(hatch) => {
            if let Some(back) = hatch.back {
                out[0] = color(back);
            }
            out[1] = color(hatch.color);
            let kind = if hatch.crossed { 1.0 } else { 0.0 };
            out[2] = [hatch.spacing_px, hatch.width_px, hatch.angle_deg.to_radians(), kind];
        }
        Fill::Pattern(pattern) => {
            if let Some(back) = pattern.back {
                out[0] = color(back);
            }
            out[1] = color(pattern.color);
            let kind = if pattern.staggered { 3.0 } else { 2.0 };
            out[2] = [pattern.spacing_px.max(2.0), pattern.line_width_px(), pattern.size_px.max(1.0), kind];
            let parts = figure(pattern.motif.parts());
            out[7][2] = parts.len() as f32;
            out[PARTS..PARTS + parts.len()].copy_from_slice(&parts);
        }
    }
    if let Some(stroke) = &symbol.stroke {
        out[3] = color(stroke.color);
        let dash = stroke.dash.as_ref().map_or([0.0; 2], |d| [d.on_px, d.off_px]);
        out[4] = [stroke.width_px, stroke.casing.as_ref().map_or(0.0, |c| c.width_px), dash[0], dash[1]];
        if let Some(casing) = &stroke.casing {
            out[5] = color(casing.color);
        }
    }
    // What has no outline is drawn by the window alone.
    if let Some(marker) = symbol.marker.as_ref().filter(|marker| marker.shape != Shape::Bare) {
        out[6] = color(marker.color);
        let shape = match marker.shape {
            Shape::Circle => 0.0,
            Shape::Square => 1.0,
            _ => 2.0,
        };
        out[7] = [marker.size_px, shape, out[7][2], 0.0];
    }
    out
}

/// A figure as the shader reads it: ends of lines; middle, radius and 10 of circles, 20 of discs.
fn figure(parts: &[Part]) -> Vec<[f32; 4]> {
    let mut texels = Vec::new();
    for part in parts {
        match part {
            Part::Line(points) => texels.extend(points.windows(2).map(|p| [p[0][0], p[0][1], p[1][0], p[1][1]])),
            Part::Circle([x, y], radius) => texels.push([*x, *y, *radius, 10.0]),
            Part::Disc([x, y], radius) => texels.push([*x, *y, *radius, 20.0]),
        }
    }
    texels.truncate(MOST_PARTS);
    texels
}

#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct LayerUniform {
    opacity: f32,
    outline_fade: f32,
    fill_strength: f32,
    width_factor: f32,
    ground: [f32; 4],
}

/// A layer's paint on the GPU.
pub(super) struct GpuPaint {
    pub revision: u64,
    pub uniform: wgpu::Buffer,
    pub group: wgpu::BindGroup,
    pub outline_fade: f32,
}

impl GpuPaint {
    /// The palette of `paint`, and room for what changes from picture to picture.
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue, pipelines: &Pipelines, paint: &LayerPaint) -> Self {
        let rows = paint.symbols.len().max(1) as u32;
        let palette = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("palette"),
            size: wgpu::Extent3d { width: SYMBOL_TEXELS as u32, height: rows, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba32Float,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let empty = [[[0.0f32; 4]; SYMBOL_TEXELS]];
        let symbols: &[SymbolTexels] = if paint.symbols.is_empty() { &empty } else { &paint.symbols };
        queue.write_texture(
            palette.as_image_copy(),
            bytemuck::cast_slice(symbols),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some((SYMBOL_TEXELS * 16) as u32),
                rows_per_image: None,
            },
            palette.size(),
        );
        let uniform = uniform_buffer(device, size_of::<LayerUniform>());
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("map layer"),
            layout: &pipelines.layer_layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(
                        &palette.create_view(&wgpu::TextureViewDescriptor::default()),
                    ),
                },
            ],
        });
        Self { revision: paint.revision, uniform, group, outline_fade: 1.0 }
    }

    /// Writes what a picture at this scale needs.
    pub(super) fn place(&mut self, queue: &wgpu::Queue, paint: &LayerPaint, colors: &CanvasColors, px_per_unit: f64) {
        self.outline_fade = paint.outline_fade(px_per_unit);
        let uniform = LayerUniform {
            opacity: paint.opacity,
            outline_fade: self.outline_fade,
            fill_strength: colors.fill_strength,
            width_factor: 1.0,
            ground: rgba(colors.ground),
        };
        queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
    }
}

/// An empty uniform.
pub(super) fn uniform_buffer(device: &wgpu::Device, size: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("map uniform"),
        size: size as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::Motif;

    #[test]
    fn every_figure_fits_into_the_palette() {
        let count = |part: &Part| if let Part::Line(points) = part { points.len() - 1 } else { 1 };
        for motif in Motif::ALL {
            let parts = motif.parts();
            assert_eq!(figure(parts).len(), parts.iter().map(count).sum::<usize>(), "{}", motif.name());
        }
    }
}
