//! What draws are held against: the numbers of a law that are known exactly.

use super::exchange::Exact;
use super::known::{Known, axes};
use super::tally::Tally;
use super::view::{Map, View, Whitening};
use crate::laws::Law;
use crate::numerics::{Interval, stream};
use crate::targets::{Density, Mixture, Points};
use rand_distr::{Distribution, StandardNormal};

/// Of how many coordinates and random directions the laws are looked at.
pub const MOST_COORDINATES: usize = 1024;
/// Random directions.
pub const DIRECTIONS: usize = 16;
/// Random frequencies.
pub const FREQUENCIES: usize = 32;
/// Coordinates of which neighbouring draws are compared.
const SIDES: usize = 4;
/// Mixtures of up to so many components are taken apart.
const MOST_PARTS: usize = 64;

/// Random Fourier features `cos(w . x)`, `sin(w . x)` and what they are on average.
#[derive(Clone, Debug)]
pub struct Features {
    /// w.
    pub frequencies: Vec<Vec<f64>>,
    /// `E cos(w . x)` and `E sin(w . x)`, one after the other, up to [`Features::ERROR`].
    pub means: Vec<f64>,
}

impl Features {
    /// How far a mean, or a counted one, may be off by rounding.
    pub const ERROR: f64 = 1e-9;

    /// The means under a law that is a mixture of few Gaussians: `sum w_i exp(-w^T cov_i w/2) e^(i w . m_i)`.
    fn means(frequencies: &[Vec<f64>], law: &Density) -> Option<Vec<f64>> {
        let parts = law.components(MOST_PARTS)?;
        let one = |frequency: &Vec<f64>| {
            let (mut cos, mut sin) = (0.0, 0.0);
            for (w, g) in &parts {
                let phase: f64 = frequency.iter().zip(g.mean.iter()).map(|(f, m)| f * m).sum();
                let f = nalgebra::DVector::from_column_slice(frequency);
                let square = match &g.cov {
                    crate::targets::Covariance::Dense(cov) => f.dot(&(cov * &f)),
                    _ => frequency.iter().enumerate().map(|(i, f)| f * f * g.variance(i)).sum(),
                };
                let size = w.mid() * libm::exp(-0.5 * square);
                cos += size * libm::cos(phase);
                sin += size * libm::sin(phase);
            }
            [cos, sin]
        };
        Some(frequencies.iter().flat_map(one).collect())
    }

    /// `|mean of Phi - E Phi|`, Phi of norm 1: the root of the mean square over frequencies.
    #[must_use]
    pub fn distance(&self, tally: &Tally) -> f64 {
        let squares = self.means.iter().enumerate().map(|(k, m)| (tally.feature(k) - m).powi(2));
        (squares.sum::<f64>() / self.frequencies.len() as f64).sqrt()
    }

    /// Under another law.
    #[must_use]
    pub fn under(&self, law: &Density) -> Option<Vec<f64>> {
        Self::means(&self.frequencies, law)
    }
}

/// Where draws with some fault would be more frequent: an event of a number, `{q > p}`, p and q being its laws without and with the fault. Among all events
/// it is the one whose chances under the two differ the most (Neyman and Pearson 1933).
#[derive(Clone, Debug)]
pub struct RatioEvent {
    /// The fault.
    pub fault: String,
    /// The view.
    pub view: usize,
    /// The bins of the view that belong to it.
    pub bins: Vec<bool>,
    /// Its chance under the law.
    pub chance: Interval,
}

impl RatioEvent {
    /// How many of the counted numbers are in it.
    #[must_use]
    pub fn seen(&self, counts: &[u64]) -> u64 {
        counts.iter().zip(&self.bins).filter(|(_, own)| **own).map(|(count, _)| count).sum()
    }

    /// Its chance where the bins have these masses, up to an error.
    #[must_use]
    pub fn chance(bins: &[bool], masses: &[f64], error: f64) -> Interval {
        let sum: f64 = masses.iter().zip(bins).filter(|(_, own)| **own).map(|(mass, _)| mass).sum();
        Interval::around(sum, error + 1e-13).clamp(0.0, 1.0)
    }
}

