//! Styles as other programs write them, ours there and back, and files that mean harm.

use super::*;
use crate::model::style::labels::{Halo, LabelLook, Labels, Placing};
use crate::model::style::{
    Blend, Breaks, Casing, ClassSymbol, Color, Dash, Fill, Graduated, Hatch, Icon, Marker, Motif, Pattern, RangeSymbol,
    RuleSymbol, Ruled, ScaleRange, Shape, Stroke, Symbol,
};
use crate::task::Progress;

/// What QGIS 3.34 writes for land use by class, shortened to what says something.
const QGIS3: &str = r##"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.34.4-Prizren" styleCategories="AllStyleCategories" labelsEnabled="1" hasScaleBasedVisibilityFlag="1" minScale="100000" maxScale="500">
 <flags><Identifiable>1</Identifiable></flags>
 <renderer-v2 type="categorizedSymbol" attr="DLBM" symbollevels="0" forceraster="0" enableorderby="0" referencescale="-1">
  <categories>
   <category symbol="0" value="0101" label="水田" type="string" render="true" uuid="{1}"/>
   <category symbol="1" label="林地" render="true" type="List"><val type="QString" value="0301"/><val type="QString" value="0302"/></category>
   <category symbol="2" value="1001" label="1001" type="string" render="false"/>
   <category symbol="3" value="" label="" type="string" render="true"/>
  </categories>
  <symbols>
   <symbol type="fill" name="0" alpha="0.5" clip_to_extent="1" force_rhr="0">
    <data_defined_properties><Option type="Map"><Option name="name" value="" type="QString"/><Option name="properties"/><Option name="type" value="collection" type="QString"/></Option></data_defined_properties>
    <layer class="SimpleFill" enabled="1" pass="0" locked="0">
     <Option type="Map">
      <Option name="color" value="255,255,0,255" type="QString"/>
      <Option name="style" value="solid" type="QString"/>
      <Option name="outline_color" value="35,35,35,255,rgb:0.1372549,0.1372549,0.1372549,1" type="QString"/>
      <Option name="outline_style" value="solid" type="QString"/>
      <Option name="outline_width" value="0.26" type="QString"/>
      <Option name="outline_width_unit" value="MM" type="QString"/>
     </Option>
     <data_defined_properties><Option type="Map"><Option name="properties" type="Map"><Option name="fillColor" type="Map"><Option name="active" value="true" type="bool"/></Option></Option></Option></data_defined_properties>
    </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1">
    <layer class="SimpleFill" enabled="1"><Option type="Map"><Option name="color" value="200,230,200,255"/><Option name="outline_style" value="no"/></Option></layer>
    <layer class="LinePatternFill" enabled="1">
     <Option type="Map"><Option name="angle" value="45"/><Option name="distance" value="2"/><Option name="distance_unit" value="MM"/></Option>
     <symbol type="line" name="@1@1" alpha="1"><layer class="SimpleLine" enabled="1"><Option type="Map"><Option name="line_color" value="0,100,0,255"/><Option name="line_width" value="1"/><Option name="line_width_unit" value="Point"/></Option></layer></symbol>
    </layer>
    <layer class="SimpleLine" enabled="1"><Option type="Map"><Option name="line_color" value="255,255,255,255"/><Option name="line_width" value="6"/><Option name="line_width_unit" value="Pixel"/></Option></layer>
    <layer class="SimpleLine" enabled="1"><Option type="Map"><Option name="line_color" value="0,0,0,255"/><Option name="line_width" value="2"/><Option name="line_width_unit" value="Pixel"/><Option name="use_customdash" value="1"/><Option name="customdash" value="5;2"/><Option name="customdash_unit" value="Pixel"/></Option></layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1"><layer class="GradientFill" enabled="1"><Option type="Map"><Option name="color" value="10,20,30,255"/></Option></layer></symbol>
   <symbol type="fill" name="3" alpha="1"><layer class="SimpleFill" enabled="1"><prop k="color" v="1,2,3,255"/><prop k="outline_style" v="no"/></layer></symbol>
  </symbols>
 </renderer-v2>
 <labeling type="simple"><settings calloutType="simple">
  <text-style fieldName="DLMC" isExpression="0" fontSize="9" fontSizeUnit="Point" fontWeight="75" fontFamily="SimSun" textColor="50,50,50,255" namedStyle="Regular">
   <text-buffer bufferDraw="1" bufferSize="1" bufferSizeUnits="MM" bufferColor="255,255,255,255"/>
  </text-style>
  <placement placement="1" priority="10"/>
  <rendering scaleVisibility="1" scaleMin="1" scaleMax="10000"/>
 </settings></labeling>
 <blendMode>6</blendMode><layerOpacity>0.8</layerOpacity>
