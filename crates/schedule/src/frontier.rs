use crate::Millis;
use crate::host::gap_ms;
use model::HostPace;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// What a host bears.
#[derive(Clone, Copy, Debug)]
pub struct HostLimits {
    /// Visits to one host at once, at least 1.
    pub concurrency: u32,
    /// Milliseconds between two starts at one host.
    pub gap: Millis,
}

/// A feed's place in the frontier; the caller keeps what belongs to it.
pub type Place = u32;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Visit this feed.
    Visit(Place),
    /// Nothing before this time.
    Wait(Millis),
    /// Nothing until a visit comes home or a feed is added.
    Idle,
}

/// Who is visited next: feeds wait in order of their due times, each at its host; hosts wait in order
/// of the time at which they next have a feed due and may be asked. Every step costs O(log n), a feed
/// about 24 bytes.
#[derive(Debug)]
pub struct Frontier {
    limits: HostLimits,
    names: HashMap<String, u32>,
    hosts: Vec<Host>,
    /// Host of each place.
    homes: Vec<u32>,
    /// Hosts by the time they are ready; an entry that no longer agrees with its host is skipped.
    ready: BinaryHeap<Reverse<(Millis, u32)>>,
}

#[derive(Debug, Default)]
struct Host {
    /// Feeds by due time.
    waiting: BinaryHeap<Reverse<(Millis, Place)>>,
    in_flight: u32,
    not_before: Millis,
    /// The same, before the last visit began.
    before_visit: Millis,
    pace: HostPace,
    /// The time under which the host stands in `ready`.
    listed: Option<Millis>,
}

impl Frontier {
    /// An empty frontier.
    pub fn new(limits: HostLimits) -> Self {
        Self { limits, names: HashMap::new(), hosts: Vec::new(), homes: Vec::new(), ready: BinaryHeap::new() }
    }

    /// Adds a feed of `host`, due at `due`.
    pub fn add(&mut self, host: &str, due: Millis) -> Place {
        let host = self.host(host);
        let place = self.homes.len() as Place;
        self.homes.push(host);
        self.hosts[host as usize].waiting.push(Reverse((due, place)));
        self.list(host);
        place
    }

    /// Nothing is sent to `host` before `until`; a pause is never shortened.
    pub fn pause(&mut self, host: &str, until: Millis) {
        let host = self.host(host);
        let state = &mut self.hosts[host as usize];
        state.not_before = state.not_before.max(until);
        self.list(host);
    }

    /// `host` is spared as `pace` says.
    pub fn spare(&mut self, host: &str, pace: &HostPace) {
        let at = self.host(host);
        self.hosts[at as usize].pace = *pace;
        self.pause(host, pace.until_ms);
    }

    /// The feed to visit at `now`; its host counts as busy until [`Self::home`].
    pub fn next(&mut self, now: Millis) -> Next {
        while let Some(&Reverse((at, host))) = self.ready.peek() {
            let state = &mut self.hosts[host as usize];
            if state.listed != Some(at) {
                self.ready.pop();
                continue;
            }
            if now < at {
                return Next::Wait(at);
            }
            self.ready.pop();
            state.listed = None;
            let Some(Reverse((_, place))) = state.waiting.pop() else { continue };
            state.in_flight += 1;
            state.before_visit = state.not_before;
            state.not_before = state.not_before.max(now + gap_ms(&state.pace, self.limits.gap, now));
            self.list(host);
            return Next::Visit(place);
        }
        Next::Idle
    }

    /// The visit that [`Self::next`] has just given is not made; its feed is due at `due`, its host was not asked.
    pub fn put_off(&mut self, place: Place, due: Millis) {
        let state = &mut self.hosts[self.homes[place as usize] as usize];
        state.not_before = state.before_visit;
        self.home(place, due);
    }

