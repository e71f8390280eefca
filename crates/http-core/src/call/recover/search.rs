//! The search for the result of a create.

use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use super::seek::{Sight, Wanted};
use super::{Certainty, Created};
use crate::error::excerpt::{self, Secrets};
use crate::error::ticket::{Candidate, Ticket};
use crate::error::{Error, ErrorKind, Source};
use crate::policy::backoff::random;
use crate::policy::retry::LONGEST_REQUESTED_DELAY;
use crate::wire::peek::is_blank_id;

/// The first and the longest delay between two reads, each without the jitter of up to a quarter.
const FIRST_DELAY: Duration = Duration::from_secs(2);
const LONGEST_DELAY: Duration = Duration::from_secs(12);
/// A candidate that fits without proof is accepted if it is still the only one after this time.
const AGREEMENT: Duration = Duration::from_secs(1);
/// The maximum number of candidates that an error message names.
const NAMED: usize = 5;

pub(super) struct Search<'a, F> {
    pub(super) wanted: &'a dyn Wanted<F>,
    pub(super) ticket: Ticket,
    pub(super) only_certain: bool,
    /// Whether the provider's response confirms that the resource was created.
    pub(super) confirmed: bool,
    pub(super) until: Instant,
}

/// The result of reading the list once.
enum Verdict {
    Found(String, Certainty),
    /// More than one resource may be the result.
    Several,
    Nothing,
}

/// Why a search ended without a result.
#[derive(Default)]
pub(super) struct Ended {
    candidates: Vec<Candidate>,
    /// The number of reads that returned a list.
    reads: u32,
    unreadable: usize,
    /// The resource that was found but could not be read.
    found: Option<(String, Certainty)>,
    several: bool,
    over: Duration,
    trouble: Option<Error>,
}

impl<F> Search<'_, F> {
    pub(super) async fn run(&self) -> Result<Created<F>, Ended> {
        let started = Instant::now();
        let mut ended = Ended::default();
        let mut likely: Option<(String, Instant)> = None;
        let mut delay = FIRST_DELAY;
        let mut rejected = 0;
        loop {
            if ended.found.is_none() {
                match self.wanted.read(self.left()).await {
                    Ok(sight) => {
                        (ended.reads, rejected, ended.trouble) = (ended.reads + 1, 0, None);
                        let several = ended.several;
                        match self.judge(sight, &mut ended) {
                            // One of the rows that cannot be read may be the result instead.
                            Verdict::Found(id, Certainty::Likely)
                                if !self.confirmed || ended.unreadable > 0 =>
                            {
                                let since = likely.take_if(|(known, _)| *known == id).map(|(_, since)| since);
                                let since = since.unwrap_or_else(Instant::now);
                                if since.elapsed() >= AGREEMENT && ended.unreadable == 0 {
                                    ended.found = Some((id.clone(), Certainty::Likely));
                                }
                                likely = Some((id, since));
                            }
                            Verdict::Found(id, certainty) => ended.found = Some((id, certainty)),
                            // The next read may exclude all but one of them.
                            Verdict::Several if several && ended.unreadable == 0 => break,
                            Verdict::Several => {}
                            Verdict::Nothing => likely = None,
                        }
                    }
                    Err(error) => {
                        rejected += u32::from(is_final(&error));
                        ended.trouble = Some(error);
                        if rejected == 2 {
                            break;
                        }
                    }
                }
            }
            if let Some((id, certainty)) = ended.found.clone() {
                match self.wanted.fetch(&id, self.left()).await {
                    Ok(value) if self.wanted.take(&id, &self.ticket.name(), self.since(certainty)) => {
                        return Ok(Created { value, certainty });
                    }
                    // The resource is the result of another create of this client.
                    Ok(_) => ended.found = None,
                    Err(error) => ended.trouble = Some(error),
                }
            }
            if !self.rest(&mut delay, ended.trouble.as_ref()).await {
                break;
            }
        }
        ended.over = started.elapsed();
        Err(ended)
    }

    /// Returns the time since which no other create of this client may have claimed the result. Earlier claims on a
    /// certain result do not count, because ports and names can be reused after a deletion. If other ids can be reused,
    /// claims on results that the list of existing resources may not have contained yet count.
    fn since(&self, certainty: Certainty) -> SystemTime {
        let noted_at = SystemTime::from(self.ticket.noted_at());
        match certainty {
            Certainty::Certain => noted_at,
            _ if self.wanted.reuses_ids() => {
                noted_at.checked_sub(self.wanted.appears_within()).unwrap_or(SystemTime::UNIX_EPOCH)
            }
            _ => SystemTime::UNIX_EPOCH,
        }
    }

    fn judge(&self, sight: Sight, ended: &mut Ended) -> Verdict {
        ended.unreadable = sight.unreadable;
        ended.candidates.clear();
        let (name, same_id) = (self.ticket.name(), self.wanted.same_id());
        let (mut certain, mut likely, mut recased) = (Vec::new(), Vec::new(), Vec::new());
        let marked = sight.rows.iter().filter(|(_, fit)| fit.is_marked()).count();
        for (id, fit) in sight.rows {
            let known = self.ticket.known().map(|known| same_id(known, &id));
            let is_known = known == Some(true) && !self.wanted.is_marked() && !fit.is_excluded();
            let is_certain = is_known || fit.is_certain();
            let since = self.since(if is_certain { Certainty::Certain } else { Certainty::Likely });
            if self.ticket.existed(&id, same_id) || self.wanted.is_taken(&id, &name, since) {
                continue;
            }
            if is_blank_id(&id) {
                ended.unreadable += 1;
            } else if is_certain {
                certain.push(id.clone());
            } else if marked == 1 && sight.unreadable == 0 && fit.is_certain_alone() {
                recased.push(id.clone());
            } else if known.is_none() && fit.is_likely() {
                // If the response names another row, that one may not be listed yet.
                likely.push(id.clone());
            }
            ended.candidates.extend(fit.candidate(id));
        }
        // The provider may have changed the letter case of the name. If there is a second marked row, even an invalid or
        // deleted one, this row may be a copy.
        if certain.is_empty() {
            certain = recased;
        }
        ended.candidates.sort_by_key(|candidate| candidate.differs.len());
        ended.several = certain.len() > 1 || (certain.is_empty() && likely.len() > 1);
        match (certain.as_slice(), likely.as_slice()) {
            ([id], _) => Verdict::Found(id.clone(), Certainty::Certain),
            ([], [id]) if !self.only_certain => Verdict::Found(id.clone(), Certainty::Likely),
            _ if ended.several => Verdict::Several,
            _ => Verdict::Nothing,
        }
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Sleeps until the next read; returns `false` if no time is left for one.
    async fn rest(&self, delay: &mut Duration, trouble: Option<&Error>) -> bool {
        let left = self.left();
        let asked = trouble.and_then(Error::retry_after).unwrap_or_default().min(LONGEST_REQUESTED_DELAY);
        let next = delay.mul_f64(1.0 + random() / 4.0).max(asked);
        // Near the end, an early read is better than none.
        let next = if next < left { next } else { left / 2 };
        *delay = delay.mul_f64(1.5).min(LONGEST_DELAY);
        if next < Duration::from_millis(100) {
            return false;
        }
        sleep(next).await;
        true
    }
}

