//! Runs a property over made-up histories, from a seed that is told.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// The seed unless `COUNTERSIGN_SEED` says otherwise.
const SEED: u64 = 20_261_122;

/// Holds a property against so many made-up cases.
pub fn hold<S: Strategy>(
    law: &str,
    cases: u32,
    strategy: S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    #[expect(clippy::disallowed_methods, reason = "a test may be told its seed")]
    let told = std::env::var("COUNTERSIGN_SEED").ok();
    let seed = told.map_or(SEED, |text| text.parse().expect("COUNTERSIGN_SEED is a number"));
    #[expect(clippy::disallowed_methods, reason = "a test may be told how many cases")]
    let told = std::env::var("COUNTERSIGN_CASES").ok();
    let told = told.map(|text| text.parse().expect("COUNTERSIGN_CASES is a number"));
    // Too few histories do not reach everything.
    let cases = told.filter(|_| !law.contains("reach")).unwrap_or(cases);
    eprintln!("{law}: {cases} histories, COUNTERSIGN_SEED={seed}");
    let bytes = crate::digest::sha256(format!("{law} {seed}").as_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    if let Err(error) = runner.run(&strategy, test) {
        panic!("{law}, COUNTERSIGN_SEED={seed}: {error}");
    }
}
