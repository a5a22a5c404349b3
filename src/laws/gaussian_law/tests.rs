//! Laws after N steps: at once against step by step, and against reference values.
