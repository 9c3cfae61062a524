//! Questions to a name server of our own, over loopback.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use simple_dns::rdata::{CNAME, RData, SRV};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};

use super::*;
use crate::sys::sync::lock;

/// Makes the answer to a question, over UDP or TCP; none for silence.
type Reply = Box<dyn FnMut(&[u8], bool) -> Option<Vec<u8>> + Send>;

/// Makes something else than the answer to a question.
type Hostile = fn(&[u8]) -> Vec<u8>;

/// A name server.
struct Double {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Double {
    fn new(reply: impl FnMut(&[u8], bool) -> Option<Vec<u8>> + Send + 'static) -> Double {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // The same port over UDP, which is free nearly always.
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (asked, ends): (Arc<AtomicUsize>, Arc<AtomicBool>) = Default::default();
        let reply: Arc<Mutex<Reply>> = Arc::new(Mutex::new(Box::new(reply)));
        let (over_udp, count, is_over) = (Arc::clone(&reply), Arc::clone(&asked), Arc::clone(&ends));
        let udp = std::thread::spawn(move || {
            let mut bytes = [0; 1024];
            while !is_over.load(Ordering::SeqCst) {
                let Ok((length, from)) = socket.recv_from(&mut bytes) else { continue };
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = lock(&over_udp)(&bytes[..length], false) {
                    socket.send_to(&answer, from).unwrap();
                }
            }
        });
        let is_over = Arc::clone(&ends);
        let tcp = std::thread::spawn(move || {
            while !is_over.load(Ordering::SeqCst) {
                let Ok((mut stream, _)) = listener.accept() else {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                };
                stream.set_nonblocking(false).unwrap();
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                let mut question = vec![0; u16::from_be_bytes(length).into()];
                stream.read_exact(&mut question).unwrap();
                if let Some(answer) = lock(&reply)(&question, true) {
                    // Byte by byte: a stream has no messages.
                    let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                    for byte in length.iter().chain(&answer) {
                        // Who asked may have heard enough.
                        let _ = stream.write_all(&[*byte]);
                    }
                }
            }
        });
        Double { address, asked, ends, threads: vec![udp, tcp] }
    }

    fn conf(&self, patience: Duration) -> Conf {
        Conf { servers: vec![self.address], domains: Vec::new(), dots: 1, patience, attempts: 2 }
    }

