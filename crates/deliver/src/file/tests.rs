use super::*;
use crate::lines::tests::row;
use model::Topic;
use proptest::prelude::*;

const STORE: StoreId = StoreId([7; 8]);

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Rows 1 to `n`; every third one writes no line.
fn rows(n: u64) -> Vec<Row> {
    (1..=n)
        .map(|seq| match seq % 6 {
            3 => row(seq, Topic::Sightings, Some("{}")),
            0 => row(seq, Topic::Articles, None),
            _ => row(
                seq,
                Topic::Articles,
                Some(&format!("{{\"n\":{seq},\"é\":\"{}\"}}", "x".repeat(seq as usize % 5))),
            ),
        })
        .collect()
}

fn text_of(rows: &[Row]) -> Vec<u8> {
    let mut text = Vec::new();
    rows.iter().filter(|row| lines::is_line(row)).for_each(|row| lines::push(&mut text, row));
    text
}

fn recover(path: &Path) -> (File, Progress) {
    let mut sink = File::new(path.to_path_buf(), STORE);
    let progress = block(sink.recover()).unwrap();
    (sink, progress)
}

fn last(progress: Progress) -> u64 {
    match progress {
        Progress::None => 0,
        Progress::Known { last_seq, .. } => last_seq,
    }
}

/// Delivers `first`, crashes with `torn` bytes of `second` written and no cursor moved, comes back and
/// delivers the rest in batches of `batch`; the file must hold each line once.
fn check_crash(first: usize, second: usize, torn: usize, batch: usize) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    let all = rows((first + second) as u64 + 5);
    let (mut sink, progress) = recover(&path);
    assert_eq!(progress, Progress::None);
    block(sink.deliver(all[..first].into())).unwrap();
    let pending = text_of(&all[first..first + second]);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&pending[..torn.min(pending.len())]).unwrap();

    let (mut sink, progress) = recover(&path);
    assert_eq!(progress, Progress::Known { store: STORE, last_seq: first as u64 });
    for chunk in all[first..].chunks(batch) {
        let receipt = block(sink.deliver(chunk.into())).unwrap();
        assert_eq!(receipt.last_seq, chunk.last().unwrap().seq);
        // A second crash at this point finds what the first one left.
        let (again, progress) = recover(&path);
        assert_eq!(last(progress), receipt.last_seq);
        sink = again;
    }
    assert_eq!(
        String::from_utf8(fs::read(&path).unwrap()).unwrap(),
        String::from_utf8(text_of(&all)).unwrap()
    );
}

#[test]
fn a_line_torn_at_any_byte_is_written_once() {
    for torn in 0..=text_of(&rows(12)[4..12]).len() {
        check_crash(4, 8, torn, 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_crash_and_any_batches_write_each_line_once(
        first in 1_usize..20, second in 1_usize..20, torn in 0_usize..400, batch in 1_usize..30,
    ) {
        check_crash(first, second, torn, batch);
    }
}

#[test]
fn a_rotated_file_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (path, old) = (dir.path().join("out"), dir.path().join("out.1"));
    let all = rows(12);
    let (mut sink, _) = recover(&path);
    block(sink.deliver(all[..5].into())).unwrap();
    fs::rename(&path, &old).unwrap();
    block(sink.deliver(all[5..8].into())).unwrap();
    assert_eq!(fs::read(&old).unwrap(), text_of(&all[..5]));
    assert_eq!(fs::read(&path).unwrap(), text_of(&all[5..8]));
    // Rotated while nobody looked.
    drop(sink);
    fs::rename(&path, &old).unwrap();
    let (mut sink, progress) = recover(&path);
    assert_eq!(last(progress), 8);
    block(sink.deliver(all[8..].into())).unwrap();
    assert_eq!(fs::read(&path).unwrap(), text_of(&all[8..]));
}

#[test]
fn a_cut_file_is_gone_on_with_at_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let all = rows(12);
    let (mut sink, _) = recover(&path);
    block(sink.deliver(all[..5].into())).unwrap();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    block(sink.deliver(all[5..9].into())).unwrap();
    assert_eq!(fs::read(&path).unwrap(), text_of(&all[5..9]));
    OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    let (mut sink, progress) = recover(&path);
    assert_eq!(last(progress), 9);
    block(sink.deliver(all[9..].into())).unwrap();
    assert_eq!(fs::read(&path).unwrap(), text_of(&all[9..]));
}

#[test]
fn a_file_that_was_there_before_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    fs::write(&path, "mine\n").unwrap();
    let (mut sink, progress) = recover(&path);
    assert_eq!(progress, Progress::None);
    let all = rows(2);
    block(sink.deliver(all.clone().into())).unwrap();
    assert_eq!(fs::read(&path).unwrap(), [b"mine\n".to_vec(), text_of(&all)].concat());
}

#[test]
fn another_store_is_told_and_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let (mut sink, _) = recover(&path);
    block(sink.deliver(rows(4).into())).unwrap();
    for _ in 0..2 {
        let mut other = File::new(path.clone(), StoreId([9; 8]));
        assert_eq!(block(other.recover()).unwrap(), Progress::Known { store: STORE, last_seq: 4 });
    }
}

fn check_refused(prepare: impl FnOnce(&Path) -> PathBuf, word: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = prepare(dir.path());
    let error = block(File::new(path, STORE).recover()).unwrap_err();
    assert_eq!(error.class, Class::Operator);
    assert!(error.detail.contains(word), "{error}");
}

#[test]
fn what_cannot_be_written_is_named() {
    check_refused(|dir| dir.join("no/such/out"), "no/such/out cannot be opened");
    check_refused(|dir| dir.to_path_buf(), "cannot be opened");
    check_refused(|_| "/dev/null".into(), "not a regular file");
    check_refused(
        |dir| {
            fs::write(dir.join("out"), "half a line").unwrap();
            dir.join("out")
        },
        "middle of a line",
    );
    check_refused(
        |dir| {
            fs::write(dir.join("out.cursor"), "{").unwrap();
            dir.join("out")
        },
        "out.cursor is damaged",
    );
}

#[test]
fn lines_of_others_beyond_the_cursor_are_not_taken_for_ours() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let (mut sink, _) = recover(&path);
    block(sink.deliver(rows(2).into())).unwrap();
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"not ours\n").unwrap();
    let (mut sink, _) = recover(&path);
    let error = block(sink.deliver(rows(4)[2..].into())).unwrap_err();
    assert!(error.detail.contains("did not write"), "{error}");
    // After an error only `recover` helps.
    let error = block(sink.deliver(rows(4)[2..].into())).unwrap_err();
    assert_eq!(error.class, Class::Rebuild);
}

#[test]
fn a_cursor_that_cannot_be_written_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let all = rows(5);
    let (mut sink, _) = recover(&path);
    fs::create_dir(dir.path().join("out.cursor.new")).unwrap();
    assert_eq!(block(sink.deliver(all.clone().into())).unwrap_err().class, Class::Operator);
    fs::remove_dir(dir.path().join("out.cursor.new")).unwrap();
    let (mut sink, progress) = recover(&path);
    assert_eq!(last(progress), 0);
    block(sink.deliver(all.clone().into())).unwrap();
    assert_eq!(fs::read(&path).unwrap(), text_of(&all));
}
