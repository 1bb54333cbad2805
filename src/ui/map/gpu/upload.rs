//! Layers on the GPU: chunks of geometry with the states of their features, and pictures of what is too small for that.

use std::ops::Range;

use eframe::wgpu;
use rustc_hash::FxHashMap;

use crate::model::style::Blend;
use crate::model::{Coord, Extent, GeometryKind};
use crate::render::MapView;
use crate::render::chunks::Chunk;
use crate::render::mesh::BlockMesh;
use crate::ui::map::gpu::paint::{GpuPaint, HIDDEN, LayerPaint, SELECTED, uniform_buffer};
use crate::ui::map::gpu::pipelines::{Pipelines, VERTEX_BYTES};
use crate::ui::map::gpu::{CanvasColors, DrawLayer, offset};

/// Symbol and flags of each feature of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerStates {
    /// Symbol in the low 12 bits, then selected, then hidden.
    pub texels: Vec<u16>,
    /// Changes whenever the texels do.
    pub revision: u64,
}

/// One layer's resources.
#[derive(Default)]
pub(super) struct GpuLayer {
    /// By their number in the layer.
    chunks: FxHashMap<u32, GpuChunk>,
    paint: Option<GpuPaint>,
    picture: Option<GpuPicture>,
}

struct GpuChunk {
    kind: GeometryKind,
    extent: Extent,
    origin: Coord,
    vertex_count: u32,
    index_count: u32,
    index_format: wgpu::IndexFormat,
    /// First vertex of each feature, and the count at the end.
    vertex_offsets: Vec<u32>,
    states_revision: u64,
    states: wgpu::Texture,
    /// Vertices of the selected features, neighbours together.
    selected: Vec<Range<u32>>,
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
    vertices: Option<wgpu::Buffer>,
    indices: Option<wgpu::Buffer>,
    bytes: usize,
}

struct GpuPicture {
    view: MapView,
    texture: wgpu::Texture,
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
}

impl GpuLayer {
    /// Bytes of GPU memory.
    pub(super) fn byte_count(&self) -> usize {
        let picture = self.picture.as_ref().map_or(0, |picture| {
            let size = picture.texture.size();
            size.width as usize * size.height as usize * 4
        });
        self.chunks.values().map(|chunk| chunk.bytes).sum::<usize>() + picture
    }

    /// Vertices that are held.
    pub(super) fn vertex_count(&self) -> usize {
        self.chunks.values().map(|chunk| chunk.vertex_count as usize).sum()
    }

    /// Vertices that a pass over `extent` takes.
    pub(super) fn vertices_in(&self, extent: &Extent) -> usize {
        self.seen(extent).map(|chunk| chunk.vertex_count as usize).sum()
    }

    /// Whether that chunk is held.
    pub(super) fn holds(&self, chunk: u32) -> bool {
        self.chunks.contains_key(&chunk)
    }

