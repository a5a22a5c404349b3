//! HRX-6a: the irreducible noise of the regression is what Fisher information leaves.

use super::REFERENCE;
use super::atoms::{COORDINATES, LEVEL, coordinates, level_of, noise};
use crate::bounds::lee_lu_tan_2022::enclosed_level;
use crate::bounds::pedrotti_maas_mondelli_2024::data_before_noise;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::fisher_information;
use crate::targets::Density;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/noise_information.md")]
pub static NOISE_INFORMATION: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/noise-information",
    labels: &["HRX-6a"],
    title: "the noise that no regression removes, from the Fisher information of the noised data",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/noise_information.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "irreducible-noise", measured: |at| noise(&coordinates(at, None)?, level_of(at)?) },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[LEVEL, COORDINATES],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::regression::atoms_under_noise,
};

/// The noised data in closed form.
pub(super) fn noised(at: &Instance) -> Result<Density, String> {
    let level = level_of(at)?;
    data_before_noise(at)?.noised(level).ok_or_else(|| "the noised data cannot be formed in double precision".into())
}

/// `(h/alpha)^2 (d/h - I) = (h/alpha^2) (d - h I)`.
fn bound(at: &Instance) -> Result<Bound, String> {
    let [alpha, h] = enclosed_level(level_of(at)?)?;
    let fisher = fisher_information(&noised(at)?).map_err(|why| why.to_string())?.value;
    let value = h / alpha.sqr() * (at.dim() as f64 - h * fisher);
    Ok(Bound { value, terms: vec![("I", fisher), ("SNR", alpha.sqr() / h)] })
}
