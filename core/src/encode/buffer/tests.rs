use super::*;

fn blocks() -> Arc<Blocks> {
    Arc::new(Blocks::new(100_000, 1 << 20))
}

#[test]
fn bytes_stay_while_it_grows_from_nothing_into_a_block_and_beyond() {
    let blocks = blocks();
    for mut buffer in [Buffer::of(&blocks), Buffer::default(), Buffer::from(Vec::with_capacity(5))] {
        let mut expected = Vec::new();
        let mut piece = 1;
        while expected.len() < 1_000_000 {
            let bytes: Vec<u8> = (0..piece).map(|n| (n % 251) as u8).collect();
            buffer.append_slice(&bytes);
            expected.extend_from_slice(&bytes);
            assert!(*buffer == expected, "{} bytes", expected.len());
            piece = piece * 3 / 2 + 1;
        }
        buffer.remove_front(10);
        assert!(*buffer == expected[10..]);
        buffer.truncate(20);
        assert!(*buffer == expected[10..30]);
        buffer.remove_front(30);
        assert!(buffer.is_empty());
    }
    assert!(blocks.memory() > 0, "the block that was left is kept");
    assert!(blocks.memory() < 1 << 20, "what was larger is not");
}

#[test]
fn bytes_to_be_written_over_come_behind_those_that_are_there() {
    for mut buffer in [Buffer::of(&blocks()), Buffer::default()] {
        buffer.append_slice(&[7; 3]);
        assert_eq!(buffer.resize(5)[..3], [7; 3]);
        buffer.resize(50_000)[49_999] = 9;
        assert_eq!((buffer[..3].to_vec(), buffer[49_999], buffer.len()), (vec![7; 3], 9, 50_000));
        assert_eq!(buffer.resize(1), [7]);
        assert_eq!(*buffer, [7]);
    }
}

#[test]
fn it_becomes_a_vec_and_was_one() {
    let vec = vec![1, 2, 3];
    let place = vec.as_ptr();
    let buffer = Buffer::from(vec);
    assert_eq!((buffer.as_ptr(), &*buffer), (place, &[1, 2, 3][..]));
    let vec = Vec::from(buffer);
    assert_eq!((vec.as_ptr(), &*vec), (place, &[1, 2, 3][..]));
    let mut large = Buffer::of(&blocks());
    large.append_slice(&[5; 50_000]);
    assert!(large.is_block());
    assert_eq!(Vec::from(large), [5; 50_000]);
}

#[test]
fn what_was_written_counts_even_when_it_is_gone() {
    let blocks = blocks();
    let mut buffer = Buffer::of(&blocks);
    buffer.append_slice(&[1; 90_000]);
    buffer.truncate(10);
    assert!((90_000..100_000).contains(&buffer.memory()));
    drop(buffer);
    assert!((90_000..100_000).contains(&blocks.memory()));
}

#[test]
fn small_rooms_are_few_and_close() {
    let mut rooms: Vec<usize> = (1..=MOST_SMALL).map(small_room).collect();
    for (len, room) in (1..).zip(&rooms) {
        assert!((len..=(len + len / 4 + 128).min(MOST_SMALL)).contains(room), "{len} bytes in {room}");
    }
    rooms.dedup();
    assert!(rooms.len() < 40);
    assert_eq!((small_room(2000), small_room(2032), small_room(MOST_SMALL)), (2032, 2032, MOST_SMALL));
}
