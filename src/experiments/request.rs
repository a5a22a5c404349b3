//! What a sampler in another program is told: the target, the settings of its spec and the steps they mean.

use super::tree::{Node, Value as Toml};
use crate::processes::NoiseLevel;
use crate::samplers::{Block, Drift, Program};
use crate::scores::At;
use crate::targets::{Covariance, Data, Density, Gaussian, Points};
use serde::Serialize;
use serde_json::{Value, json};

/// The name of the protocol.
pub const PROTOCOL: &str = "scorebound-sampler/1";

/// What is written to the standard input of the program. `docs/gate/protocol.md` describes it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// [`PROTOCOL`].
    pub protocol: &'static str,
    /// How many rows are wanted.
    pub samples: u64,
    /// The seed to draw with.
    pub seed: u64,
    /// d.
    pub dim: usize,
    /// The target before noise.
    pub target: Value,
    /// The noise level at which draws are held against the target, where it is not that of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Value>,
    /// `log-density` and `score` of the target, for people.
    pub formulas: Value,
    /// The table `sampler` of the spec.
    pub settings: Value,
    /// The table `error` of the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_error: Option<Value>,
    /// The law the sampler starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Value>,
    /// The steps of the sampler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<Vec<Value>>,
    /// Where the Python module is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}

impl Request {
    /// For the target of a spec.
    #[must_use]
    pub fn new(target: &Data, level: NoiseLevel, spec: &Node) -> Self {
        Self {
            protocol: PROTOCOL,
            samples: 0,
            seed: 0,
            dim: target.dim(),
            target: law(target),
            against: (!level.is_data()).then(|| json!({"scale": level.alpha, "noise": level.sigma})),
            formulas: formulas(target),
            settings: spec.get("sampler").map_or_else(|| json!({}), table),
            score_error: spec.get("error").map(table),
            start: None,
            program: None,
            module: None,
        }
    }

    /// With a sampler: where it starts and what it does.
    #[must_use]
    pub fn with(self, start: &Data, program: &Program) -> Self {
        let program = program.blocks.iter().filter(|block| block.repeat > 0).map(step).collect();
        Self { start: Some(law(start)), program: Some(program), ..self }
    }
}

/// A value of a spec as JSON; an infinity or a date as a string.
fn table(node: &Node) -> Value {
    match &node.value {
        Toml::Table(entries) => Value::Object(entries.iter().map(|(k, node)| (k.name.clone(), table(node))).collect()),
        Toml::Array(items) => items.iter().map(table).collect(),
        Toml::Integer(i) => json!(i),
        Toml::Float(x) if x.is_finite() => json!(x),
        Toml::Float(x) => json!(super::tree::float(*x)),
        Toml::Text(text) | Toml::Date(text) => json!(text),
        Toml::Boolean(b) => json!(b),
    }
}

fn covariance(law: &Gaussian) -> Value {
    match &law.cov {
        Covariance::Isotropic(v) => json!(v),
        Covariance::Diagonal(v) => json!(v.as_slice()),
        Covariance::Dense(c) => c.row_iter().map(|row| json!(row.iter().collect::<Vec<_>>())).collect(),
    }
}

fn mixture(weights: &[f64], parts: &[Gaussian]) -> Value {
    json!({
        "kind": "mixture",
        "dim": parts.first().map_or(0, Gaussian::dim),
        "weights": weights,
        "means": parts.iter().map(|g| g.mean.as_slice()).collect::<Vec<_>>(),
        "covariances": parts.iter().map(covariance).collect::<Vec<_>>(),
    })
}

fn points(law: &Points) -> Value {
    let places: Vec<&[f64]> = law.points.iter().map(|x| x.as_slice()).collect();
    json!({"kind": "points", "dim": law.dim(), "weights": law.weights, "points": places})
}

fn product(dim: usize, factors: Vec<(Value, u64)>) -> Value {
    let factors: Vec<Value> = factors.into_iter().map(|(law, copies)| json!({"law": law, "copies": copies})).collect();
    json!({"kind": "product", "dim": dim, "factors": factors})
}

