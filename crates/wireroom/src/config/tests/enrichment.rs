use super::*;

#[test]
fn watch_lists_are_checked_where_they_stand() {
    check(
        "[[enrich.rules]]\nlabel = \"pier\"\nnames = [\"pier\"]\n\n[[enrich.rules]]\nlabel = \"dock\"\nwhen = \"titel = 'x'\"\n",
        expect![[r#"
            error: wireroom.toml:5:1: [[enrich.rules]]: rule 2 ("dock"): the condition at character 1: expected a field (title, summary, text, url, language, outlet, domain, feed, feed_labels, country, authors, categories, topics, entities, keywords, attribution), found `titel`
              |
            5 | [[enrich.rules]]
              | ^^^^^^^^^^^^^^^^

            1 mistake in the config
        "#]],
    );
    let good = good("[[enrich.rules]]\nlabel = \"pier\"\nnames = [\"pier\"]\n", &[]);
    assert_eq!(good.pipeline.enrich.rules.len(), 1);
}

#[test]
fn names_of_ones_own_are_checked_line_by_line() {
    let text = "[enrich]\nnames_file = \"names.tsv\"\n";
    let files = [("names.tsv", "qid\tlabel\ttype\nQ1\tAcme\tCAT\n")];
    let expect = expect![[r#"
        error: names.tsv:2:1: "CAT" is not a type: PER, ORG, LOC or MISC
          |
        2 | Q1	Acme	CAT
          | ^^^^^^^^^^^

        1 mistake in the config
    "#]];
    check_all(text, &[], &files, expect);
    let gone = load_with(text, &[], &[]).1.unwrap_err().to_string();
    assert!(gone.contains("wireroom.toml:2:14: `enrich.names_file` cannot be read: "), "{gone}");
}
