//! Bylines, datelines and source lines: who wrote, where, and who supplied the text. They are facts about
//! an article in the form of text, taken out of it.

use crate::people;

/// Longer lines are prose, whatever words they begin with.
const LINE_MAX: usize = 200;
/// Characters in which a dateline ends.
const DATELINE_MAX: usize = 90;
/// Characters of text that must follow a dateline.
const TEXT_MIN: usize = 20;
/// Characters of a source line.
const SOURCE_MAX: usize = 80;

/// News agencies as datelines and source lines name them, folded.
const AGENCIES: [&str; 89] = [
    "ap",
    "associated press",
    "the associated press",
    "reuters",
    "thomson reuters foundation",
    "afp",
    "agence france-presse",
    "upi",
    "dpa",
    "dpa-afx",
    "epd",
    "kna",
    "apa",
    "sid",
    "sda",
    "keystone-sda",
    "ats",
    "efe",
    "europa press",
    "ansa",
    "adnkronos",
    "agi",
    "lapresse",
    "askanews",
    "lusa",
    "agência brasil",
    "agencia brasil",
    "estadão conteúdo",
    "folhapress",
    "belga",
    "anp",
    "ritzau",
    "ntb",
    "tt",
    "stt",
    "pap",
    "ctk",
    "čtk",
    "mti",
    "agerpres",
    "mediafax",
    "aa",
    "anadolu",
    "tass",
    "ria novosti",
    "interfax",
    "тасс",
    "риа новости",
    "интерфакс",
    "укринформ",
    "ukrinform",
    "xinhua",
    "cna",
    "kyodo",
    "kyodo news",
    "jiji",
    "yonhap",
    "pti",
    "ani",
    "ians",
    "aap",
    "pa",
    "pa media",
    "press association",
    "canadian press",
    "the canadian press",
    "bloomberg",
    "bloomberg news",
    "cnn",
    "jns",
    "notimex",
    "télam",
    "telam",
    "ani news",
    "رويترز",
    "أ ف ب",
    "أ.ف.ب",
    "د ب أ",
    "الأناضول",
    "وكالات",
    "新华社",
    "中新社",
    "中央社",
    "路透社",
    "法新社",
    "美联社",
    "ロイター",
    "共同",
    "時事",
];

/// Words in capitals before a dash that are no places.
const LABELS: [&str; 16] = [
    "BREAKING",
    "EXCLUSIVE",
    "UPDATE",
    "UPDATED",
    "WATCH",
    "VIDEO",
    "LIVE",
    "OPINION",
    "ANALYSIS",
    "REVIEW",
    "CORRECTION",
    "ALERT",
    "PHOTOS",
    "PODCAST",
    "EILMELDUNG",
    "URGENT",
];

/// True for the name of a news agency.
pub(super) fn is_agency(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    AGENCIES.contains(&name.as_str())
}

/// The people of a line that is nothing but a byline: `By: Abe Wertenheim – Jewish Voice News`.
pub(super) fn byline(line: &str) -> Vec<String> {
    let Some((people, sure)) = behind_by(line) else { return Vec::new() };
    // What follows a dash or a bar is the outlet.
    let outlet = [" – ", " — ", " - ", " | ", " / ", " • "].iter().find_map(|mark| people.split_once(mark));
    let people = outlet.map_or(people, |(people, _)| people);
    let people = people.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ':'));
    let people = without_role(people);
    let parts = people::split(people);
    match parts[..] {
        [one] if people::is_whole_name(one) => vec![one.to_owned()],
        [one] if sure && is_plain_name(one) => vec![one.to_owned()],
        [_] | [] => Vec::new(),
        _ => parts.into_iter().map(str::to_owned).collect(),
    }
}