fn density(law: &Density) -> Value {
    match law {
        Density::Gaussian(g) => mixture(&[1.0], std::slice::from_ref(g)),
        Density::Mixture(m) => mixture(&m.weights, &m.components),
        Density::Product(p) => product(law.dim(), p.factors.iter().map(|(f, copies)| (density(f), *copies)).collect()),
    }
}

fn law(data: &Data) -> Value {
    match data {
        Data::Density(p) => density(p),
        Data::Points(p) => points(p),
        Data::Product(factors) => product(data.dim(), factors.iter().map(|(f, copies)| (law(f), *copies)).collect()),
        Data::Box(p) => json!({"kind": "box-mixture", "dim": p.dim()}),
    }
}

/// `x <- growth x + step score(x) + noise z`, or Heun's step; see `docs/gate/protocol.md`.
fn step(block: &Block) -> Value {
    let kernel = &block.kernel;
    let mut step = json!({"repeat": block.repeat, "noise": kernel.noise});
    let mut put = |name: &str, value: Value| {
        step[name] = value;
    };
    let mut score = |at: At, prefix: &str| {
        put(&format!("{prefix}scale"), json!(at.level.alpha));
        put(&format!("{prefix}noise-level"), json!(at.level.sigma));
        if at.truncated {
            put(&format!("{prefix}truncated"), json!(true));
        }
    };
    match kernel.drift {
        Drift::Score { a_minus_one, b, at } => {
            score(at, "");
            put("growth", json!(1.0 + a_minus_one));
            put("step", json!(b));
        }
        Drift::Heun { growth, h, from, to } => {
            score(from, "");
            score(to, "to-");
            put("heun", json!({"growth": growth, "step": h}));
        }
        Drift::Scale { a_minus_one } => {
            put("growth", json!(1.0 + a_minus_one));
            put("step", json!(0.0));
        }
    }
    step
}

fn formulas(target: &Data) -> Value {
    let (density, score) = match target {
        Data::Density(Density::Gaussian(_) | Density::Mixture(_)) => (
            "log sum_k w_k (2 pi)^(-d/2) det(C_k)^(-1/2) exp(-(x - m_k)^T C_k^(-1) (x - m_k)/2)",
            "sum_k r_k(x) C_k^(-1) (m_k - x), r_k(x) = w_k N(x; m_k, C_k) / sum_j w_j N(x; m_j, C_j)",
        ),
        Data::Density(Density::Product(_)) => (
            "the sum over the independent blocks of log sum_k w_k N(x_block; m_k, C_k)",
            "block by block: sum_k r_k(x) C_k^(-1) (m_k - x), r_k(x) = w_k N(x; m_k, C_k) / sum_j w_j N(x; m_j, C_j)",
        ),
        Data::Points(_) => (
            "none without noise; of s X + u Z: log sum_k w_k N(x; s x_k, u^2 I)",
            "none without noise; of s X + u Z: (s E[X | x] - x) / u^2",
        ),
        Data::Box(_) | Data::Product(_) => ("none in closed form", "none in closed form"),
    };
    json!({"log-density": density, "score": score})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::lmc;

    /// Numbers arrive as the doubles they are, whatever their size.
    #[test]
    fn a_request_says_what_the_spec_means() {
        let tree = Node::parse("[sampler.lmc]\nstep = 0.1\nsteps = 8\n").unwrap();
        let target = Data::Density(Density::Gaussian(Gaussian::scalar(1.0 / 3.0, 4.0).unwrap()));
        let request = Request::new(&target, NoiseLevel::DATA, &tree).with(&target, &lmc(0.1, 8, NoiseLevel::DATA));
        let text = serde_json::to_string(&request).unwrap();
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["target"]["means"][0][0].as_f64(), Some(1.0 / 3.0));
        assert_eq!(read["settings"], json!({"lmc": {"step": 0.1, "steps": 8}}));
        assert_eq!(
            read["program"],
            json!([{"repeat": 8, "noise": 0.2f64.sqrt(), "growth": 1.0, "step": 0.1, "scale": 1.0, "noise-level": 0.0}])
        );
        assert!(read.get("against").is_none() && read.get("module").is_none());
    }
}