    /// A visit is home; its feed is due again at `due`.
    pub fn home(&mut self, place: Place, due: Millis) {
        let host = self.homes[place as usize];
        let state = &mut self.hosts[host as usize];
        state.in_flight = state.in_flight.saturating_sub(1);
        state.waiting.push(Reverse((due, place)));
        self.list(host);
    }

    /// A visit is home and its feed is not to be visited again.
    pub fn retire(&mut self, place: Place) {
        let host = self.homes[place as usize];
        let state = &mut self.hosts[host as usize];
        state.in_flight = state.in_flight.saturating_sub(1);
        self.list(host);
    }

    fn host(&mut self, name: &str) -> u32 {
        if let Some(&host) = self.names.get(name) {
            return host;
        }
        let host = self.hosts.len() as u32;
        self.hosts.push(Host { not_before: Millis::MIN, before_visit: Millis::MIN, ..Host::default() });
        self.names.insert(name.to_owned(), host);
        host
    }

    /// Lists a host under the time at which it is next ready, if that has changed.
    fn list(&mut self, host: u32) {
        let state = &mut self.hosts[host as usize];
        let at = match state.waiting.peek() {
            Some(&Reverse((due, _))) if state.in_flight < self.limits.concurrency => {
                due.max(state.not_before)
            }
            _ => {
                state.listed = None;
                return;
            }
        };
        if state.listed != Some(at) {
            state.listed = Some(at);
            self.ready.push(Reverse((at, host)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: HostLimits = HostLimits { concurrency: 2, gap: 5000 };

    #[test]
    fn the_feed_longest_due_goes_first_and_hosts_are_spared() {
        let mut frontier = Frontier::new(LIMITS);
        let late = frontier.add("a.example", 200);
        let early = frontier.add("a.example", 100);
        let other = frontier.add("b.example", 300);
        assert_eq!(frontier.next(99), Next::Wait(100));
        assert_eq!(frontier.next(400), Next::Visit(early));
        assert_eq!(frontier.next(400), Next::Visit(other));
        assert_eq!(frontier.next(400), Next::Wait(5400));
        assert_eq!(frontier.next(5400), Next::Visit(late));
        assert_eq!(frontier.next(9_999_999), Next::Idle);
    }

    #[test]
    fn a_third_visit_waits_for_one_to_come_home() {
        let mut frontier = Frontier::new(HostLimits { concurrency: 2, gap: 0 });
        let places: Vec<Place> = (0..3).map(|_| frontier.add("a.example", 0)).collect();
        assert_eq!(frontier.next(0), Next::Visit(places[0]));
        assert_eq!(frontier.next(0), Next::Visit(places[1]));
        assert_eq!(frontier.next(0), Next::Idle);
        frontier.home(places[0], 1000);
        assert_eq!(frontier.next(0), Next::Visit(places[2]));
    }

    #[test]
    fn a_visit_that_is_put_off_costs_its_host_nothing() {
        let mut frontier = Frontier::new(LIMITS);
        let places = [frontier.add("a.example", 0), frontier.add("a.example", 1)];
        assert_eq!(frontier.next(10), Next::Visit(places[0]));
        frontier.put_off(places[0], 1000);
        assert_eq!(frontier.next(10), Next::Visit(places[1]));
        assert_eq!(frontier.next(1000), Next::Wait(5010));
    }

    #[test]
    fn a_paused_host_is_left_alone_and_a_pause_is_never_shortened() {
        let mut frontier = Frontier::new(LIMITS);
        let feed = frontier.add("a.example", 0);
        frontier.pause("a.example", 9000);
        frontier.pause("a.example", 3000);
        assert_eq!(frontier.next(8999), Next::Wait(9000));
        assert_eq!(frontier.next(9000), Next::Visit(feed));
        frontier.retire(feed);
        assert_eq!(frontier.next(99_000), Next::Idle);
    }

    #[test]
    fn a_host_that_asked_for_peace_is_given_twice_the_gap() {
        let mut frontier = Frontier::new(LIMITS);
        let places = [frontier.add("a.example", 0), frontier.add("a.example", 0)];
        frontier.spare("a.example", &crate::throttled(&HostPace::default(), None, 0));
        assert_eq!(frontier.next(0), Next::Wait(300_000));
        assert_eq!(frontier.next(300_000), Next::Visit(places[0]));
        let Next::Wait(at) = frontier.next(300_000) else { panic!("two at once") };
        assert!((309_000..=310_000).contains(&at), "{at}");
    }

    /// What is due everywhere at once is limited by the hosts' gaps alone, and no host waits for another.
    #[test]
    fn fifty_thousand_feeds_of_five_hundred_hosts_drain_as_fast_as_gaps_allow() {
        const VISIT_MS: Millis = 400;
        let mut frontier = Frontier::new(LIMITS);
        for feed in 0..50_000 {
            frontier.add(&format!("h{}.example", feed % 500), 0);
        }
        let (mut now, mut visits) = (0, 0);
        let mut out: BinaryHeap<Reverse<(Millis, Place)>> = BinaryHeap::new();
        while visits < 50_000 {
            while let Some(&Reverse((end, place))) = out.peek().filter(|Reverse((end, _))| *end <= now) {
                out.pop();
                assert!(end <= now);
                frontier.retire(place);
            }
            match if out.len() < 64 { frontier.next(now) } else { Next::Idle } {
                Next::Visit(place) => {
                    visits += 1;
                    out.push(Reverse((now + VISIT_MS, place)));
                }
                Next::Wait(at) => now = at.min(out.peek().map_or(at, |Reverse((end, _))| *end)),
                Next::Idle => now = out.peek().map_or(now + 1, |Reverse((end, _))| *end),
            }
        }
        // A hundred feeds a host, five seconds apart.
        let least = 99 * LIMITS.gap;
        assert!((least..least + 60_000).contains(&now), "{now}");
    }

    proptest! {
        /// Against a plain list of every start: limits hold, nothing starts early, nothing is forgotten.
        #[test]
        fn limits_hold_whatever_happens(
            feeds in prop::collection::vec((0_u8..4, 0_i64..20_000), 1..40),
            lengths in prop::collection::vec(1_i64..15_000, 1..20),
        ) {
            let mut frontier = Frontier::new(LIMITS);
            let hosts: Vec<String> = feeds.iter().map(|(host, _)| format!("h{host}")).collect();
            let due: Vec<Millis> = feeds.iter().map(|(_, due)| *due).collect();
            for (host, due) in hosts.iter().zip(&due) {
                frontier.add(host, *due);
            }
            let mut out: Vec<(Millis, Place)> = Vec::new();
            let mut last_start: HashMap<&str, Millis> = HashMap::new();
            let mut visited = vec![0; feeds.len()];
            let mut now = 0;
            for step in 0..400_usize {
                let (done, still): (Vec<_>, Vec<_>) = out.iter().partition(|(end, _)| *end <= now);
                out = still;
                done.iter().for_each(|(_, place)| frontier.home(*place, now + 60_000));
                match frontier.next(now) {
                    Next::Visit(place) => {
                        let host = hosts[place as usize].as_str();
                        prop_assert!(due[place as usize] <= now);
                        prop_assert!(last_start.get(host).is_none_or(|last| LIMITS.gap <= now - last));
                        last_start.insert(host, now);
                        visited[place as usize] += 1;
                        out.push((now + lengths[step % lengths.len()], place));
                        let busy = out.iter().filter(|(_, p)| hosts[*p as usize] == host).count();
                        prop_assert!(busy <= LIMITS.concurrency as usize);
                    }
                    Next::Wait(at) => {
                        prop_assert!(now < at);
                        now = out.iter().map(|(end, _)| *end).chain([at]).min().unwrap_or(at);
                    }
                    Next::Idle => now = out.iter().map(|(end, _)| *end).min().unwrap_or(now + 1000),
                }
            }
            prop_assert!(visited.iter().all(|count| 0 < *count), "forgotten: {visited:?} at {now}");
        }
    }
}
