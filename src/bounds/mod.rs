//! Floor 7: theorems as data, and the instances they are judged on.

mod along;
mod damage;
mod diffusion;
pub mod draws;
pub mod general;
pub mod han_razaviyayn_xu_2024;
pub mod hypotheses;
mod instance;
pub mod lee_lu_tan_2022;
mod mean_square;
mod moments;
mod one_sided;
mod pages;
mod path;
pub mod pedrotti_maas_mondelli_2024;
mod recognise;
mod registry;
mod route;
mod short_steps;
mod stride;
#[cfg(test)]
mod tests;
mod theorem;

pub use along::{ChiPath, FOLLOWED, Walk};
pub use diffusion::{diffusion_to_target, kl_diffusion, tv_diffusion, w2_diffusion};
pub use instance::{Instance, Pair};
pub use mean_square::exceedance_under;
pub use pages::{page, pages};
pub use path::{LevelInformation, PathTerms, ReversePath};
pub use recognise::{Lmc, as_kick, as_lmc, as_second_mode, centred_variance};
pub use registry::{THEOREMS, find, named};
pub use route::{Correct, Family, Flow, Move, Predict, Route};
pub use theorem::{
    Bound, Claim, Exponent, Holds, Hypothesis, Profile, Provenance, Quantity, Reference, Relation, Share, Theorem,
};
