//! Lines that a publisher's software adds to every text. A rule knows the whole line and where it may
//! stand: few are sure enough to hold anywhere, the rest only at the very beginning or end.

mod lead;
mod rules;

use rules::Place;

/// How many lines that stay, counted from the beginning or the end, a weak rule reaches over.
const HEAD: usize = 4;
const TAIL: usize = 5;

/// How many lines from the beginning a byline may stand, and from the end a source line.
const BYLINE_EDGE: usize = 2;
const SOURCE_EDGE: usize = 2;

/// Longer lines are prose, whatever words they begin with.
const LINE_MAX: usize = 200;

/// A text without its boilerplate, and what its lines said of it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Cleaned {
    pub(crate) text: String,
    /// People of the byline.
    pub(crate) byline: Vec<String>,
    /// `GAZA CITY (AP)`.
    pub(crate) dateline: Option<String>,
    /// Who supplied the text: `Reuters`.
    pub(crate) credit: Option<String>,
}

/// Takes the boilerplate out of a plain text of lines and paragraphs. Every line that stays is kept as
/// it is; byline, dateline and source line are taken out whenever they are read.
pub(crate) fn clean(text: &str) -> Cleaned {
    if cfg!(feature = "keep-boilerplate") {
        return Cleaned { text: text.to_owned(), ..Cleaned::default() };
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut dropped = furniture(&lines);
    let mut cleaned = Cleaned::default();
    let stays =
        |dropped: &[bool]| (0..lines.len()).filter(|at| !dropped[*at] && !lines[*at].is_empty()).collect();
    let kept: Vec<usize> = stays(&dropped);
    if kept.len() > 1 {
        let head = kept.iter().take(BYLINE_EDGE);
        if let Some((at, names)) =
            head.map(|at| (*at, lead::byline(lines[*at]))).find(|(_, names)| !names.is_empty())
        {
            dropped[at] = true;
            cleaned.byline = names;
        }
        let mut tail = kept.iter().rev().take(SOURCE_EDGE).filter(|at| !dropped[**at]);
        if let Some((at, source)) = tail.find_map(|at| Some((*at, lead::source(lines[*at])?))) {
            dropped[at] = true;
            cleaned.credit = Some(source.to_owned());
        }
    }
    let kept: Vec<usize> = stays(&dropped);
    let dateline = kept.first().and_then(|at| Some((*at, lead::dateline(lines[*at])?)));
    let mut lines = lines;
    if let Some((at, found)) = dateline {
        lines[at] = found.rest;
        cleaned.dateline = Some(found.words.to_owned());
        cleaned.credit = cleaned.credit.or_else(|| found.agency.map(str::to_owned));
    }
    cleaned.text = join(&lines, &dropped);
    cleaned
}

/// Which lines go: those that go anywhere, then from both ends those that go there.
fn furniture(lines: &[&str]) -> Vec<bool> {
    let folded: Vec<Option<String>> = lines
        .iter()
        .map(|line| (!line.is_empty() && line.chars().nth(LINE_MAX).is_none()).then(|| rules::fold(line)))
        .collect();
    let nowhere = Place { head: false, tail: false, last: false };
    let goes = |at: usize, place: Place| folded[at].as_deref().is_some_and(|line| rules::holds(line, place));
    let mut dropped: Vec<bool> = (0..lines.len()).map(|at| goes(at, nowhere)).collect();
    let mut kept = 0;
    for at in 0..lines.len() {
        if kept >= HEAD {
            break;
        }
        if lines[at].is_empty() || dropped[at] {
            continue;
        }
        dropped[at] = goes(at, Place { head: true, ..nowhere }) || is_dated(folded[at].as_deref());
        kept += usize::from(!dropped[at]);
    }
    kept = 0;
    for at in (0..lines.len()).rev() {
        if kept >= TAIL {
            break;
        }
        if lines[at].is_empty() || dropped[at] {
            continue;
        }
        let last = kept == 0;
        // A footer names the title: it may be long.
        dropped[at] = goes(at, Place { tail: true, last, head: false })
            || (last && rules::is_footer(&rules::fold(lines[at])));
        kept += usize::from(!dropped[at]);
    }
    dropped
}

/// `Published: 12 May 2024, 10:00`, `Mis à jour le 3 mai`, and nothing else.
fn is_dated(folded: Option<&str>) -> bool {
    const WORDS: [&str; 34] = [
        "published",
        "posted",
        "last updated",
        "updated",
        "first published",
        "last modified",
        "veröffentlicht",
        "aktualisiert",
        "stand:",
        "zuletzt aktualisiert",
        "publié le",
        "mis à jour le",
        "publié",
        "mis à jour",
        "modifié le",
        "publicado",
        "actualizado",
        "atualizado",
        "pubblicato il",
        "aggiornato il",
        "ultimo aggiornamento",
        "опубликовано",
        "обновлено",
        "نشر في",
        "آخر تحديث",
        "تاريخ النشر",
        "发布时间",
        "发布于",
        "更新时间",
        "發布時間",
        "公開日",
        "更新日",
        "最終更新",
        "掲載日",
    ];
    let Some(line) = folded.filter(|line| line.chars().count() <= 80 && line.contains('#')) else {
        return false;
    };
    let begins = WORDS.iter().any(|words| line.starts_with(words));
    // A sentence has more words than a date.
    begins && line.split_whitespace().filter(|word| !word.contains('#')).count() <= 8
}

/// The lines that stay; where something went, the wider of the breaks around it stays.
fn join(lines: &[&str], dropped: &[bool]) -> String {
    let mut out = String::new();
    let mut gap = 0;
    for (line, dropped) in lines.iter().zip(dropped) {
        match (line.is_empty(), dropped) {
            (true, _) => gap = 2,
            (_, true) => {}
            _ => {
                if !out.is_empty() {
                    out.push_str(if gap == 2 { "\n\n" } else { "\n" });
                }
                out.push_str(line);
                gap = 1;
            }
        }
    }
    out
}

/// True when a text says of itself that it is only a part.
pub(crate) fn is_cut(text: &str) -> bool {
    let end = text.trim_end();
    let marked = ["[…]", "[...]", "[…", "(…)", "(...)"].iter().any(|mark| end.ends_with(mark));
    marked || end.ends_with('…') || end.ends_with("...")
}

/// True when the end of a text is marked as the publisher's software marks a cut, which nobody writes.
pub(crate) fn is_cut_for_sure(text: &str) -> bool {
    ["[…]", "[...]"].iter().any(|mark| text.trim_end().ends_with(mark))
}

/// A summary without the words behind its mark of a cut: `… Continue reading Title →`.
pub(crate) fn without_more(summary: &str) -> &str {
    const WORDS: [&str; 6] =
        ["continue reading", "read more", "keep reading", "weiterlesen", "lire la suite", "leer más"];
    for mark in ["…", "...", "[…]", "[...]"] {
        let Some(at) = summary.rfind(mark) else { continue };
        let (kept, rest) = summary.split_at(at + mark.len());
        let rest =
            rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ']' | '.')).to_lowercase();
        if rest.chars().count() <= LINE_MAX && WORDS.iter().any(|words| rest.starts_with(words)) {
            let closed = summary[at + mark.len()..].starts_with(']');
            return if closed { &summary[..kept.len() + 1] } else { kept };
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str, byline: &str) {
        let cleaned = clean(text);
        assert_eq!(cleaned.text, expect, "{text:?}");
        assert_eq!(cleaned.byline.join(" | "), byline, "{text:?}");
        assert_eq!(clean(&cleaned.text).text, expect, "not the same twice: {text:?}");
    }

    #[test]
    fn players_bylines_and_footers_go() {
        check(
            "Getting your Trinity Audio player ready...\n\nBy: Ann Lee – Daily Sun\n\nThe council met.\n\nIt voted.\n\nThe post Council votes appeared first on Daily Sun.",
            "The council met.\n\nIt voted.",
            "Ann Lee",
        );
        check(
            "4 min read\n\nText here.\n\nADVERTISEMENT\n\nMore.\n\nShare this article",
            "Text here.\n\nMore.",
            "",
        );
        check("One.\n\nRead more: Another story", "One.", "");
        check("One.\n\nContinue reading…", "One.", "");
        check("Eins.\n\nDer Beitrag Titel erschien zuerst auf Zeitung.", "Eins.", "");
        check("By Ann Lee and Bo Ek, Reuters\n\nText.", "Text.", "Ann Lee | Bo Ek");
        check("By Ann Lee and Bo Ek | Reuters\n\nText.", "Text.", "Ann Lee | Bo Ek");
    }

    #[test]
    fn prose_stays() {
        for text in [
            "Recommended configuration\n\nUse four cores.\n\nRecommended for: everyone",
            "By the river stood a house.\n\nIt was old.",
            "By Monday Evening",
            "The post office appeared first on the left.\n\nThen the inn.",
            "a\n\nb\n\nc\n\nd\n\ne\n\nShare\n\nTags: this is in the middle\n\nf\n\ng\n\nh\n\ni\n\nj",
            "Updated rules for 2024 will apply to all members of the union and their guests.\n\nMore.",
            "He said: share and subscribe, and left.",
            "- one\n- two",
            "",
        ] {
            check(text, text, "");
        }
    }

    #[test]
    fn breaks_around_a_gap() {
        check("a\nADVERTISEMENT\nb", "a\nb", "");
        check("a\n\nADVERTISEMENT\nb", "a\n\nb", "");
        check("ADVERTISEMENT", "", "");
    }

    #[test]
    fn cuts() {
        assert!(is_cut("and offici […]") && is_cut("and so on...") && is_cut("more…"));
        assert!(!is_cut("The end.") && !is_cut_for_sure("and so on..."));
        assert_eq!(without_more("A b c […] Continue reading A story →"), "A b c […]");
        assert_eq!(without_more("A b c… Read more"), "A b c…");
        assert_eq!(
            without_more("A b c... and then he went to read more"),
            "A b c... and then he went to read more"
        );
        assert_eq!(without_more("Nothing"), "Nothing");
    }
}
