//! The language of an article, by Bayes: what is likely before the text is seen (the publisher's claim, else how much
//! news is in which language), times how well its letters fit each language.

mod grams;
mod model;
mod script;
#[cfg(feature = "train")]
pub mod train;

use ::model::Article;
use model::MODEL;
use record::Language;
use script::Script;

/// Version of the rule and its model.
pub(crate) const VERSION: &str = "linear-grams-1";

/// Bytes of title and text that are looked at: more makes no language clearer.
const SAMPLE_MAX: usize = 800;
/// Bytes that suffice when they leave no doubt of what the publisher claims.
const SAMPLE_FIRST: usize = 100;
const NO_DOUBT: f64 = 0.999;

/// Letters below which a text says nothing, and from which on it overrules a claim of another script: a short text
/// in Latin letters may be nothing but a name.
const LETTERS_MIN: usize = 8;
const LETTERS_SHORT: usize = 60;

/// Share of publishers' claims that are right: 1.5 to 2 % of pages claim a wrong one, feeds' templates more.
const CLAIM_RIGHT: f64 = 0.96;
/// How far to believe a claim that nothing speaks for or against.
const CLAIM_ALONE: f64 = 0.5;
/// How far to believe the letters of a script that is one language's own: others borrow it.
const SCRIPT_RIGHT: f64 = 0.98;

/// Languages by how much of the web is in them, in steps of about the same factor; all others are rare.
const COMMON: [(&[&str], f64); 4] = [
    (&["en"], 32.0),
    (&["de", "es", "fr", "it", "ja", "pt", "ru"], 8.0),
    (&["ar", "cs", "fa", "id", "ko", "nl", "pl", "tr", "uk", "vi", "zh"], 4.0),
    (
        &[
            "bg", "ca", "da", "el", "et", "fi", "he", "hi", "hr", "hu", "lt", "lv", "ms", "no", "ro", "sk",
            "sl", "sr", "sv", "th",
        ],
        2.0,
    ),
];
const RARE: f64 = 0.5;

/// The article's language, by its primary subtag; none when it cannot be told.
pub(crate) fn of(article: &Article) -> Option<Language> {
    let claim = article
        .language_claim
        .as_deref()
        .and_then(|claim| claim.split('-').next())
        .filter(|code| !code.is_empty());
    let sample = sample(article.title.as_deref(), article.text.as_deref());
    let first = &sample[..sample.floor_char_boundary(SAMPLE_FIRST)];
    let at_once = judge(claim, first).filter(|(code, sure)| Some(*code) == claim && NO_DOUBT <= *sure);
    let (code, confidence) = at_once.or_else(|| judge(claim, &sample))?;
    Some(Language { code: code.to_owned(), confidence })
}

fn sample(title: Option<&str>, text: Option<&str>) -> String {
    let mut sample = String::with_capacity(SAMPLE_MAX + 4);
    for part in [title, text].into_iter().flatten() {
        if !sample.is_empty() {
            sample.push('\n');
        }
        let room = SAMPLE_MAX.saturating_sub(sample.len());
        sample.push_str(&part[..part.floor_char_boundary(room)]);
    }
    sample
}

