//! A screen that nobody sees: the window's frames drawn by wgpu into a texture.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use eframe::egui_wgpu::{self, RenderState, ScreenDescriptor};
use eframe::{egui, wgpu};

/// Where frames are drawn.
pub(super) struct Screen {
    /// What draws them.
    pub state: RenderState,
    size_px: [u32; 2],
    texture: wgpu::Texture,
}

impl Screen {
    /// A screen on the best adapter of this machine.
    ///
    /// # Errors
    /// Where there is none, in wgpu's words.
    pub(super) fn new(size_px: [u32; 2]) -> Result<Self, String> {
        let setup = egui_wgpu::WgpuSetup::CreateNew(egui_wgpu::WgpuSetupCreateNew::without_display_handle());
        let instance = block_on(setup.new_instance());
        let config = egui_wgpu::WgpuConfiguration { wgpu_setup: setup, ..Default::default() };
        let options = egui_wgpu::RendererOptions { dithering: false, ..Default::default() };
        let made = RenderState::create(&config, &instance, None, options);
        let state = block_on(made).map_err(|error| error.to_string())?;
        let texture = state.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("screen"),
            size: wgpu::Extent3d { width: size_px[0], height: size_px[1], depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: state.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        Ok(Self { state, size_px, texture })
    }

    /// Draws a frame on a ground of `clear` and waits until it is done.
    pub(super) fn show(&self, ctx: &egui::Context, mut output: egui::FullOutput, clear: [f32; 4]) {
        let [r, g, b, a] = clear.map(f64::from);
        let RenderState { device, queue, .. } = &self.state;
        let mut renderer = self.state.renderer.write();
        let mut textures = std::mem::take(&mut output.textures_delta);
        for (id, deltas) in textures.set.drain() {
            for delta in deltas {
                renderer.update_texture(device, queue, id, &delta);
            }
        }
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        let screen = ScreenDescriptor { pixels_per_point: output.pixels_per_point, size_in_pixels: self.size_px };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("window") });
        let first = renderer.update_buffers(device, queue, &mut encoder, &shapes, &screen);
        let view = self.texture.create_view(&wgpu::TextureViewDescriptor::default());
        {
            let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("window"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a }),
                        store: wgpu::StoreOp::Store,
                    },
                    depth_slice: None,
                })],
                ..Default::default()
            });
            renderer.render(&mut pass.forget_lifetime(), &shapes, &screen);
        }
        for id in textures.free.drain() {
            renderer.free_texture(&id);
        }
        queue.submit(first.into_iter().chain([encoder.finish()]));
        // A lost device shows in the picture: there is nothing to add here.
        let _ = device.poll(wgpu::PollType::wait_indefinitely());
    }

    /// The last frame, four bytes a pixel; `None` where the device is lost.
    pub(super) fn pixels(&self) -> Option<Vec<u8>> {
        let [width, height] = self.size_px;
        let (row, padded) = (width * 4, (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT));
        let buffer = self.state.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("screen"),
            size: u64::from(padded) * u64::from(height),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.state.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(padded), rows_per_image: None };
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
            self.texture.size(),
        );
        self.state.queue.submit([encoder.finish()]);
        let (sender, receiver) = channel();
        buffer.slice(..).map_async(wgpu::MapMode::Read, move |mapped| drop(sender.send(mapped)));
        self.state.device.poll(wgpu::PollType::wait_indefinitely()).ok()?; // lost: no picture
        receiver.recv().ok()?.ok()?; // the same
        let mapped = buffer.slice(..).get_mapped_range().ok()?; // the same
        let rows = mapped.chunks_exact(padded as usize).flat_map(|line| &line[..row as usize]);
        Some(rows.copied().collect())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
