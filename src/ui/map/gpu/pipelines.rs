//! The shader's pipelines and the layouts of what they bind.

use eframe::wgpu;

use crate::model::style::Blend;

/// Pixels of the map texture: gamma space, as egui's own.
pub(super) const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Bytes of one vertex: x, y as f32 and the feature's row with its flags.
pub(super) const VERTEX_BYTES: u64 = 12;

/// Everything that is made once a device.
pub(super) struct Pipelines {
    /// Group 0: the view.
    pub view_layout: wgpu::BindGroupLayout,
    /// Group 1: the layer and its palette.
    pub layer_layout: wgpu::BindGroupLayout,
    /// Group 2: the chunk and the states of its features.
    pub chunk_layout: wgpu::BindGroupLayout,
    /// Group 2 of a picture: where it lies, and it.
    pub picture_layout: wgpu::BindGroupLayout,
    /// Layers that lie over what is beneath.
    normal: Laid,
    /// Layers that multiply it.
    multiply: Laid,
    pub marker: wgpu::RenderPipeline,
    pub selection_casing: wgpu::RenderPipeline,
    pub selection: wgpu::RenderPipeline,
}

/// What draws the parts of a layer, for one way to lie on what is beneath.
pub(super) struct Laid {
    pub fill: wgpu::RenderPipeline,
    pub casing: wgpu::RenderPipeline,
    pub stroke: wgpu::RenderPipeline,
    pub picture: wgpu::RenderPipeline,
}

/// Colours multiplied, for sources whose colour is multiplied by their opacity.
const MULTIPLIED: wgpu::BlendState = wgpu::BlendState {
    color: wgpu::BlendComponent {
        src_factor: wgpu::BlendFactor::Dst,
        dst_factor: wgpu::BlendFactor::OneMinusSrcAlpha,
        operation: wgpu::BlendOperation::Add,
    },
    alpha: wgpu::BlendComponent::OVER,
};

const VERTEX_ATTRIBUTES: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x2, 1 => Uint32];
const NEXT_ATTRIBUTES: [wgpu::VertexAttribute; 1] = wgpu::vertex_attr_array![2 => Float32x2];

impl Pipelines {
    /// Compiles the shader for pictures of `samples` samples a pixel.
    pub(super) fn new(device: &wgpu::Device, samples: u32) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("map"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../../../assets/shaders/map.wgsl").into()),
        });
        let uniform = |binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let texture = |binding, sample_type| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Texture {
                sample_type,
                view_dimension: wgpu::TextureViewDimension::D2,
                multisampled: false,
            },
            count: None,
        };
        let layout = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let view_layout = layout("map view", &[uniform(0)]);
        let float = wgpu::TextureSampleType::Float { filterable: false };
        let layer_layout = layout("map layer", &[uniform(0), texture(1, float)]);
        let chunk_layout = layout("map chunk", &[uniform(0), texture(1, wgpu::TextureSampleType::Uint)]);
        let picture_layout = layout("map picture", &[uniform(0), texture(2, float)]);
        let pipeline_layout = |last: &wgpu::BindGroupLayout| {
            device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("map"),
                bind_group_layouts: &[Some(&view_layout), Some(&layer_layout), Some(last)],
                ..Default::default()
            })
        };
        let (of_chunks, of_pictures) = (pipeline_layout(&chunk_layout), pipeline_layout(&picture_layout));
        let laid = |blend: wgpu::BlendState,
                    vertex: &str,
                    fragment: &str,
                    buffers: &[Option<wgpu::VertexBufferLayout<'_>>],
                    strip: bool| {
            device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(vertex),
                layout: Some(if buffers.is_empty() { &of_pictures } else { &of_chunks }),
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some(vertex),
                    buffers,
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                },
                primitive: wgpu::PrimitiveState {
                    topology: if strip {
                        wgpu::PrimitiveTopology::TriangleStrip
                    } else {
                        wgpu::PrimitiveTopology::TriangleList
                    },
                    ..Default::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState { count: samples, ..Default::default() },
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some(fragment),
                    targets: &[Some(wgpu::ColorTargetState {
                        format: FORMAT,
                        blend: Some(blend),
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                }),
                multiview_mask: None,
                cache: None,
            })
        };
        let vertices = |step_mode| {
            Some(wgpu::VertexBufferLayout { array_stride: VERTEX_BYTES, step_mode, attributes: &VERTEX_ATTRIBUTES })
        };
        let next = Some(wgpu::VertexBufferLayout {
            array_stride: VERTEX_BYTES,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &NEXT_ATTRIBUTES,
        });
        let instances = vertices(wgpu::VertexStepMode::Instance);
        let over = wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING;
        let line = |blend, vertex| laid(blend, vertex, "line_fragment", &[instances.clone(), next.clone()], true);
        let parts = |blend| Laid {
            fill: laid(blend, "fill_vertex", "fill_fragment", &[vertices(wgpu::VertexStepMode::Vertex)], false),
            casing: line(blend, "casing_vertex"),
            stroke: line(blend, "stroke_vertex"),
            picture: laid(blend, "picture_vertex", "picture_fragment", &[], true),
        };
        Self {
            normal: parts(over),
            multiply: parts(MULTIPLIED),
            marker: laid(over, "marker_vertex", "marker_fragment", std::slice::from_ref(&instances), true),
            selection_casing: line(over, "selection_casing_vertex"),
            selection: line(over, "selection_vertex"),
            view_layout,
            layer_layout,
            chunk_layout,
            picture_layout,
        }
    }

    /// What draws layers that lie so on what is beneath.
    pub(super) fn laid(&self, blend: Blend) -> &Laid {
        match blend {
            Blend::Normal => &self.normal,
            Blend::Multiply => &self.multiply,
        }
    }
}
