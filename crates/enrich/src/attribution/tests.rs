use super::*;
use crate::tests::article;

fn check(text: &str, expect: &[&str]) {
    let article = article("Title", text, Some("en"), Vec::new());
    let analysis = Analysis::of(&article, None);
    let found = of(&article, &analysis).unwrap();
    let shown: Vec<String> = found
        .iter()
        .map(|found| {
            let credit = &found.attribution;
            let text: String =
                text.chars().skip(credit.start as usize).take((credit.end - credit.start) as usize).collect();
            let id = credit.wikidata.as_deref().unwrap_or("-");
            if text == credit.name {
                format!("{} {id}", credit.name)
            } else {
                format!("{} {id} [{text}]", credit.name)
            }
        })
        .collect();
    assert_eq!(shown, expect, "{text}");
}

#[test]
fn credits_by_their_words() {
    check("The bridge will close, according to Reuters.", &["Reuters Q130879"]);
    check("The talks failed, as reported by JNS, on Monday.", &["Jewish News Syndicate - [JNS]"]);
    check("The mayor told CBS that he would stay.", &["CBS Q43380"]);
    check(
        "The meeting was first detailed in part by The New York Times last Friday.",
        &["The New York Times Q9684"],
    );
    check("The plan, the Harbour Gazette reported, is dead.", &["Harbour Gazette -"]);
    check("He said so in an interview with CBS’s 60 Minutes.", &["CBS Q43380", "60 Minutes Q247869"]);
    check("This article was originally published by Grist.", &["Grist -"]);
    check("Sources speaking to Saudi Arabia’s Asharq Al-Awsat confirmed it.", &["Asharq Al-Awsat -"]);
    check("As the BBC has repeatedly noted, it rains.", &["BBC Q9531"]);
}

#[test]
fn datelines() {
    check("WASHINGTON (AP) — The Senate voted on Tuesday.", &["Associated Press Q40469 [AP]"]);
    check("LONDON (Reuters) - Shares fell.", &["Reuters Q130879"]);
    check("The union (AP) is old.", &[]);
}

#[test]
fn abbreviations_are_explained_once() {
    check(
        "Officials cited in a report on Wednesday at The Harbour News Syndicate (HNS) said so. HNS reported more.",
        &["The Harbour News Syndicate - [The Harbour News Syndicate (HNS)]"],
    );
}

#[test]
fn who_is_merely_named_gets_no_credit() {
    check("Reuters was founded in 1851. The BBC has many rooms.", &[]);
    check("The minister told Parliament on Monday, according to John Smith.", &[]);
    check("She was seen in London by Mr Brown.", &[]);
}