    /// The chunks that are held: number, bytes, extent.
    pub(super) fn held(&self) -> impl Iterator<Item = (u32, usize, Extent)> + '_ {
        self.chunks.iter().map(|(number, chunk)| (*number, chunk.bytes, chunk.extent))
    }

    /// Lets go of the chunks whose number `goes`.
    pub(super) fn drop_chunks(&mut self, goes: impl Fn(u32) -> bool) {
        self.chunks.retain(|number, _| !goes(*number));
    }

    /// Takes a chunk's mesh.
    pub(super) fn insert(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pipelines: &Pipelines,
        number: u32,
        mesh: BlockMesh,
    ) {
        self.chunks.insert(number, GpuChunk::new(device, queue, pipelines, mesh));
    }

    /// Takes a picture of the layer for `view`: four premultiplied bytes a pixel.
    pub(super) fn set_picture(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pipelines: &Pipelines,
        view: MapView,
        size: [u32; 2],
        pixels: &[u8],
    ) {
        let extent = wgpu::Extent3d { width: size[0], height: size[1], depth_or_array_layers: 1 };
        if self.picture.as_ref().is_none_or(|picture| picture.texture.size() != extent) {
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some("layer picture"),
                size: extent,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            });
            let uniform = uniform_buffer(device, 16);
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("layer picture"),
                layout: &pipelines.picture_layout,
                entries: &[
                    wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
                    wgpu::BindGroupEntry {
                        binding: 2,
                        resource: wgpu::BindingResource::TextureView(
                            &texture.create_view(&wgpu::TextureViewDescriptor::default()),
                        ),
                    },
                ],
            });
            self.picture = Some(GpuPicture { view, texture, uniform, group });
        }
        let Some(picture) = &mut self.picture else { return };
        picture.view = view;
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(size[0] * 4), rows_per_image: None };
        queue.write_texture(picture.texture.as_image_copy(), pixels, layout, extent);
    }

    /// Brings paint and states to what `layer` asks for, the states of what lies in `extent` only.
    pub(super) fn update(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pipelines: &Pipelines,
        layer: &DrawLayer,
        extent: &Extent,
    ) {
        if self.paint.as_ref().is_none_or(|paint| paint.revision != layer.paint.revision) {
            self.paint = Some(GpuPaint::new(device, queue, pipelines, &layer.paint));
        }
        let Some(pieces) = layer.prepared.known_chunks() else { return };
        for (number, chunk) in &mut self.chunks {
            if chunk.states_revision != layer.states.revision
                && chunk.extent.intersects(extent)
                && let Some(piece) = pieces.get(*number as usize)
            {
                chunk.write_states(queue, piece, &layer.states);
            }
        }
    }

    /// Writes the uniforms of this picture.
    pub(super) fn place(
        &mut self,
        queue: &wgpu::Queue,
        view: &MapView,
        paint: &LayerPaint,
        colors: &CanvasColors,
        px_per_unit: f64,
    ) {
        let Some(gpu) = &mut self.paint else { return };
        gpu.place(queue, paint, colors, px_per_unit);
        for chunk in self.seen(&view.extent()) {
            let [x, y] = offset(chunk.origin, view.center);
            queue.write_buffer(&chunk.uniform, 0, bytemuck::bytes_of(&[x, y, 0.0f32, 0.0]));
        }
        if let Some(picture) = &self.picture {
            let extent = picture.view.extent();
            let [x, y] = offset(Coord { x: extent.min.x, y: extent.max.y }, view.center);
            let rectangle = [x, y, extent.width() as f32, extent.height() as f32];
            queue.write_buffer(&picture.uniform, 0, bytemuck::bytes_of(&rectangle));
        }
    }

    /// Draws the picture of the layer where it lies.
    pub(super) fn draw_picture(&self, pass: &mut wgpu::RenderPass<'_>, pipelines: &Pipelines, blend: Blend) {
        if let (Some(gpu), Some(picture)) = (&self.paint, &self.picture) {
            pass.set_pipeline(&pipelines.laid(blend).picture);
            pass.set_bind_group(1, &gpu.group, &[]);
            pass.set_bind_group(2, &picture.group, &[]);
            pass.draw(0..4, 0..1);
        }
    }

    /// Draws what lies in `extent`.
    pub(super) fn draw(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        pipelines: &Pipelines,
        extent: &Extent,
        paint: &LayerPaint,
    ) {
        let Some(gpu) = &self.paint else { return };
        pass.set_bind_group(1, &gpu.group, &[]);
        if paint.kind == GeometryKind::Point {
            self.draw_markers(pass, pipelines);
            return;
        }
        let laid = pipelines.laid(paint.blend);
        if paint.has(0) || paint.has(1) {
            pass.set_pipeline(&laid.fill);
            for chunk in self.seen(extent) {
                let (Some(vertices), Some(indices)) = (&chunk.vertices, &chunk.indices) else { continue };
                pass.set_bind_group(2, &chunk.group, &[]);
                pass.set_vertex_buffer(0, vertices.slice(..));
                pass.set_index_buffer(indices.slice(..), chunk.index_format);
                pass.draw_indexed(0..chunk.index_count, 0, 0..1);
            }
        }
        if paint.has(5) {
            self.draw_lines(pass, &laid.casing, extent, GpuChunk::all);
        }
        let bold = paint.symbols.iter().any(|s| s[4][0] >= 1.5);
        if paint.has(3) && (bold || gpu.outline_fade > 0.0) {
            self.draw_lines(pass, &laid.stroke, extent, GpuChunk::all);
        }
    }

    /// Draws the outlines of selected features.
    pub(super) fn draw_selection(&self, pass: &mut wgpu::RenderPass<'_>, pipelines: &Pipelines, extent: &Extent) {
        let Some(gpu) = &self.paint else { return };
        if self.seen(extent).all(|chunk| chunk.selected.is_empty()) {
            return;
        }
        pass.set_bind_group(1, &gpu.group, &[]);
        self.draw_lines(pass, &pipelines.selection_casing, extent, |chunk| chunk.selected.clone());
        self.draw_lines(pass, &pipelines.selection, extent, |chunk| chunk.selected.clone());
    }

    fn seen<'a>(&'a self, extent: &'a Extent) -> impl Iterator<Item = &'a GpuChunk> {
        self.chunks.values().filter(|chunk| chunk.extent.intersects(extent))
    }

    fn draw_lines(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        pipeline: &wgpu::RenderPipeline,
        extent: &Extent,
        ranges: impl Fn(&GpuChunk) -> Vec<Range<u32>>,
    ) {
        pass.set_pipeline(pipeline);
        for chunk in self.seen(extent).filter(|chunk| chunk.kind != GeometryKind::Point) {
            let Some(vertices) = &chunk.vertices else { continue };
            pass.set_bind_group(2, &chunk.group, &[]);
            // A line goes from each vertex to the next, so the last vertex of a range is only an end.
            for range in ranges(chunk).into_iter().filter(|range| range.len() > 1) {
                let first = u64::from(range.start) * VERTEX_BYTES;
                pass.set_vertex_buffer(0, vertices.slice(first..));
                pass.set_vertex_buffer(1, vertices.slice(first + VERTEX_BYTES..));
                pass.draw(0..4, 0..range.len() as u32 - 1);
            }
        }
    }

    fn draw_markers(&self, pass: &mut wgpu::RenderPass<'_>, pipelines: &Pipelines) {
        pass.set_pipeline(&pipelines.marker);
        for chunk in self.chunks.values() {
            let Some(vertices) = &chunk.vertices else { continue };
            pass.set_bind_group(2, &chunk.group, &[]);
            pass.set_vertex_buffer(0, vertices.slice(..));
            pass.draw(0..4, 0..chunk.vertex_count);
        }
    }
}

