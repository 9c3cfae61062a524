//! Ways to hosts, and the names that certificates have to carry.

use std::net::TcpListener;

use super::*;

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

fn host(port: u16, is_spread: bool) -> Route {
    Route::new(Goal::Host { host: "localhost".to_owned(), port }, is_spread)
}

#[test]
fn a_target_counts_only_within_its_domain() {
    for (target, expected) in [
        ("a.example", "a.example"),
        ("a.b.EXAMPLE", "a.b.EXAMPLE"),
        ("example", "example"),
        ("evil.test", "example"),
        ("evilexample", "example"),
        ("example.evil.test", "example"),
    ] {
        assert_eq!(name_of("_mona._tcp.example", target), expected);
        assert_eq!(name_of("_mona._tcp.example.", target), expected);
    }
}

#[test]
fn a_sticky_client_has_the_order_of_the_system_and_another_one_any() {
    let abort = Abort::default();
    let first = |route: &Route| route.resolve(soon(), &abort).unwrap()[0].address.is_ipv6();
    let (sticky, spread) = (host(1, false), host(1, true));
    assert!((0..50).all(|_| first(&sticky)));
    let v6 = (0..200).filter(|_| first(&spread)).count();
    assert!((50..150).contains(&v6), "{v6}");
}

#[test]
fn what_failed_comes_last_and_others_take_its_share() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let abort = Arc::new(Abort::default());
    let route = host(port, true);
    // Nobody listens at the other address, or there is none of its family.
    for _ in 0..20 {
        let ways = route.resolve(soon(), &abort).unwrap();
        let (_, way) = route.connect(&ways, soon(), &abort).map_err(|error| error.to_string()).unwrap();
        assert!(way.address.is_ipv4());
    }
    let ways = route.resolve(soon(), &abort).unwrap();
    assert!(ways[0].address.is_ipv4(), "{ways:?}");
    assert_eq!(places(&ways), 1);
    // One that served is forgiven, also where all failed.
    route.has_failed(ways[0].address);
    assert_eq!(places(&route.resolve(soon(), &abort).unwrap()), 2);
    route.has_served(ways[0].address);
    assert_eq!(route.resolve(soon(), &abort).unwrap()[0].address, ways[0].address);
}

#[test]
fn a_sticky_order_stays() {
    let mut seed = 3;
    let first: Vec<f64> = (0..1000).map(|_| next_fraction(&mut seed)).collect();
    assert!(first.iter().all(|fraction| (0.0..1.0).contains(fraction)));
    let mean = first.iter().sum::<f64>() / 1000.0;
    assert!((0.4..0.6).contains(&mean), "{mean}");
}
