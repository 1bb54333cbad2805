// The map: fills, hatches, outlines and markers of one chunk of a layer.
//
// Positions are f32 offsets from the chunk's origin; the origin's offset from the view's centre was taken in f64, so
// a parcel at 39,500,000 m east is as sharp as one at zero. Colours are in gamma space, premultiplied.

struct View {
    // Size of the picture in physical pixels.
    size_px: vec2f,
    // Physical pixels a unit of the project CRS.
    px_per_unit: f32,
    // Physical pixels a point of the interface.
    px_per_point: f32,
    accent: vec4f,
    selection_casing: vec4f,
    // From a place of the map that stays for a while to the picture's centre, in pixels: what dashes are fixed to.
    anchor: vec2f,
    filling: vec2f,
};

struct Layer {
    opacity: f32,
    // 0 to 1: parcel outlines fade out as parcels get small on screen.
    outline_fade: f32,
    // Share of full strength that fills have: 1 in light, 0.82 in dark.
    fill_strength: f32,
    // Widths of this layer's outlines times this.
    width_factor: f32,
    // The ground that fills are weakened towards.
    ground: vec4f,
};

struct Chunk {
    // Origin of the chunk minus centre of the view, in units of the project CRS.
    offset: vec2f,
    // Width and height of a picture, in the same units.
    size: vec2f,
};

@group(0) @binding(0) var<uniform> view: View;
@group(1) @binding(0) var<uniform> layer: Layer;
// One row a symbol: fill, hatch, hatch parameters, stroke, stroke parameters, casing, marker, marker parameters with the
// number of parts of the figure that fills it, then those parts.
@group(1) @binding(1) var palette: texture_2d<f32>;
@group(2) @binding(0) var<uniform> chunk: Chunk;
// One texel a feature of the block: symbol in the low 12 bits, then selected, then hidden.
@group(2) @binding(1) var states: texture_2d<u32>;
// A picture of the layer where its features are too small to be drawn one by one.
@group(2) @binding(2) var picture: texture_2d<f32>;

const FILL: i32 = 0;
const HATCH: i32 = 1;
const HATCH_PARAMS: i32 = 2;
const STROKE: i32 = 3;
const STROKE_PARAMS: i32 = 4;
const CASING: i32 = 5;
const MARKER: i32 = 6;
const MARKER_PARAMS: i32 = 7;
const PARTS: i32 = 8;

const SELECTED: u32 = 4096u;
const HIDDEN: u32 = 8192u;
// The vertex ends its ring or path: no segment starts here.
const RING_END: u32 = 0x80000000u;

fn state_of(feature: u32) -> u32 {
    let row = feature & 0xffffu;
    return textureLoad(states, vec2i(i32(row & 255u), i32(row >> 8u)), 0).r;
}

fn symbol_part(state: u32, part: i32) -> vec4f {
    return textureLoad(palette, vec2i(part, i32(state & 0xfffu)), 0);
}

// Pixels from the picture's centre, y up.
fn pixels(position: vec2f) -> vec2f {
    return (position + chunk.offset) * view.px_per_unit;
}

fn clip(p: vec2f) -> vec4f {
    return vec4f(p / (view.size_px * 0.5), 0.0, 1.0);
}

const OUTSIDE: vec4f = vec4f(2.0, 2.0, 2.0, 1.0);

// ---- fills

struct FillOut {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) state: u32,
};

@vertex
fn fill_vertex(@location(0) position: vec2f, @location(1) feature: u32) -> FillOut {
    var out: FillOut;
    out.state = state_of(feature);
    out.position = clip(pixels(position));
    if ((out.state & HIDDEN) != 0u) {
        out.position = OUTSIDE;
    }
    return out;
}

// How much of a pixel lines cover that lie at multiples of their spacing; their spacing and width.
fn stripe_cover(across: f32, size: vec2f) -> f32 {
    let phase = across / size.x;
    let distance = abs(phase - round(phase)) * size.x;
    return clamp(size.y * 0.5 + 0.5 - distance, 0.0, 1.0);
}

