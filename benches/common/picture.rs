//! What the pictures of docs/ have in common.

use std::fmt::Write as _;

/// The beginning of a picture of this size, with its title and what stands above the axes.
pub fn begin((width, height): (f64, f64), title: &str, above: &str, left: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{left}\" y=\"22\">{above}</text>\n"
    )
}

/// Where a line ends, and its name and colour.
pub struct End<'a> {
    pub x: f64,
    pub y: f64,
    pub name: &'a str,
    pub colour: &'a str,
}

/// The names stand at their lines' ends, and not on each other.
pub fn names(svg: &mut String, mut ends: Vec<End<'_>>) {
    ends.sort_by(|one, other| one.y.total_cmp(&other.y));
    let mut last = 0.0_f64;
    for End { x, y, name, colour } in ends {
        last = (y + 4.0).max(last + 15.0);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{last:.1}\" fill=\"{colour}\">{name}</text>",
            x + 10.0
        );
    }
}