/// What follows the words that begin a byline, and whether they begin nothing else.
fn behind_by(line: &str) -> Option<(&str, bool)> {
    const SURE: [&str; 14] = [
        "by:",
        "written by",
        "posted by",
        "reported by",
        "story by",
        "von:",
        "autor:",
        "autora:",
        "auteur :",
        "autore:",
        "автор:",
        "作者:",
        "作者：",
        "بقلم:",
    ];
    const BARE: [&str; 8] = ["by ", "von ", "par ", "por ", "di ", "av ", "автор ", "بقلم "];
    if line.len() > LINE_MAX {
        return None;
    }
    let after = |words: &&str| {
        let start = line.get(..words.len())?;
        (start.to_lowercase() == **words).then(|| line[words.len()..].trim())
    };
    let sure = SURE.iter().find_map(|words| after(&words)).map(|rest| (rest, true));
    sure.or_else(|| BARE.iter().find_map(|words| after(&words)).map(|rest| (rest, false)))
}

/// `Ann Lee, Staff Writer` and `Ann Lee, Reuters` are Ann Lee.
fn without_role(people: &str) -> &str {
    const ROLES: [&str; 20] = [
        "staff",
        "senior",
        "chief",
        "correspondent",
        "reporter",
        "editor",
        "writer",
        "contributor",
        "contributing",
        "special",
        "associate",
        "political",
        "business",
        "science",
        "sports",
        "health",
        "news",
        "redakteur",
        "journaliste",
        "redacción",
    ];
    let Some((before, last)) = people.rsplit_once(',') else { return people };
    let last = last.trim();
    let first_word = last.split_whitespace().next().unwrap_or_default().to_lowercase();
    let is_role =
        ROLES.iter().any(|role| first_word.starts_with(role) || last.to_lowercase().ends_with(role));
    if is_role || is_agency(last) { without_role(before.trim_end()) } else { people }
}

/// A name in a script without capitals, or one word with one: short, and no sentence.
fn is_plain_name(text: &str) -> bool {
    let named =
        |c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '.' | '-' | '\'' | '’' | '·' | '・');
    let starts =
        text.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_lowercase() && c.is_alphabetic());
    starts && text.chars().count() <= 30 && text.split_whitespace().count() <= 4 && text.chars().all(named)
}

/// A dateline at the beginning of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Dateline<'a> {
    /// As written: `GAZA CITY (AP)`.
    pub(super) words: &'a str,
    /// The agency in it.
    pub(super) agency: Option<&'a str>,
    /// The text behind it.
    pub(super) rest: &'a str,
}

/// The dateline that `line` begins with.
pub(super) fn dateline(line: &str) -> Option<Dateline<'_>> {
    let found = by_agency(line).or_else(|| in_brackets(line)).or_else(|| in_capitals(line))?;
    let begins = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '"' | '“' | '„' | '«' | '\'' | '‘' | '(' | '「' | '¿' | '¡' | '$' | '€')
    };
    let text = found.rest.chars().count() >= TEXT_MIN && found.rest.starts_with(begins);
    (text && !found.rest.starts_with(char::is_lowercase)).then_some(found)
}

/// `GAZA CITY (AP) —`, `MOSCOW, May 5. /TASS/.`, `(Reuters) -`, `(CNN)The`.
fn by_agency(line: &str) -> Option<Dateline<'_>> {
    let head = &line[..line.char_indices().nth(DATELINE_MAX).map_or(line.len(), |(at, _)| at)];
    for (open, close) in [('(', ')'), ('/', '/'), ('（', '）')] {
        let Some(from) = head.find(open) else { continue };
        let inside = from + open.len_utf8();
        let Some(length) = head[inside..].find(close) else { continue };
        let agency = head[inside..inside + length].trim();
        if !is_agency(agency) || !is_place(head[..from].trim()) {
            continue;
        }
        let end = inside + length + close.len_utf8();
        let rest = line[end..].trim_start_matches(is_separator);
        return Some(Dateline { words: line[..end].trim(), agency: Some(agency), rest });
    }
    None
}

