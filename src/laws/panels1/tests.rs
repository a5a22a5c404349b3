//! The panel engine against independent values, closed forms and the smooth engine.

use crate::laws::density1::Density1;
use crate::laws::grid1::tests::{distances, line, reference, two_modes};
use crate::laws::{Panels1, Propagate};
use crate::processes::NoiseLevel;
use crate::samplers::{Program, lmc};
use crate::scores::errors::Window;
use crate::scores::{Damaged, Direction, ScoreField, Size, calibrate};
use crate::targets::Density;
use std::sync::Arc;

/// The score of `target` plus `amplitude` on (lo, hi), or beyond lo.
fn kicked(target: Density, amplitude: f64, lo: f64, hi: Option<f64>) -> Damaged {
    let shape = Window { direction: Direction::axis(1, 0), lo, hi, edge: 0.0 };
    calibrate(Arc::new(target), Arc::new(shape), Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap()
}

fn carried(start: &Density, program: &Program, s: &dyn ScoreField) -> Panels1 {
    let mut law = Panels1::new(start, program, s).unwrap();
    law.run(program, s).unwrap();
    law
}

#[test]
fn bad_sets_reach_their_reference_values() {
    let p = two_modes().as_mixture1().unwrap();
    let field = kicked(two_modes(), 3.0, -0.5, Some(0.25));
    for (id, h, n) in [("badset_h1e-2_N100", 1e-2, 100), ("", 1e-3, 1000), ("", 1e-5, 100_000), ("badset_h1e-7_N1e7", 1e-7, 10_000_000)] {
        let from = std::time::Instant::now();
        let law = carried(&line(0.5, 1.0), &lmc(h, n, NoiseLevel::DATA), &field);
        let time = from.elapsed();
        let [tv, ..] = distances(&law, &p);
        println!("{id} {time:?} {:?} tv {tv:.17} ledger {:?}", law.resolution(), law.ledger());
        if !id.is_empty() {
            let (truth, tolerance) = reference(id, "tv").unwrap();
            println!("  off by {:.2e} tolerance {tolerance:e}", tv - truth);
        }
    }
}
