//! A law in the plane along one direction.

use super::Grid2;

/// Groups of centres are so wide, in units of the width of the Gaussians.
const WIDTH: f64 = 1.0 / 64.0;

/// `sum_k w_k N(m_k, s_k^2)` on the line, up to an error.
#[derive(Clone, Debug)]
pub struct Shadow {
    /// m_k, ascending.
    pub centres: Vec<f64>,
    /// w_k, summing to 1.
    pub weights: Vec<f64>,
    /// s_k.
    pub sds: Vec<f64>,
    /// How far it is from the law of the number, in total variation.
    pub error: f64,
}

impl Grid2 {
    /// The law of `v . X`, |v| = 1; `None` before the first step, when the law is a closed form.
    ///
    /// After a step X has the law `sum_k w_k N(t_k, c^2 I)`, so that `v . X` has the law `sum_k w_k N(v . t_k, c^2)`. Centres within h = c/64 of each other are
    /// put together, with their mean and variance: by Taylor's formula that changes the law by at most `(2/6) h^3 int |N'''|/2 <= h^3/(2 c^3)`, N''' being the third derivative of the
    /// normal density of variance c^2 (`int |N'''| = (2 + 8 e^(-3/2)) (2 pi)^(-1/2)/c^3 < 1.6/c^3`), in total variation.
    #[must_use]
    pub fn along(&self, v: &[f64]) -> Option<Shadow> {
        let spread = self.finest().spread()?;
        let (noise, mass) = (spread.noise(), spread.mass());
        let mut all: Vec<(f64, f64)> = spread.centres().map(|(x, y, w)| (v[0] * x + v[1] * y, w / mass)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (mut centres, mut weights, mut sds) = (Vec::new(), Vec::new(), Vec::new());
        for group in all.chunk_by(|a, b| (a.0 / (noise * WIDTH)).floor() == (b.0 / (noise * WIDTH)).floor()) {
            let weight: f64 = group.iter().map(|(_, w)| w).sum();
            if weight <= 0.0 {
                continue;
            }
            let mean = group.iter().map(|(t, w)| t * w).sum::<f64>() / weight;
            let variance = group.iter().map(|(t, w)| (t - mean).powi(2) * w).sum::<f64>() / weight;
            centres.push(mean);
            weights.push(weight);
            sds.push((noise * noise + variance).sqrt());
        }
        let grouping = 0.5 * WIDTH.powi(3);
        Some(Shadow { centres, weights, sds, error: self.ledger().total() + grouping + (mass - 1.0).abs() })
    }
}