    fn ask(&self) -> io::Result<Service> {
        ask::service(NAME, &self.conf(Duration::from_secs(5)), Instant::now() + Duration::from_secs(20))
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

const NAME: &str = "_mona._tcp.example";

/// An answer with these records: priority, weight, port, target, time to live.
fn answer(question: &[u8], records: &[(u16, u16, u16, &str, u32)]) -> Packet<'static> {
    let asked = Packet::parse(question).unwrap();
    let mut answer = Packet::new_reply(asked.id());
    answer.questions = asked.questions.iter().map(|question| question.clone().into_owned()).collect();
    let owner = asked.questions[0].qname.clone().into_owned();
    for (priority, weight, port, target, ttl) in records {
        let target = Name::new_unchecked(target).into_owned();
        let record = RData::SRV(SRV { priority: *priority, weight: *weight, port: *port, target });
        answer.answers.push(ResourceRecord::new(owner.clone(), CLASS::IN, *ttl, record));
    }
    answer
}

fn bytes(packet: &Packet<'_>) -> Option<Vec<u8>> {
    Some(packet.build_bytes_vec_compressed().unwrap())
}

fn record(priority: u16, weight: u16, port: u16, target: &str) -> Record {
    Record { priority, weight, port, target: target.to_owned() }
}

#[test]
fn records_come_as_they_are() {
    let double = Double::new(|question, _| {
        bytes(&answer(question, &[(10, 60, 24224, "A.example", 30), (20, 0, 24225, "b.example.", 300)]))
    });
    let service = double.ask().unwrap();
    assert_eq!(service.records, [record(10, 60, 24224, "a.example"), record(20, 0, 24225, "b.example")]);
    assert_eq!(service.ttl, Duration::from_secs(30));
}

#[test]
fn the_order_of_an_answer_does_not_matter() {
    let turn = AtomicUsize::new(0);
    let double = Double::new(move |question, _| {
        let mut records = ["a", "b", "c", "d"].map(|target| (1, 5, 7, target, 60));
        records.rotate_left(turn.fetch_add(1, Ordering::SeqCst) % 4);
        bytes(&answer(question, &records))
    });
    let sticky = || {
        let mut draws = [0.3, 0.9, 0.1, 0.7].into_iter().cycle();
        let service = double.ask().unwrap();
        in_order(&service.records, || draws.next().unwrap()).into_iter().cloned().collect::<Vec<_>>()
    };
    let first = sticky();
    assert!((0..8).all(|_| sticky() == first));
}

#[test]
fn a_server_that_does_not_understand_need_not_repeat_the_question() {
    let double = Double::new(|question, _| {
        let mut answer = answer(question, &[]);
        answer.questions.clear();
        *answer.rcode_mut() = RCODE::FormatError;
        bytes(&answer)
    });
    let error = double.ask().unwrap_err();
    assert!(error.to_string().contains("FormatError"), "{error}");
}

#[test]
fn an_alias_is_followed() {
    let double = Double::new(|question, _| {
        let mut answer = answer(question, &[]);
        let owner = answer.questions[0].qname.clone();
        let alias = Name::new("_mona._tcp.elsewhere").unwrap();
        let srv = SRV { priority: 1, weight: 2, port: 3, target: Name::new("t.elsewhere").unwrap() };
        answer.answers.push(ResourceRecord::new(owner, CLASS::IN, 9, RData::CNAME(CNAME(alias.clone()))));
        answer.answers.push(ResourceRecord::new(alias, CLASS::IN, 9, RData::SRV(srv)));
        bytes(&answer)
    });
    assert_eq!(double.ask().unwrap().records, [record(1, 2, 3, "t.elsewhere")]);
}

#[test]
fn what_does_not_fit_comes_over_tcp() {
    let targets: Vec<String> = (0..100).map(|number| format!("collector-{number}.example")).collect();
    let double = Double::new(move |question, is_tcp| {
        let records: Vec<_> = targets.iter().map(|target| (1, 1, 24224, target.as_str(), 60)).collect();
        let mut answer = answer(question, &records);
        if !is_tcp {
            answer.set_flags(PacketFlag::TRUNCATION);
            let mut bytes = bytes(&answer).unwrap();
            // In the middle of a record.
            bytes.truncate(500);
            return Some(bytes);
        }
        bytes(&answer)
    });
    // What is more than a list of collectors can be is left out.
    assert_eq!(double.ask().unwrap().records.len(), 64);
}

#[test]
fn a_service_that_is_not_offered_is_said_to_be_none() {
    for (records, said) in [(&[(0, 0, 0, ".", 60)][..], "not offered"), (&[], "no SRV records")] {
        let records = records.to_vec();
        let double = Double::new(move |question, _| bytes(&answer(question, &records)));
        let error = double.ask().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains(said), "{error}");
    }
    let double = Double::new(|question, _| {
        let mut answer = answer(question, &[]);
        *answer.rcode_mut() = RCODE::NameError;
        bytes(&answer)
    });
    assert_eq!(double.ask().unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(double.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn another_server_is_asked_where_one_cannot_tell() {
    let ill = Double::new(|question, _| {
        let mut answer = answer(question, &[]);
        *answer.rcode_mut() = RCODE::ServerFailure;
        bytes(&answer)
    });
    let well = Double::new(|question, _| bytes(&answer(question, &[(1, 1, 1, "a.example", 60)])));
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut conf = ill.conf(Duration::from_secs(5));
    conf.servers = vec![gone, ill.address, well.address];
    let until = Instant::now() + Duration::from_secs(20);
    assert_eq!(ask::service(NAME, &conf, until).unwrap().records.len(), 1);
    conf.servers = vec![ill.address];
    let error = ask::service(NAME, &conf, until).unwrap_err();
    assert!(error.to_string().contains("ServerFailure"), "{error}");
    assert_eq!(ill.asked.load(Ordering::SeqCst), 3);
}

#[test]
fn a_silent_server_costs_the_time_and_no_more() {
    let double = Double::new(|_, _| None);
    let start = Instant::now();
    let conf = double.conf(Duration::from_millis(50));
    let error = ask::service(NAME, &conf, start + Duration::from_millis(800)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(double.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn names_that_are_not_whole_are_tried_within_the_domains() {
    let double = Double::new(|question, _| {
        let asked = Packet::parse(question).unwrap();
        let is_whole = asked.questions[0].qname.to_string().ends_with("svc.cluster.local");
        let mut answer = answer(question, &[(1, 1, 1, "a.svc.cluster.local", 60)][..usize::from(is_whole)]);
        if !is_whole {
            *answer.rcode_mut() = RCODE::NameError;
        }
        bytes(&answer)
    });
    let mut conf = double.conf(Duration::from_secs(5));
    (conf.domains, conf.dots) = (vec!["other.local".to_owned(), "svc.cluster.local".to_owned()], 5);
    let until = Instant::now() + Duration::from_secs(20);
    assert_eq!(ask::service("_mona._tcp.c", &conf, until).unwrap().records.len(), 1);
    assert_eq!(double.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn hostile_answers_are_none() {
    let hostile: Vec<Hostile> = vec![
        // Another id.
        |question| {
            let mut other = bytes(&answer(question, &[(1, 1, 1, "evil", 60)])).unwrap();
            other[0] ^= 1;
            other
        },
        // Another name.
        |question| {
            let mut other = answer(question, &[(1, 1, 1, "evil", 60)]);
            other.questions[0].qname = Name::new("_mona._tcp.other").unwrap();
            bytes(&other).unwrap()
        },
        // Another kind, no question, two of them.
        |question| {
            let mut other = answer(question, &[(1, 1, 1, "evil", 60)]);
            other.questions[0].qtype = QTYPE::TYPE(TYPE::A);
            bytes(&other).unwrap()
        },
        |question| {
            let mut other = answer(question, &[(1, 1, 1, "evil", 60)]);
            other.questions.clear();
            bytes(&other).unwrap()
        },
        |question| {
            let mut other = answer(question, &[(1, 1, 1, "evil", 60)]);
            other.questions.push(other.questions[0].clone());
            bytes(&other).unwrap()
        },
        // The question alone, a message cut off anywhere, nothing.
        |question| question.to_vec(),
        |question| {
            let whole = bytes(&answer(question, &[(1, 1, 1, "evil", 60)])).unwrap();
            whole[..whole.len() - 3].to_vec()
        },
        |_| Vec::new(),
        // A name that leads to itself.
        |question| {
            let mut looping = question[..12].to_vec();
            looping[2] |= 0x80;
            looping[7] = 1;
            looping.extend(&question[12..]);
            let at = u8::try_from(looping.len()).unwrap();
            looping.extend([0xc0, at, 0, 33, 0, 1, 0, 0, 0, 60, 0, 8, 0, 1, 0, 1, 0, 1, 0xc0, at]);
            looping
        },
        // More records announced than there are bytes.
        |question| {
            let mut short = bytes(&answer(question, &[(1, 1, 1, "evil", 60)])).unwrap();
            (short[6], short[7]) = (0xff, 0xff);
            short
        },
    ];
    // Side by side: what is not an answer is waited for until the time is over.
    std::thread::scope(|scope| {
        for (number, hostile) in hostile.into_iter().enumerate() {
            scope.spawn(move || {
                let double = Double::new(move |question, _| Some(hostile(question)));
                let conf = double.conf(Duration::from_millis(100));
                let outcome = ask::service(NAME, &conf, Instant::now() + Duration::from_secs(20));
                assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::TimedOut, "{number}");
            });
        }
    });
    // Targets that no host can have, and ports that none listens on, are left out.
    let double = Double::new(|question, _| {
        bytes(&answer(
            question,
            &[
                (1, 1, 1, "e vil", 60),
                (1, 1, 0, "port.example", 60),
                (1, 1, 1, "e\u{1b}[2J", 60),
                (2, 1, 7, "a", 60),
            ],
        ))
    });
    assert_eq!(double.ask().unwrap().records, [record(2, 1, 7, "a")]);
}

#[test]
fn any_bytes_are_read_without_harm() {
    let mut seed = 7_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let question = message::question(5, NAME).unwrap();
    let whole =
        bytes(&answer(&question, &[(1, 1, 1, "a.example", 60), (1, 1, 1, "b.a.example", 60)])).unwrap();
    for _ in 0..50_000 {
        let mut broken = whole.clone();
        for _ in 0..1 + random() % 4 {
            let at = 3 + random() % (broken.len() - 3);
            broken[at] = random() as u8;
        }
        broken.truncate(random() % (broken.len() + 1));
        let _ = message::read(&broken, 5, NAME);
    }
}

#[test]
fn the_domain_of_a_service() {
    for (name, expected) in [
        ("_mona._tcp.example", "example"),
        ("_mona._tcp.a.example.", "a.example"),
        ("a.example", "a.example"),
        ("_mona._tcp", "_tcp"),
    ] {
        assert_eq!(domain(name), expected);
    }
}
