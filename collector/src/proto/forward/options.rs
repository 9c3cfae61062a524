//! The option map at the end of a Forward message.
//!
//! [`super::message`] asks for it after the entries. Keys it does not know are ignored, as the protocol
//! wants.

use crate::proto::chunk::OptionForm;
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::{Cursor, Head};

/// A chunk id is 128 random bits in base64; answers with longer ones would exceed what clients read.
const MAX_ID: usize = 4096;

/// The last part of a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) id: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) gzip: bool,
    pub(crate) form: OptionForm,
}

impl Options {
    /// Reads it from the cursor; without it, and as nil, all is unset.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, present: bool) -> Result<Options, Malformed> {
        let mut options = Options::default();
        if !present {
            return Ok(options);
        }
        let count = match cursor.head()? {
            Head::Nil => {
                options.form = OptionForm::Nil;
                0
            }
            Head::Map(count) => {
                options.form = OptionForm::Map;
                count
            }
            other => return Err(Malformed::new(format!("option: found {}, expected a map", other.kind()))),
        };
        for _ in 0..count {
            let key = cursor.text("option")?;
            match (key, cursor.peek()?) {
                (_, Head::Nil) => drop(cursor.skip()?),
                (b"chunk", head) => {
                    if matches!(head, Head::Bin(_)) {
                        options.form = OptionForm::BinaryId;
                    }
                    options.id = Some(id(cursor.text("option chunk")?)?);
                }
                (b"size", Head::Uint(size)) => {
                    options.size = Some(size);
                    cursor.skip()?;
                }
                (b"compressed", _) => match cursor.text("option compressed")? {
                    b"gzip" => options.gzip = true,
                    b"text" => {}
                    other => {
                        let other = other.get(..32).unwrap_or(other).escape_ascii();
                        return Err(Malformed::new(format!(
                            "option compressed: found \"{other}\", expected gzip"
                        )));
                    }
                },
                _ => drop(cursor.skip()?),
            }
        }
        Ok(options)
    }
}

fn id(bytes: &[u8]) -> Result<String, Malformed> {
    match std::str::from_utf8(bytes) {
        Ok(id) if id.len() <= MAX_ID => Ok(id.to_owned()),
        Ok(id) => {
            Err(Malformed::new(format!("option chunk: found {} bytes, expected at most {MAX_ID}", id.len())))
        }
        Err(_) => Err(Malformed::new("option chunk: found bytes that are not UTF-8, expected text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Options, Malformed> {
        Options::parse(&mut Cursor::new(bytes), true)
    }

    #[test]
    fn known_keys_are_read_and_others_ignored() {
        let read = parse(b"\x84\xa5chunk\xa2id\xa4size\x05\xa5other\x91\xc0\xaacompressed\xa4gzip").unwrap();
        let form = OptionForm::Map;
        assert_eq!(read, Options { id: Some("id".to_owned()), size: Some(5), gzip: true, form });
        assert_eq!(parse(b"\xc0").unwrap(), Options { form: OptionForm::Nil, ..Options::default() });
        let read = parse(b"\x82\xa5chunk\xc0\xaacompressed\xa4text").unwrap();
        assert_eq!(read, Options { form, ..Options::default() });
        assert_eq!(parse(b"\x81\xa5chunk\xc4\x02id").unwrap().form, OptionForm::BinaryId);
    }

    #[test]
    fn an_id_is_short_text() {
        assert!(
            parse(b"\x81\xa5chunk\xa1\xff").unwrap_err().to_string().ends_with("not UTF-8, expected text")
        );
        let mut long = b"\x81\xa5chunk\xda\x10\x01".to_vec();
        long.extend([b'x'; MAX_ID + 1]);
        assert_eq!(
            parse(&long).unwrap_err().to_string(),
            "option chunk: found 4097 bytes, expected at most 4096"
        );
    }
}
