use super::*;
use crate::numerics::{Interval, stream};
use crate::targets::{Density, Gaussian, Mixture};
use nalgebra::DVector;

fn normal(dim: usize) -> Density {
    Density::Gaussian(Gaussian::isotropic(DVector::from_element(dim, 0.5), 2.0).unwrap())
}

fn two_modes() -> Density {
    let mode = |x: f64, y: f64| Gaussian::isotropic(DVector::from_vec(vec![x, y]), 0.5).unwrap();
    Density::Mixture(Mixture::new(vec![0.3, 0.7], vec![mode(-2.0, 0.0), mode(2.0, 1.0)]).unwrap())
}

fn counted(reference: &Reference, law: &Density, n: usize, index: u64) -> Tally {
    let mut tally = Tally::new(reference);
    let mut rng = stream(7, "gate/tests", index);
    let mut xs = vec![0.0; n * reference.dim];
    law.sample(&mut rng, n, &mut xs);
    tally.add(reference, 0, &xs, n);
    tally
}

const ASKED: Asked = Asked { alpha: 0.01, within: 0.0, missed: 1e-3, groups: None };

/// 300 right runs at a level of 1/100 fail at most 15 times but with probability 1e-6 if the level is true; a level of 8 % would be seen with
/// probability 0.98.
#[test]
fn right_samplers_pass() {
    for law in [normal(1), normal(5), two_modes()] {
        let reference = Reference::of_density(&law, 0);
        let failed = (0..300).filter(|&k| !passes(&reference, &counted(&reference, &law, 2000, k), &ASKED)).count();
        assert!(failed <= 15, "{failed}");
    }
}

/// At the planned number of draws a fault is seen in all but a thousandth of cases: in 20 runs of each it may be missed once, but with probability
/// 2e-4 twice.
#[test]
fn planned_draws_see_their_fault() {
    for (law, fault) in [
        (normal(1), Fault::Variance(0.2)),
        (normal(5), Fault::Variance(-0.1)),
        (normal(2), Fault::Mean(0.1)),
        (two_modes(), Fault::ModeWeight(0.1)),
        (normal(1), Fault::TailCut(2.0)),
    ] {
        let reference = Reference::of_density(&law, 0);
        let faulty = fault.of_law(&law).unwrap();
        let needed = needs(&reference, &faulty, None, &ASKED);
        let n = needed[0].draws as usize;
        assert!(n > 10 && n < 200_000, "{fault}: {needed:?}");
        let FaultyLaw::Density(other) = faulty else { continue };
        let missed = (0..20).filter(|&k| passes(&reference, &counted(&reference, &other, n, k), &ASKED)).count();
        assert!(missed <= 1, "{fault}: {missed} missed at {n}");
        // With a hundredth of the draws it is not seen, or the plan would be of no use.
        let seen =
            (0..20).filter(|&k| !passes(&reference, &counted(&reference, &other, n / 100 + 1, k), &ASKED)).count();
        assert!(seen <= 10, "{fault}: {seen} seen at {}", n / 100 + 1);
    }
}

/// A sampler within the discrepancy that is allowed passes, one beyond it fails.
#[test]
fn allowed_discrepancies_are_allowed() {
    let law = two_modes();
    let reference = Reference::of_density(&law, 0);
    let asked = Asked { within: 0.05, ..ASKED };
    for (part, ok) in [(0.04, true), (0.15, false)] {
        let FaultyLaw::Density(other) = Fault::ModeWeight(part).of_law(&law).unwrap() else { panic!() };
        let passed = (0..20).filter(|&k| passes(&reference, &counted(&reference, &other, 20_000, k), &asked)).count();
        assert!(if ok { passed >= 19 } else { passed <= 1 }, "{part}: {passed}");
    }
}

/// Chains whose draws repeat each other fail as independent draws and pass as groups.
#[test]
fn chains_are_units() {
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    let mut failed = [0, 0];
    for k in 0..40 {
        let mut rng = stream(8, "gate/tests", k);
        let (chains, length) = (500, 20);
        let mut starts = vec![0.0; chains];
        law.sample(&mut rng, chains, &mut starts);
        let xs: Vec<f64> = starts.iter().flat_map(|x| std::iter::repeat_n(*x, length)).collect();
        let mut tally = Tally::new(&reference);
        tally.add(&reference, 0, &xs, xs.len());
        failed[0] += usize::from(!passes(&reference, &tally, &ASKED));
        failed[1] += usize::from(!passes(&reference, &tally, &Asked { groups: Some(chains as u64), ..ASKED }));
    }
    assert!(failed[0] == 40 && failed[1] <= 4, "{failed:?}");
}