</qgis>"##;

fn told(messages: &[Message]) -> Vec<&'static str> {
    messages.iter().map(|message| message.key).collect()
}

fn qml(text: &str) -> ReadStyle {
    of_bytes(text.as_bytes(), StyleFormat::Qml).expect("reads")
}

fn sld(text: &str) -> ReadStyle {
    of_bytes(text.as_bytes(), StyleFormat::Sld).expect("reads")
}

fn categories(style: &LayerStyle) -> &Categories {
    style.categories().expect("by class")
}

#[test]
fn a_style_of_qgis_3_is_read() {
    let read = qml(QGIS3);
    let style = &read.style;
    assert_eq!((style.opacity, style.blend), (0.8, Blend::Multiply));
    assert_eq!(style.scales, ScaleRange { from: Some(500.0), to: Some(100_000.0) });
    let by = categories(style);
    let keys: Vec<&str> = by.classes.iter().map(|class| class.key.as_str()).collect();
    assert_eq!((by.field.as_str(), keys.as_slice()), ("DLBM", &["0101", "0301", "0302", "1001"][..]));
    assert_eq!(
        (by.classes[0].label.as_str(), by.classes[3].label.as_str(), by.classes[3].visible),
        ("水田", "", false)
    );
    let first = by.classes[0].symbol;
    assert_eq!(first.fill, Fill::Solid(Color::rgb(255, 255, 0).with_alpha(128)));
    assert_eq!(first.stroke.map(|stroke| stroke.width_px), Some(0.983));
    let second = by.classes[1].symbol;
    let Fill::Hatch(hatch) = second.fill else { panic!("{second:?}") };
    assert_eq!((hatch.angle_deg, hatch.spacing_px, hatch.width_px), (45.0, 7.559, 1.333));
    assert_eq!(hatch.back, Some(Color::rgb(200, 230, 200)));
    let stroke = second.stroke.expect("a line");
    assert_eq!(stroke.casing, Some(Casing { color: Color::WHITE, width_px: 6.0 }));
    assert_eq!((stroke.width_px, stroke.dash), (2.0, Some(Dash { on_px: 5.0, off_px: 2.0 })));
    assert_eq!((by.other.fill, by.other_visible), (Fill::Solid(Color::rgb(1, 2, 3)), true));
    let labels = style.labels.as_ref().expect("labels");
    assert_eq!((labels.field(), labels.placing, labels.rank), (Some("DLMC"), Placing::Over, 0));
    assert_eq!((labels.look.size_px, labels.look.bold), (12.0, true));
    assert_eq!(labels.look.halo, Some(Halo { color: Some(Color::WHITE), width_px: 7.559 }));
    assert_eq!(labels.scales, ScaleRange { from: Some(1.0), to: Some(10_000.0) });
    assert_eq!(told(&read.left_out), ["style.lost-data-defined", "style.near-fill", "style.lost-font"]);
}

