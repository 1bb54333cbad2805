//! The map on the GPU: geometry uploaded once, moved by a uniform, drawn into a texture that egui shows.
//!
//! A vertex takes 12 bytes and serves fills (through the index buffer) and outlines (as instance, together with the
//! vertex after it). What changes often lies apart and is small: one texel a feature holds its symbol and whether it
//! is selected or hidden; a palette texture holds the symbols. Only chunks that the view shows are meshed, and those
//! farthest from it go where memory is short. A layer whose features are hardly larger than pixels is painted from its
//! pyramid by the CPU, as a picture that is drawn in its place. No storage buffers and no large ones: those are the
//! limits of OpenGL, which is what weak offices have.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui_wgpu::RenderState;
use eframe::{egui, wgpu};

use crate::model::{Coord, Extent, LayerId};
use crate::render::MapView;
use crate::render::chunks::{self, Chunk};
use crate::render::mesh::BlockMesh;
use crate::render::prepared::Prepared;
use crate::ui::map::gpu::pipelines::Pipelines;
use crate::ui::map::gpu::upload::GpuLayer;

mod mesher;
mod paint;
mod pipelines;
mod upload;

pub use mesher::Mesher;
pub use paint::HIDDEN;
pub use paint::LayerPaint;
pub use paint::SELECTED;
pub use upload::LayerStates;

/// What the frame asks to be drawn, bottom to top.
pub struct DrawLayer {
    /// Which layer.
    pub id: LayerId,
    /// Where its features lie.
    pub prepared: Arc<Prepared>,
    /// Symbol and state of each feature.
    pub states: Arc<LayerStates>,
    /// Its symbols and how strongly they are drawn.
    pub paint: Arc<LayerPaint>,
    /// Whether its features are so small that a picture of it is drawn instead of them.
    pub by_picture: bool,
}

/// Colours of the canvas that the shader needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CanvasColors {
    /// The bare map.
    pub ground: egui::Color32,
    /// Selection.
    pub accent: egui::Color32,
    /// Around selected outlines.
    pub casing: egui::Color32,
    /// Share of full strength that fills have.
    pub fill_strength: f32,
    /// Strength of the bare map in the picture: 1, and 0 where it lies over images.
    pub ground_strength: f32,
}

/// A finished picture of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    /// What egui paints.
    pub texture: egui::TextureId,
    /// The view that it shows.
    pub view: MapView,
}

/// Owns every GPU resource of the map.
pub struct MapRenderer {
    state: RenderState,
    pipelines: Pipelines,
    layers: HashMap<LayerId, (Arc<Prepared>, GpuLayer)>,
    budget_bytes: usize,
    target: Option<Target>,
    /// The texture of the last picture of another state.
    last: Option<Target>,
    view_buffer: wgpu::Buffer,
    view_group: wgpu::BindGroup,
    samples: u32,
    vertices_drawn: usize,
}

struct Target {
    size: [u32; 2],
    resolved: wgpu::TextureView,
    multisampled: Option<wgpu::TextureView>,
    texture: egui::TextureId,
}

#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct ViewUniform {
    size_px: [f32; 2],
    px_per_unit: f32,
    px_per_point: f32,
    accent: [f32; 4],
    casing: [f32; 4],
    /// From a place that stays for a while to the middle of the view in pixels: what dashes are fixed to.
    anchor: [f32; 2],
    /// Uniforms are whole rows of four.
    filling: [f32; 2],
}

/// Pixels between the places that dashes are fixed to: few enough for single precision.
const ANCHORS_PX: f64 = 4096.0;

/// Bytes that a coordinate takes at most, with its share of triangles and states.
const BYTES_PER_COORD: usize = 24;

