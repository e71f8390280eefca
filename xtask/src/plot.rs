//! Draws bar charts as SVG.

const ROW: u32 = 24;
const LABELS: u32 = 260;
const BARS: f64 = 420.0;

/// A bar of a chart.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// The text after the bar.
    pub(crate) label: String,
}

/// Returns a chart with the bars of each group below the group's name. The longest bar of a group fills the width.
pub(crate) fn svg(groups: &[(String, Vec<Bar>)], caption: &str) -> String {
    let mut elements = Vec::new();
    let mut y = 8;
    for (group, bars) in groups {
        y += ROW;
        elements.push(format!("<text x=\"8\" y=\"{y}\" font-weight=\"bold\">{}</text>", escaped(group)));
        let longest = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
        for Bar { name, value, label } in bars {
            y += ROW;
            let width = BARS * value / longest;
            elements.push(format!(
                "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>\n\
                 <rect x=\"{LABELS}\" y=\"{}\" width=\"{width:.1}\" height=\"16\" rx=\"2\" fill=\"#4878a8\"/>\n\
                 <text x=\"{:.1}\" y=\"{y}\">{}</text>",
                LABELS - 8,
                escaped(name),
                y - 13,
                f64::from(LABELS) + width + 8.0,
                escaped(label),
            ));
        }
        y += ROW / 2;
    }
    let (width, height) = (LABELS + 520, y + ROW + 8);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}\n\
         <text x=\"8\" y=\"{}\" fill=\"#666666\">{}</text>\n</svg>\n",
        elements.join("\n"),
        height - 12,
        escaped(caption),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
