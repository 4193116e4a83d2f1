use super::*;

fn terms(words: &[u32]) -> Vec<Term> {
    words.iter().map(|n| Term { hash: n * 7919, weight: 1.0, word: format!("w{n}") }).collect()
}

fn id(n: u8) -> ArticleId {
    ArticleId([n; 16])
}

const HOUR: i64 = 3_600_000;

fn filled() -> Stories {
    let mut stories = Stories::new(72 * HOUR, 1000);
    // Other news, so that words have a rarity.
    for n in 0..100_u32 {
        let other = ArticleId((1 << 100 | u128::from(n)).to_be_bytes());
        stories.place(other, None, &terms(&[1, 2, 1000 + n * 3, 1001 + n * 3, 1002 + n * 3]), n.into());
    }
    stories
}

#[test]
fn alike_articles_share_a_story_and_others_do_not() {
    let mut stories = filled();
    let first = stories.place(id(1), Some("Ferry sinks"), &terms(&[1, 2, 10, 11, 12, 13]), HOUR);
    assert!(first.is_new && first.story == id(1));
    let second = stories.place(id(2), Some("Ferry lost"), &terms(&[1, 2, 10, 11, 12, 20]), HOUR);
    assert_eq!((second.is_new, second.story, second.articles), (false, id(1), 2));
    assert_eq!(second.title.as_deref(), Some("Ferry sinks"));
    assert!(second.words.contains(&"w10".to_owned()));
    let other = stories.place(id(3), None, &terms(&[1, 2, 30, 31, 32, 33]), HOUR);
    assert_eq!(other.story, id(3));
    let root = Root { id: id(2), kind: record::DuplicateKind::Near, containment: 0.9 };
    assert_eq!(stories.repeat(id(1), &root, HOUR).articles, 3);
}

#[test]
fn a_story_out_of_the_window_is_closed() {
    let mut stories = filled();
    stories.place(id(1), None, &terms(&[10, 11, 12, 13]), 0);
    let later = stories.place(id(2), None, &terms(&[10, 11, 12, 13]), 73 * HOUR);
    assert!(later.is_new);
    assert_eq!(stories.open.len(), 1);
}

#[test]
fn stories_that_grow_together_are_merged_and_keep_their_ids() {
    let mut stories = filled();
    stories.place(id(1), None, &terms(&[10, 11, 12, 13, 14, 15]), HOUR);
    let other = stories.begin(id(2), None, stories.vector(&terms(&[10, 11, 12, 13, 14, 16])), 2 * HOUR);
    assert!(other.is_new);
    let third = stories.place(id(3), None, &terms(&[10, 11, 12, 13, 14, 17]), 3 * HOUR);
    assert_eq!((third.story, third.merged.as_ref().map(|m| m.0)), (id(1), Some(id(2))));
    assert_eq!(stories.today(id(2)), id(1));
}

#[test]
fn what_is_written_is_read_again() {
    let mut stories = filled();
    for n in 0..2000_u32 {
        stories.place(
            ArticleId((u128::from(n) + 1).to_be_bytes()),
            None,
            &terms(&[n, n + 1, n + 2, n * 5]),
            HOUR,
        );
    }
    let mut again = Stories::new(72 * HOUR, 1000);
    let mut kept: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    for (key, value) in stories.take_changes() {
        match value {
            Some(value) => drop(kept.insert(key, value)),
            None => drop(kept.remove(&key)),
        }
    }
    assert!(kept.values().all(|value| is_readable(value)));
    kept.iter().for_each(|(key, value)| again.load(key, value));
    assert_eq!(again.open, stories.open);
    assert!(stories.open.len() <= 1000);
    assert!(again.articles > 0);
}