#[test]
fn rules_within_rules_and_older_documents_of_qgis_are_read() {
    let text = r#"<qgis version="2.18.0" minimumScale="0" maximumScale="1e+08" hasScaleBasedVisibilityFlag="0">
     <renderer-v2 type="RuleRenderer" symbollevels="0"><rules key="r">
      <rule filter="&quot;GHDLBM&quot; LIKE '07%'" label="居住" symbol="0" scalemaxdenom="20000">
       <rule filter="&quot;TBMJ&quot; &gt; 1000" label="大" symbol="1" scalemindenom="1000"/>
      </rule>
      <rule label="全部" symbol="0"/>
      <rule filter="regexp_match(&quot;a&quot;, 'x')" label="?" symbol="0"/>
      <rule filter="ELSE" symbol="1" checkstate="0"/>
     </rules><symbols>
      <symbol type="line" name="0"><layer class="SimpleLine"><prop k="color" v="9,9,9,255"/><prop k="width" v="1"/><prop k="penstyle" v="dash"/></layer></symbol>
      <symbol type="marker" name="1"><layer class="SimpleMarker"><prop k="name" v="diamond"/><prop k="size" v="3"/><prop k="color" v="255,0,0,255"/><prop k="outline_style" v="no"/></layer></symbol>
     </symbols></renderer-v2>
     <customproperties><property key="labeling/enabled" value="true"/><property key="labeling/fieldName" value="&quot;A&quot; || '-' || &quot;B&quot;"/><property key="labeling/isExpression" value="true"/></customproperties>
     <layerTransparency>25</layerTransparency></qgis>"#;
    let read = qml(text);
    let Styling::Ruled(ruled) = &read.style.styling else { panic!("{:?}", read.style) };
    let rules: Vec<(&str, &str)> = ruled.rules.iter().map(|r| (r.filter.as_str(), r.label.as_str())).collect();
    let outer = r#""GHDLBM" like '07%'"#;
    let inner = format!(r#"({outer}) and ("TBMJ" > 1000)"#);
    assert_eq!(rules, [(inner.as_str(), "大"), (outer, "居住"), ("", "全部")]);
    assert_eq!(ruled.rules[0].scales, ScaleRange { from: Some(1000.0), to: Some(20_000.0) });
    assert_eq!((ruled.other_visible, read.style.opacity), (false, 0.75));
    assert_eq!(ruled.rules[0].symbol.marker.map(|marker| marker.shape), Some(Shape::Diamond));
    assert!(ruled.rules[1].symbol.stroke.is_some_and(|stroke| stroke.dash.is_some()));
    let text = read.style.labels.map(|labels| labels.text);
    assert_eq!(text, Some(LabelText::Expression(r#"concat("A", '-', "B")"#.to_owned())));
    assert_eq!(told(&read.left_out), ["style.lost-filter", "style.first-rule"]);
}

#[test]
fn rules_of_ogc_become_classes_or_ranges_where_they_are_no_more() {
    let rule = |filter: &str, color: &str| {
        format!(
            "<Rule><Title>{color}</Title>{filter}<PolygonSymbolizer><Fill><CssParameter name='fill'>{color}</CssParameter>\
             </Fill></PolygonSymbolizer></Rule>"
        )
    };
    let whole = |rules: &str| {
        format!(
            "<sld:StyledLayerDescriptor version='1.0.0' xmlns:sld='http://www.opengis.net/sld'><NamedLayer><UserStyle>\
             <FeatureTypeStyle>{rules}</FeatureTypeStyle></UserStyle></NamedLayer></sld:StyledLayerDescriptor>"
        )
    };
    let equal = |value: &str| {
        format!(
            "<ogc:Filter><ogc:PropertyIsEqualTo><ogc:PropertyName>DLBM</ogc:PropertyName><ogc:Literal>{value}</ogc:Literal>\
             </ogc:PropertyIsEqualTo></ogc:Filter>"
        )
    };
    let text = whole(&format!(
        "{}{}{}",
        rule(&equal("0101"), "#ff0000"),
        rule(&equal("0702"), "#00ff00"),
        rule("<ElseFilter/>", "#0000ff")
    ));
    let read = sld(&text);
    let by = categories(&read.style);
    let keys: Vec<&str> = by.classes.iter().map(|class| class.key.as_str()).collect();
    assert_eq!((by.field.as_str(), keys.as_slice(), by.other_visible), ("DLBM", &["0101", "0702"][..], true));
    assert_eq!(by.classes[1].symbol.fill, Fill::Solid(Color::rgb(0, 255, 0)));
    assert!(read.left_out.is_empty(), "{:?}", read.left_out);

    let between = |lower: &str, upper: &str| {
        format!(
            "<Filter><And><PropertyIsGreaterThanOrEqualTo><PropertyName>MJ</PropertyName><Literal>{lower}</Literal>\
             </PropertyIsGreaterThanOrEqualTo><PropertyIsLessThan><PropertyName>MJ</PropertyName>\
             <Literal>{upper}</Literal></PropertyIsLessThan></And></Filter>"
        )
    };
    let text = whole(&format!("{}{}", rule(&between("0", "10"), "#ff0000"), rule(&between("10", "20.5"), "#00ff00")));
    let Styling::Graduated(graduated) = sld(&text).style.styling else { panic!("ranges") };
    let bounds: Vec<(f64, f64)> = graduated.ranges.iter().map(|range| (range.lower, range.upper)).collect();
    assert_eq!((graduated.expression.as_str(), bounds.as_slice()), ("\"MJ\"", &[(0.0, 10.0), (10.0, 20.5)][..]));

    // Anything else stays rules, and what has no word here is listed by the name of its rule.
    let like = "<Filter><PropertyIsLike wildCard='*' singleChar='?' escapeChar='!'><PropertyName>XM</PropertyName>\
        <Literal>*学?</Literal></PropertyIsLike></Filter>";
    let spatial = "<Filter><BBOX><PropertyName>geom</PropertyName></BBOX></Filter>";
    let text = whole(&format!("{}{}", rule(like, "#ff0000"), rule(spatial, "#00ff00")));
    let read = sld(&text);
    let Styling::Ruled(ruled) = &read.style.styling else { panic!("{:?}", read.style) };
    assert_eq!(ruled.rules[0].filter, "\"XM\" like '%学_'");
    assert_eq!((ruled.rules.len(), told(&read.left_out)), (1, vec!["style.lost-filter"]));
}

/// A layer file of ArcGIS Pro 3, shortened.
const PRO: &str = r#"{"type":"CIMLayerDocument","version":"3.1.0","layers":["CIMPATH=Map/dltb.json"],"layerDefinitions":[{
 "type":"CIMFeatureLayer","name":"DLTB","minScale":50000,"maxScale":0,"transparency":30,"blendingMode":"Alpha",
 "featureTable":{"type":"CIMFeatureTable","definitionExpression":"DLBM <> '1101'"},
 "labelVisibility":true,"labelClasses":[{"type":"CIMLabelClass","expressionEngine":"Arcade","expression":"$feature.DLMC + TextFormatting.NewLine + $feature.TBBH","visibility":true,"minimumScale":10000,
   "textSymbol":{"type":"CIMSymbolReference","symbol":{"type":"CIMTextSymbol","fontFamilyName":"宋体","fontStyleName":"Bold","height":9,"haloSize":1,
     "haloSymbol":{"type":"CIMPolygonSymbol","symbolLayers":[{"type":"CIMSolidFill","enable":true,"color":{"type":"CIMRGBColor","values":[255,255,255,100]}}]},
     "symbol":{"type":"CIMPolygonSymbol","symbolLayers":[{"type":"CIMSolidFill","enable":true,"color":{"type":"CIMRGBColor","values":[20,30,40,100]}}]}}}}],
 "renderer":{"type":"CIMUniqueValueRenderer","fields":["DLBM"],"useDefaultSymbol":false,
  "defaultSymbol":{"type":"CIMSymbolReference","symbol":{"type":"CIMPolygonSymbol","symbolLayers":[]}},
  "groups":[{"type":"CIMUniqueValueGroup","heading":"DLBM","classes":[
   {"type":"CIMUniqueValueClass","label":"水田","visible":true,"values":[{"type":"CIMUniqueValue","fieldValues":["0101"]}],
    "symbol":{"type":"CIMSymbolReference","symbol":{"type":"CIMPolygonSymbol","symbolLayers":[
     {"type":"CIMSolidStroke","enable":true,"width":0.75,"color":{"type":"CIMRGBColor","values":[110,110,110,100]},"effects":[{"type":"CIMGeometricEffectDashes","dashTemplate":[6,3]}]},
     {"type":"CIMHatchFill","enable":true,"rotation":45,"separation":6,"lineSymbol":{"type":"CIMLineSymbol","symbolLayers":[{"type":"CIMSolidStroke","enable":true,"width":1.5,"color":{"type":"CIMCMYKColor","values":[100,0,100,0,100]}}]}},
     {"type":"CIMSolidFill","enable":true,"color":{"type":"CIMHSVColor","values":[60,100,100,50]}}]}}},
   {"type":"CIMUniqueValueClass","label":"其他","visible":true,"values":[{"type":"CIMUniqueValue","fieldValues":["<Null>"]}],
    "symbol":{"type":"CIMSymbolReference","symbol":{"type":"CIMPolygonSymbol","symbolLayers":[{"type":"CIMPictureFill","enable":true,"url":"data:image/png;base64,AA=="}]}}}]}]}}]}"#;

#[test]
fn a_layer_file_of_arcgis_pro_is_read() {
    let read = of_bytes(PRO.as_bytes(), StyleFormat::Lyrx).expect("reads");
    let style = &read.style;
    assert!((style.opacity - 0.7).abs() < 1e-6);
    assert_eq!(style.scales, ScaleRange { from: None, to: Some(50_000.0) });
    let by = categories(style);
    assert_eq!((by.classes.len(), by.classes[1].key.as_str(), by.other_visible), (2, "", false));
    let symbol = by.classes[0].symbol;
    let Fill::Hatch(hatch) = symbol.fill else { panic!("{symbol:?}") };
    assert_eq!((hatch.color, hatch.spacing_px, hatch.width_px), (Color::rgb(0, 255, 0), 8.0, 2.0));
    assert_eq!(hatch.back, Some(Color::rgb(255, 255, 0).with_alpha(128)));
    let stroke = symbol.stroke.expect("a line");
    assert_eq!((stroke.width_px, stroke.dash), (1.0, Some(Dash { on_px: 8.0, off_px: 4.0 })));
    let labels = style.labels.as_ref().expect("labels");
    assert_eq!(labels.text, LabelText::Expression("concat(\"DLMC\", '\n', \"TBBH\")".to_owned()));
    assert_eq!((labels.look.size_px, labels.look.bold, labels.scales.to), (12.0, true, Some(10_000.0)));
    assert_eq!(labels.look.color, Some(Color::rgb(20, 30, 40)));
    let told = told(&read.left_out);
    assert_eq!(told, ["style.near-fill", "style.lost-definition", "style.lost-font"]);
}

#[test]
fn class_breaks_of_arcgis_are_ranges_from_bound_to_bound() {
    let symbol =
        r#"{"symbol":{"symbolLayers":[{"type":"CIMSolidFill","color":{"type":"CIMRGBColor","values":[1,2,3,100]}}]}}"#;
    let text = format!(
        r#"{{"layerDefinitions":[{{"renderer":{{"type":"CIMClassBreaksRenderer","field":"POP","minimumBreak":0,
        "classificationMethod":"NaturalBreaks","breaks":[{{"upperBound":10,"label":"少","symbol":{symbol}}},
        {{"upperBound":30,"label":"多","symbol":{symbol}}}]}}}}]}}"#
    );
    let read = of_bytes(text.as_bytes(), StyleFormat::Lyrx).expect("reads");
    let Styling::Graduated(graduated) = &read.style.styling else { panic!("{:?}", read.style) };
    assert_eq!((graduated.expression.as_str(), graduated.breaks), ("\"POP\"", Breaks::Jenks));
    let ranges: Vec<(f64, f64, &str)> = graduated.ranges.iter().map(|r| (r.lower, r.upper, r.label.as_str())).collect();
    assert_eq!(ranges, [(0.0, 10.0, "少"), (10.0, 30.0, "多")]);
}