/// What draws are held against.
#[derive(Clone)]
pub struct Reference {
    /// d.
    pub dim: usize,
    /// Numbers with their laws.
    pub views: Vec<View>,
    /// The mixture whose responsibilities are looked at: on average they are its weights.
    pub parts: Option<Mixture>,
    /// Its weights.
    pub weights: Vec<Interval>,
    /// Random features.
    pub features: Option<Features>,
    /// Numbers of which draws at some distance are compared, and their medians.
    pub sides: Vec<(Map, f64)>,
    /// What people call these numbers.
    pub sided: Vec<String>,
    /// Those chances.
    pub chances: Vec<Interval>,
    /// Pairs of these numbers that are independent under the law, up to so much in total variation.
    pub apart: Vec<(usize, usize, f64)>,
    /// Events that some faults make more frequent.
    pub events: Vec<RatioEvent>,
    /// The law, where exact draws of it can be made.
    pub exact: Option<Exact>,
    /// What is not looked at, and why.
    pub notes: Vec<String>,
}

impl Reference {
    /// For draws from a law with a density in closed form; directions and frequencies are drawn with `seed`.
    #[must_use]
    pub fn of_density(law: &Density, seed: u64) -> Self {
        let mut reference = Self::of_coordinates(law);
        let dim = reference.dim;
        for run in law.runs().iter().filter(|run| run.dim == 1 && run.copies > 1) {
            let name = format!("x{} to x{} pooled", run.first, run.end() - 1);
            reference.views.extend(View::new(name, Map::Pooled((run.first..run.end()).collect()), law));
        }
        if dim > 1 {
            reference.add_directions(law, seed);
            if let Some(gaussian) = law.as_gaussian() {
                let map = Whitening::of(&gaussian)
                    .map(|whitening| Map::Radius { mean: gaussian.mean.iter().copied().collect(), whitening });
                reference.views.extend(map.and_then(|map| View::new("squared radius".into(), map, law)));
            }
        }
        if let Density::Mixture(mixture) = law
            && (2..=MOST_PARTS).contains(&mixture.components.len())
        {
            reference.weights = mixture.shares();
            reference.parts = Some(mixture.clone());
        }
        let sds = reference.spreads();
        if sds.len() == dim {
            let frequencies = frequencies(&sds, seed);
            reference.features = Features::means(&frequencies, law).map(|means| Features { frequencies, means });
            reference.exact = Some(Exact { law: law.clone(), seed, scales: sds });
        }
        if reference.features.is_none() {
            let why = format!("more than {MOST_PARTS} Gaussian components or {MOST_COORDINATES} coordinates");
            reference.notes.push(format!("no random features: {why}"));
        }
        reference
    }

    /// For draws from finitely many atoms.
    #[must_use]
    pub fn of_points(law: &Points) -> Self {
        let mut reference = Self::of_coordinates(law);
        reference.sides.clear();
        reference.chances.clear();
        reference.notes.push("atoms: coordinates only".into());
        reference
    }

    /// For draws from the law of a sampler's output.
    #[must_use]
    pub fn of_law(law: &Law, seed: u64) -> Self {
        match law {
            Law::Closed(p) => Self::of_density(p, seed),
            Law::Points(p) => Self::of_points(p),
            law => {
                let mut reference = Self::of_coordinates(law);
                for (k, axis) in axes(law).into_iter().enumerate().take(MOST_COORDINATES) {
                    reference.views.extend(View::new(format!("axis {k}"), Map::Direction(axis), law));
                }
                reference.compare_sides(law);
                if reference.dim > 1 {
                    reference.add_directions(law, seed);
                }
                reference
            }
        }
    }

    /// The coordinates alone.
    pub(super) fn of_coordinates(law: &dyn Known) -> Self {
        let dim = law.dim();
        let mut views: Vec<View> = Vec::new();
        let mut notes = Vec::new();
        let looked_at = dim.min(MOST_COORDINATES);
        if looked_at < dim {
            notes.push(format!("of {dim} coordinates the first {looked_at} are looked at by themselves"));
        }
        for i in 0..looked_at {
            match View::new(format!("x{i}"), Map::Coordinate(i), law) {
                Some(view) => views.push(view),
                None => notes.push(format!("the law of x{i} by itself is not known")),
            }
        }
        let mut reference = Self {
            dim,
            views,
            parts: None,
            weights: Vec::new(),
            features: None,
            sides: Vec::new(),
            sided: Vec::new(),
            chances: Vec::new(),
            apart: Vec::new(),
            events: Vec::new(),
            exact: None,
            notes,
        };
        reference.compare_sides(law);
        reference
    }

