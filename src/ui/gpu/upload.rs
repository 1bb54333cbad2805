//! Layers on the GPU: chunks of geometry, the states of their features, and the palette of symbols.

use std::sync::Arc;

use eframe::wgpu;

use super::pipelines::{Pipelines, VERTEX_BYTES};
use super::{CanvasColors, DrawLayer, offset, rgba};
use crate::model::style::{Fill, LayerStyle, Shape, Symbol};
use crate::model::{Coord, Extent, GeometryKind};
use crate::render::mesh::BlockMesh;

/// Texels of one symbol in the palette.
pub const SYMBOL_TEXELS: usize = 8;

/// One symbol as the shader reads it.
pub type SymbolTexels = [[f32; 4]; SYMBOL_TEXELS];

/// Features of a block by row: symbol number and flags.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockStates {
    /// Symbol in the low 12 bits, then selected, then hidden; at most 65,536.
    pub texels: Vec<u16>,
    /// Changes whenever the texels do.
    pub revision: u64,
}

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
        Self { symbols, opacity: style.opacity, feature_size, kind, revision }
    }

    /// How visible outlines are when a unit is `px_per_unit` pixels: gone below 3 px a feature, whole from 9 px on.
    pub fn outline_fade(&self, px_per_unit: f64) -> f32 {
        if self.feature_size <= 0.0 {
            return 1.0;
        }
        (((self.feature_size * px_per_unit) - 3.0) / 6.0).clamp(0.0, 1.0) as f32
    }

    fn has(&self, texel: usize) -> bool {
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
            out[2] = [hatch.spacing_px, hatch.width_px, hatch.angle_deg.to_radians(), 0.0];
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
    if let Some(marker) = &symbol.marker {
        out[6] = color(marker.color);
        let shape = match marker.shape {
            Shape::Circle => 0.0,
            Shape::Square => 1.0,
            _ => 2.0,
        };
        out[7] = [marker.size_px, shape, 0.0, 0.0];
    }
    out
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

/// One layer's resources.
#[derive(Default)]
pub struct GpuLayer {
    blocks: Vec<Option<GpuBlock>>,
    paint: Option<GpuPaint>,
}

struct GpuPaint {
    revision: u64,
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
    outline_fade: f32,
}

struct GpuBlock {
    mesh: Arc<BlockMesh>,
    states_revision: u64,
    states: wgpu::Texture,
    selected_count: usize,
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
    vertices: Option<wgpu::Buffer>,
    indices: Option<wgpu::Buffer>,
    bytes: usize,
}

impl GpuLayer {
    /// Bytes of GPU memory.
    pub fn byte_count(&self) -> usize {
        self.blocks.iter().flatten().map(|b| b.bytes).sum()
    }

    /// Uploads what `layer` has and this does not, as long as `budget` lasts; `true` when something is left.
    pub fn update(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pipelines: &Pipelines,
        layer: &DrawLayer,
        budget: &mut usize,
    ) -> bool {
        if self.paint.as_ref().is_none_or(|paint| paint.revision != layer.paint.revision) {
            self.paint = Some(GpuPaint::new(device, queue, pipelines, &layer.paint));
        }
        self.blocks.truncate(layer.meshes.len());
        self.blocks.resize_with(layer.meshes.len(), || None);
        let mut more = false;
        for ((slot, mesh), states) in self.blocks.iter_mut().zip(layer.meshes.iter()).zip(&layer.states) {
            if slot.as_ref().is_none_or(|block| !Arc::ptr_eq(&block.mesh, mesh)) {
                if *budget == 0 {
                    more = true;
                    continue;
                }
                let block = GpuBlock::new(device, queue, pipelines, mesh.clone(), states);
                *budget = budget.saturating_sub(block.bytes);
                *slot = Some(block);
            } else if let Some(block) = slot
                && block.states_revision != states.revision
            {
                block.write_states(queue, states);
            }
        }
        more
    }

    /// Writes the uniforms of this frame.
    pub fn place(
        &mut self,
        queue: &wgpu::Queue,
        center: Coord,
        paint: &LayerPaint,
        colors: &CanvasColors,
        px_per_unit: f64,
    ) {
        let Some(gpu) = &mut self.paint else { return };
        gpu.outline_fade = paint.outline_fade(px_per_unit);
        let uniform = LayerUniform {
            opacity: paint.opacity,
            outline_fade: gpu.outline_fade,
            fill_strength: colors.fill_strength,
            width_factor: 1.0,
            ground: rgba(colors.ground),
        };
        queue.write_buffer(&gpu.uniform, 0, bytemuck::bytes_of(&uniform));
        for block in self.blocks.iter().flatten() {
            let [x, y] = offset(block.mesh.origin, center);
            queue.write_buffer(&block.uniform, 0, bytemuck::bytes_of(&[x, y, 0.0f32, 0.0]));
        }
    }

    /// Draws what lies in `extent`.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, pipelines: &Pipelines, extent: &Extent, paint: &LayerPaint) {
        let Some(gpu) = &self.paint else { return };
        pass.set_bind_group(1, &gpu.group, &[]);
        if paint.kind == GeometryKind::Point {
            self.draw_markers(pass, pipelines);
            return;
        }
        if paint.has(0) || paint.has(1) {
            pass.set_pipeline(&pipelines.fill);
            for block in self.seen(extent) {
                let (Some(vertices), Some(indices)) = (&block.vertices, &block.indices) else { continue };
                pass.set_bind_group(2, &block.group, &[]);
                pass.set_vertex_buffer(0, vertices.slice(..));
                pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
                pass.draw_indexed(0..block.mesh.indices.len() as u32, 0, 0..1);
            }
        }
        if paint.has(5) {
            self.draw_lines(pass, &pipelines.casing, extent, |_| true);
        }
        let bold = paint.symbols.iter().any(|s| s[4][0] >= 1.5);
        if paint.has(3) && (bold || gpu.outline_fade > 0.0) {
            self.draw_lines(pass, &pipelines.stroke, extent, |_| true);
        }
    }

    /// Draws the outlines of selected features.
    pub fn draw_selection(&self, pass: &mut wgpu::RenderPass<'_>, pipelines: &Pipelines, extent: &Extent) {
        let Some(gpu) = &self.paint else { return };
        if self.blocks.iter().flatten().all(|block| block.selected_count == 0) {
            return;
        }
        pass.set_bind_group(1, &gpu.group, &[]);
        let selected = |block: &GpuBlock| block.selected_count > 0;
        self.draw_lines(pass, &pipelines.selection_casing, extent, selected);
        self.draw_lines(pass, &pipelines.selection, extent, selected);
    }

    fn seen<'a>(&'a self, extent: &'a Extent) -> impl Iterator<Item = &'a GpuBlock> {
        self.blocks.iter().flatten().filter(|block| block.mesh.extent.intersects(extent))
    }

    fn draw_lines(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        pipeline: &wgpu::RenderPipeline,
        extent: &Extent,
        wanted: impl Fn(&GpuBlock) -> bool,
    ) {
        pass.set_pipeline(pipeline);
        for block in self.seen(extent).filter(|block| wanted(block)) {
            let (Some(vertices), count) = (&block.vertices, block.mesh.vertices.len() as u32) else { continue };
            if count < 2 || block.mesh.kind == GeometryKind::Point {
                continue;
            }
            pass.set_bind_group(2, &block.group, &[]);
            pass.set_vertex_buffer(0, vertices.slice(..));
            pass.set_vertex_buffer(1, vertices.slice(VERTEX_BYTES..));
            pass.draw(0..4, 0..count - 1);
        }
    }

    fn draw_markers(&self, pass: &mut wgpu::RenderPass<'_>, pipelines: &Pipelines) {
        pass.set_pipeline(&pipelines.marker);
        for block in self.blocks.iter().flatten() {
            let Some(vertices) = &block.vertices else { continue };
            pass.set_bind_group(2, &block.group, &[]);
            pass.set_vertex_buffer(0, vertices.slice(..));
            pass.draw(0..4, 0..block.mesh.vertices.len() as u32);
        }
    }
}

