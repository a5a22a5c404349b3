//! Random instances around the admissible region of each theorem, for `verify`.

use super::Instance;
use rand::Rng;

/// TODO
pub fn small_bad_set(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn small_bad_set_gaussian(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn any_error(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn exact_score(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn bounded_or_affine_error(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn bounded_error_small_step(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn l2_score(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn prescribed(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn second_mode(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn kick(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}

/// TODO
pub fn medium_time(rng: &mut dyn Rng) -> Instance {
    let _ = rng;
    todo!()
}