fn stroke(width_px: f32) -> Stroke {
    Stroke { color: Color::rgb(90, 20, 10), width_px, dash: None, casing: None }
}

/// Symbols of polygons that both formats can hold whole.
fn symbols() -> Vec<Symbol> {
    let hatch = Hatch {
        color: Color::rgb(0, 90, 30),
        angle_deg: 30.0,
        spacing_px: 7.5,
        width_px: 1.25,
        crossed: false,
        back: Some(Color::rgb(240, 240, 200)),
    };
    let pattern = Pattern {
        motif: Motif::Grass,
        color: Color::rgb(20, 120, 40),
        size_px: 6.0,
        spacing_px: 18.0,
        staggered: true,
        back: None,
    };
    let dash = Some(Dash { on_px: 6.0, off_px: 2.5 });
    let cased = Stroke { dash, casing: Some(Casing { color: Color::WHITE, width_px: 4.5 }), ..stroke(2.0) };
    vec![
        Symbol { fill: Fill::Solid(Color::rgb(255, 230, 0)), stroke: Some(stroke(0.7)), marker: None },
        Symbol { fill: Fill::Hatch(hatch), stroke: Some(cased), marker: None },
        Symbol { fill: Fill::Hatch(Hatch { crossed: true, back: None, ..hatch }), ..Symbol::default() },
        Symbol { fill: Fill::Pattern(pattern), stroke: Some(stroke(1.0)), marker: None },
        Symbol { fill: Fill::Pattern(Pattern { motif: Motif::Cross, ..pattern }), ..Symbol::default() },
        Symbol {
            fill: Fill::Pattern(Pattern { motif: Motif::Ring, back: Some(Color::WHITE), ..pattern }),
            ..Symbol::default()
        },
        Symbol { fill: Fill::Solid(Color::rgb(3, 4, 5).with_alpha(51)), ..Symbol::default() },
    ]
}

