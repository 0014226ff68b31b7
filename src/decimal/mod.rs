//! Decimal numbers as people report them: compared exactly, printed as written.
//!
//! A threshold of 0.80 must not depend on binary floating point, and a page must show `0.750` where
//! the policy says `0.750`.
//!
//! *Invariant:* no floating point anywhere.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A decimal number with the text it was written as.
#[derive(Debug, Clone)]
pub struct Decimal {
    text: String,
    mantissa: i128,
    scale: u32,
}

/// The text is not a plain decimal number of at most 30 digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal number such as 0.750")]
pub struct BadDecimal(pub String);

impl Decimal {
    /// The number as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn at_scale(&self, scale: u32) -> i128 {
        self.mantissa.saturating_mul(10i128.saturating_pow(scale - self.scale))
    }

    /// The distance to `other`, without sign, with as many places as the finer of the two.
    pub fn distance(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        let mantissa = (self.at_scale(scale) - other.at_scale(scale)).abs();
        Decimal { text: print(mantissa, scale), mantissa, scale }
    }

    /// Where this value lies between `low` and `high`, in thousandths, clamped: for drawing only.
    pub fn permille_between(&self, low: &Decimal, high: &Decimal) -> u32 {
        let scale = self.scale.max(low.scale).max(high.scale);
        let (v, a, b) = (self.at_scale(scale), low.at_scale(scale), high.at_scale(scale));
        if b <= a {
            return 500;
        }
        u32::try_from(((v - a).clamp(0, b - a)).saturating_mul(1000) / (b - a)).unwrap_or(500)
    }

    /// The sum of two decimals.
    pub fn plus(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        let mantissa = self.at_scale(scale).saturating_add(other.at_scale(scale));
        Decimal { text: print(mantissa, scale), mantissa, scale }
    }

    /// The difference of two decimals.
    pub fn minus(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        let mantissa = self.at_scale(scale).saturating_sub(other.at_scale(scale));
        Decimal { text: print(mantissa, scale), mantissa, scale }
    }
}

fn print(mantissa: i128, scale: u32) -> String {
    let digits = mantissa.unsigned_abs().to_string();
    let sign = if mantissa < 0 { "-" } else { "" };
    let places = usize::try_from(scale).expect("at most 30");
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{part}")
}

impl FromStr for Decimal {
    type Err = BadDecimal;
    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        let bad = || BadDecimal(text.to_owned());
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let shape = !whole.is_empty() && digits(whole) && digits(part);
        let dot_ok = !unsigned.ends_with('.');
        if !shape || !dot_ok || whole.len() + part.len() > 30 {
            return Err(bad());
        }
        let magnitude: i128 = format!("{whole}{part}").parse().map_err(|_| bad())?;
        let mantissa = if text.starts_with('-') { -magnitude } else { magnitude };
        let scale = u32::try_from(part.len()).map_err(|_| bad())?;
        Ok(Decimal { text: text.to_owned(), mantissa, scale })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.at_scale(scale).cmp(&other.at_scale(scale))
    }
}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}
impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn compares_exactly_and_prints_as_written() {
        assert_eq!(d("0.750"), d("0.75"));
        assert_eq!(d("0.750").to_string(), "0.750");
        assert!(d("-0.1") < d("0"));
        assert!(d("0.1") < d("0.10000000000000000001"));
        assert_eq!(d("0.791").distance(&d("0.75")).to_string(), "0.041");
        assert_eq!(d("0.07").minus(&d("0.1")).to_string(), "-0.03");
        assert_eq!(d("5").permille_between(&d("0"), &d("10")), 500);
        for bad in ["", ".5", "5.", "1e3", "+1", "--1", "1,5", "NaN", "0x1"] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }
}
