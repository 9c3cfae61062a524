use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::sys::sync::lock;

const ANSWER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// The end of names for which no answer ever comes.
pub(crate) const NEVER: &str = ".never.test";

/// The resolver of those names, which hangs for good.
pub(super) fn stuck() -> &'static Arc<Resolver<Vec<IpAddr>>> {
    static STUCK: ForkLocal<Arc<Resolver<Vec<IpAddr>>>> = ForkLocal::new();
    STUCK.get(|| {
        Resolver::new(|_| {
            loop {
                std::thread::park();
            }
        })
    })
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

#[test]
fn literals_and_localhost_ask_nobody() {
    let abort = Abort::default();
    let past = Instant::now();
    assert_eq!(addresses("127.0.0.1", 5, past, &abort).unwrap(), ["127.0.0.1:5".parse().unwrap()]);
    assert_eq!(addresses("::1", 5, past, &abort).unwrap(), ["[::1]:5".parse().unwrap()]);
    let both = ["[::1]:5".parse().unwrap(), "127.0.0.1:5".parse().unwrap()];
    assert_eq!(addresses("LocalHost", 5, past, &abort).unwrap(), both);
}

#[test]
#[ignore = "slow: make test-slow"]
fn one_thread_answers_everybody_and_goes_when_it_idles() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static INSIDE: AtomicUsize = AtomicUsize::new(0);
    let resolver = Resolver::new(|_| {
        assert_eq!(INSIDE.fetch_add(1, Ordering::SeqCst), 0);
        ASKED.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        INSIDE.fetch_sub(1, Ordering::SeqCst);
        Ok(vec![ANSWER])
    });
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let resolver = Arc::clone(&resolver);
            std::thread::spawn(move || {
                let host = if caller % 2 == 0 { "a.test" } else { "b.test" };
                assert_eq!(resolver.look_up(host, soon(), &Abort::default()).unwrap(), [ANSWER]);
            })
        })
        .collect();
    callers.into_iter().for_each(|caller| caller.join().unwrap());
    // Callers that came while their name was being looked up share its answer.
    assert!((2..=8).contains(&ASKED.load(Ordering::SeqCst)));
    let until = soon();
    while lock(&resolver.desk).questions.is_some() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(resolver.look_up("a.test", soon(), &Abort::default()).unwrap(), [ANSWER]);
}

#[test]
fn a_resolver_that_never_answers_costs_one_thread_and_the_deadline() {
    static HOLD: Mutex<()> = Mutex::new(());
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let held = lock(&HOLD);
    let resolver = Resolver::new(|_| {
        ASKED.fetch_add(1, Ordering::SeqCst);
        drop(lock(&HOLD));
        Ok(vec![ANSWER])
    });
    for host in ["a.test", "a.test", "b.test"] {
        let start = Instant::now();
        let deadline = start + Duration::from_millis(60);
        let error = resolver.look_up(host, deadline, &Abort::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    }
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    let abort = Abort::default();
    abort.fire();
    let start = Instant::now();
    assert!(resolver.look_up("c.test", soon(), &abort).is_err());
    assert!(start.elapsed() < Duration::from_secs(4));
    drop(held);
    assert_eq!(resolver.look_up("a.test", soon(), &Abort::default()).unwrap(), [ANSWER]);
    // A name that was asked for behind it becomes known, though nobody waits for it any more.
    let until = soon();
    while lock(&resolver.desk).names.last_good("b.test").is_none() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn the_last_good_addresses_stand_in() {
    static STATE: AtomicUsize = AtomicUsize::new(0);
    static HOLD: Mutex<()> = Mutex::new(());
    let resolver = Resolver::new(|_| match STATE.load(Ordering::SeqCst) {
        0 => Err(io::Error::new(io::ErrorKind::NotFound, "no such name")),
        1 => Ok(vec![ANSWER]),
        2 => Err(io::Error::other("a name server is ill")),
        _ => {
            drop(lock(&HOLD));
            panic!("a provoked panic on the resolver thread");
        }
    });
    let abort = Abort::default();
    let error = resolver.look_up("x.test", soon(), &abort).unwrap_err();
    assert_eq!(error.to_string(), "no such name");
    for state in [1, 2] {
        STATE.store(state, Ordering::SeqCst);
        assert_eq!(resolver.look_up("x.test", soon(), &abort).unwrap(), [ANSWER]);
    }
    STATE.store(3, Ordering::SeqCst);
    let held = lock(&HOLD);
    // The resolver hangs now; with an earlier answer nobody waits for its whole budget.
    let start = Instant::now();
    assert_eq!(resolver.look_up("x.test", soon(), &abort).unwrap(), [ANSWER]);
    assert!(start.elapsed() < BUDGET, "{:?}", start.elapsed());
    drop(held);
    assert!(resolver.look_up("y.test", soon(), &abort).unwrap_err().to_string().contains("contained"));
}

#[test]
fn only_so_many_names_are_kept() {
    let mut names = Names::default();
    for number in 0..1000 {
        names.remember(&format!("{number}.test"), &vec![ANSWER]);
    }
    assert!(names.last_good("0.test").is_none());
    assert_eq!(names.last_good("999.test").unwrap(), [ANSWER]);
}

#[test]
fn questions_beyond_a_number_are_not_kept() {
    static HOLD: Mutex<()> = Mutex::new(());
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let held = lock(&HOLD);
    let resolver = Resolver::new(|_| {
        ASKED.fetch_add(1, Ordering::SeqCst);
        drop(lock(&HOLD));
        Ok(vec![ANSWER])
    });
    let mut answers = vec![resolver.ask_thread("first.test").unwrap()];
    while ASKED.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    for number in 0..MOST_QUESTIONS {
        answers.push(resolver.ask_thread(&format!("{number}.test")).unwrap());
    }
    let (kind, _) = resolver.ask_thread("last.test").unwrap_err();
    assert_eq!(kind, io::ErrorKind::TimedOut);
    drop(held);
    for answer in answers {
        assert_eq!(answer.recv_deadline(soon()).unwrap().unwrap(), [ANSWER]);
    }
    assert_eq!(ASKED.load(Ordering::SeqCst), 1 + MOST_QUESTIONS);
}