impl GpuPaint {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue, pipelines: &Pipelines, paint: &LayerPaint) -> Self {
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
}

fn uniform_buffer(device: &wgpu::Device, size: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("map uniform"),
        size: size as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// States are laid out in rows of this many texels.
const STATE_WIDTH: usize = 256;

impl GpuBlock {
    fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pipelines: &Pipelines,
        mesh: Arc<BlockMesh>,
        states: &BlockStates,
    ) -> Self {
        let buffer = |bytes: &[u8], usage: wgpu::BufferUsages| {
            (!bytes.is_empty()).then(|| {
                let buffer = device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("map geometry"),
                    size: bytes.len() as u64,
                    usage: usage | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                });
                queue.write_buffer(&buffer, 0, bytes);
                buffer
            })
        };
        let vertex_bytes: &[u8] = bytemuck::cast_slice(&mesh.vertices);
        let index_bytes: &[u8] = bytemuck::cast_slice(&mesh.indices);
        let vertices = buffer(vertex_bytes, wgpu::BufferUsages::VERTEX);
        let indices = buffer(index_bytes, wgpu::BufferUsages::INDEX);
        let height = states.texels.len().div_ceil(STATE_WIDTH).max(1);
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("feature states"),
            size: wgpu::Extent3d { width: STATE_WIDTH as u32, height: height as u32, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::R16Uint,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let uniform = uniform_buffer(device, 16);
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("map chunk"),
            layout: &pipelines.chunk_layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(
                        &texture.create_view(&wgpu::TextureViewDescriptor::default()),
                    ),
                },
            ],
        });
        let bytes = vertex_bytes.len() + index_bytes.len() + height * STATE_WIDTH * 2;
        let mut block = Self {
            mesh,
            states_revision: 0,
            states: texture,
            selected_count: 0,
            uniform,
            group,
            vertices,
            indices,
            bytes,
        };
        block.write_states(queue, states);
        block
    }

    fn write_states(&mut self, queue: &wgpu::Queue, states: &BlockStates) {
        let size = self.states.size();
        let mut texels = states.texels.clone();
        texels.resize(size.width as usize * size.height as usize, HIDDEN);
        queue.write_texture(
            self.states.as_image_copy(),
            bytemuck::cast_slice(&texels),
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(size.width * 2), rows_per_image: None },
            size,
        );
        self.selected_count = states.texels.iter().filter(|t| **t & SELECTED != 0).count();
        self.states_revision = states.revision;
    }
}
