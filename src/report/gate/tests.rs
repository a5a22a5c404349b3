use super::figures::figures;
use super::page;
use crate::numerics::stream;
use crate::report::draw;
use crate::targets::{Density, Gaussian, Mixture, Points, Product};
use crate::verdicts::gate::{Asked, Baseline, Judged, Kind, Reference, Tally};
use nalgebra::DVector;

const ASKED: Asked = Asked { alpha: 1e-3, within: 0.0, missed: 1e-3, groups: None };

fn normal(dim: usize, variance: f64) -> Density {
    Density::Gaussian(Gaussian::isotropic(DVector::from_element(dim, 0.5), variance).unwrap())
}

fn two_modes(first: f64) -> Density {
    let mode = |x: f64, y: f64| Gaussian::isotropic(DVector::from_vec(vec![x, y]), 0.5).unwrap();
    Density::Mixture(Mixture::new(vec![first, 1.0 - first], vec![mode(-2.0, 0.0), mode(2.0, 1.0)]).unwrap())
}

fn drawn(law: &Density, n: usize) -> Vec<f64> {
    let mut xs = vec![0.0; n * law.dim()];
    law.sample(&mut stream(7, "report/gate", 0), n, &mut xs);
    xs
}

fn counted(reference: &Reference, xs: &[f64]) -> Tally {
    let mut tally = Tally::new(reference);
    tally.add(reference, 0, xs, xs.len() / reference.dim);
    tally
}

/// Numbers only, and nothing from elsewhere.
fn is_sound(page: &str) {
    for (k, svg) in page.split("<svg").skip(1).enumerate() {
        let svg = svg.split("</svg>").next().unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "figure {k}: {svg}");
    }
    for outside in ["<script", "<link", "<img", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<figure>").count(), page.matches("<svg").count());
    assert_eq!(page.matches("<figcaption>").count(), page.matches("<svg").count());
}

/// Each fault fails and is told; the first plot after the overview is of a kind that fails.
#[test]
fn pages_tell_faults_in_words_and_plots() {
    let cut = |xs: Vec<f64>| xs.into_iter().filter(|x| (x - 0.5).abs() < 2.0 * 2f64.sqrt()).collect::<Vec<f64>>();
    for (law, xs, kind) in [
        (normal(2, 2.0), drawn(&normal(2, 2.4), 20_000), Kind::Variance),
        (normal(1, 2.0), cut(drawn(&normal(1, 2.0), 20_000)), Kind::Tails),
        (normal(1, 2.0), drawn(&normal(1, 2.0), 20_000).iter().map(|x| x + 0.1).collect(), Kind::Mean),
        (two_modes(0.3), drawn(&two_modes(0.35), 20_000), Kind::Weight),
    ] {
        let reference = Reference::of_density(&law, 0);
        let tally = counted(&reference, &xs);
        let judged = Judged::new("the law of <this & that>", &reference, &tally, ASKED, None);
        let text = page(&judged, 0).unwrap();
        is_sound(&text);
        assert!(text.contains("the law of &lt;this &amp; that&gt;") && !text.contains("<this"));
        let own = judged.failures().into_iter().find(|outcome| outcome.kind == kind).unwrap();
        assert!(text.contains(&format!("<strong>{}</strong>: {}", own.name, own.says)), "{}", own.says);
        let all = figures(&judged);
        assert!(all.iter().any(|figure| figure.kinds.contains(&kind)), "{kind:?}");
        let failed: Vec<Kind> = judged.failures().iter().map(|outcome| outcome.kind).collect();
        assert!(all[1].kinds.iter().any(|kind| failed.contains(kind)), "{kind:?}");
        assert!(all.iter().all(|figure| !figure.reading.is_empty() && figure.here.iter().all(|here| !here.is_empty())));
        // What fails is drawn as such where its kind is drawn.
        let own = all.iter().find(|figure| figure.kinds.contains(&kind)).unwrap();
        assert!(draw::svg(&own.chart).unwrap().contains("found, fails"), "{kind:?}");
    }
}

/// A right sampler's page: nothing is marked as failing.
#[test]
fn pages_of_right_samplers_show_no_fault() {
    for law in [normal(1, 2.0), normal(5, 2.0), two_modes(0.3)] {
        let reference = Reference::of_density(&law, 0);
        let tally = counted(&reference, &drawn(&law, 5000));
        let judged = Judged::new("a law", &reference, &tally, ASKED, None);
        let text = page(&judged, 0).unwrap();
        is_sound(&text);
        assert!(judged.pass() && text.contains("<strong>PASS:</strong>"));
        assert!(!text.contains("found, fails") && !text.contains("outside of the band") && !text.contains("(fails"));
    }
}

/// Whatever the draws and the law are, the page is made of finite numbers.
#[test]
fn pages_of_odd_draws_are_sound() {
    let product = Density::Product(Product::new(vec![(normal(1, 2.0), 4), (two_modes(0.3), 1)]).unwrap());
    let atoms = Points::new(vec![0.25, 0.75], [-1.0, 2.0].map(|x| DVector::from_element(1, x)).to_vec()).unwrap();
    let mut wild = drawn(&product, 300);
    wild.iter_mut().step_by(3).for_each(|x| *x *= 1e300);
    for (reference, xs) in [
        (Reference::of_density(&product, 0), wild),
        (Reference::of_density(&normal(1, 2.0), 0), vec![0.5; 1000]),
        (Reference::of_density(&normal(1, 2.0), 0), vec![-1e300, 1e300]),
        (Reference::of_density(&normal(2, 2.0), 0), vec![9.0; 8]),
        (Reference::of_points(&atoms), [vec![-1.0; 50], vec![2.0; 50]].concat()),
        (Reference::of_points(&atoms), vec![7.0; 50]),
    ] {
        let tally = counted(&reference, &xs);
        for asked in [ASKED, Asked { within: 0.3, ..ASKED }, Asked { groups: Some(2), ..ASKED }] {
            is_sound(&page(&Judged::new("a law", &reference, &tally, asked, None), 0).unwrap());
        }
    }
}

/// Beside a run that was kept, the intervals in which draws pass against the law mean nothing, and are not drawn.
#[test]
fn pages_beside_a_baseline_draw_what_was_tested() {
    let law = normal(2, 2.0);
    let reference = Reference::of_density(&law, 0);
    let then = Baseline::new(&reference, &counted(&reference, &drawn(&law, 5000)), &ASKED);
    for (variance, pass) in [(2.0, true), (4.0, false)] {
        let tally = counted(&reference, &drawn(&normal(2, variance), 20_000));
        let judged = Judged::new("a law", &reference, &tally, ASKED, Some(("then.json", &then)));
        let text = page(&judged, 0).unwrap();
        is_sound(&text);
        assert!(judged.pass() == pass && text.contains("the run kept in then.json"), "{text}");
        assert!(figures(&judged).iter().all(|figure| figure.kinds.is_empty() || figure.kinds == [Kind::Order]));
    }
}