/// States are laid out in rows of this many texels.
const STATE_WIDTH: usize = 256;

impl GpuChunk {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue, pipelines: &Pipelines, mesh: BlockMesh) -> Self {
        let buffer = |bytes: &[u8], usage: wgpu::BufferUsages| {
            (!bytes.is_empty()).then(|| {
                // Copies are in words of four bytes.
                let size = bytes.len().next_multiple_of(4);
                let buffer = device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("map geometry"),
                    size: size as u64,
                    usage: usage | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                });
                if size == bytes.len() {
                    queue.write_buffer(&buffer, 0, bytes);
                } else {
                    let mut padded = bytes.to_vec();
                    padded.resize(size, 0);
                    queue.write_buffer(&buffer, 0, &padded);
                }
                buffer
            })
        };
        let vertex_bytes: &[u8] = bytemuck::cast_slice(&mesh.vertices);
        let vertices = buffer(vertex_bytes, wgpu::BufferUsages::VERTEX);
        let narrow: Option<Vec<u16>> = mesh.indices.iter().map(|index| u16::try_from(*index).ok()).collect();
        let (index_bytes, index_format): (&[u8], _) = match &narrow {
            Some(narrow) => (bytemuck::cast_slice(narrow), wgpu::IndexFormat::Uint16),
            None => (bytemuck::cast_slice(&mesh.indices), wgpu::IndexFormat::Uint32),
        };
        let indices = buffer(index_bytes, wgpu::BufferUsages::INDEX);
        let height = (mesh.vertex_offsets.len() - 1).div_ceil(STATE_WIDTH).max(1);
        let states = device.create_texture(&wgpu::TextureDescriptor {
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
                        &states.create_view(&wgpu::TextureViewDescriptor::default()),
                    ),
                },
            ],
        });
        Self {
            kind: mesh.kind,
            extent: mesh.extent,
            origin: mesh.origin,
            vertex_count: mesh.vertices.len() as u32,
            index_count: mesh.indices.len() as u32,
            index_format,
            bytes: vertex_bytes.len() + index_bytes.len() + height * STATE_WIDTH * 2,
            vertex_offsets: mesh.vertex_offsets,
            states_revision: 0,
            states,
            selected: Vec::new(),
            uniform,
            group,
            vertices,
            indices,
        }
    }

    fn write_states(&mut self, queue: &wgpu::Queue, piece: &Chunk, states: &LayerStates) {
        let size = self.states.size();
        let state = |feature: &u32| states.texels.get(*feature as usize).copied().unwrap_or(HIDDEN);
        let mut texels: Vec<u16> = piece.features.iter().map(state).collect();
        self.selected.clear();
        for (row, _) in texels.iter().enumerate().filter(|(_, texel)| **texel & SELECTED != 0) {
            let Some([first, end]) = self.vertex_offsets.get(row..row + 2) else { continue };
            match self.selected.last_mut() {
                Some(last) if last.end == *first => last.end = *end,
                _ => self.selected.push(*first..*end),
            }
        }
        texels.resize(size.width as usize * size.height as usize, HIDDEN);
        queue.write_texture(
            self.states.as_image_copy(),
            bytemuck::cast_slice(&texels),
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(size.width * 2), rows_per_image: None },
            size,
        );
        self.states_revision = states.revision;
    }

    #[expect(clippy::single_range_in_vec_init, reason = "one range of vertices, not its numbers")]
    fn all(&self) -> Vec<Range<u32>> {
        vec![0..self.vertex_count]
    }
}