fn there_and_back(style: &LayerStyle, format: StyleFormat, kind: GeometryKind) -> LayerStyle {
    let written = text_of_style(style, format, kind, "图斑", None, Language::Chinese);
    let (text, _) = written.expect("written");
    of_bytes(text.as_bytes(), format).unwrap_or_else(|error| panic!("{error}: {text}")).style
}

#[test]
fn ours_comes_back_as_it_was() {
    let symbols = symbols();
    let class = |(at, symbol): (usize, &Symbol)| {
        let (key, label) =
            (format!("0{at}0{at}"), if at == 1 { "有 <名> & \"引号\"".to_owned() } else { String::new() });
        ClassSymbol { key, class: None, label, symbol: *symbol, visible: true }
    };
    let by_class = Styling::Categorised(Categories {
        field: "地类编码".to_owned(),
        scheme: None,
        classes: symbols.iter().enumerate().map(class).collect(),
        other: symbols[0],
        other_visible: true,
    });
    let range = |(at, symbol): (usize, &Symbol)| {
        let lower = at as f64 * 12.5;
        RangeSymbol { lower, upper: lower + 12.5, label: String::new(), symbol: *symbol, visible: true }
    };
    let by_range = Styling::Graduated(Graduated {
        expression: "\"TBMJ\"".to_owned(),
        breaks: Breaks::Given,
        ranges: symbols.iter().enumerate().map(range).collect(),
        other: Symbol::default(),
        other_visible: false,
    });
    let rules = [("\"TBMJ\" > 1000", Some(500.0)), ("\"DLBM\" = '0701'", None)];
    let rule = |(filter, from): (&str, Option<f64>)| RuleSymbol {
        filter: filter.to_owned(),
        label: filter.to_uppercase(),
        scales: ScaleRange { from, to: None },
        symbol: symbols[1],
        visible: true,
    };
    let by_rule = Styling::Ruled(Ruled { rules: rules.map(rule).into(), other: symbols[0], other_visible: true });
    let scales = ScaleRange { from: Some(1000.0), to: Some(50_000.0) };
    let look = LabelLook {
        size_px: 14.0,
        bold: true,
        color: Some(Color::rgb(10, 20, 30)),
        halo: Some(Halo { color: Some(Color::WHITE), width_px: 3.0 }),
    };
    let labels = Labels { look, placing: Placing::Over, ..Labels::of_field("DLMC") };
    for styling in [Styling::Single(symbols[3]), by_class, by_range, by_rule] {
        for format in [StyleFormat::Qml, StyleFormat::Sld] {
            // In SLD the scales of a layer are those of its rules.
            let is_ruled = matches!(styling, Styling::Ruled(_));
            let scales = if is_ruled && format == StyleFormat::Sld { ScaleRange::default() } else { scales };
            let labels = Some(labels.clone());
            let style = LayerStyle { blend: Blend::Multiply, scales, labels, ..LayerStyle::of(styling.clone()) };
            assert_eq!(there_and_back(&style, format, GeometryKind::Polygon), style, "{format:?}");
        }
    }
}

