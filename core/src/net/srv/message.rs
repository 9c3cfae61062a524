//! A question for the records of a service, and what an answer says: messages as DNS has them.
//!
//! They are read by `simple-dns`, which follows names only backwards and never further than a name may be long. What it
//! gives is bounded once more here, because whoever answers need not be who was asked.

use std::io;
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

use super::record::{Record, Service};
use crate::net::host::is_name;

/// Records that are read of one answer; a list of more servers is no list of collectors.
const MOST_RECORDS: usize = 64;

/// Names that stand for others, one after the other, until the records come.
const MOST_ALIASES: usize = 8;

// Bits of the third byte of a message.
const IS_ANSWER: u8 = 0x80;
const IS_CUT_OFF: u8 = 0x02;

// What is asked for.
const SRV: QTYPE = QTYPE::TYPE(TYPE::SRV);
const IN: QCLASS = QCLASS::CLASS(CLASS::IN);

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Found(Service),
    /// It did not fit: to be asked for over TCP.
    CutOff,
    /// There is no such name, or it has no such records.
    Nothing(&'static str),
    /// This server cannot tell, another one may.
    Failure(String),
}

/// The bytes of a question.
pub(super) fn question(id: u16, name: &str) -> io::Result<Vec<u8>> {
    let wrong = |_| io::Error::new(io::ErrorKind::InvalidInput, "it is no name that DNS can have");
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).map_err(wrong)?;
    packet.questions.push(Question::new(name, SRV, IN, false));
    packet.build_bytes_vec().map_err(wrong)
}

/// Reads an answer to the question with this id for this name; none where it is an answer to another one, or to none.
pub(super) fn read(bytes: &[u8], id: u16, name: &str) -> Option<Answer> {
    let [high, low, flags, ..] = bytes else { return None };
    if u16::from_be_bytes([*high, *low]) != id || flags & IS_ANSWER == 0 {
        return None;
    }
    if flags & IS_CUT_OFF != 0 {
        // What was cut off may be half a record.
        return Some(Answer::CutOff);
    }
    let packet = Packet::parse(bytes).ok()?;
    let name = Name::new(name).ok()?;
    let is_ours = match packet.questions.as_slice() {
        [question] => same(&question.qname, &name) && question.qtype == SRV && question.qclass == IN,
        // A server that does not understand the question need not repeat it.
        [] => !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError),
        _ => false,
    };
    if !is_ours {
        return None;
    }
    Some(match packet.rcode() {
        RCODE::NoError => found(&packet, name),
        RCODE::NameError => Answer::Nothing("there is no such name"),
        code => Answer::Failure(format!("the name server answers {code:?}")),
    })
}

fn found(packet: &Packet<'_>, name: Name<'_>) -> Answer {
    let mut name = name;
    for _ in 0..MOST_ALIASES {
        let alias = packet.answers.iter().find_map(|answer| match &answer.rdata {
            RData::CNAME(alias) if same(&answer.name, &name) => Some(alias.0.clone()),
            _ => None,
        });
        match alias {
            Some(alias) => name = alias,
            None => break,
        }
    }
    let mut records = Vec::new();
    let mut ttl = u32::MAX;
    let mut is_unavailable = false;
    for answer in packet.answers.iter().filter(|answer| same(&answer.name, &name)).take(MOST_RECORDS) {
        let RData::SRV(found) = &answer.rdata else { continue };
        let target = found.target.to_string();
        let target = target.strip_suffix('.').unwrap_or(&target);
        if target.is_empty() {
            is_unavailable = true;
        } else if is_name(target) && found.port > 0 {
            ttl = ttl.min(answer.ttl);
            records.push(Record {
                priority: found.priority,
                weight: found.weight,
                port: found.port,
                target: target.to_ascii_lowercase(),
            });
        }
    }
    // Name servers give them in another order each time, and a seed draws the same from the same order alone.
    records.sort_unstable();
    match is_unavailable {
        _ if !records.is_empty() => Answer::Found(Service { records, ttl: Duration::from_secs(ttl.into()) }),
        true => Answer::Nothing("the service is decidedly not offered there (its target is \".\")"),
        false => Answer::Nothing("it has no SRV records"),
    }
}

/// Names are the same however their letters are written.
fn same(one: &Name<'_>, other: &Name<'_>) -> bool {
    one.to_string().trim_end_matches('.').eq_ignore_ascii_case(other.to_string().trim_end_matches('.'))
}