/// Draws in pairs of equal ones agree as often as a coin that always falls on one side: the plan is where twice its chance, at every distance looked at,
/// is the share of false alarms of the order.
#[test]
fn plans_of_the_order_are_those_of_a_coin() {
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    let pairs = Agreement { lag: Lag::Places(1), chance: Interval::ONE, block: 2, multiple: 2 };
    let need = needs_of_order(&reference, &pairs, &ASKED).unwrap();
    let outcomes = examine(&reference, &counted(&reference, &law, 100, 0), &ASKED);
    let share = outcomes.iter().find(|outcome| outcome.kind == Kind::Order).unwrap().share;
    let chance = |n: f64| 2.0 * sides::lags(n as usize).len() as f64 * libm::exp2(-0.5 * n);
    assert!(chance(need.draws) <= share && chance(need.draws - 2.0) > share, "{need:?} {share}");
    // Correlated pairs: Chernoff's bound of the share of pairs that agree at the planned number of them.
    let correlated = Agreement { chance: Interval::point(0.8), ..pairs };
    let need = needs_of_order(&reference, &correlated, &ASKED).unwrap();
    assert!(need.draws > 100.0 && need.draws < 400.0, "{need:?}");
    // Draws that agree as independent ones do are never seen.
    let independent = Agreement { chance: Interval::point(0.5), ..pairs };
    assert!(needs_of_order(&reference, &independent, &ASKED).is_none());
}

/// What is drawn of a test says the same as the test: where it fails, a place fails, and what fails is outside of what passes.
#[test]
fn what_is_compared_agrees_with_the_tests() {
    let mut seen = [0, 0];
    let moved = |law: &Density, fault: Fault| match fault.of_law(law).unwrap() {
        FaultyLaw::Density(other) => other,
        FaultyLaw::Cut(..) => panic!(),
    };
    for (law, fault) in [
        (normal(1), Fault::Variance(0.3)),
        (normal(3), Fault::Variance(-0.2)),
        (normal(2), Fault::Mean(0.2)),
        (two_modes(), Fault::ModeWeight(0.1)),
    ] {
        let reference = Reference::of_density(&law, 0);
        let tally = counted(&reference, &moved(&law, fault), 4000, 1);
        for asked in [ASKED, Asked { within: 0.01, ..ASKED }, Asked { groups: Some(1000), ..ASKED }] {
            let judged = Judged::new("", &reference, &tally, asked, None);
            // Counts are whole, groups are not: up to half a count.
            let outside = |c: &Compared, one: f64| {
                let (lo, hi) = c.passes;
                lo <= c.known && c.known <= hi && (c.found < lo - 0.5 * one || c.found > hi + 0.5 * one)
            };
            let mut agrees = |c: &Compared, one: f64, what: &str| {
                seen[usize::from(c.fails)] += 1;
                assert_eq!(outside(c, one), c.fails, "{fault} {asked:?} {what}: {c:?}");
            };
            for (k, view) in reference.views.iter().enumerate() {
                let fails = |kind: Kind| judged.outcome(kind, &view.name).is_some_and(|outcome| !outcome.pass);
                let far = judged.places(k).iter().any(|place| place.difference().abs() >= place.allowed);
                assert_eq!(far, fails(Kind::Kolmogorov), "{fault} {asked:?} {}", view.name);
                let tails = [judged.tails(k, false), judged.tails(k, true)].concat();
                assert_eq!(tails.iter().any(|(_, c)| c.fails), fails(Kind::Tails), "{fault} {asked:?} {}", view.name);
                tails.iter().for_each(|(_, c)| agrees(c, 1.0, &view.name));
                for kind in [Kind::Mean, Kind::Variance] {
                    agrees(&judged.moment(k, kind).unwrap(), 0.0, &view.name);
                }
            }
            judged.weights().iter().for_each(|c| agrees(c, 0.0, "weight"));
            for k in 0..reference.sides.len() {
                let pairs = judged.agreement(k);
                let fails = judged.outcomes.iter().filter(|o| o.kind == Kind::Order).nth(k).is_some_and(|o| !o.pass);
                assert_eq!(pairs.iter().any(|(_, c)| c.fails), fails);
                pairs.iter().for_each(|(_, c)| agrees(c, 0.0, "order"));
            }
        }
    }
    assert!(seen[0] > 100 && seen[1] > 100, "{seen:?}");
}