#[test]
fn lines_and_points_come_back_as_they_were() {
    let marker = Marker {
        shape: Shape::Triangle,
        size_px: 9.0,
        color: Color::rgb(200, 10, 10),
        icon: Icon::None,
        icon_color: Color::rgb(200, 10, 10).readable_ink(),
        casing: Some(Casing { color: Color::WHITE, width_px: 1.5 }),
    };
    let line = Symbol { stroke: symbols()[1].stroke, ..Symbol::default() };
    let point = Symbol { marker: Some(marker), ..Symbol::default() };
    for format in [StyleFormat::Qml, StyleFormat::Sld] {
        let color = Color::rgb(20, 90, 30);
        let icon_color = color.readable_ink();
        let figure = |icon| Marker { shape: Shape::Bare, icon, color, icon_color, casing: None, ..marker };
        let [star, cross] = [Icon::Star, Icon::Figure(Motif::Cross)].map(figure);
        let [star, cross] = [star, cross].map(|marker| Symbol { marker: Some(marker), ..Symbol::default() });
        let points = [point, star, cross].map(|symbol| (symbol, GeometryKind::Point));
        for (symbol, kind) in points.into_iter().chain([(line, GeometryKind::Line)]) {
            let style = LayerStyle::single(symbol);
            assert_eq!(there_and_back(&style, format, kind), style, "{format:?} {kind:?}");
        }
    }
}

