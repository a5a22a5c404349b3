//! Numbers that are not as random, or not as normal, as they should be.

use super::super::super::line_law::Cut;
use super::super::drawing::{normal, on_line};
use super::super::laws::{integers, isotropic};
use super::super::line_laws::{Alone, Either, Function, coordinate};
use super::super::{Drawn, Faulty, Sampler, Wrong};
use rand::{Rng, RngExt};

pub(super) const ALL: [Faulty; 8] = [
    Faulty {
        name: "tails-cut",
        fault: "numbers beyond 3.5 standard deviations are drawn again",
        story: "`stddev` of Keras' and TensorFlow's truncated initialisers was that before the cut, here at two standard deviations \
            (keras-team/keras#9957, tensorflow/tensorflow#16344)",
        build: tails_cut,
    },
    Faulty {
        name: "tail-from-the-wrong-layer",
        fault: "a ziggurat sends one of its 128 layers to the tail that should not go there",
        story: "Bmad's default normals: 13.7 times too many beyond 3.44, found in 2026 (bmad-sim/bmad-ecosystem#2075)",
        build: tail_from_the_wrong_layer,
    },
    Faulty {
        name: "uniform-for-normal",
        fault: "`rand` for `randn`, scaled to mean 0 and variance 1",
        story: "an ensemble smoother drew its noise so \"by mistake, in multiple places\" (equinor/iterative_ensemble_smoother#54); random fields too \
            (Team-RADDISH/ParticleDA.jl#66)",
        build: uniform_for_normal,
    },
    Faulty {
        name: "box-muller-one-uniform",
        fault: "the same uniform number makes radius and angle",
        story: "the dithering of torchaudio (pytorch/audio#2634, #2639)",
        build: box_muller_one_uniform,
    },
    Faulty {
        name: "few-bits",
        fault: "normals by inversion from 12 random bits: none beyond 3.7",
        story: "vLLM made its Gumbel noise in single precision, and went back to double since the tail was lost (vllm-project/vllm#34854, #37798)",
        build: few_bits,
    },
    Faulty {
        name: "twelve-uniforms",
        fault: "the sum of twelve uniform numbers less 6 for a normal one: tails too light",
        story: "an old shortcut; no report of it in a sampler found",
        build: twelve_uniforms,
    },
    Faulty {
        name: "modulo-bias",
        fault: "a random byte modulo 12: the first four of twelve states are a little too frequent",
        story: "the textbook fault of integers from random bits; no report of it in a sampler looked for",
        build: modulo_bias,
    },
    Faulty {
        name: "last-state-never",
        fault: "`below(k - 1)` where k states are meant: the last one is never drawn",
        story: "the off-by-one of every exclusive range; no report of it in a sampler looked for",
        build: last_state_never,
    },
];

fn tails_cut() -> Result<Wrong, String> {
    let right = isotropic(1, 0.0, 1.0)?;
    let draw = on_line(|source| {
        loop {
            let z = normal(source);
            if z.abs() <= 3.5 {
                return z;
            }
        }
    });
    let law = Alone::of(Cut { law: coordinate(&right)?, range: (-3.5, 3.5) });
    Ok(Wrong::line(&right, law, draw))
}

/// Where the lowest layer of a ziggurat of 128 ends.
const TAIL: f64 = 3.442_619_855_899;

fn tail_from_the_wrong_layer() -> Result<Wrong, String> {
    let right = isotropic(1, 0.0, 1.0)?;
    let draw = on_line(|source| {
        // The rectangles under the bell are rejection sampling, and right; the layer at the peak should be one of them.
        if source.random_range(0..128) > 0 {
            return normal(source);
        }
        // Marsaglia's tail.
        let x = loop {
            let [u, v] = [0; 2].map(|_| -(1.0 - source.random::<f64>()).ln());
            let x = u / TAIL;
            if 2.0 * v >= x * x {
                break x + TAIL;
            }
        };
        if source.random() { x } else { -x }
    });
    let side = |range| -> Result<Box<Cut>, String> { Ok(Box::new(Cut { law: coordinate(&right)?, range })) };
    let tails = Either { chance: 0.5, laws: [side((-40.0, -TAIL))?, side((TAIL, 40.0))?] };
    let law = Either { chance: 1.0 / 128.0, laws: [Box::new(tails), coordinate(&right)?] };
    Ok(Wrong::line(&right, Alone::of(law), draw))
}

fn uniform_for_normal() -> Result<Wrong, String> {
    let draw = on_line(|source| 12f64.sqrt() * (source.random::<f64>() - 0.5));
    let half = 3f64.sqrt();
    let law = Function { at_most: |x| 0.5 + x / 12f64.sqrt(), reach: (-half, half) };
    Ok(Wrong::line(&isotropic(1, 0.0, 1.0)?, Alone::of(law), draw))
}

fn box_muller_one_uniform() -> Result<Wrong, String> {
    let draw = on_line(|source| {
        let u = 1.0 - source.random::<f64>();
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * u).cos()
    });
    Ok(Wrong::piloted(&isotropic(1, 0.0, 1.0)?, draw))
}

/// Words of so many bits.
const WORDS: u32 = 4096;

fn few_bits() -> Result<Wrong, String> {
    use statrs::distribution::{ContinuousCDF, Normal};
    let inverse = |word: u32| Normal::standard().inverse_cdf((f64::from(word) + 0.5) / f64::from(WORDS));
    let draw = on_line(move |source| inverse(source.next_u32() >> 20));
    let atoms = (0..WORDS).map(|word| (1.0 / f64::from(WORDS), inverse(word))).collect();
    Ok(Wrong::line(&isotropic(1, 0.0, 1.0)?, Alone::atoms(atoms), draw))
}

fn twelve_uniforms() -> Result<Wrong, String> {
    let draw = on_line(|source| (0..12).map(|_| source.random::<f64>()).sum::<f64>() - 6.0);
    // Irwin and Hall: sum over k <= x of (-1)^k C(12, k) (x - k)^12/12!, from the nearer end.
    fn at_most(x: f64) -> f64 {
        if x > 0.0 {
            return 1.0 - at_most(-x);
        }
        let (x, mut sum, mut choose) = (x + 6.0, 0.0, 1.0);
        for k in 0..12 {
            let k = f64::from(k);
            if k < x {
                sum += choose * (x - k).powi(12);
            }
            choose *= -(12.0 - k) / (k + 1.0);
        }
        sum / 479_001_600.0
    }
    let law = Function { at_most, reach: (-6.0, 6.0) };
    Ok(Wrong::line(&isotropic(1, 0.0, 1.0)?, Alone::of(law), draw))
}

fn modulo_bias() -> Result<Wrong, String> {
    let draw = on_line(|source| f64::from((source.next_u32() >> 24) % 12));
    let weights: Vec<f64> = (0..12).map(|k| if k < 256 % 12 { 22.0 } else { 21.0 }).collect();
    let sampler = Sampler::of_points(&integers(&[1.0; 12])?, draw);
    Ok(Wrong { sampler, drawn: Drawn::Law(Box::new(integers(&weights)?), None) })
}

fn last_state_never() -> Result<Wrong, String> {
    let states = 50;
    let draw = on_line(move |source| f64::from(source.random_range(0..states - 1)));
    let sampler = Sampler::of_points(&integers(&[1.0; 50])?, draw);
    Ok(Wrong { sampler, drawn: Drawn::Law(Box::new(integers(&[1.0; 49])?), None) })
}
