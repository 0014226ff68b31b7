//! Words that turn a meaning: adding, removing or moving one is never a correction.
//!
//! The design's minimum is not, no, never, must, shall, may, unless, except. Here stand all words of
//! negation, duty, permission, exception, quantity, comparison and order in time, numbers in words, months
//! and days. A word too many costs a second look; a word too few lets a decision stand that was not made.

/// Sorted by bytes, in lower case, with straight apostrophes.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "about", "above", "after", "all", "almost", "always", "among", "annual", "annually", "any", "anybody",
    "anyone", "anything", "approximately", "april", "at", "aucun", "aucune", "august", "barely", "before",
    "below", "beneath", "between", "beyond", "billion", "both", "but", "by", "can", "cannot", "cease",
    "ceases", "could", "daily", "darf", "december", "decrease", "decreased", "decreases", "despite",
    "double", "doubled", "down", "during", "dürfen", "each", "eight", "eighteen", "eighth", "eighty",
    "either", "eleven", "equal", "equals", "even", "every", "everybody", "everyone", "everything", "exceed",
    "exceeded", "exceeding", "exceeds", "except", "excepting", "excluded", "excludes", "excluding",
    "exclusive", "exclusively", "exempt", "fail", "failed", "fails", "false", "february", "few", "fewer",
    "fewest", "fifteen", "fifth", "fifty", "first", "five", "forbid", "forbidden", "forbids", "former",
    "forty", "four", "fourteen", "fourth", "friday", "geen", "greater", "greatest", "half", "halve",
    "halved", "hardly", "higher", "highest", "hourly", "hundred", "if", "inclusive", "increase",
    "increased", "increases", "jamais", "january", "july", "june", "kein", "keine", "keinen", "keiner",
    "lack", "lacking", "lacks", "larger", "largest", "last", "later", "latest", "latter", "least", "less",
    "lesser", "lower", "lowest", "mandatory", "many", "march", "max", "maximal", "maximum", "may", "maybe",
    "might", "million", "min", "minimal", "minimum", "minus", "monday", "monthly", "more", "most", "much",
    "muss", "must", "nearly", "need", "needs", "neither", "never", "next", "nicht", "nie", "niemals",
    "niet", "nine", "nineteen", "ninety", "ninth", "no", "nobody", "non", "none", "nooit", "nor", "not",
    "nothing", "november", "nowhere", "nunca", "não", "october", "off", "often", "ohne", "once", "one",
    "only", "opposite", "optional", "or", "ought", "outside", "over", "partial", "partially", "partly",
    "pas", "pass", "passed", "passes", "per", "percent", "permit", "permits", "permitted", "plus", "prior",
    "prohibit", "prohibited", "prohibits", "provided", "quarter", "quarterly", "rarely", "recommended",
    "refuse", "refused", "refuses", "require", "required", "requires", "sans", "saturday", "scarcely",
    "second", "seldom", "sem", "september", "seven", "seventeen", "seventh", "seventy", "several", "shall",
    "should", "sin", "since", "six", "sixteen", "sixth", "sixty", "smaller", "smallest", "sole", "solely",
    "soll", "some", "somebody", "someone", "something", "sometimes", "subject", "sunday", "ten", "tenth",
    "than", "third", "thirteen", "thirty", "though", "thousand", "three", "thrice", "thursday", "times",
    "triple", "true", "tuesday", "twelfth", "twelve", "twenty", "twice", "two", "under", "unless", "unlike",
    "until", "up", "usually", "wednesday", "weekly", "when", "whenever", "where", "whereas", "whether",
    "while", "will", "within", "without", "worse", "worst", "would", "yearly", "yes", "zero", "zonder",
];

/// Syllables that turn a word into its opposite.
const OPPOSITES: &[&str] =
    &["un", "in", "im", "ir", "il", "non", "dis", "mis", "anti", "de", "over", "under", "counter"];

/// True for a word that turns a meaning.
pub(super) fn turns(word: &str) -> bool {
    let word = plain(word);
    // don't, isn't, mustn't; ain't too
    word.ends_with("n't") || word == "dont" || listed(&word) || is_numeral(&word)
}

fn listed(word: &str) -> bool {
    WORDS.binary_search(&word).is_ok()
}

fn is_numeral(word: &str) -> bool {
    let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    tens.iter().any(|ten| word.strip_prefix(ten).is_some_and(listed))
}

/// In lower case, with straight apostrophes.
pub(super) fn plain(word: &str) -> String {
    word.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'")
}

/// Everything that says the opposite of a word in lower case by a syllable more, as far as that is regular.
pub(super) fn opposites(word: &str) -> impl Iterator<Item = String> {
    let less = word.strip_suffix("ful").map(|stem| format!("{stem}less"));
    OPPOSITES.iter().map(move |syllable| format!("{syllable}{word}")).chain(less)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_design_turn_and_the_list_can_be_searched() {
        assert!(WORDS.is_sorted());
        for word in
            ["not", "No", "NEVER", "must", "shall", "may", "unless", "except", "isn\u{2019}t", "don't"]
        {
            assert!(turns(word), "{word}");
        }
        for word in ["twentyone", "dürfen", "percent", "March"] {
            assert!(turns(word), "{word}");
        }
        assert!(!turns("model") && !turns("note") && !turns("ant"));
        assert!(opposites("useful").any(|word| word == "useless"));
    }

    #[test]
    fn the_specification_lists_the_same_words() {
        let spec = include_str!("../../../SPEC.md");
        let list = spec.split("**Turning words.**\n```\n").nth(1).and_then(|rest| rest.split("```").next());
        let list: Vec<&str> = list.unwrap().split_whitespace().collect();
        assert_eq!(list, WORDS);
    }
}