/// Quantiles of N(1/2, 2), against those of N(0, 1) with 12 digits.
#[test]
fn quantiles_between_edges_are_interpolated() {
    let law = normal(1);
    let view = View::new("x0".into(), Map::Coordinate(0), &law).unwrap();
    for (share, z, error) in [(0.3, -0.524400512708, 1e-5), (0.5, 0.0, 1e-5), (1e-6, -4.753424308823, 3e-3)] {
        for (below, above, want) in
            [(share, 1.0 - share, 0.5 + 2f64.sqrt() * z), (1.0 - share, share, 0.5 - 2f64.sqrt() * z)]
        {
            let found = view.bins.quantile(below, above);
            assert!((found - want).abs() < error, "{share}: {found} {want}");
        }
    }
    assert!(!view.bins.has_atoms());
}

fn moved(law: &Density, part: f64) -> Density {
    match Fault::Mean(part).of_law(law) {
        Ok(FaultyLaw::Density(other)) => other,
        _ => panic!("a mean can be changed"),
    }
}

/// Events that a fault makes more frequent: of N(m, 2) and N(m, 2 (1 + v)) the one outside of two points, whose chances are known; at the planned number of
/// draws a thousandth is missed, two of 20 with probability 2e-4, and right draws fail in at most a hundredth of cases.
#[test]
fn likelihood_ratios_see_the_fault_they_look_out_for() {
    let law = normal(1);
    let mut reference = Reference::of_density(&law, 0);
    let other = stretched(&law, 0.5);
    reference.look_out("variance=50%", &other);
    let [event] = &reference.events[..] else { panic!("{:?}", reference.events) };
    // {q > p} is (x - m)^2 > ln(1.5)/(1/2 - 1/3): P is 0.2701 under the law and 0.3678 under the other.
    assert!((event.chance.mid() - 0.2701).abs() < 2e-3, "{event:?}");
    let all = needs(&reference, &other, None, &ASKED);
    let need = all.iter().find(|need| need.kind == Kind::Ratio).unwrap();
    let of_ratio = |law: &Density, n: usize, k: u64| {
        let outcomes = examine(&reference, &counted(&reference, law, n, k), &ASKED);
        outcomes.into_iter().find(|outcome| outcome.kind == Kind::Ratio).unwrap()
    };
    assert_eq!(of_ratio(&law, 100, 0).name, need.name);
    let missed = (0..20).filter(|&k| of_ratio(&other, need.draws as usize, 600 + k).pass).count();
    assert!(missed <= 1, "{missed} {need:?}");
    let seen = (0..20).filter(|&k| !of_ratio(&other, need.draws as usize / 50, 600 + k).pass).count();
    assert!(seen <= 10, "{seen} {need:?}");
    assert!((0..200).filter(|&k| !of_ratio(&law, 1000, 700 + k).pass).count() <= 12);
}

/// Plans of huge faults ask for no fewer draws than the gate looks at, and are kept: one of 20 runs may be missed with probability 2e-2, two with 2e-4.
#[test]
fn plans_of_huge_faults_are_kept() {
    let asked = Asked { alpha: 1e-6, ..ASKED };
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    for fault in [Fault::Mean(10.0), Fault::Variance(1000.0)] {
        let Ok(FaultyLaw::Density(other)) = fault.of_law(&law) else { panic!() };
        for need in needs(&reference, &other, None, &asked).iter().filter(|need| need.draws < 100.0) {
            let missed = (0..20).filter(|&k| {
                let tally = counted(&reference, &other, need.draws as usize, 300 + k);
                let outcomes = examine(&reference, &tally, &asked);
                outcomes.iter().find(|outcome| outcome.name == need.name).unwrap().pass
            });
            assert!(missed.count() <= 1, "{fault} {need:?}");
        }
    }
}

/// A variance that is off by what its test says it sees, to either side, is missed at most once in a thousand runs: of 200 more than 4 times with
/// probability 3e-6.
#[test]
fn what_is_said_to_be_seen_is_seen() {
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    let variance = |law: &Density, k: u64| {
        let outcomes = examine(&reference, &counted(&reference, law, 400, k), &ASKED);
        outcomes.into_iter().find(|outcome| outcome.kind == Kind::Variance).unwrap()
    };
    let sees = variance(&law, 5000).detectable;
    assert!(sees > 0.2 && sees < 0.9, "{sees}");
    for part in [sees, -sees] {
        let off = stretched(&law, part);
        let missed = (0..200).filter(|&k| variance(&off, 5001 + k).pass).count();
        assert!(missed <= 4, "{part}: {missed}");
    }
}

