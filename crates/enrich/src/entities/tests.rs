use super::*;
use crate::analysis::Analysis;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use record::{Field, Language};

fn analysis<'a>(title: Option<&'a str>, text: &'a str, language: &str) -> Analysis<'a> {
    let title = title.map(|title| (Field::Title, title));
    let language = Some(Language { code: language.to_owned(), confidence: 1.0 });
    Analysis::read(title.into_iter().chain([(Field::Text, text)]), language)
}

fn check_in(language: &str, text: &str, own: Option<&OwnNames>, expected: Expect) {
    let (entities, state) = find(Tables::built_in(), &analysis(None, text, language), own);
    let mut out: Vec<String> = Vec::new();
    if state != EnrichmentState::Ok {
        out.push(format!("{state:?}"));
    }
    for entity in entities {
        let surfaces: Vec<&str> = entity.mentions.iter().map(|mention| mention.surface.as_str()).collect();
        let qid = entity.wikidata.as_deref().unwrap_or("-");
        out.push(format!("{} {} {qid}: {}", entity.kind, entity.name, surfaces.join(" | ")));
    }
    out.sort();
    expected.assert_eq(&out.join("\n"));
}

fn check(text: &str, expected: Expect) {
    check_in("en", text, None, expected);
}

#[test]
fn surnames_belong_to_the_full_name() {
    check(
        "Chancellor Angela Merkel met Emmanuel Macron in Paris. Merkel said that Macron’s plan was good. “We agree,” \
         Merkel told reporters.",
        expect![[r#"
            LOC Paris Q90: Paris
            PER Angela Merkel Q567: Angela Merkel | Merkel | Merkel
            PER Emmanuel Macron Q3052772: Emmanuel Macron"#]],
    );
}

#[test]
fn short_forms_belong_to_the_long_one() {
    check(
        "The International Monetary Fund (IMF) lent money to Kenya. The IMF said Kenya must save. An IMF team will \
         visit Nairobi in May.",
        expect![[r#"
            LOC Kenya Q114: Kenya | Kenya
            LOC Nairobi Q3870: Nairobi
            ORG International Monetary Fund Q7804: International Monetary Fund | IMF | IMF | IMF"#]],
    );
}

#[test]
fn unknown_people_have_no_id() {
    check(
        "Jane Q. Testerly, the mayor of Lower Wibbleton, spoke on Monday. Testerly said the bridge would open soon.",
        expect![[r#"
            LOC Lower Wibbleton -: Lower Wibbleton
            PER Jane Q. Testerly -: Jane Q. Testerly | Testerly"#]],
    );
}

#[test]
fn a_team_is_not_its_country() {
    check(
        "Brazil beat Argentina 2-0 in the final match of the tournament. The striker scored both goals, and the coach \
         praised his squad. Brazil won the championship.",
        expect![[r#"
            LOC Brazil -: Brazil | Brazil
            ORG Argentina -: Argentina"#]],
    );
}

#[test]
fn a_few_words_of_sport_in_a_long_text_make_no_team() {
    let long =
        "The minister spoke for an hour about the harvest and what it means for the villages. ".repeat(50);
    check(
        &format!(
            "{long}The coach said the medal was a goal of the season. Brazil sent a letter to Argentina."
        ),
        expect![[r#"
            LOC Argentina Q414: Argentina
            LOC Brazil Q155: Brazil"#]],
    );
}

#[test]
fn an_office_is_no_part_of_a_name() {
    check(
        "NASA Administrator Charles Bolden met a U.S. Senator. Governor of Texas Rick Perry was there. The NASA \
         Administrator left early.",
        expect![[r#"
            LOC Texas Q1439: Texas
            LOC U.S. Q30: U.S.
            ORG NASA Q23548: NASA | NASA
            PER Charles Bolden Q25011: Charles Bolden
            PER Rick Perry Q215057: Rick Perry"#]],
    );
}

#[test]
fn a_name_of_the_base_is_taken_whole() {
    check(
        "The Indonesian Navy stopped two boats. He studied at the National Air and Space Museum in Seattle.",
        expect![[r#"
            LOC Seattle Q5083: Seattle
            ORG Indonesian Navy Q2704661: Indonesian Navy
            ORG National Air and Space Museum Q752669: National Air and Space Museum"#]],
    );
}

#[test]
fn a_region_has_short_forms_too() {
    check(
        "The Johnson Space Center (JSC) is in Houston. Workers at the JSC were told on Monday.",
        expect![[r#"
            LOC Houston Q16555: Houston
            LOC Johnson Space Center Q208371: Johnson Space Center | JSC | JSC"#]],
    );
}

#[test]
fn capitals_say_nothing_among_capitals() {
    let check = |text: &str, expected: usize| {
        let mut found = Vec::new();
        mentions::in_capitals(Base::built_in(), &analysis(None, text, "en"), &mut found);
        assert_eq!(found.len(), expected, "{text}");
    };
    check("A letter to the WHO was lost.", 1);
    check("WHO SAYS THE WAR IS OVER", 0);
    check("Nobody said WAR to me.", 0);
}

#[test]
fn other_languages_have_the_well_known() {
    check_in(
        "de",
        "Angela Merkel traf in Frankreich den Präsidenten.",
        None,
        expect![[r#"
        LOC Frankreich Q142: Frankreich
        PER Angela Merkel Q567: Angela Merkel"#]],
    );
    check_in(
        "ja",
        "フランスの大統領がドイツを訪問した。",
        None,
        expect![[r#"
        LOC ドイツ Q183: ドイツ
        LOC フランス Q142: フランス"#]],
    );
    check_in("sw", "Rais wa Kenya alizungumza.", None, expect!["UnsupportedLanguage"]);
}

#[test]
fn the_users_names_come_first() {
    let own = OwnNames::parse("Q999\tAcme Rockets\tORG\tAcme\nQ888\tParis\tPER\t\n", "own.tsv").unwrap();
    let text = "Acme Rockets has bought land near Paris. Acme said so.";
    check_in(
        "en",
        text,
        Some(&own),
        expect![[r#"
            ORG Acme Rockets Q999: Acme Rockets | Acme
            PER Paris Q888: Paris"#]],
    );
}

#[test]
fn bad_input_says_nothing() {
    for text in
        ["", " \n\t ", "...", "a", "&lt;p&gt;", "12 34 56", "all of this is in lower case, and says nothing."]
    {
        check(text, expect![""]);
    }
}

#[test]
fn time_grows_with_the_text() {
    let steps = |times: usize| {
        let text = "Ann Lee of Lee and Lee Inc. met Lee Ann in Leeds. ".repeat(times);
        let analysis = analysis(None, &text, "en");
        find(Tables::built_in(), &analysis, None).0.iter().map(|entity| entity.mentions.len()).sum::<usize>()
    };
    assert!(steps(4) <= steps(2_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn mentions_are_where_they_say(
        title in "([A-Z][a-z]{1,8} |\\PC){0,12}",
        text in "([A-Z][a-z]{0,7}[ .,’'-]|U\\.S\\. |al-Hayya |[a-z]{1,9} |\\PC|\n){0,80}",
    ) {
        let analysis = analysis(Some(&title), &text, "en");
        for entity in find(Tables::built_in(), &analysis, None).0 {
            prop_assert!((0.0..=1.0).contains(&entity.salience) && (0.0..=1.0).contains(&entity.confidence));
            for mention in entity.mentions {
                let field = if mention.field == Field::Title { &title } else { &text };
                let there: String =
                    field.chars().skip(mention.start as usize).take((mention.end - mention.start) as usize).collect();
                prop_assert_eq!(there, mention.surface);
            }
        }
    }
}
