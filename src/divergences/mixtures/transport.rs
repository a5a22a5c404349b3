//! A cheapest coupling of two lists of weights, in floating point.

/// `w_ij >= 0` with row sums near `a`, column sums near `b` and a small `sum w_ij cost_ij`, by successive shortest paths.
/// Whatever is done with it has to allow for its rounding.
pub(super) fn cheapest(a: &[f64], b: &[f64], cost: &dyn Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let (m, n) = (a.len(), b.len());
    let mut flow = vec![vec![0.0; n]; m];
    let (mut supply, mut demand) = (a.to_vec(), b.to_vec());
    // Every path fills a supply, a demand or a reversed arc.
    for _ in 0..4 * (m + n) + m * n {
        let (mut to_row, mut to_column) = (vec![f64::INFINITY; m], vec![f64::INFINITY; n]);
        let (mut row_from, mut column_from) = (vec![None; m], vec![0; n]);
        for i in (0..m).filter(|&i| supply[i] > NOTHING) {
            to_row[i] = 0.0;
        }
        for _ in 0..m + n {
            let mut changed = false;
            for i in (0..m).filter(|&i| to_row[i].is_finite()).collect::<Vec<_>>() {
                for j in 0..n {
                    let along = to_row[i] + cost(i, j);
                    if along < to_column[j] - SAME * along.abs() {
                        (to_column[j], column_from[j], changed) = (along, i, true);
                    }
                }
            }
            for j in (0..n).filter(|&j| to_column[j].is_finite()).collect::<Vec<_>>() {
                for i in (0..m).filter(|&i| flow[i][j] > NOTHING).collect::<Vec<_>>() {
                    let back = to_column[j] - cost(i, j);
                    if back < to_row[i] - SAME * (to_column[j].abs() + back.abs()) {
                        (to_row[i], row_from[i], changed) = (back, Some(j), true);
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let open = (0..n).filter(|&j| demand[j] > NOTHING && to_column[j].is_finite());
        let Some(end) = open.min_by(|&i, &j| to_column[i].total_cmp(&to_column[j])) else { break };
        // Back along the path: arcs forward (i, j), arcs reversed (i, j).
        let (mut forward, mut reversed) = (Vec::new(), Vec::new());
        let mut column = end;
        let start = loop {
            let i = column_from[column];
            forward.push((i, column));
            match row_from[i] {
                Some(j) if forward.len() <= m + n => {
                    reversed.push((i, j));
                    column = j;
                }
                _ => break i,
            }
        };
        let room = reversed.iter().map(|&(i, j)| flow[i][j]).fold(supply[start].min(demand[end]), f64::min);
        if room <= 0.0 {
            break;
        }
        for (i, j) in forward {
            flow[i][j] += room;
        }
        for (i, j) in reversed {
            flow[i][j] -= room;
        }
        supply[start] -= room;
        demand[end] -= room;
    }
    flow
}

/// Masses below this are rounding.
const NOTHING: f64 = 1e-15;
/// Relative differences of costs below this are none.
const SAME: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_coupling_is_found() {
        // On the line with quadratic cost the monotone coupling is the cheapest.
        let (x, y) = ([0.0, 1.0, 5.0], [0.5, 4.0]);
        let (a, b) = ([0.2, 0.5, 0.3], [0.4, 0.6]);
        let cost = |i: usize, j: usize| f64::powi(x[i] - y[j], 2);
        let flow = cheapest(&a, &b, &cost);
        for (i, row) in [[0.2, 0.0], [0.2, 0.3], [0.0, 0.3]].iter().enumerate() {
            for (j, w) in row.iter().enumerate() {
                assert!((flow[i][j] - w).abs() < 1e-12, "{flow:?}");
            }
        }
        // An order in which the greedy choice has to be undone.
        let cost = |i: usize, j: usize| [[1.0, 2.0], [0.0, 10.0]][i][j];
        let flow = cheapest(&[0.5, 0.5], &[0.5, 0.5], &cost);
        assert!((flow[0][1] - 0.5).abs() < 1e-12 && (flow[1][0] - 0.5).abs() < 1e-12, "{flow:?}");
    }
}