/// `【ワシントン＝山田太郎】`, `［東京　５日　ロイター］`, `（中央社記者王小明台北5日電）`, and `新华社北京5月5日电`.
fn in_brackets(line: &str) -> Option<Dateline<'_>> {
    let limit = line.char_indices().nth(40).map_or(line.len(), |(at, _)| at);
    let head = &line[..limit];
    let agency_in = |text: &str| {
        AGENCIES.iter().find_map(|agency| {
            let at = text.find(agency).filter(|_| !agency.is_ascii())?;
            Some((at, agency.len()))
        })
    };
    for (open, close) in [('【', '】'), ('［', '］'), ('（', '）'), ('(', ')')] {
        let Some(inside) = head.strip_prefix(open) else { continue };
        let (inside, _) = inside.split_once(close)?;
        let agency = agency_in(inside).map(|(at, length)| &inside[at..at + length]);
        let wired = inside.ends_with(['電', '电']) || inside.contains('＝');
        let end = open.len_utf8() + inside.len() + close.len_utf8();
        let rest = line[end..].trim_start_matches(is_separator);
        return (agency.is_some() || wired).then_some(Dateline { words: &line[..end], agency, rest });
    }
    let (at, length) = agency_in(head)?;
    let end = head.find(['电', '電'])? + '电'.len_utf8();
    let rest = line[end..].trim_start_matches(is_separator);
    (at == 0).then_some(Dateline { words: &line[..end], agency: Some(&line[..length]), rest })
}

/// `LONDON — The`: a place in capitals before a dash.
fn in_capitals(line: &str) -> Option<Dateline<'_>> {
    let head = &line[..line.char_indices().nth(DATELINE_MAX).map_or(line.len(), |(at, _)| at)];
    let marks = [" — ", " – ", " -- ", " - ", "— ", "—"];
    let (words, rest) =
        marks.iter().find_map(|mark| head.find(mark).map(|at| (&line[..at], &line[at + mark.len()..])))?;
    let place = words.split([',', '(']).next().unwrap_or(words).trim();
    let letters = place.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = place
        .chars()
        .all(|c| !c.is_lowercase() && !c.is_numeric() && (c.is_alphabetic() || " .-'’/".contains(c)));
    let cased = place.chars().any(char::is_uppercase);
    let named = letters >= 4 && place.split_whitespace().count() <= 4 && !LABELS.contains(&place);
    (capitals && cased && named && is_place(words)).then(|| Dateline {
        words: words.trim(),
        agency: None,
        rest: rest.trim_start(),
    })
}

/// What may stand before the agency: places and a date, and no sentence.
fn is_place(words: &str) -> bool {
    let fits = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.is_empty()
            || word.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || !c.is_lowercase())
            || people::is_particle(word)
            || MONTHS.iter().any(|month| word.to_lowercase().starts_with(month))
    };
    words.chars().count() <= 60 && words.split_whitespace().count() <= 8 && words.split_whitespace().all(fits)
}

/// Beginnings of the names of months that are written in lower case.
const MONTHS: [&str; 44] = [
    "jan", "fév", "fev", "feb", "mar", "avr", "abr", "apr", "mai", "may", "mag", "juin", "jun", "giu",
    "juil", "jul", "lug", "août", "aou", "ago", "aug", "sep", "set", "oct", "oto", "out", "ott", "okt",
    "nov", "déc", "dec", "dez", "dic", "gen", "ene", "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг",
    "сен",
];

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ':' | '-' | '–' | '—' | '―' | ',')
}

