//! `list`: what there is, of each kind.

use super::args::{Kind, ListArgs};
use super::columns::aligned;
use super::session::{Exit, Failure, Session};
use super::specs::built_in;
use super::statements::source;
use crate::bounds::THEOREMS;
use crate::divergences::Divergence;
use crate::experiments::{ERRORS, LAWS, PROCESSES, SAMPLERS, provenance_name};
use crate::laws::Engine;
use serde_json::{Value, json};

/// A list: a head, rows for people, objects for programs.
struct List {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    objects: Vec<Value>,
}

pub fn list(args: &ListArgs, session: &Session) -> Result<Exit, Failure> {
    let list = match args.kind {
        Kind::Theorems => theorems(session),
        Kind::Experiments => experiments()?,
        Kind::Targets => {
            let table =
                ("data.csv", "the empirical law of the rows of a table; as a target at noise levels with sigma > 0");
            named(LAWS.iter().map(|&name| (name, law(name))).chain([table]))
        }
        Kind::Starts => {
            let special = [
                ("target", "the target at the sampler's first noise level"),
                ("prior", "OU, VP: N(0, I); VE: N(0, sigma^2 I) at the first noise level"),
                ("warm", "N(alpha E X, sigma^2 I) at the first noise level"),
            ];
            named(LAWS.iter().map(|&name| (name, law(name))).chain(special))
        }
        Kind::Processes => named(PROCESSES.iter().map(|&name| (name, process(name)))),
        Kind::Errors => named(ERRORS.iter().map(|&name| (name, error(name)))),
        Kind::Samplers => named(SAMPLERS.iter().copied()),
        Kind::Divergences => named(Divergence::ALL.into_iter().map(|d| (d.name(), divergence(d)))),
        Kind::Engines => named(Engine::ALL.into_iter().map(|e| (e.name(), engine(e)))),
    };
    if session.json {
        session.print_json(&list.objects)?;
    } else {
        session.print(&aligned(&list.head, &list.rows))?;
    }
    Ok(Exit::Fine)
}

fn named<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> List {
    let entries: Vec<(&str, &str)> = entries.collect();
    List {
        head: vec!["name", "what it is"],
        rows: entries.iter().map(|(name, what)| vec![(*name).to_owned(), (*what).to_owned()]).collect(),
        objects: entries.iter().map(|(name, what)| json!({ "name": name, "about": what })).collect(),
    }
}

fn theorems(session: &Session) -> List {
    for theorem in THEOREMS.iter().filter(|_| session.explain) {
        let hypotheses: Vec<&str> = theorem.hypotheses.iter().map(|h| h.says).collect();
        session.explain(&format!("{} assumes: {}\n", theorem.labels[0], hypotheses.join("; ")));
    }
    List {
        head: vec!["label", "about", "provenance", "title", "id"],
        rows: THEOREMS
            .iter()
            .map(|t| {
                let provenance = provenance_name(t.reference.provenance);
                [&t.labels.join(", "), t.about.name(), provenance, t.title, t.id].map(str::to_owned).to_vec()
            })
            .collect(),
        objects: THEOREMS
            .iter()
            .map(|t| {
                json!({
                    "id": t.id, "labels": t.labels, "provenance": provenance_name(t.reference.provenance),
                    "about": t.about.kind(), "divergence": t.about.name(), "source": source(t), "title": t.title,
                })
            })
            .collect(),
    }
}

fn experiments() -> Result<List, Failure> {
    let specs = built_in()?;
    let default = |d: bool| if d { "default" } else { "" };
    Ok(List {
        head: vec!["name", "", "question"],
        rows: specs.iter().map(|s| vec![s.name.clone(), default(s.default).to_owned(), s.question.clone()]).collect(),
        objects: specs
            .iter()
            .map(|s| json!({ "name": s.name, "title": s.title, "question": s.question, "default": s.default }))
            .collect(),
    })
}

fn law(name: &str) -> &'static str {
    match name {
        "gaussian" => "N(mean, cov)",
        "mixture" => "sum_i weights[i] N(means[i], covs[i])",
        "points" => "sum_i weights[i] delta(points[i]); as a target at noise levels with sigma > 0",
        "box-mixture" => "sum_i weights[i] N(means[i], sds[i]^2 I), each conditioned on a cube; under noise",
        _ => "independent blocks with copies",
    }
}

fn process(name: &str) -> &'static str {
    match name {
        "ou" => "dX = -X dt + sqrt2 dB: alpha = e^-t, sigma^2 = 1 - e^-2t",
        "vp" => "dX = -(beta/2) X dt + sqrt(beta) dB: the OU formulas at elapsed time (1/2) int beta",
        _ => "dX = sqrt2 dB: alpha = 1, sigma^2 = 2t",
    }
}

fn error(name: &str) -> &'static str {
    match name {
        "none" => "the exact score",
        "constant" => "c u",
        "affine" => "c (A x + b)",
        "fourier" => "c cos(frequency x_i + phase) in every coordinate",
        "bump" => "c u 1{lo < u.x < hi}, sharp or logistic",
        "outward" => "c u 1{u.x > threshold}, sharp or logistic",
        _ => "c sum_j a_j cos(w_j.x + b_j), random features",
    }
}

fn divergence(kind: Divergence) -> &'static str {
    match kind {
        Divergence::Tv => "total variation, in [0, 1]",
        Divergence::Kl => "KL(output | target), nats",
        Divergence::KlReverse => "KL(target | output), nats",
        Divergence::ChiSquared => "int q^2/p - 1",
        Divergence::Renyi2 => "ln(1 + chi2), nats",
        Divergence::HellingerSquared => "1 - int sqrt(q p)",
        Divergence::W2 => "the 2-Wasserstein distance",
    }
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Gaussian => "moments in closed form: Gaussian start, affine score",
        Engine::Grid => {
            "a density on the line (smooth scores by Fourier moments, scores with jumps by graded panels) or in the plane (tensor \
             grids)"
        }
        Engine::Product => "independent blocks, each by its own engine",
        Engine::Split => "a low-dimensional core times a Gaussian rest, in a rotated frame",
        Engine::Particles => "sampling, for everything else; intervals hold with the stated confidence",
    }
}
