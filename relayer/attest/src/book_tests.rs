use super::*;
use std::fs::{self, File};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn claim(byte: u8) -> Claim {
    Claim {
        timestamp: Seconds(u64::from(byte)),
        storage_root: B256::repeat_byte(byte),
    }
}

#[test]
fn what_was_signed_is_never_contradicted_not_even_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book");
    let mut book = Book::open(&path).expect("a book");
    book.note(7, &claim(1)).expect("noted");
    book.note(7, &claim(1)).expect("the same again");
    book.note(8, &claim(2)).expect("noted");
    drop(book);
    let mut book = Book::open(&path).expect("a book");
    let refused = book.note(7, &claim(3)).expect_err("refused");
    assert!(
        matches!(refused, BookError::Contradiction { height: 7, .. }),
        "{refused}"
    );
    book.note(8, &claim(2)).expect("the same again");
}

#[test]
fn an_entry_that_was_cut_off_is_dropped_and_a_damaged_one_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book");
    Book::open(&path)
        .expect("a book")
        .note(7, &claim(1))
        .expect("noted");
    let text = fs::read_to_string(&path).expect("read");
    fs::write(&path, format!("{text}8 2 0xabab")).expect("written");
    let mut book = Book::open(&path).expect("a book");
    book.note(8, &claim(2)).expect("noted");
    drop(book);
    assert_eq!(fs::read_to_string(&path).expect("read").lines().count(), 2);
    fs::write(&path, format!("{text}8 2 0xabab\n")).expect("written");
    let damaged = Book::open(&path).expect_err("refused");
    assert!(matches!(damaged, BookError::Damaged { line: 2, .. }), "{damaged}");
}

#[test]
fn what_is_forgotten_is_never_signed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book");
    let mut lines = String::new();
    for height in 1..=2 * BLOCKS_MAX as u64 {
        lines += &claim_line(height, &claim(1));
    }
    fs::write(&path, lines).expect("written");
    let mut book = Book::open(&path).expect("a book");
    book.note(1 << 40, &claim(2)).expect("noted");
    drop(book);
    let mut book = Book::open(&path).expect("a book");
    assert_eq!(book.claims.len(), BLOCKS_MAX);
    let refused = book.note(5, &claim(3)).expect_err("refused");
    assert!(
        matches!(refused, BookError::Forgotten { height: 5, .. }),
        "{refused}"
    );
}

/// A file with room for so many bytes more, which then fails in the middle of an entry.
#[derive(Debug)]
struct Scarce {
    file: File,
    room: Arc<AtomicUsize>,
    /// Whether what was written by half can be cut off; 0 = no.
    cuts: Arc<AtomicUsize>,
}

impl Medium for Scarce {
    fn len(&self) -> io::Result<u64> {
        Medium::len(&self.file)
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        if self.cuts.load(Ordering::SeqCst) == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.cut(len)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = self.room.load(Ordering::SeqCst).min(bytes.len());
        self.room.fetch_sub(room, Ordering::SeqCst);
        Medium::write(&mut self.file, &bytes[..room])?;
        if room < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

#[test]
fn an_entry_that_found_no_room_leaves_nothing_behind() {
    for can_cut in [1, 0] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("book");
        let (file, text) = paper::open(&path).expect("opened").expect("free");
        let (room, cuts) = (Arc::new(AtomicUsize::new(1_000)), Arc::new(AtomicUsize::new(1)));
        let scarce = Scarce {
            file,
            room: room.clone(),
            cuts: cuts.clone(),
        };
        let mut book = Book::read(&path, Box::new(scarce), &text).expect("a book");
        book.note(7, &claim(1)).expect("noted");
        cuts.store(can_cut, Ordering::SeqCst);
        room.store(20, Ordering::SeqCst);
        let full = book.note(8, &claim(2)).expect_err("no room");
        assert!(matches!(full, BookError::Disk { .. }), "{full}");
        room.store(1_000, Ordering::SeqCst);
        if can_cut == 0 {
            let torn = book.note(9, &claim(3)).expect_err("still torn");
            assert!(matches!(torn, BookError::Disk { .. }), "{torn}");
            cuts.store(1, Ordering::SeqCst);
        }
        // For 8 nothing was signed, so the node may have changed its mind; for 9 an entry is to be found later.
        book.note(9, &claim(3)).expect("noted");
        book.note(8, &claim(4)).expect("noted");
        drop(book);
        let mut book = Book::open(&path).expect("it can be read");
        assert_eq!(book.claims.len(), 3, "with {can_cut}");
        for (height, signed) in [(7, 1), (8, 4), (9, 3)] {
            book.note(height, &claim(signed)).expect("the same again");
            let refused = book.note(height, &claim(9)).expect_err("refused");
            assert!(matches!(refused, BookError::Contradiction { .. }), "{refused}");
        }
    }
}

#[test]
fn two_attestors_do_not_share_a_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("north.book");
    let alias = folder.path().join("alias");
    let mut first = Book::open(&path).expect("a book");
    first.note(7, &claim(1)).expect("noted");
    std::os::unix::fs::symlink(&path, &alias).expect("a link");
    for name in [&path, &alias] {
        let refused = Book::open(name).expect_err("refused");
        assert!(matches!(refused, BookError::Shared { .. }), "{refused}");
        let text = refused.to_string();
        assert!(text.contains(&name.display().to_string()), "{text}");
    }
    first.note(8, &claim(2)).expect("the first goes on");
    drop(first);
    assert_eq!(Book::open(&path).expect("free again").claims.len(), 2);
}

#[test]
fn a_book_that_was_written_anew_is_still_not_shared() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book");
    let lines: String = (1..=2 * BLOCKS_MAX as u64)
        .map(|height| claim_line(height, &claim(1)))
        .collect();
    fs::write(&path, &lines).expect("written");
    let mut book = Book::open(&path).expect("a book");
    book.note(1 << 40, &claim(2)).expect("noted");
    assert!(fs::metadata(&path).expect("a file").len() < lines.len() as u64);
    let refused = Book::open(&path).expect_err("refused");
    assert!(matches!(refused, BookError::Shared { .. }), "{refused}");
    book.note(1 << 41, &claim(3)).expect("noted");
    drop(book);
    let mut book = Book::open(&path).expect("a book");
    assert!(book.note(1 << 41, &claim(4)).is_err() && book.note(1 << 40, &claim(4)).is_err());
}
