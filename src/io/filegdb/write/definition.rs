//! Definitions of classes and domains as XML, as the table of items holds them.

use super::class::Class;
use super::domains::Domain;
use super::table::FieldKind;
use crate::io::xml::escaped;

/// The names that the elements of a definition are of.
pub(super) const SCHEMA: &str = r#"xmlns:typens="http://www.esri.com/schemas/ArcGIS/10.3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema""#;

/// The definition of a domain.
pub(super) fn of_domain(domain: &Domain) -> String {
    let (of_field, of_code) = domain.kind;
    let mut out = format!(
        "<typens:GPCodedValueDomain2 xsi:type=\"typens:GPCodedValueDomain2\" {SCHEMA}><DomainName>{}</DomainName>\
         <FieldType>esriFieldType{of_field}</FieldType><MergePolicy>esriMPTDefaultValue</MergePolicy>\
         <SplitPolicy>esriSPTDuplicate</SplitPolicy><Description></Description><Owner></Owner>\
         <CodedValues xsi:type=\"typens:ArrayOfCodedValue\">",
        escaped(&domain.name)
    );
    for (code, name) in domain.codes.iter() {
        out.push_str(&format!(
            "<CodedValue xsi:type=\"typens:CodedValue\"><Name>{}</Name><Code xsi:type=\"xs:{of_code}\">{}</Code></CodedValue>",
            escaped(name),
            escaped(code),
        ));
    }
    out.push_str("</CodedValues></typens:GPCodedValueDomain2>");
    out
}

/// The definition of a class, which is table `number`.
pub(super) fn of_class(class: &Class<'_>, number: usize) -> String {
    let element = if class.is_spatial() { "DEFeatureClassInfo" } else { "DETableInfo" };
    let (dataset, identity) = match class.is_spatial() {
        false => ("esriDTTable", "{7A566981-C114-11D2-8A28-006097AFF44E}"),
        true => ("esriDTFeatureClass", "{52353152-891A-11D0-BEC6-00805F7C4268}"),
    };
    // What 64 bits need, and what older programs refuse.
    let (schema, client) = match class.has_big_integers() {
        true => (
            SCHEMA.replace("ArcGIS/10.3", "ArcGIS/10.8"),
            "<RequiredGeodatabaseClientVersion>13.2</RequiredGeodatabaseClientVersion>",
        ),
        false => (SCHEMA.to_owned(), ""),
    };
    let own = escaped(&class.name);
    let alias = escaped(&class.alias);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<typens:{element} {schema} xsi:type=\"typens:{element}\"><CatalogPath>\\{own}</CatalogPath>\
         <Name>{own}</Name><ChildrenExpanded>false</ChildrenExpanded><DatasetType>{dataset}</DatasetType><DSID>{number}</DSID>\
         <Versioned>false</Versioned><CanVersion>false</CanVersion>{client}<HasOID>true</HasOID>\
         <OIDFieldName>OBJECTID</OIDFieldName><GPFieldInfoExs xsi:type=\"typens:ArrayOfGPFieldInfoEx\">"
    );
    for field in &class.fields {
        let (kind, length, is_own) = match &field.kind {
            FieldKind::Int16 => ("SmallInteger", 2, false),
            FieldKind::Int32 => ("Integer", 4, false),
            FieldKind::Int64 => ("BigInteger", 8, false),
            FieldKind::Float64 => ("Double", 8, false),
            FieldKind::Text(width) => ("String", *width, false),
            FieldKind::Moment => ("Date", 8, false),
            FieldKind::ObjectId => ("OID", 4, true),
            FieldKind::Geometry { .. } => ("Geometry", 0, true),
            FieldKind::Binary => ("Blob", 0, false),
            FieldKind::Guid => ("GUID", 38, false),
            FieldKind::GlobalId => ("GlobalID", 38, false),
            FieldKind::Xml => ("XML", 0, false),
        };
        let alias = if field.alias.is_empty() {
            String::new()
        } else {
            format!("<AliasName>{}</AliasName>", escaped(&field.alias))
        };
        let more = match &field.domain {
            Some(domain) => format!("<DomainName>{}</DomainName>", escaped(domain)),
            None if is_own => "<Required>true</Required>".to_owned(),
            None => String::new(),
        };
        out.push_str(&format!(
            "<GPFieldInfoEx xsi:type=\"typens:GPFieldInfoEx\"><Name>{}</Name>{alias}<FieldType>esriFieldType{kind}</FieldType>\
             <IsNullable>{}</IsNullable><Length>{length}</Length><Precision>0</Precision><Scale>0</Scale>{more}</GPFieldInfoEx>",
            escaped(&field.name),
            field.is_nullable,
        ));
    }
    out.push_str(&format!(
        "</GPFieldInfoExs><CLSID>{identity}</CLSID><EXTCLSID></EXTCLSID><AliasName>{alias}</AliasName><IsTimeInUTC>true</IsTimeInUTC>"
    ));
    if class.is_spatial() {
        out.push_str(&of_geometry(class));
    }
    out.push_str(&format!("</typens:{element}>"));
    out
}

/// What a definition says of the geometry of its class.
fn of_geometry(class: &Class<'_>) -> String {
    let grid = &class.grid;
    let shape = match class.code.kind {
        1 => "Point",
        2 => "Multipoint",
        3 => "Polyline",
        _ => "Polygon",
    };
    let kind = match grid.wkt.split('[').next() {
        Some("PROJCS") => "Projected",
        Some("GEOGCS") => "Geographic",
        _ => "Unknown",
    };
    let wkt = if kind == "Unknown" { String::new() } else { format!("<WKT>{}</WKT>", escaped(&grid.wkt)) };
    let code = class.layer.crs.epsg().filter(|_| kind != "Unknown");
    let code = code.map_or(String::new(), |code| {
        // ArcGIS had a number of its own for web maps before EPSG had one.
        let first = if code == 3857 { 102_100 } else { code };
        format!("<WKID>{first}</WKID><LatestWKID>{code}</LatestWKID>")
    });
    format!(
        "<FeatureType>esriFTSimple</FeatureType><ShapeType>esriGeometry{shape}</ShapeType><ShapeFieldName>SHAPE</ShapeFieldName>\
         <HasM>{}</HasM><HasZ>{}</HasZ><HasSpatialIndex>{}</HasSpatialIndex><AreaFieldName></AreaFieldName>\
         <LengthFieldName></LengthFieldName><Extent xsi:nil=\"true\"></Extent>\
         <SpatialReference xsi:type=\"typens:{kind}CoordinateSystem\">{wkt}<XOrigin>{}</XOrigin><YOrigin>{}</YOrigin>\
         <XYScale>{}</XYScale><ZOrigin>{}</ZOrigin><ZScale>{}</ZScale><MOrigin>{}</MOrigin><MScale>{}</MScale>\
         <XYTolerance>{}</XYTolerance><ZTolerance>0.001</ZTolerance><MTolerance>0.001</MTolerance>\
         <HighPrecision>true</HighPrecision>{code}</SpatialReference>",
        grid.has_m,
        grid.has_z,
        class.index.is_some(),
        grid.origin[0],
        grid.origin[1],
        grid.scale,
        grid.z.0,
        grid.z.1,
        grid.m.0,
        grid.m.1,
        grid.tolerance,
    )
}
