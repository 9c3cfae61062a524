//! What is written through an output stands where a `Vec` would have it.

use super::*;

#[test]
fn everything_lands_where_a_vec_would_put_it() {
    let source: Vec<u8> = (0..200).collect();
    for room in [0, 1, 7, 64, 1000] {
        let mut vec = Vec::with_capacity(room);
        vec.push(9);
        let mut expected = vec![9];
        let mut buffer = Buffer::from(vec);
        let mut out = Output::new(&mut buffer);
        for len in (0..70).chain([199]) {
            out.append_slice(&source[..len]);
            expected.extend_from_slice(&source[..len]);
            out.append([1, 2, 3]);
            expected.extend([1, 2, 3]);
            out.append_tagged(4, [5, 6]);
            expected.extend([4, 5, 6]);
            let text = &b"12345678ABCDEFGH"[..len % 17];
            out.short_text(Ends::of(text), text.len());
            out.short_block(b"12345678ABCDEFGH", text.len());
            for _ in 0..2 {
                expected.push(0xa0 | text.len() as u8);
                expected.extend_from_slice(text);
            }
            out.lend(|out| out.append([7]));
            expected.push(7);
            out.append([0; 40]);
            out.truncate(out.len() - 40);
            out.patch(expected.len() - 1, [8]);
            *expected.last_mut().unwrap() = 8;
            out.patch(expected.len(), [1]);
            out.patch(expected.len() - 1, [1, 2]);
            assert_eq!(out.since(0), expected);
            assert_eq!(out.since(expected.len() + 1), [0; 0]);
        }
        out.finish();
        assert_eq!(*buffer, expected);
    }
}

#[test]
fn a_header_of_another_size_moves_what_follows() {
    for room in [0, 100] {
        let mut buffer = Buffer::from(Vec::with_capacity(room));
        let mut out = Output::new(&mut buffer);
        out.append_slice(b"before?behind");
        let mut old = 1;
        for len in [300, 3, 70_000, 200, 1] {
            let header = Header::text(len);
            out.put_header(header, 6, old);
            old = header.len;
            assert_eq!(out.since(0), [b"before", &header.bytes[..old], b"behind"].concat());
        }
        out.put_header(Header::text(300), 13, 1);
        assert_eq!(out.len(), 13, "there is nothing to replace");
    }
}

#[test]
fn without_an_end_the_buffer_can_be_cut_back() {
    let mut buffer = Buffer::from(b"kept".to_vec());
    let mut out = Output::new(&mut buffer);
    out.append_slice(&[0; 5000]);
    buffer.truncate(4);
    assert_eq!(*buffer, *b"kept");
}