/// Who supplied the text, when `line` says that and nothing else: `Source: Reuters`, `dpa`, `(AFP)`.
pub(super) fn source(line: &str) -> Option<&str> {
    const WORDS: [&str; 20] = [
        "source:",
        "sources:",
        "source :",
        "quelle:",
        "quellen:",
        "fuente:",
        "fuentes:",
        "con información de",
        "fonte:",
        "fontes:",
        "com informações de",
        "com informações da",
        "источник:",
        "по материалам",
        "المصدر:",
        "المصدر :",
        "来源:",
        "来源：",
        "來源：",
        "出典：",
    ];
    if line.chars().nth(SOURCE_MAX).is_some() {
        return None;
    }
    let bare = line.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '（' | '）' | '[' | ']' | '*' | '–' | '—' | '-' | '.')
    });
    let said = WORDS.iter().find_map(|words| {
        let start = bare.get(..words.len())?;
        (start.to_lowercase() == **words).then(|| bare[words.len()..].trim())
    });
    let said = said.filter(|said| said.chars().any(char::is_alphabetic) && !said.contains("://"));
    // `dpa/abc`: the agency and whoever edited it.
    let signed =
        || bare.split('/').next().map(str::trim).filter(|name| is_agency(name) && bare.chars().count() <= 30);
    said.or_else(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines() {
        let check = |line: &str, expect: &str| assert_eq!(byline(line).join(" | "), expect, "{line:?}");
        check("By: Abe Wertenheim – Jewish Voice News", "Abe Wertenheim");
        check("By Ann Lee", "Ann Lee");
        check("BY ANN LEE AND BO EK | REUTERS", "ANN LEE | BO EK");
        check("By Ann Lee and Bo Ek, Reuters", "Ann Lee | Bo Ek");
        check("By Ann Lee, Staff Writer", "Ann Lee");
        check("Von Max Muster und Eva Beispiel", "Max Muster | Eva Beispiel");
        check("Par Jean Dupont", "Jean Dupont");
        check("Por María de la Cruz", "María de la Cruz");
        check("Автор: Иван Петров", "Иван Петров");
        check("作者：王小明", "王小明");
        check("By the river stood a house.", "");
        check("Por favor", "");
        check("Von Anfang an war klar, dass es schwer wird", "");
    }

    #[test]
    fn datelines() {
        let check = |line: &str, expect: &str| {
            let found = dateline(line);
            let shown = found
                .map(|found| format!("{} / {} / {}", found.words, found.agency.unwrap_or("-"), found.rest));
            assert_eq!(shown.unwrap_or_default(), expect, "{line:?}");
        };
        let text = "The council met on Monday.";
        check(&format!("GAZA CITY (AP) — {text}"), &format!("GAZA CITY (AP) / AP / {text}"));
        check(&format!("(Reuters) - {text}"), &format!("(Reuters) / Reuters / {text}"));
        check(&format!("(CNN){text}"), &format!("(CNN) / CNN / {text}"));
        check(&format!("Berlin/München (dpa) – {text}"), &format!("Berlin/München (dpa) / dpa / {text}"));
        check(&format!("PARIS, 12 mai (AFP) - {text}"), &format!("PARIS, 12 mai (AFP) / AFP / {text}"));
        check(&format!("Madrid, 4 may (EFE).- {text}"), &format!("Madrid, 4 may (EFE) / EFE / {text}"));
        check(&format!("MOSCOW, May 5. /TASS/. {text}"), &format!("MOSCOW, May 5. /TASS/ / TASS / {text}"));
        check(&format!("LONDON — {text}"), &format!("LONDON / - / {text}"));
        check(&format!("WASHINGTON, D.C. — {text}"), &format!("WASHINGTON, D.C. / - / {text}"));
        check(
            "新华社北京5月5日电 国务院总理星期一在北京会见了来访的外国客人，双方就合作进行了讨论。",
            "新华社北京5月5日电 / 新华社 / 国务院总理星期一在北京会见了来访的外国客人，双方就合作进行了讨论。",
        );
        check(
            "【ワシントン＝山田太郎】米国の大統領は月曜日に記者会見を開き、新しい計画を発表した。",
            "【ワシントン＝山田太郎】 / - / 米国の大統領は月曜日に記者会見を開き、新しい計画を発表した。",
        );
        for prose in [
            "BREAKING — The council met on Monday.",
            "The company (AP) said it would close its doors.",
            "NASA — the space agency — said so on Monday.",
            "He said (and meant) that the council met.",
            "COVID-19 — The virus spread on Monday again.",
            "London — short",
        ] {
            check(prose, "");
        }
    }

    #[test]
    fn sources() {
        let check =
            |line: &str, expect: &str| assert_eq!(source(line).unwrap_or_default(), expect, "{line:?}");
        check("Source: Reuters", "Reuters");
        check("Quelle: dpa", "dpa");
        check("(AFP)", "AFP");
        check("dpa/abc", "dpa");
        check("来源：新华社", "新华社");
        check("Source code", "");
        check("The source said nothing.", "");
        check("Source: https://example.com/", "");
    }
}
