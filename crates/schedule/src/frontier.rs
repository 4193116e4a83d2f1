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

/// A page by the caller's own number.
pub type PageNumber = u32;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Visit this feed.
    Visit(Place),
    /// Visit this page.
    Page(PageNumber),
    /// Nothing before this time.
    Wait(Millis),
    /// Nothing until a visit comes home or a feed is added.
    Idle,
}

/// Who is visited next: feeds wait in order of their due times, each at its host; hosts wait in order
/// of the time at which they next have a feed due and may be asked. Pages wait beside the feeds of their
/// host, for a moment at which none of these is due. Every step costs O(log n), a feed about 24 bytes.
#[derive(Debug)]
pub struct Frontier {
    limits: HostLimits,
    names: HashMap<String, u32>,
    hosts: Vec<Host>,
    /// Places in `hosts` that are free again.
    free: Vec<u32>,
    /// Host of each place.
    homes: Vec<u32>,
    /// Hosts by the time they are ready; an entry that no longer agrees with its host is skipped.
    ready: BinaryHeap<Reverse<(Millis, u32)>>,
}

#[derive(Debug, Default)]
struct Host {
    /// Feeds by due time.
    waiting: BinaryHeap<Reverse<(Millis, Place)>>,
    /// Pages by the time from which on they may be asked for.
    pages: BinaryHeap<Reverse<(Millis, PageNumber)>>,
    /// It has a place, now or earlier: it is never forgotten.
    has_feeds: bool,
    in_flight: u32,
    /// Pages among these.
    pages_out: u32,
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
        Self {
            limits,
            names: HashMap::new(),
            hosts: Vec::new(),
            free: Vec::new(),
            homes: Vec::new(),
            ready: BinaryHeap::new(),
        }
    }

    /// Adds a feed of `host`, due at `due`.
    pub fn add(&mut self, host: &str, due: Millis) -> Place {
        let host = self.host(host);
        let place = self.homes.len() as Place;
        self.homes.push(host);
        self.hosts[host as usize].has_feeds = true;
        self.hosts[host as usize].waiting.push(Reverse((due, place)));
        self.list(host);
        place
    }

    /// Adds a page of `host`, to be visited from `due` on, whenever no feed of the host is due. Where a host
    /// bears several visits at once, one is left to its feeds.
    pub fn add_page(&mut self, host: &str, due: Millis, page: PageNumber) {
        let host = self.host(host);
        self.hosts[host as usize].pages.push(Reverse((due, page)));
        self.list(host);
    }

    /// The visit of a page is home. A host that is known by its pages alone is forgotten after its last one.
    pub fn page_home(&mut self, host: &str) {
        let Some(&at) = self.names.get(host) else { return };
        let state = &mut self.hosts[at as usize];
        state.in_flight = state.in_flight.saturating_sub(1);
        state.pages_out = state.pages_out.saturating_sub(1);
        let is_passing = !state.has_feeds && state.in_flight == 0 && state.pages.is_empty();
        if is_passing && state.pace == HostPace::default() {
            *state = Host { not_before: Millis::MIN, before_visit: Millis::MIN, ..Host::default() };
            self.names.remove(host);
            self.free.push(at);
            return;
        }
        self.list(at);
    }

    /// The visit of a page that [`Self::next`] has just given is not made: its host was not asked.
    pub fn page_dropped(&mut self, host: &str) {
        if let Some(&at) = self.names.get(host) {
            let state = &mut self.hosts[at as usize];
            state.not_before = state.before_visit;
        }
        self.page_home(host);
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

    /// The feed or page to visit at `now`; its host counts as busy until [`Self::home`] or
    /// [`Self::page_home`].
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
            let is_due = |first: Option<&Reverse<(Millis, u32)>>| first.is_some_and(|first| first.0.0 <= now);
            let next = if is_due(state.waiting.peek()) {
                state.waiting.pop().map(|Reverse((_, place))| Next::Visit(place))
            } else {
                state.pages.pop().map(|Reverse((_, page))| Next::Page(page))
            };
            state.pages_out += u32::from(matches!(next, Some(Next::Page(_))));
            let Some(next) = next else { continue };
            state.in_flight += 1;
            state.before_visit = state.not_before;
            state.not_before = state.not_before.max(now + gap_ms(&state.pace, self.limits.gap, now));
            self.list(host);
            return next;
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
        let host = self.free.pop().unwrap_or_else(|| {
            self.hosts.push(Host { not_before: Millis::MIN, before_visit: Millis::MIN, ..Host::default() });
            self.hosts.len() as u32 - 1
        });
        self.names.insert(name.to_owned(), host);
        host
    }

    /// Lists a host under the time at which it is next ready, if that has changed.
    fn list(&mut self, host: u32) {
        let state = &mut self.hosts[host as usize];
        let pages_max = self.limits.concurrency.saturating_sub(1).max(1);
        let page = state.pages.peek().filter(|_| state.pages_out < pages_max);
        let first = [state.waiting.peek(), page].into_iter().flatten().map(|first| first.0.0);
        let at = match first.min() {
            Some(due) if state.in_flight < self.limits.concurrency => due.max(state.not_before),
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
    fn pages_go_when_no_feed_of_their_host_is_due_and_keep_its_gap() {
        let mut frontier = Frontier::new(HostLimits { concurrency: 1, gap: 5000 });
        let feed = frontier.add("a.example", 6000);
        (0..3).for_each(|page| frontier.add_page("a.example", 0, page));
        assert_eq!(frontier.next(0), Next::Page(0));
        assert_eq!(frontier.next(0), Next::Idle);
        frontier.page_home("a.example");
        assert_eq!(frontier.next(0), Next::Wait(5000));
        assert_eq!(frontier.next(6000), Next::Visit(feed));
        frontier.home(feed, 99_000);
        assert_eq!(frontier.next(6000), Next::Wait(11_000));
        assert_eq!(frontier.next(11_000), Next::Page(1));
        frontier.page_dropped("a.example");
        assert_eq!(frontier.next(11_000), Next::Page(2));
        frontier.spare("a.example", &crate::throttled(&HostPace::default(), None, 11_000));
        frontier.add_page("a.example", 12_000, 7);
        frontier.page_home("a.example");
        assert_eq!(frontier.next(12_000), Next::Wait(311_000));
    }

    #[test]
    fn hosts_of_pages_are_forgotten_after_their_last_one() {
        let mut frontier = Frontier::new(LIMITS);
        for page in 0..10_000 {
            let host = format!("h{page}.example");
            frontier.add_page(&host, 0, page);
            assert_eq!(frontier.next(Millis::from(page)), Next::Page(page));
            frontier.page_home(&host);
        }
        assert_eq!((frontier.hosts.len(), frontier.names.len()), (1, 0));
        assert_eq!(frontier.next(99_999), Next::Idle);
        frontier.add("h1.example", 5);
        assert_eq!(frontier.next(99_999), Next::Visit(0));
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
                Next::Page(page) => panic!("there is no page {page}"),
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
            pages in prop::collection::vec((0_u8..6, 0_i64..20_000), 0..40),
            lengths in prop::collection::vec(1_i64..15_000, 1..20),
        ) {
            let mut frontier = Frontier::new(LIMITS);
            let all: Vec<(String, Millis)> =
                feeds.iter().chain(&pages).map(|(host, due)| (format!("h{host}"), *due)).collect();
            for (number, (host, due)) in all.iter().enumerate() {
                match number.checked_sub(feeds.len()) {
                    None => drop(frontier.add(host, *due)),
                    Some(page) => frontier.add_page(host, *due, page as PageNumber),
                }
            }
            let mut out: Vec<(Millis, usize)> = Vec::new();
            let mut last_start: HashMap<&str, Millis> = HashMap::new();
            let mut visited = vec![0; all.len()];
            let mut now = 0;
            for step in 0..600_usize {
                let (done, still): (Vec<_>, Vec<_>) = out.iter().partition(|(end, _)| *end <= now);
                out = still;
                for (_, number) in done {
                    if number < feeds.len() {
                        frontier.home(number as Place, now + 60_000);
                    } else {
                        frontier.page_home(&all[number].0);
                    }
                }
                let number = match frontier.next(now) {
                    Next::Visit(place) => place as usize,
                    Next::Page(page) => feeds.len() + page as usize,
                    Next::Wait(at) => {
                        prop_assert!(now < at);
                        now = out.iter().map(|(end, _)| *end).chain([at]).min().unwrap_or(at);
                        continue;
                    }
                    Next::Idle => {
                        now = out.iter().map(|(end, _)| *end).min().unwrap_or(now + 1000);
                        continue;
                    }
                };
                let (host, due) = &all[number];
                prop_assert!(*due <= now);
                // A host of pages alone is forgotten after its last one, and its gap is for the fetching to keep.
                let is_known = feeds.iter().any(|(feed, _)| format!("h{feed}") == *host);
                let last = last_start.insert(host, now);
                prop_assert!(!is_known || last.is_none_or(|last| LIMITS.gap <= now - last));
                visited[number] += 1;
                prop_assert!(number < feeds.len() || visited[number] == 1);
                out.push((now + lengths[step % lengths.len()], number));
                let of_pages = |(_, other): &&(Millis, usize)| feeds.len() <= *other && all[*other].0 == *host;
                prop_assert!(out.iter().filter(of_pages).count() <= 1);
                let busy = out.iter().filter(|(_, other)| all[*other].0 == *host).count();
                prop_assert!(busy <= LIMITS.concurrency as usize);
            }
            let feeds_of = |host: &String| feeds.iter().filter(|(feed, _)| format!("h{feed}") == *host).count();
            for (number, (host, _)) in all.iter().enumerate() {
                // Where the feeds of a host are due all the time, its pages wait for ever.
                let is_full = feeds.len() <= number && 6 < feeds_of(host);
                prop_assert!(is_full || 0 < visited[number], "forgotten: {number} of {visited:?} at {now}");
            }
        }
    }
}
