//! Tables as lines: side by side where a table only places text, ` | ` between cells of figures.

/// Lines of each cell of one row, without line ends.
pub(crate) type Row = Vec<Vec<String>>;

/// Columns of a placed text, such as the head of a paper, stand this far apart.
const GUTTER: usize = 4;
/// Characters of a line beyond which a cell does not stand beside another.
const WIDEST_CELL: usize = 200;
/// Rows of three columns from which a table without lines is data all the same.
const FEWEST_DATA_ROWS: usize = 4;

/// Writes the rows of one table, each line ended.
///
/// `ruled` tells a table with lines drawn, which is data; one without, of two or three columns,
/// only places text side by side (*Quốc hiệu*, *Nơi nhận* and the signature).
pub(crate) fn write(rows: &[Row], ruled: bool, out: &mut String) {
    for row in lines(rows, ruled) {
        out.push_str(&row);
        out.push('\n');
    }
}

/// The same, each row by itself and without its last line end.
pub(crate) fn lines(rows: &[Row], ruled: bool) -> Vec<String> {
    // The head of a paper has a row or two, and seldom more than two columns.
    let many = rows.iter().filter(|row| row.len() == 3).count() >= FEWEST_DATA_ROWS;
    let line = |row: &Row| {
        let mut line = String::new();
        let placed = !ruled && (row.len() == 2 || row.len() == 3 && !many) && is_narrow(row);
        if placed {
            write_placed(row, &mut line)
        } else {
            write_data(row, &mut line)
        }
        line.pop();
        line
    };
    rows.iter().map(line).collect()
}

/// Whether the cells fit side by side: a paragraph that was set as a cell would push the rest out of sight.
fn is_narrow(row: &Row) -> bool {
    let left = &row[..row.len() - 1];
    left.iter().flatten().all(|line| line.chars().take(WIDEST_CELL + 1).count() <= WIDEST_CELL)
}

fn write_placed(row: &Row, out: &mut String) {
    let widths: Vec<usize> =
        row.iter().map(|cell| cell.iter().map(|line| line.chars().count()).max().unwrap_or(0)).collect();
    let n_lines = row.iter().map(Vec::len).max().unwrap_or(0);
    for n in 0..n_lines {
        let mut line = String::new();
        let mut column = 0;
        for (cell, width) in row.iter().zip(&widths) {
            if let Some(text) = cell.get(n).filter(|text| !text.is_empty()) {
                let used = line.chars().count();
                line.extend(std::iter::repeat_n(' ', column.max(used) - used));
                line.push_str(text);
            }
            column += if *width > 0 { width + GUTTER } else { 0 };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn write_data(row: &Row, out: &mut String) {
    let cells: Vec<String> = row
        .iter()
        .map(|cell| cell.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
        .collect();
    if cells.iter().any(|cell| !cell.is_empty()) {
        out.push_str(cells.join(" | ").trim_end());
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        cells.iter().map(|cell| cell.split('\n').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_head_of_a_paper_stands_side_by_side() {
        let mut out = String::new();
        write(&[row(&["TỈNH ỦY\n*\nSố 12-QĐ/TU", "ĐẢNG CỘNG SẢN VIỆT NAM"])], false, &mut out);
        assert_eq!(out, "TỈNH ỦY        ĐẢNG CỘNG SẢN VIỆT NAM\n*\nSố 12-QĐ/TU\n");
    }

    #[test]
    fn a_ruled_table_gives_one_line_a_row() {
        let mut out = String::new();
        write(&[row(&["1", "Quyết định\nvề phí", "2019"])], true, &mut out);
        assert_eq!(out, "1 | Quyết định về phí | 2019\n");
    }
}