// How much of a pixel figures cover; their spacing, the width of their lines, their size.
fn figure_cover(state: u32, at: vec2f, size: vec3f, staggered: bool) -> f32 {
    let row = round(at.y / size.x);
    let odd = abs(row - 2.0 * floor(row * 0.5)) > 0.5;
    let shift = select(0.0, size.x * 0.5, staggered && odd);
    let column = round((at.x - shift) / size.x);
    let place = vec2f(at.x - shift - column * size.x, at.y - row * size.x) / size.z;
    let half_width = size.y / size.z * 0.5;
    if (max(abs(place.x), abs(place.y)) > 0.5 + 1.0 / size.z) {
        return 0.0;
    }
    let count = i32(symbol_part(state, MARKER_PARAMS).z);
    var nearest = 1e9;
    for (var i = 0; i < count; i++) {
        let part = symbol_part(state, PARTS + i);
        var distance: f32;
        if (part.w > 15.0) {
            distance = length(place - part.xy) - part.z;
        } else if (part.w > 5.0) {
            distance = abs(length(place - part.xy) - part.z) - half_width;
        } else {
            let along = part.zw - part.xy;
            let t = clamp(dot(place - part.xy, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
            distance = length(place - part.xy - along * t) - half_width;
        }
        nearest = min(nearest, distance);
    }
    return clamp(0.5 - nearest * size.z, 0.0, 1.0);
}

@fragment
fn fill_fragment(in: FillOut) -> @location(0) vec4f {
    let fill = symbol_part(in.state, FILL);
    var color = vec4f(mix(layer.ground.rgb, fill.rgb, layer.fill_strength), 1.0) * fill.a;
    let hatch = symbol_part(in.state, HATCH);
    if (hatch.a > 0.0) {
        let raw = symbol_part(in.state, HATCH_PARAMS);
        let params = raw * view.px_per_point;
        var cover: f32;
        if (raw.w > 1.5) {
            cover = figure_cover(in.state, in.position.xy, params.xyz, raw.w > 2.5);
        } else {
            // Fixed to the screen: it does not crawl with the map.
            let direction = vec2f(sin(raw.z), cos(raw.z));
            cover = stripe_cover(dot(in.position.xy, direction), params.xy);
            if (raw.w > 0.5) {
                cover = max(cover, stripe_cover(dot(in.position.xy, vec2f(direction.y, -direction.x)), params.xy));
            }
        }
        cover *= hatch.a;
        color = color * (1.0 - cover) + vec4f(hatch.rgb, 1.0) * cover;
    }
    color *= layer.opacity;
    if ((in.state & SELECTED) != 0u) {
        color = color * 0.82 + vec4f(view.accent.rgb, 1.0) * 0.18;
    }
    return color;
}

// ---- lines: one instance a vertex, drawn to the next vertex of its ring

struct LineIn {
    @builtin(vertex_index) corner: u32,
    @location(0) a: vec2f,
    @location(1) feature: u32,
    @location(2) b: vec2f,
};

struct LineOut {
    @builtin(position) position: vec4f,
    // Along and across the segment in pixels, from its start.
    @location(0) place: vec2f,
    @location(1) @interpolate(flat) length: f32,
    @location(2) @interpolate(flat) half_width: f32,
    @location(3) @interpolate(flat) color: vec4f,
    // Dash on, dash off in pixels; 0 for a solid line.
    @location(4) @interpolate(flat) dash: vec2f,
    // Where the start of the segment lies in the run of dashes, and how far that goes on a pixel along it.
    @location(5) @interpolate(flat) run: vec2f,
};

// The nearest of eight directions of a line, the same for both ways to go along it: dashes run along it, so that they go
// on from segment to segment, and those of two neighbours along one border fall on each other.
fn run_direction(direction: vec2f) -> vec2f {
    let up = select(direction, -direction, direction.y < 0.0 || (direction.y == 0.0 && direction.x < 0.0));
    let step = 0.39269908;
    let angle = round(atan2(up.y, up.x) / step) * step;
    // Half a turn is none.
    let turned = select(angle, 0.0, angle > 3.0);
    return vec2f(cos(turned), sin(turned));
}

fn line(in: LineIn, state: u32, width: f32, color: vec4f, dash: vec2f) -> LineOut {
    var out: LineOut;
    let a = pixels(in.a);
    let b = pixels(in.b);
    let along = b - a;
    let length_px = length(along);
    let skip = (in.feature & RING_END) != 0u || (state & HIDDEN) != 0u || width <= 0.0 || color.a <= 0.0
        // Both ends far on the same side: nothing of it is seen.
        || all(max(abs(a), abs(b)) > vec2f(1e7));
    let direction = select(vec2f(1.0, 0.0), along / max(length_px, 1e-6), length_px > 1e-6);
    let normal = vec2f(-direction.y, direction.x);
    // A hair line keeps one pixel and pays in opacity.
    let drawn = max(width, 1.0);
    out.half_width = drawn * 0.5;
    out.color = color * min(width, 1.0);
    let reach = out.half_width + 0.75;
    let end = f32(in.corner & 1u);
    let side = f32(in.corner >> 1u) * 2.0 - 1.0;
    let t = mix(-reach, length_px + reach, end);
    out.place = vec2f(t, side * reach);
    out.length = length_px;
    out.dash = dash;
    let run = run_direction(direction);
    out.run = vec2f(dot(a + view.anchor, run), dot(direction, run));
    out.position = clip(a + direction * t + normal * side * reach);
    if (skip) {
        out.position = OUTSIDE;
    }
    return out;
}

@vertex
fn casing_vertex(in: LineIn) -> LineOut {
    let state = state_of(in.feature);
    let casing = symbol_part(state, CASING);
    let width = symbol_part(state, STROKE_PARAMS).y * view.px_per_point;
    return line(in, state, width, vec4f(casing.rgb, 1.0) * casing.a * layer.opacity, vec2f(0.0));
}

@vertex
fn stroke_vertex(in: LineIn) -> LineOut {
    let state = state_of(in.feature);
    let stroke = symbol_part(state, STROKE);
    let params = symbol_part(state, STROKE_PARAMS);
    let width = params.x * layer.width_factor * view.px_per_point;
    let fade = select(layer.outline_fade, 1.0, params.x >= 1.5);
    return line(in, state, width, vec4f(stroke.rgb, 1.0) * stroke.a * layer.opacity * fade, params.zw * view.px_per_point);
}

@vertex
fn selection_casing_vertex(in: LineIn) -> LineOut {
    let state = state_of(in.feature);
    let width = select(0.0, 4.0, (state & SELECTED) != 0u) * view.px_per_point;
    return line(in, state, width, view.selection_casing, vec2f(0.0));
}

@vertex
fn selection_vertex(in: LineIn) -> LineOut {
    let state = state_of(in.feature);
    let width = select(0.0, 2.0, (state & SELECTED) != 0u) * view.px_per_point;
    return line(in, state, width, view.accent, vec2f(0.0));
}

@fragment
fn line_fragment(in: LineOut) -> @location(0) vec4f {
    let beyond = max(max(-in.place.x, in.place.x - in.length), 0.0);
    let distance = length(vec2f(beyond, in.place.y));
    var cover = clamp(in.half_width + 0.5 - distance, 0.0, 1.0);
    if (in.dash.x > 0.0) {
        let period = in.dash.x + in.dash.y;
        let along = in.run.x + clamp(in.place.x, 0.0, in.length) * in.run.y;
        let from_middle = abs(along - round(along / period) * period);
        cover *= clamp(in.dash.x * 0.5 - from_middle + 0.5, 0.0, 1.0);
    }
    return in.color * cover;
}

// ---- markers: one instance a point

struct MarkerOut {
    @builtin(position) position: vec4f,
    @location(0) place: vec2f,
    @location(1) @interpolate(flat) state: u32,
};

@vertex
fn marker_vertex(@builtin(vertex_index) corner: u32, @location(0) position: vec2f, @location(1) feature: u32) -> MarkerOut {
    var out: MarkerOut;
    out.state = state_of(feature);
    let radius = symbol_part(out.state, MARKER_PARAMS).x * 0.5 * view.px_per_point + 3.0 * view.px_per_point;
    out.place = vec2f(f32(corner & 1u) * 2.0 - 1.0, f32(corner >> 1u) * 2.0 - 1.0) * radius;
    out.position = clip(pixels(position) + out.place);
    if ((out.state & HIDDEN) != 0u || symbol_part(out.state, MARKER).a <= 0.0) {
        out.position = OUTSIDE;
    }
    return out;
}

@fragment
fn marker_fragment(in: MarkerOut) -> @location(0) vec4f {
    let color = symbol_part(in.state, MARKER);
    let params = symbol_part(in.state, MARKER_PARAMS);
    let radius = params.x * 0.5 * view.px_per_point;
    // Shape 0 is a disc, 1 a square with round corners, 2 a diamond.
    var distance = length(in.place) - radius;
    if (params.y > 1.5) {
        distance = (abs(in.place.x) + abs(in.place.y) - radius * 1.2) * 0.7071;
    } else if (params.y > 0.5) {
        let corner = radius * 0.3;
        let q = abs(in.place) - vec2f(radius - corner);
        distance = length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - corner;
    }
    let rim = 1.5 * view.px_per_point;
    let inner = clamp(0.5 - distance, 0.0, 1.0);
    let outer = clamp(0.5 + rim - distance, 0.0, 1.0);
    let selected = (in.state & SELECTED) != 0u;
    let rim_color = select(view.selection_casing, view.accent, selected);
    let body = vec4f(color.rgb, 1.0) * color.a;
    return (body * inner + rim_color * (outer - inner)) * layer.opacity;
}

// ---- pictures: a rectangle of the world whose top left corner is the chunk's origin

struct PictureOut {
    @builtin(position) position: vec4f,
    @location(0) place: vec2f,
};

@vertex
fn picture_vertex(@builtin(vertex_index) corner: u32) -> PictureOut {
    var out: PictureOut;
    out.place = vec2f(f32(corner & 1u), f32(corner >> 1u));
    out.position = clip(pixels(vec2f(out.place.x * chunk.size.x, -out.place.y * chunk.size.y)));
    return out;
}

@fragment
fn picture_fragment(in: PictureOut) -> @location(0) vec4f {
    let size = vec2i(textureDimensions(picture));
    let at = clamp(vec2i(floor(in.place * vec2f(size))), vec2i(0), size - vec2i(1));
    return textureLoad(picture, at, 0);
}