/// Where there is too little, a test fails downwards from its threshold.
#[test]
fn thresholds_are_on_the_side_of_what_was_found() {
    let law = two_modes();
    let reference = Reference::of_density(&law, 0);
    let Ok(FaultyLaw::Density(other)) = Fault::ModeWeight(-0.2).of_law(&law) else { panic!() };
    for outcome in examine(&reference, &counted(&reference, &other, 5000, 1), &ASKED) {
        if outcome.kind == Kind::Weight {
            assert!(!outcome.pass && outcome.statistic > outcome.threshold, "{outcome:?}");
        }
    }
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    let mut xs = vec![0.0; 20_000];
    law.sample(&mut stream(13, "gate/tests", 0), 10_000, &mut xs[..10_000]);
    // x, -x about the mean: neighbours never agree.
    let xs: Vec<f64> = xs[..10_000].iter().flat_map(|x| [*x, 1.0 - *x]).collect();
    let mut tally = Tally::new(&reference);
    tally.add(&reference, 0, &xs, xs.len());
    let outcomes = examine(&reference, &tally, &ASKED);
    let order = outcomes.iter().find(|outcome| outcome.kind == Kind::Order).unwrap();
    assert!(!order.pass && order.statistic == 0.0 && order.threshold > 0.4 && order.threshold < 0.5, "{order:?}");
}

/// Independent draws with another median are not said to know of each other; draws that do are, whatever their median.
#[test]
fn the_order_tells_dependence_from_a_wrong_median() {
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    let says = |xs: &[f64]| {
        let mut tally = Tally::new(&reference);
        tally.add(&reference, 0, xs, xs.len());
        let outcomes = examine(&reference, &tally, &ASKED);
        let order = outcomes.into_iter().find(|outcome| outcome.kind == Kind::Order).unwrap();
        assert!(!order.pass);
        order.says
    };
    let mut xs = vec![0.0; 20_000];
    moved(&law, 0.8).sample(&mut stream(11, "gate/tests", 0), 20_000, &mut xs);
    assert!(says(&xs).contains("nothing says that they know of each other"), "{}", says(&xs));
    let twice: Vec<f64> = xs.iter().flat_map(|x| [*x, *x]).collect();
    assert!(says(&twice).contains("rows 1 apart are not independent"), "{}", says(&twice));
    assert!(says(&[9.0; 5000]).contains("on one side of the median"));
}

/// Coordinates that are independent under a law that is known factor by factor, and are not in the draws: right ones fail in at most a hundredth of
/// cases, of 200 more than 12 times with probability 1e-6.
#[test]
fn independent_coordinates_are_held_to_it() {
    let grid = |variance: f64| {
        crate::laws::Law::Gaussian(crate::laws::GaussianLaw::exact(&Gaussian::scalar(0.0, variance).unwrap()))
    };
    let law = crate::laws::Law::Product(vec![(grid(1.0), 1), (grid(2.0), 2)]);
    let reference = Reference::of_law(&law, 0);
    let draws = |k: u64, same: bool| {
        let mut xs = vec![0.0; 3000];
        let rng = &mut stream(12, "gate/tests", k);
        for (i, variance) in [(0, 1.0), (1, 2.0), (2, 2.0)] {
            let one = Density::Gaussian(Gaussian::scalar(0.0, variance).unwrap());
            one.sample(rng, 1000, &mut xs[i * 1000..(i + 1) * 1000]);
        }
        if same {
            xs.copy_within(1000..2000, 2000);
        }
        let mut tally = Tally::new(&reference);
        tally.add(&reference, 0, &xs, 1000);
        examine(&reference, &tally, &ASKED)
    };
    let failed = |outcomes: &[Outcome]| outcomes.iter().any(|outcome| outcome.kind == Kind::Together && !outcome.pass);
    let tested = draws(0, false).iter().filter(|outcome| outcome.kind == Kind::Together).count();
    assert_eq!(tested, 3);
    assert!((0..200).filter(|&k| failed(&draws(k, false))).count() <= 12);
    let same = draws(0, true);
    assert!(failed(&same));
    let worst = same.iter().find(|outcome| outcome.kind == Kind::Together && !outcome.pass).unwrap();
    assert!(worst.name == "together of x1 and x2" && worst.says.contains("1000 of 1000 draws"), "{worst:?}");
}

