//! Fewer elements for the same picture: the backend writes every dash and every whisker by itself.

/// What the backend writes before the colour of a line.
const LINE: &str = "<polyline fill=\"none\" opacity=\"1\" ";
const POINTS: &str = " points=\"";

/// The same drawing with neighbouring lines of one style as one path, and without what SVG has by default anyway.
///
/// Lines are opaque, so that one path over several of them covers what they cover.
pub fn packed(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len() / 2);
    let mut open: Option<&str> = None;
    for line in svg.lines() {
        let drawn = line.strip_prefix(LINE).and_then(|rest| rest.strip_suffix(" \"/>")?.split_once(POINTS));
        if open.is_some() && open != drawn.map(|(style, _)| style) {
            out += "\"/>\n";
        }
        match drawn {
            Some((style, points)) => {
                if open != Some(style) {
                    out += &format!("<path fill=\"none\" {style} d=\"");
                }
                out += &format!("M{points}");
            }
            None => {
                out += &line.replace(" opacity=\"1\"", "");
                out.push('\n');
            }
        }
        open = drawn.map(|(style, _)| style);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::packed;

    const BEFORE: &str = "<svg>\n\
        <polyline fill=\"none\" opacity=\"1\" stroke=\"#000000\" stroke-width=\"12\" points=\"1,2 3,4 5,6 \"/>\n\
        <polyline fill=\"none\" opacity=\"1\" stroke=\"#000000\" stroke-width=\"12\" points=\"7,8 9,10 \"/>\n\
        <polyline fill=\"none\" opacity=\"1\" stroke=\"#FF0000\" stroke-width=\"12\" points=\"0,0 1,1 \"/>\n\
        <polygon opacity=\"1\" fill=\"#000000\" points=\"1,1 2,2 3,1 \"/>\n\
        <polyline fill=\"none\" opacity=\"1\" stroke=\"#FF0000\" stroke-width=\"12\" points=\"2,0 3,1 \"/>\n\
        </svg>\n";

    #[test]
    fn neighbours_of_one_style_are_one_path() {
        let after = "<svg>\n\
            <path fill=\"none\" stroke=\"#000000\" stroke-width=\"12\" d=\"M1,2 3,4 5,6M7,8 9,10\"/>\n\
            <path fill=\"none\" stroke=\"#FF0000\" stroke-width=\"12\" d=\"M0,0 1,1\"/>\n\
            <polygon fill=\"#000000\" points=\"1,1 2,2 3,1 \"/>\n\
            <path fill=\"none\" stroke=\"#FF0000\" stroke-width=\"12\" d=\"M2,0 3,1\"/>\n\
            </svg>\n";
        assert_eq!(packed(BEFORE), after);
    }

    /// A text that looks like a line of the drawing is none: the backend escapes what could be.
    #[test]
    fn texts_stay() {
        let text = "<text opacity=\"1\" x=\"1\">\n&lt;polyline points=&quot;1,2 &quot;/&gt;\n</text>\n";
        assert_eq!(packed(text), text.replace(" opacity=\"1\"", ""));
    }
}
