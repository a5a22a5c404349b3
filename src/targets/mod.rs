//! Floor 2: laws whose density and score are known in closed form at every noise level, and their constants.
