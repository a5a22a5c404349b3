//! 1-D laws under scores with jumps by graded Legendre panels with L2 projection.

/// 1-D laws under scores with jumps by graded Legendre panels with L2 projection.
#[derive(Clone, Debug)]
pub struct Panels1 {}