/// The language of `sample`, and the probability that it is right.
pub(crate) fn judge<'a>(claim: Option<&'a str>, sample: &str) -> Option<(&'a str, f64)> {
    let unsure = claim.map(|claim| (claim, CLAIM_ALONE));
    let (script, letters) = script::of(sample);
    // Nobody here can speak for or against a language that nobody here knows.
    if letters < LETTERS_MIN || claim.is_some_and(|claim| !is_known(claim)) {
        return unsure;
    }
    let likely = likely(script, sample);
    let class = claim.and_then(|claim| likely.iter().map(|fit| fit.code).find(|code| same(code, claim)));
    if claim.is_some() && class.is_none() && letters < LETTERS_SHORT {
        return unsure;
    }
    let all: f64 = likely.iter().map(|fit| fit.common).sum();
    let weigh = |Fit { code, common, likelihood }: &Fit| {
        let before = common / all;
        let before = match (class, claim) {
            (Some(class), _) if class == *code => CLAIM_RIGHT,
            (None, None) => before,
            _ => before * (1.0 - CLAIM_RIGHT),
        };
        (*code, before * likelihood)
    };
    let weighed: Vec<(&'static str, f64)> = likely.iter().map(weigh).collect();
    let sum: f64 = weighed.iter().map(|(_, weight)| weight).sum();
    let (code, most) = weighed.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let code = if class == Some(code) { claim.unwrap_or(code) } else { code };
    let alone = if matches!(script, Script::Of(_)) && class != Some(code) { SCRIPT_RIGHT } else { 1.0 };
    Some((code, round(most / sum * alone)))
}

/// A language that a text can be in.
struct Fit {
    code: &'static str,
    /// How common texts in it are, by the web.
    common: f64,
    /// How well its letters fit, the best being 1.
    likelihood: f64,
}

/// The languages that the text can be in.
fn likely(script: Script, text: &str) -> Vec<Fit> {
    match (script, MODEL.as_ref()) {
        (Script::Shared(shared), Some(model)) => {
            let scores = model.scores(shared, text);
            let best = scores.iter().map(|(_, _, score)| *score).fold(f32::MIN, f32::max);
            let fit = |(code, common, score)| Fit { code, common, likelihood: f64::from(score - best).exp() };
            scores.into_iter().map(fit).collect()
        }
        (Script::Of(code), _) => vec![Fit { code, common: common(code), likelihood: 1.0 }],
        (Script::Shared(_), None) => Vec::new(),
    }
}

fn common(code: &str) -> f64 {
    COMMON.iter().find(|(codes, _)| codes.contains(&code)).map_or(RARE, |(_, weight)| *weight)
}

fn is_known(claim: &str) -> bool {
    let stands_for = GROUPS.iter().find(|group| group.contains(&claim)).map_or(claim, |group| group[0]);
    script::is_of_one(stands_for) || MODEL.as_ref().is_some_and(|model| model.knows(stands_for))
}

/// Languages whose written forms no detector of letters can part: the first stands for all, and the claim decides.
const GROUPS: [&[&str]; 3] =
    [&["no", "nb", "nn"], &["hr", "sr", "bs", "sh", "cnr"], &["zh", "yue", "wuu", "cmn"]];

fn same(a: &str, b: &str) -> bool {
    a == b || GROUPS.iter().any(|group| group.contains(&a) && group.contains(&b))
}

/// To three places, and never quite certain.
fn round(share: f64) -> f64 {
    (share * 1_000.0).round().clamp(1.0, 1_000.0) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(claim: &str, text: &str, expect: &str) {
        let found = judge(Some(claim).filter(|claim| !claim.is_empty()), text);
        let sure = |confidence: f64| match confidence {
            CLAIM_ALONE => "unsure",
            0.9.. => "sure",
            _ => "likely",
        };
        let told = found.map_or("none".into(), |(code, confidence)| format!("{code} {}", sure(confidence)));
        assert_eq!(told, expect, "{claim:?} {text:?} {found:?}");
    }

    const ENGLISH: &str = "The council is expected to meet on Wednesday with the owners of the old harbour, according to several papers and officials who were cited in a report. The meeting marks a dramatic step in the town’s efforts to end the dispute, which has lasted for years and cost the fishermen dearly.";
    const GERMAN: &str = "Der Stadtrat trifft sich am Mittwoch mit den Eigentümern des alten Hafens, wie mehrere Zeitungen unter Berufung auf Beamte berichten. Das Treffen ist ein wichtiger Schritt in den Bemühungen der Stadt, den Streit zu beenden, der seit Jahren andauert und die Fischer viel Geld gekostet hat.";
    const POLISH: &str = "Rada miasta ma spotkać się w środę z właścicielami starego portu, jak podaje kilka gazet, powołując się na urzędników. Spotkanie jest ważnym krokiem w staraniach miasta o zakończenie sporu, który trwa od lat i kosztował rybaków bardzo dużo pieniędzy.";
    const GREEK: &str = "Το δημοτικό συμβούλιο αναμένεται να συναντηθεί την Τετάρτη με τους ιδιοκτήτες του παλιού λιμανιού, σύμφωνα με πολλές εφημερίδες.";

    #[test]
    fn the_model_is_there() {
        assert!(MODEL.is_some());
    }

    #[test]
    fn agreement_is_certain() {
        check("en", ENGLISH, "en sure");
        check("de", GERMAN, "de sure");
        check("pl", POLISH, "pl sure");
        check("el", GREEK, "el sure");
        check("en", "Council votes to close the harbour", "en sure");
    }

    #[test]
    fn a_long_text_overrules_a_wrong_claim() {
        check("en", GERMAN, "de sure");
        check("de", ENGLISH, "en sure");
        check("en", POLISH, "pl sure");
        check("en", GREEK, "el sure");
        check("ru", ENGLISH, "en sure");
    }

    #[test]
    fn without_a_claim_the_text_decides() {
        check("", ENGLISH, "en sure");
        check("", POLISH, "pl sure");
        check("", GREEK, "el sure");
        check("", "北京市政府周三举行会议，讨论旧港口的未来，据多家报纸报道，渔民要求更多时间。", "zh sure");
        check("", "Stadtrat stimmt gegen den neuen Hafen", "de sure");
        check("", "Ministrul de finanțe a anunțat noi măsuri fiscale", "ro sure");
        check("", "Уряд ухвалив рішення щодо нового порту", "uk sure");
        check("", "Правительство приняло решение о новом порте", "ru sure");
        check("", "دولت تصمیم جدیدی درباره بندر گرفت", "fa sure");
    }

    #[test]
    fn names_and_short_texts_leave_it_to_the_claim() {
        check("ja", "iPhone 17 Pro Max", "ja unsure");
        check("no", "Statsministeren møter pressen i Oslo i dag", "no sure");
        check("nb", "Statsministeren møter pressen i Oslo i dag", "nb sure");
        check("sr", "Vlada je usvojila novi zakon o luci u Splitu", "sr sure");
    }

    #[test]
    fn what_is_too_short_says_nothing() {
        check("", "OK 42", "none");
        check("fr", "OK 42", "fr unsure");
        check("", "", "none");
        check("fr", "", "fr unsure");
    }

    #[test]
    fn a_language_that_nobody_knows_is_claimed() {
        check(
            "gl",
            "O concello reunirase o mércores cos donos do vello porto, segundo varios xornais.",
            "gl unsure",
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(claim in "[a-z]{0,3}", title in any::<String>(), text in any::<String>()) {
            let sample = sample(Some(&title), Some(&text));
            prop_assert!(sample.len() <= SAMPLE_MAX + 1);
            if let Some((_, confidence)) = judge(Some(&claim), &sample) {
                prop_assert!(confidence > 0.0 && confidence <= 1.0);
            }
        }
    }
}
