//! What every presentation has whatever it shows: theme, master, two layouts, properties, as PresentationML (ECMA-376)
//! wants them. Fonts and colours stand in the theme, so that an office changes them in one place.

/// Width and height of a slide in English metric units: 16 to 9.
pub(super) const SLIDE: (u32, u32) = (12_192_000, 6_858_000);
/// Left and right margin.
pub(super) const MARGIN: u32 = 420_000;

/// The namespaces of every part of slides.
pub(super) const SPACES: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// What a tree of shapes begins with.
pub(super) const TREE: &str = "<p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr>\
    <a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"0\" cy=\"0\"/><a:chOff x=\"0\" y=\"0\"/><a:chExt cx=\"0\" cy=\"0\"/></a:xfrm>\
    </p:grpSpPr>";
/// Kinds of relationships begin so.
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Types of parts begin so.
const TYPE: &str = "application/vnd.openxmlformats-officedocument";

/// The relationships of a part: kinds and targets, numbered from `rId1`.
pub(super) fn relationships(of: &[(&str, String)]) -> String {
    let mut out =
        format!("{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    for (nth, (kind, target)) in of.iter().enumerate() {
        let kind = match *kind {
            "core" => {
                "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties".to_owned()
            }
            kind => format!("{KIND}/{kind}"),
        };
        out.push_str(&format!("<Relationship Id=\"rId{}\" Type=\"{kind}\" Target=\"{target}\"/>", nth + 1));
    }
    out.push_str("</Relationships>");
    out
}

/// What each part is.
pub(super) fn content_types(slide_count: usize) -> String {
    let mut out = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>"
    );
    let mut part = |name: &str, kind: &str| {
        out.push_str(&format!("<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"));
    };
    let of = |kind: &str| format!("{TYPE}.presentationml.{kind}+xml");
    part("ppt/presentation.xml", &of("presentation.main"));
    part("ppt/slideMasters/slideMaster1.xml", &of("slideMaster"));
    for layout in 1..=2 {
        part(&format!("ppt/slideLayouts/slideLayout{layout}.xml"), &of("slideLayout"));
    }
    for slide in 1..=slide_count {
        part(&format!("ppt/slides/slide{slide}.xml"), &of("slide"));
    }
    part("ppt/presProps.xml", &of("presProps"));
    part("ppt/viewProps.xml", &of("viewProps"));
    part("ppt/tableStyles.xml", &of("tableStyles"));
    part("ppt/theme/theme1.xml", &format!("{TYPE}.theme+xml"));
    part("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml");
    part("docProps/app.xml", &format!("{TYPE}.extended-properties+xml"));
    out.push_str("</Types>");
    out
}

/// The presentation: its master is `rId1`, its slides follow.
pub(super) fn presentation(slide_count: usize) -> String {
    let slides: String =
        (0..slide_count).map(|nth| format!("<p:sldId id=\"{}\" r:id=\"rId{}\"/>", 256 + nth, 2 + nth)).collect();
    format!(
        "{HEAD}<p:presentation {SPACES} saveSubsetFonts=\"1\"><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" \
         r:id=\"rId1\"/></p:sldMasterIdLst><p:sldIdLst>{slides}</p:sldIdLst><p:sldSz cx=\"{}\" cy=\"{}\"/>\
         <p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>",
        SLIDE.0, SLIDE.1
    )
}

/// Parts that say nothing but have to be there, with their names.
pub(super) fn settings() -> [(&'static str, String); 3] {
    [
        ("ppt/presProps.xml", format!("{HEAD}<p:presentationPr {SPACES}/>")),
        ("ppt/viewProps.xml", format!("{HEAD}<p:viewPr {SPACES}/>")),
        (
            "ppt/tableStyles.xml",
            format!(
                "{HEAD}<a:tblStyleLst xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
                 def=\"{{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}}\"/>"
            ),
        ),
    ]
}

/// Title, author and day.
pub(super) fn core_properties(title: &str, author: &str, day: &str) -> String {
    let stamp = format!("{day}T00:00:00Z");
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{stamp}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{stamp}</dcterms:modified></cp:coreProperties>"
    )
}

/// How many slides there are, for whoever lists files.
pub(super) fn app_properties(slide_count: usize) -> String {
    format!(
        "{HEAD}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">\
         <Application>Tuban</Application><Slides>{slide_count}</Slides></Properties>"
    )
}