impl MapRenderer {
    /// Makes the pipelines on eframe's device.
    pub fn new(state: &RenderState) -> Self {
        let software = state.adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        let samples = if software { 1 } else { 4 };
        let pipelines = Pipelines::new(&state.device, samples);
        let view_buffer = state.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("map view"),
            size: size_of::<ViewUniform>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let view_group = state.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("map view"),
            layout: &pipelines.view_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: view_buffer.as_entire_binding() }],
        });
        Self {
            state: state.clone(),
            pipelines,
            layers: HashMap::new(),
            budget_bytes: 0,
            target: None,
            last: None,
            view_buffer,
            view_group,
            samples,
            vertices_drawn: 0,
        }
    }

    /// Name of the adapter, for the about box and reports.
    pub fn adapter_name(&self) -> String {
        self.state.adapter.get_info().name
    }

    /// Vertices taken for the last picture, vertices held, and bytes of GPU memory that meshes and states take.
    pub fn counts(&self) -> [usize; 3] {
        let layers = || self.layers.values().map(|(_, layer)| layer);
        [self.vertices_drawn, layers().map(GpuLayer::vertex_count).sum(), layers().map(GpuLayer::byte_count).sum()]
    }

    /// Sets how many bytes layers may take.
    pub fn set_budget(&mut self, bytes: usize) {
        self.budget_bytes = bytes;
    }

    /// Brings paint and states on the GPU to what `layers` ask for, of what lies in `extent`.
    pub fn update(&mut self, layers: &[DrawLayer], extent: &Extent) {
        self.layers.retain(|id, _| layers.iter().any(|layer| layer.id == *id));
        let RenderState { device, queue, .. } = &self.state;
        for layer in layers {
            let (prepared, gpu) =
                self.layers.entry(layer.id).or_insert_with(|| (layer.prepared.clone(), GpuLayer::default()));
            if !Arc::ptr_eq(prepared, &layer.prepared) {
                *prepared = layer.prepared.clone();
                gpu.drop_chunks(|_| true);
            }
            gpu.update(device, queue, &self.pipelines, layer, extent);
        }
    }

    /// The chunks of `layer` that `view` shows and the GPU does not hold, the nearest to its middle first, as far as
    /// `room` bytes hold all that it shows; what these take is taken from `room`.
    pub fn missing(&self, layer: &DrawLayer, view: &MapView, room: &mut usize) -> Vec<u32> {
        let (Some(all), Some((_, gpu))) = (layer.prepared.known_chunks(), self.layers.get(&layer.id)) else {
            return Vec::new();
        };
        chunks::shown(all, view, |chunk: &Chunk| chunk.coord_count * BYTES_PER_COORD, room)
            .into_iter()
            .filter(|number| !gpu.holds(*number))
            .collect()
    }

    /// Takes meshes of a layer, and lets go of what lies farthest from the middle of `view` where they are too many.
    pub fn insert(&mut self, layer: LayerId, meshes: Vec<(u32, BlockMesh)>, view: &MapView) {
        let RenderState { device, queue, .. } = &self.state;
        if let Some((_, gpu)) = self.layers.get_mut(&layer) {
            for (number, mesh) in meshes {
                gpu.insert(device, queue, &self.pipelines, number, mesh);
            }
        }
        let (mut held, mut names) = (Vec::new(), Vec::new());
        for (id, (_, gpu)) in &self.layers {
            for (number, bytes, extent) in gpu.held() {
                held.push((bytes, chunks::distance(&extent, view)));
                names.push((*id, number));
            }
        }
        for at in chunks::over_budget(&held, self.budget_bytes) {
            let (id, number) = names[at];
            if let Some((_, gpu)) = self.layers.get_mut(&id) {
                gpu.drop_chunks(|held| held == number);
            }
        }
    }

    /// Takes a picture of a layer for `view`: four premultiplied bytes a pixel.
    pub fn set_picture(&mut self, layer: LayerId, view: MapView, size: [usize; 2], pixels: &[u8]) {
        let RenderState { device, queue, .. } = &self.state;
        if let Some((_, gpu)) = self.layers.get_mut(&layer) {
            gpu.set_picture(device, queue, &self.pipelines, view, size.map(|side| side as u32), pixels);
        }
    }

    /// Bytes that layers may take.
    pub fn budget(&self) -> usize {
        self.budget_bytes
    }

    /// Draws `layers` for `view` into the texture. `px_per_point` is the window's; the view's pixels are points.
    pub fn draw(&mut self, view: &MapView, px_per_point: f32, layers: &[DrawLayer], colors: &CanvasColors) -> Picture {
        let size = [0, 1].map(|i| ((view.size_px[i] as f32 * px_per_point).round() as u32).clamp(1, 8192));
        self.resize(size);
        let queue = self.state.queue.clone();
        let px_per_unit = px_per_point / view.units_per_px as f32;
        let uniform = ViewUniform {
            size_px: size.map(|s| s as f32),
            px_per_unit,
            px_per_point,
            accent: rgba(colors.accent),
            casing: rgba(colors.casing),
            anchor: [view.center.x, view.center.y].map(|v| (v * f64::from(px_per_unit)).rem_euclid(ANCHORS_PX) as f32),
            filling: [0.0; 2],
        };
        queue.write_buffer(&self.view_buffer, 0, bytemuck::bytes_of(&uniform));
        let extent = view.extent();
        for layer in layers {
            if let Some((_, gpu)) = self.layers.get_mut(&layer.id) {
                gpu.place(&queue, view, &layer.paint, colors, f64::from(px_per_unit));
            }
        }
        let by_chunks = || layers.iter().filter(|layer| !layer.by_picture);
        let drawn = by_chunks().filter_map(|layer| self.layers.get(&layer.id));
        self.vertices_drawn = drawn.map(|(_, layer)| layer.vertices_in(&extent)).sum();
        let mut encoder =
            self.state.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("map") });
        let Some(target) = &self.target else {
            return Picture { texture: egui::TextureId::default(), view: *view };
        };
        {
            let ground = rgba(colors.ground).map(|channel| channel * colors.ground_strength);
            let attached = target.multisampled.as_ref().unwrap_or(&target.resolved);
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("map"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: attached,
                    resolve_target: target.multisampled.as_ref().map(|_| &target.resolved),
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color {
                            r: f64::from(ground[0]),
                            g: f64::from(ground[1]),
                            b: f64::from(ground[2]),
                            a: f64::from(colors.ground_strength),
                        }),
                        store: wgpu::StoreOp::Store,
                    },
                    depth_slice: None,
                })],
                ..Default::default()
            });
            pass.set_bind_group(0, &self.view_group, &[]);
            for layer in layers {
                let Some((_, gpu)) = self.layers.get(&layer.id) else { continue };
                // Under chunks that are not there yet, the last picture is better than a hole.
                if layer.by_picture || !self.missing(layer, view, &mut self.budget_bytes.clone()).is_empty() {
                    gpu.draw_picture(&mut pass, &self.pipelines, layer.paint.blend);
                }
                if !layer.by_picture {
                    gpu.draw(&mut pass, &self.pipelines, &extent, &layer.paint);
                }
            }
            // Selection lies over everything.
            for layer in by_chunks() {
                if let Some((_, gpu)) = self.layers.get(&layer.id) {
                    gpu.draw_selection(&mut pass, &self.pipelines, &extent);
                }
            }
        }
        queue.submit([encoder.finish()]);
        Picture { texture: target.texture, view: *view }
    }

    /// Waits until the picture is drawn where the CPU draws it, since the window would wait for it anyhow; the time
    /// since `started`, zero on a GPU of its own.
    pub fn wait(&self, started: Instant) -> Duration {
        if self.samples > 1 {
            return Duration::ZERO;
        }
        // A device that is lost shows as a lost window; there is nothing to add here.
        let _ = self.state.device.poll(wgpu::PollType::wait_indefinitely());
        started.elapsed()
    }

    /// Leaves the last picture as it is, until [`Self::forget_last`]: the next one gets a texture of its own.
    pub fn keep_last(&mut self) {
        self.forget_last();
        self.last = self.target.take();
    }

    /// Gives back the texture that was kept.
    pub fn forget_last(&mut self) {
        if let Some(last) = self.last.take() {
            self.state.renderer.write().free_texture(&last.texture);
        }
    }

    fn resize(&mut self, size: [u32; 2]) {
        if self.target.as_ref().is_some_and(|target| target.size == size) {
            return;
        }
        let make = |samples: u32, usage: wgpu::TextureUsages| {
            self.state
                .device
                .create_texture(&wgpu::TextureDescriptor {
                    label: Some("map picture"),
                    size: wgpu::Extent3d { width: size[0], height: size[1], depth_or_array_layers: 1 },
                    mip_level_count: 1,
                    sample_count: samples,
                    dimension: wgpu::TextureDimension::D2,
                    format: pipelines::FORMAT,
                    usage,
                    view_formats: &[],
                })
                .create_view(&wgpu::TextureViewDescriptor::default())
        };
        let resolved = make(1, wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING);
        let multisampled = (self.samples > 1).then(|| make(self.samples, wgpu::TextureUsages::RENDER_ATTACHMENT));
        let mut renderer = self.state.renderer.write();
        let filter = wgpu::FilterMode::Linear;
        let texture = match &self.target {
            Some(old) => {
                renderer.update_egui_texture_from_wgpu_texture(&self.state.device, &resolved, filter, old.texture);
                old.texture
            }
            None => renderer.register_native_texture(&self.state.device, &resolved, filter),
        };
        drop(renderer);
        self.target = Some(Target { size, resolved, multisampled, texture });
    }
}

impl Drop for MapRenderer {
    fn drop(&mut self) {
        self.forget_last();
        if let Some(target) = &self.target {
            self.state.renderer.write().free_texture(&target.texture);
        }
    }
}

pub(in crate::ui) fn rgba(color: egui::Color32) -> [f32; 4] {
    color.to_srgba_unmultiplied().map(|c| f32::from(c) / 255.0)
}

/// Offset of a chunk's origin from the view's centre, taken in f64 before it is narrowed.
pub(in crate::ui) fn offset(origin: Coord, center: Coord) -> [f32; 2] {
    [(origin.x - center.x) as f32, (origin.y - center.y) as f32]
}
