//! Which consecutive coordinates are independent of the others, run-length encoded.

/// `copies` identical independent blocks of `dim` coordinates each, the first one starting at coordinate `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first coordinate of the first block.
    pub first: usize,
    /// Coordinates per block.
    pub dim: usize,
    /// Number of identical blocks.
    pub copies: usize,
}

impl Run {
    /// One past the last coordinate.
    #[must_use]
    pub fn end(&self) -> usize {
        self.first + self.dim * self.copies
    }
}

/// The finest decomposition into runs that is valid for all of the given ones (each covers the same d coordinates).
///
/// Two consecutive blocks of the result are in one run only if every input has them in one run.
#[must_use]
pub fn common_runs(all: &[&[Run]]) -> Vec<Run> {
    let d = all.first().and_then(|runs| runs.last()).map_or(0, Run::end);
    let mut result: Vec<Run> = Vec::new();
    // The run of each input that the current coordinate lies in.
    let mut index = vec![0_usize; all.len()];
    let mut at = 0;
    while at < d {
        for (runs, i) in all.iter().zip(&mut index) {
            while runs[*i].end() <= at {
                *i += 1;
            }
        }
        let current: Vec<Run> = all.iter().zip(&index).map(|(runs, &i)| runs[i]).collect();
        // A stretch on which every input repeats: blocks as long as the longest, all boundaries falling together.
        let dim = current.iter().map(|r| r.dim).max().unwrap_or(1);
        let aligned = current.iter().all(|r| (at - r.first) % r.dim == 0 && dim % r.dim == 0);
        let copies = current.iter().map(|r| (r.end() - at) / dim).min().unwrap_or(0);
        if aligned && copies > 0 {
            result.push(Run { first: at, dim, copies });
            at += dim * copies;
            continue;
        }
        // Otherwise one block that reaches to the next coordinate where every input has a boundary.
        let end = joint_boundary(all, at, d);
        result.push(Run { first: at, dim: end - at, copies: 1 });
        at = end;
    }
    result
}

/// The first coordinate after `at` at which every input has a block boundary.
fn joint_boundary(all: &[&[Run]], at: usize, d: usize) -> usize {
    let next = |runs: &[Run], x: usize| -> usize {
        // The first boundary of this input at or after x.
        let run = runs[runs.partition_point(|r| r.end() < x)];
        run.first + (x.max(run.first) - run.first).div_ceil(run.dim) * run.dim
    };
    let mut x = at + 1;
    while x < d {
        let furthest = all.iter().map(|runs| next(runs, x)).max().unwrap_or(d);
        if furthest == x {
            return x;
        }
        x = furthest;
    }
    d
}