/// Colours, fonts, and the least that a theme has of fills, lines and effects.
pub(super) fn theme() -> String {
    let color = |name: &str, rgb: &str| format!("<a:{name}><a:srgbClr val=\"{rgb}\"/></a:{name}>");
    let colors = [
        ("dk1", "17202B"),
        ("lt1", "FFFFFF"),
        ("dk2", "2B3A4A"),
        ("lt2", "F3F5F7"),
        ("accent1", "1F6FB2"),
        ("accent2", "C8182C"),
        ("accent3", "3C8D4F"),
        ("accent4", "C98A12"),
        ("accent5", "6B5BA5"),
        ("accent6", "5C6775"),
        ("hlink", "1F6FB2"),
        ("folHlink", "6B5BA5"),
    ];
    let colors: String = colors.iter().map(|(name, rgb)| color(name, rgb)).collect();
    let font = "<a:latin typeface=\"Arial\"/><a:ea typeface=\"微软雅黑\"/><a:cs typeface=\"\"/>";
    let solid = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>";
    let line =
        format!("<a:ln w=\"6350\" cap=\"flat\" cmpd=\"sng\" algn=\"ctr\">{solid}<a:prstDash val=\"solid\"/></a:ln>");
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>";
    format!(
        "{HEAD}<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"Tuban\"><a:themeElements>\
         <a:clrScheme name=\"Tuban\">{colors}</a:clrScheme><a:fontScheme name=\"Tuban\"><a:majorFont>{font}</a:majorFont>\
         <a:minorFont>{font}</a:minorFont></a:fontScheme><a:fmtScheme name=\"Tuban\"><a:fillStyleLst>{solid}{solid}{solid}\
         </a:fillStyleLst><a:lnStyleLst>{line}{line}{line}</a:lnStyleLst><a:effectStyleLst>{effect}{effect}{effect}\
         </a:effectStyleLst><a:bgFillStyleLst>{solid}{solid}{solid}</a:bgFillStyleLst></a:fmtScheme></a:themeElements>\
         </a:theme>"
    )
}

/// A place for text that slides fill.
fn placeholder(id: u32, name: &str, kind: &str, (x, y, cx, cy): (u32, u32, u32, u32), anchor: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{name}\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr>\
         <p:ph {kind}/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr anchor=\"{anchor}\"><a:normAutofit/>\
         </a:bodyPr><a:lstStyle/><a:p><a:endParaRPr lang=\"zh-CN\"/></a:p></p:txBody></p:sp>"
    )
}

/// Where titles stand on slides, and where the title of the whole stands.
const TITLE: (u32, u32, u32, u32) = (MARGIN, 250_000, SLIDE.0 - 2 * MARGIN, 620_000);
const COVER: (u32, u32, u32, u32) = (MARGIN * 2, 2_100_000, SLIDE.0 - 4 * MARGIN, 1_200_000);
/// Where text stands.
pub(super) const BODY: (u32, u32, u32, u32) = (MARGIN, 1_050_000, SLIDE.0 - 2 * MARGIN, 5_300_000);
const BELOW: (u32, u32, u32, u32) = (MARGIN * 2, 3_450_000, SLIDE.0 - 4 * MARGIN, 1_600_000);

/// The master: how titles and text look.
pub(super) fn master() -> String {
    let level = |nth: usize, size: u32| {
        format!(
            "<a:lvl{nth}pPr marL=\"0\" indent=\"0\"><a:lnSpc><a:spcPct val=\"110000\"/></a:lnSpc><a:spcBef><a:spcPts val=\"600\"/>\
             </a:spcBef><a:buNone/><a:defRPr sz=\"{size}\"><a:solidFill><a:schemeClr val=\"tx1\"/></a:solidFill>\
             <a:latin typeface=\"+mn-lt\"/><a:ea typeface=\"+mn-ea\"/></a:defRPr></a:lvl{nth}pPr>"
        )
    };
    let shapes = [
        placeholder(2, "Title", "type=\"title\"", TITLE, "ctr"),
        placeholder(3, "Text", "type=\"body\" idx=\"1\"", BODY, "t"),
    ]
    .concat();
    format!(
        "{HEAD}<p:sldMaster {SPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val=\"bg1\"/></a:solidFill><a:effectLst/>\
         </p:bgPr></p:bg><p:spTree>{TREE}{shapes}</p:spTree></p:cSld><p:clrMap bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" \
         accent1=\"accent1\" accent2=\"accent2\" accent3=\"accent3\" accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" \
         hlink=\"hlink\" folHlink=\"folHlink\"/><p:sldLayoutIdLst><p:sldLayoutId id=\"2147483649\" r:id=\"rId1\"/>\
         <p:sldLayoutId id=\"2147483650\" r:id=\"rId2\"/></p:sldLayoutIdLst><p:txStyles><p:titleStyle><a:lvl1pPr algn=\"l\">\
         <a:spcBef><a:spcPct val=\"0\"/></a:spcBef><a:buNone/><a:defRPr sz=\"2400\" b=\"1\"><a:solidFill><a:schemeClr val=\"tx1\"/>\
         </a:solidFill><a:latin typeface=\"+mj-lt\"/><a:ea typeface=\"+mj-ea\"/></a:defRPr></a:lvl1pPr></p:titleStyle>\
         <p:bodyStyle>{}{}</p:bodyStyle><p:otherStyle/></p:txStyles></p:sldMaster>",
        level(1, 1800),
        level(2, 1600)
    )
}

/// The layout of the first slide, and that of all others.
pub(super) fn layouts() -> [String; 2] {
    let layout = |kind: &str, name: &str, shapes: &str| {
        format!(
            "{HEAD}<p:sldLayout {SPACES} type=\"{kind}\" preserve=\"1\"><p:cSld name=\"{name}\"><p:spTree>{TREE}{shapes}</p:spTree>\
             </p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
        )
    };
    let cover = [
        placeholder(2, "Title", "type=\"ctrTitle\"", COVER, "b"),
        placeholder(3, "Subtitle", "type=\"subTitle\" idx=\"1\"", BELOW, "t"),
    ]
    .concat();
    let content = placeholder(2, "Title", "type=\"title\"", TITLE, "ctr");
    [layout("title", "Title", &cover), layout("titleOnly", "Title Only", &content)]
}
