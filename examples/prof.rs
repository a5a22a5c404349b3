use scorebound::divergences::Divergence;
use scorebound::laws::Law;
use scorebound::targets::*;
fn main() {
    let m = |w: &[f64], a: &[f64], v: &[f64]| Law::Closed(Density::Mixture(Mixture::scalar(w, a, v).unwrap()));
    let cases = [
        ("m", m(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]), m(&[0.5, 0.5], &[-1.2, 1.3], &[0.6, 0.7])),
        ("near", m(&[0.4, 0.6], &[-1.5, 1.500000001], &[0.6, 1.0]), m(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0])),
        ("far", m(&[0.5, 0.5], &[-8.0, -6.0], &[0.6, 1.0]), m(&[0.4, 0.6], &[6.0, 9.0], &[0.6, 1.0])),
        ("wide", m(&[0.6, 0.4], &[-30.0, 30.0], &[1.0, 1.0]), m(&[0.5, 0.5], &[-30.0, 30.0], &[1.0, 1.0])),
        ("spike", m(&[0.5, 0.5], &[0.001, 0.0], &[1.2e-4, 1.0]), m(&[0.5, 0.5], &[0.0, 0.0], &[1e-4, 1.0])),
    ];
    for (n, q, p) in &cases {
        for d in Divergence::ALL {
            let t = std::time::Instant::now();
            let r = d.between(q, p);
            println!("{n} {d} {:?} {:.3}s", r.map(|r| (r.value, r.evidence)), t.elapsed().as_secs_f64());
        }
    }
}