#[test]
fn the_opacity_of_a_layer_is_that_of_each_colour_in_sld() {
    let style = LayerStyle { opacity: 0.4, ..LayerStyle::single(symbols()[0]) };
    assert_eq!(there_and_back(&style, StyleFormat::Qml, GeometryKind::Polygon).opacity, 0.4);
    let back = there_and_back(&style, StyleFormat::Sld, GeometryKind::Polygon);
    let fill = back.symbol(0).map(|symbol| symbol.fill);
    assert_eq!((back.opacity, fill), (1.0, Some(Fill::Solid(Color::rgb(255, 230, 0).with_alpha(102)))));
}

#[test]
fn what_cannot_be_written_is_told() {
    let rules = ["regexp(", "len(DLBM) = 4"].map(|filter| RuleSymbol {
        filter: filter.to_owned(),
        label: String::new(),
        scales: ScaleRange::default(),
        symbol: Symbol::default(),
        visible: true,
    });
    let style =
        LayerStyle::of(Styling::Ruled(Ruled { rules: rules.into(), other: Symbol::default(), other_visible: false }));
    let told_by = |format| {
        let written = text_of_style(&style, format, GeometryKind::Polygon, "a", None, Language::English);
        told(&written.expect("written").1)
    };
    assert_eq!(told_by(StyleFormat::Qml), ["style.write-all-rules", "style.write-expression"]);
    assert_eq!(
        told_by(StyleFormat::Sld),
        ["style.write-all-rules", "style.write-expression", "style.write-expression"]
    );
    assert!(text_of_style(&style, StyleFormat::Lyrx, GeometryKind::Polygon, "a", None, Language::English).is_err());
}

fn layer(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let ring = "[[117.0,36.8],[117.1,36.8],[117.1,36.9],[117.0,36.8]]";
    let feature = |code: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let features = ["0101", "0102", "0701"].map(feature).join(",");
    let path = folder.path().join(name);
    std::fs::write(&path, format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)).expect("written");
    (folder, path)
}

fn opened(path: &Path) -> crate::io::Opened {
    crate::io::open(path, &crate::io::OpenOptions::default(), &Progress::new()).expect("opens")
}

#[test]
fn a_class_of_a_scheme_is_written_with_all_values_that_it_stands_for() {
    let (_folder, path) = layer("DLTB.geojson");
    let layer = opened(&path).layers.remove(0);
    let class = |key: &str| ClassSymbol {
        key: key.to_owned(),
        class: classes::resolve(Scheme::Ydyh2023, key).map(|found| found.class),
        label: String::new(),
        symbol: symbols()[0],
        visible: true,
    };
    let style = LayerStyle::of(Styling::Categorised(Categories {
        field: "DLBM".to_owned(),
        scheme: Some(Scheme::Ydyh2023),
        classes: vec![class("01"), class("0701")],
        other: Symbol::default(),
        other_visible: false,
    }));
    let written = text_of_style(&style, StyleFormat::Qml, layer.kind, "a", Some(&layer), Language::Chinese);
    let back = qml(&written.expect("written").0).style;
    let keys: Vec<&str> = categories(&back).classes.iter().map(|class| class.key.as_str()).collect();
    assert_eq!(keys, ["01", "0101", "0102", "0701"]);
}