fn stretched(law: &Density, part: f64) -> Density {
    match Fault::Variance(part).of_law(law) {
        Ok(FaultyLaw::Density(other)) => other,
        _ => panic!("a variance can be changed"),
    }
}

/// A sampler that is as wrong as it was passes: 200 runs at a level of 1/100 fail at most 12 times but with probability 1e-6 if the level is true. One that
/// got better passes too.
#[test]
fn samplers_that_stay_as_they_were_pass() {
    // Wrong by its spread, and by its medians: so many more neighbours are on one side of those of the law.
    for (law, off) in [(normal(2), moved(&normal(2), 0.4)), (two_modes(), stretched(&two_modes(), 0.2))] {
        let reference = Reference::of_density(&law, 0);
        let then = Baseline::new(&reference, &counted(&reference, &off, 20_000, 1000), &ASKED);
        let fails = |law: &Density, k: u64| {
            let tally = counted(&reference, law, 5000, k);
            !not_worse(&reference, &tally, &ASKED, &then).iter().all(|outcome| outcome.pass)
        };
        let same = (0..200).filter(|&k| fails(&off, k)).count();
        assert!(same <= 12, "{same}");
        let better = (200..220).filter(|&k| fails(&law, k)).count();
        assert!(better <= 1, "{better}");
    }
}

/// One that got worse by what a test says it sees fails: at most a thousandth is missed, two of 20 with probability 2e-4. The 25 draws of groups
/// say less than those of as many independent draws.
#[test]
fn samplers_that_got_worse_fail() {
    let law = normal(1);
    let reference = Reference::of_density(&law, 0);
    let off = stretched(&law, 0.1);
    let then = Baseline::new(&reference, &counted(&reference, &off, 50_000, 2000), &ASKED);
    let first = not_worse(&reference, &counted(&reference, &off, 50_000, 2001), &ASKED, &then);
    let of = |kind: Kind| first.iter().find(|outcome| outcome.kind == kind).unwrap();
    // Of N(., 2 (1 + v)) the mean square is 2 (1 + v).
    let sees = of(Kind::Variance).detectable;
    let worse = stretched(&law, sees / 2.0);
    assert!(sees > 0.2 && sees < 0.5, "{sees}");
    let missed = (0..20).filter(|&k| {
        let outcomes = not_worse(&reference, &counted(&reference, &worse, 50_000, 2100 + k), &ASKED, &then);
        outcomes.iter().find(|outcome| outcome.kind == Kind::Variance).unwrap().pass
    });
    assert!(missed.count() <= 1);
    let groups = Asked { groups: Some(25), ..ASKED };
    let tally = counted(&reference, &worse, 50_000, 2200);
    assert!(not_worse(&reference, &tally, &groups, &then).iter().all(|outcome| outcome.pass));
}

/// A baseline of another law, or of other directions, is refused.
#[test]
fn baselines_know_their_law() {
    let law = normal(2);
    let reference = Reference::of_density(&law, 0);
    let kept = Baseline::new(&reference, &counted(&reference, &law, 100, 0), &ASKED);
    assert!(kept.fits(&reference).is_ok());
    for other in [Reference::of_density(&law, 1), Reference::of_density(&stretched(&law, 0.1), 0)] {
        assert!(kept.fits(&other).unwrap_err().contains("another law"));
    }
    let text = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<Baseline>(&text).unwrap(), kept);
}

/// The ends of what passes pass, and the next counts do not.
#[test]
fn proportions_pass_up_to_their_ends() {
    use super::examine::passing;
    use super::inequalities::proportion;
    for (n, chance) in [(1000, 0.03), (50_000, 1e-3), (200, 0.5), (100_000, 1e-6)] {
        let (units, known) = (Units::Draws(n), crate::numerics::Interval::point(chance));
        for level in [1e-3, 1e-9] {
            let (lo, hi) = passing(units, known, level);
            let p = |count: f64| proportion(units, count / n as f64, known);
            let (least, most) = ((lo * n as f64).round(), (hi * n as f64).round());
            assert!(p(least) > level && p(most) > level && p(most + 1.0) <= level, "{n} {chance} {level}: {lo} {hi}");
            assert!(least == 0.0 || p(least - 1.0) <= level, "{n} {chance} {level}: {lo} {hi}");
        }
    }
}