/// Formats a number of rows.
pub(super) fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// Returns whether further reads would fail in the same way.
fn is_final(error: &Error) -> bool {
    let is_final = error.is_unauthorized()
        || error.is_forbidden()
        || error.is_unknown_url()
        || error.is_invalid_argument();
    is_final && !error.may_pass()
}

impl Ended {
    /// Returns the error of the create, or of the search alone.
    pub(super) fn error<F>(self, search: &Search<'_, F>, create: Option<Error>) -> Error {
        let secrets = search.wanted.secrets();
        let story = self.story(search, &secrets);
        let message = match &create {
            Some(create) => format!("{}; {story}", create.message()),
            None if search.confirmed => format!("the provider confirmed the create, but {story}"),
            None => story,
        };
        let again = if search.confirmed { "" } else { ", before you send the create again" };
        // The outcome counts as unknown even after a confirmed create, so that callers who check for that do not miss
        // the created resource.
        let error = Error::new(ErrorKind::Unrecovered, message)
            .with_operation(search.wanted.operation().name())
            .with_created_id(search.ticket.known().map(str::to_owned).or(self.found.map(|(id, _)| id)))
            .without_secret_id(&secrets)
            .with_lost(self.candidates, Some(search.ticket.clone()))
            .with_outcome_unknown(true)
            // If the create was confirmed, at least one attempt was sent.
            .with_attempts(create.as_ref().map_or(search.confirmed.into(), Error::attempts))
            .with_advice(format!(
                "check the provider's list, or search again with find_created(ticket){again}"
            ));
        match create.or(self.trouble) {
            Some(cause) => error.with_source(Source::Call(cause)),
            None => error,
        }
    }

    /// Returns whether the response names a resource that is no candidate.
    fn lacks_known<F>(&self, search: &Search<'_, F>) -> bool {
        let same_id = search.wanted.same_id();
        let is_known = |known| self.candidates.iter().any(|row| same_id(known, &row.id));
        search.ticket.known().is_some_and(|known| !is_known(known))
    }

    fn story<F>(&self, search: &Search<'_, F>, secrets: &Secrets) -> String {
        let trouble = self.trouble.as_ref().map(Error::message);
        let over = self.over.as_secs();
        if let Some((id, _)) = &self.found {
            let id = excerpt::sanitize(id, secrets);
            return format!("{id} was created, but cannot be read: {}", trouble.unwrap_or("timed out"));
        }
        let ids: Vec<_> = self.candidates.iter().take(NAMED).map(ToString::to_string).collect();
        let (ids, count) = (excerpt::sanitize(&ids.join(", "), secrets), self.candidates.len());
        let alone = matches!(&self.candidates[..], [one] if one.differs.is_empty());
        let mut story = match (self.reads, trouble) {
            (0, trouble) => {
                let trouble = trouble.unwrap_or("no time was left");
                return format!("the search for the result failed: {trouble}");
            }
            _ if self.several => format!("{count} new resources may be the result: {ids}"),
            _ if self.lacks_known(search) => {
                let but = if count == 0 { String::new() } else { format!("; the closest are {ids}") };
                format!(
                    "the response names the new resource, but the list did not show it as the result within {over} s{but}"
                )
            }
            _ if alone => {
                format!("only {ids} is new and matches the request, but another program may have created it")
            }
            _ if count > 0 => format!("no new resource matches the request; the closest are {ids}"),
            _ => format!("the search found no result within {over} s, but it may still appear"),
        };
        if self.unreadable > 0 {
            story = format!("{story}; {} in the list could not be checked", rows(self.unreadable));
        }
        if search.only_certain && !self.candidates.is_empty() {
            story += "; only a certain result is accepted";
        }
        story
    }
}
