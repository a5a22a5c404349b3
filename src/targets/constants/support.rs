//! Balls that hold bounded data.

use super::ball;
use crate::numerics::{Interval, IntervalSum};
use crate::targets::Data;
use nalgebra::DVector;

/// More atoms than this are compared with their middle only.
const PAIRS: usize = 400;

/// The least R^2 with `|X - c| <= R` for some c: from below a quarter of the squared diameter, from above the distance from a
/// centre that is nearly the best, the best one on the line. Independent blocks add up.
///
/// # Errors
/// When a block has a density: no law in closed form that has one is bounded.
pub fn support_radius_sqr(data: &Data) -> Result<Interval, String> {
    match data {
        Data::Box(p) => Ok(Interval::point(p.half_width()).sqr() * p.dim() as f64),
        Data::Density(_) => Err("X has a density without a bounded support".into()),
        Data::Points(p) => Ok(of_atoms(&p.points)),
        Data::Product(factors) => {
            let each = factors.iter().map(|(f, copies)| Ok(support_radius_sqr(f)? * *copies as f64));
            Ok(each.collect::<Result<Vec<_>, String>>()?.into_iter().collect::<IntervalSum>().value())
        }
    }
}

fn of_atoms(atoms: &[DVector<f64>]) -> Interval {
    let apart = |a: &DVector<f64>, b: &DVector<f64>| {
        a.iter().zip(b.iter()).map(|(&a, &b)| (Interval::point(a) - b).sqr()).collect::<IntervalSum>().value()
    };
    let few = atoms.len() <= PAIRS;
    let ends = if few { atoms } else { &atoms[..1] };
    let diameter_sqr = ends.iter().flat_map(|a| atoms.iter().map(move |b| apart(a, b).lo())).fold(0.0, f64::max);
    // Any centre will do: its rounding is harmless.
    let centre = if few {
        let from_first: Vec<DVector<f64>> = atoms.iter().map(|x| x - &atoms[0]).collect();
        let gram: Vec<Vec<f64>> = from_first.iter().map(|a| from_first.iter().map(|b| a.dot(b)).collect()).collect();
        ball::centre(&gram).iter().zip(&from_first).fold(atoms[0].clone(), |sum, (&w, x)| sum + x * w)
    } else {
        atoms.iter().fold(DVector::zeros(atoms[0].len()), |sum, x| sum + x / atoms.len() as f64)
    };
    let within = atoms.iter().map(|x| apart(x, &centre).hi()).fold(0.0, f64::max);
    Interval::new((Interval::point(diameter_sqr) * 0.25).lo().min(within), within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::{Density, Gaussian, Points};

    fn atoms(points: &[&[f64]]) -> Data {
        let weights = vec![1.0 / points.len() as f64; points.len()];
        Data::Points(Points::new(weights, points.iter().map(|x| DVector::from_row_slice(x)).collect()).unwrap())
    }

    /// Half the range on the line, whatever lies between; the circumscribed circle in the plane; sums over blocks.
    #[test]
    fn balls_by_hand() {
        let line = atoms(&[&[-2.0], &[0.5], &[3.0]]);
        let found = support_radius_sqr(&line).unwrap();
        assert!(found.contains(6.25) && found.width() < 1e-12, "{found:?}");
        let triangle = atoms(&[&[1.0, 0.0], &[-0.5, 0.75_f64.sqrt()], &[-0.5, -0.75_f64.sqrt()]]);
        let found_there = support_radius_sqr(&triangle).unwrap();
        assert!(found_there.contains(1.0) && (found_there.lo() - 0.75).abs() < 1e-9, "{found_there:?}");
        assert!(found_there.hi() < 1.1, "{found_there:?}");
        let both = Data::product(vec![(line, 4), (triangle, 1)]).unwrap();
        assert!(support_radius_sqr(&both).unwrap().widen(1e-12).contains(26.0));
        assert_eq!(support_radius_sqr(&atoms(&[&[7.0, 1.0]])).unwrap(), Interval::ZERO);
        assert!(support_radius_sqr(&Data::Density(Density::Gaussian(Gaussian::scalar(0.0, 1.0).unwrap()))).is_err());
    }

    /// So many atoms that they are not compared pair by pair.
    #[test]
    fn many_atoms_on_a_line() {
        let places: Vec<[f64; 1]> = (0..=1000).map(|k| [0.002 * f64::from(k)]).collect();
        let found = support_radius_sqr(&atoms(&places.iter().map(|x| &x[..]).collect::<Vec<_>>())).unwrap();
        assert!(found.contains(1.0) && found.hi() < 1.0 + 1e-9, "{found:?}");
    }
}