#[test]
fn a_style_beside_a_source_is_taken_when_it_fits() {
    let (folder, path) = layer("地块.geojson");
    assert!(opened(&path).layers[0].drawn.is_none());
    let beside = folder.path().join("地块.qml");
    std::fs::write(&beside, QGIS3).expect("written");
    let read = opened(&path);
    let layer = &read.layers[0];
    assert!(layer.drawn_on_purpose && layer.drawn.as_ref().is_some_and(|style| style.categories().is_some()));
    let said: Vec<&str> = read.issues.iter().map(|issue| issue.message.key).collect();
    assert!(said.contains(&"style.beside") && said.contains(&"style.beside-left-out"), "{said:?}");
    // What is named that the layer does not have is told; a style that draws nothing of it is not taken.
    std::fs::write(&beside, QGIS3.replace("attr=\"DLBM\"", "attr=\"没有\"")).expect("written");
    let read = opened(&path);
    assert!(read.layers[0].drawn.is_none());
    std::fs::write(&beside, "<qgis>").expect("written");
    let read = opened(&path);
    assert!(read.layers[0].drawn.is_none() && read.issues.iter().any(|issue| issue.message.key == "style.unread"));
}

#[test]
fn files_that_mean_harm_are_refused_or_bounded() {
    let all = StyleFormat::ALL;
    let junk = ["", "x", "<", "<a", "{", "[]", "{}", "<qgis/>", "<!DOCTYPE x [<!ENTITY a '&a;'>]><qgis>&a;</qgis>"];
    for (text, format) in junk.iter().flat_map(|text| all.map(|format| (text, format))) {
        assert!(of_bytes(text.as_bytes(), format).is_err(), "{text} {format:?}");
    }
    for deep in ["<a>".repeat(100_000), "[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        all.iter().for_each(|format| assert!(of_bytes(deep.as_bytes(), *format).is_err()));
    }
    let large = vec![b' '; MOST_BYTES as usize + 1];
    assert!(all.iter().all(|format| of_bytes(&large, *format).is_err()));
    // Numbers that are none, or beyond all bounds, leave symbols that can be drawn.
    for number in ["nan", "inf", "-1e308", "1e308", "0", "", "x"] {
        let hostile = ["0.26", "value=\"1\"", "value=\"2\"", "value=\"45\"", "\"0.5\"", "5;2"].iter().fold(
            QGIS3.to_owned(),
            |text, known| {
                let sign = if known.contains("value") { format!("value=\"{number}\"") } else { number.to_owned() };
                text.replace(known, if known.starts_with('"') { "\"-7\"" } else { &sign })
            },
        );
        let Ok(read) = of_bytes(hostile.as_bytes(), StyleFormat::Qml) else { panic!("{number}") };
        let mut style = read.style;
        style.for_each_symbol(|symbol| {
            let width = symbol.stroke.map_or(0.0, |stroke| stroke.width_px);
            assert!((0.0..=100.0).contains(&width), "{number}: {width}");
            if let Fill::Hatch(hatch) = symbol.fill {
                assert!((1.5..=1000.0).contains(&hatch.spacing_px), "{number}: {hatch:?}");
            }
        });
    }
    // Any cut of a file gives an error or a style, never a panic.
    for (text, format) in [(QGIS3, StyleFormat::Qml), (PRO, StyleFormat::Lyrx)] {
        let ends = text.char_indices().map(|(at, _)| at).step_by(97);
        ends.for_each(|end| drop(of_bytes(&text.as_bytes()[..end], format)));
    }
    let many = format!(
        "<qgis><renderer-v2 type='categorizedSymbol' attr='a'><categories>{}</categories></renderer-v2></qgis>",
        "<category value='x' symbol='0'/>".repeat(MOST_CLASSES + 10)
    );
    let read = qml(&many);
    assert_eq!(
        (categories(&read.style).classes.len(), told(&read.left_out)),
        (MOST_CLASSES, vec!["style.classes-cut"])
    );
}
