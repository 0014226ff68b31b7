//! Cases of the engine.