    /// Compares draws at some distance by the first of the numbers that are looked at.
    fn compare_sides(&mut self, law: &dyn Known) {
        let single = self.views.iter().filter(|view| view.map.per_draw() == 1).take(SIDES);
        let middle = |view: &View| {
            let bins = &view.bins;
            let k = bins.at_most.iter().position(|p| p.mid() >= 0.5)?;
            Some(((view.map.clone(), bins.edges[k]), view.name.clone(), bins.at_most[k]))
        };
        let found: Vec<_> = single.filter_map(middle).collect();
        self.sides = found.iter().map(|(side, ..)| side.clone()).collect();
        self.sided = found.iter().map(|(_, name, _)| name.clone()).collect();
        self.chances = found.iter().map(|(.., chance)| *chance).collect();
        let pairs = (0..found.len()).flat_map(|j| (j + 1..found.len()).map(move |k| (j, k)));
        let apart = |(j, k): (usize, usize)| Some((j, k, law.apart(&self.sides[j].0, &self.sides[k].0)?));
        self.apart = pairs.filter_map(apart).collect();
    }

    /// Looks out for a fault: of every number whose law with the fault is known the event that it makes more frequent.
    pub fn look_out(&mut self, fault: &str, law: &dyn Known) {
        for (view, own) in self.views.iter().enumerate() {
            let Some(faulty) = own.under(law) else { continue };
            let bins: Vec<bool> = faulty.masses.iter().zip(&own.bins.masses).map(|(q, p)| q > p).collect();
            let chance = RatioEvent::chance(&bins, &own.bins.masses, own.bins.mass_error);
            if chance.lo() > 0.0 && chance.hi() < 1.0 {
                self.events.push(RatioEvent { fault: fault.to_owned(), view, bins, chance });
            }
        }
    }

    /// The names of directions and what they are.
    pub fn directions(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.views.iter().filter_map(|view| match &view.map {
            Map::Direction(v) => Some((&view.name[..], &v[..])),
            _ => None,
        })
    }

    /// A length for the spread of every coordinate that is looked at.
    fn spreads(&self) -> Vec<f64> {
        self.views.iter().filter(|view| matches!(view.map, Map::Coordinate(_))).map(spread).collect()
    }

    /// Random directions, along which every coordinate matters alike.
    fn add_directions(&mut self, law: &dyn Known, seed: u64) {
        let sds = self.spreads();
        if sds.len() < self.dim {
            return self.notes.push("no random directions: some coordinates are not looked at".into());
        }
        let mut rng = stream(seed, "gate/directions", 0);
        for k in 0..DIRECTIONS {
            let v: Vec<f64> = sds
                .iter()
                .map(|sd| {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    z / sd
                })
                .collect();
            let norm = v.iter().map(|v| v * v).sum::<f64>().sqrt();
            let v = v.into_iter().map(|v| v / norm).collect();
            match View::new(format!("direction {k}"), Map::Direction(v), law) {
                Some(view) => self.views.push(view),
                None => return self.notes.push("no random directions: the laws along them are not known".into()),
            }
        }
    }
}

/// A length for the spread of a view: half of what lies between its quantiles of a sixth and five sixths.
fn spread(view: &View) -> f64 {
    let bins = &view.bins;
    let at = |share: f64| {
        let k = bins.at_most.iter().position(|p| p.mid() >= share).unwrap_or(bins.edges.len() - 1);
        bins.edges[k]
    };
    (0.5 * (at(5.0 / 6.0) - at(1.0 / 6.0))).max(f64::MIN_POSITIVE)
}

/// Frequencies at four scales around the reciprocal standard deviations.
fn frequencies(sds: &[f64], seed: u64) -> Vec<Vec<f64>> {
    let mut rng = stream(seed, "gate/frequencies", 0);
    let dim = (sds.len() as f64).sqrt();
    (0..FREQUENCIES)
        .map(|k| {
            let scale = libm::exp2((k % 4) as f64 - 1.0) / dim;
            sds.iter()
                .map(|sd| {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    scale * z / sd
                })
                .collect()
        })
        .collect()
}
