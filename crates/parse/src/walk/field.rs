//! Which field each element fills.

use super::{Frame, Walk, owned, value};
use crate::dialect::El;
use crate::limits::MAX_EACH;
use crate::raw::{Image, Link, Media, Said, Text};
use model::Date;

const ITUNES: &str = "http://www.itunes.com/";
const MEDIA: &str = "http://search.yahoo.com/mrss/category_schema";

impl<'a> Walk<'a> {
    /// What the open element says something of.
    pub(super) fn said(&mut self) -> &mut Said {
        match (&mut self.inside.source, &mut self.inside.item) {
            (Some((source, _)), _) => source,
            (None, Some(item)) => item,
            (None, None) => &mut self.out.feed,
        }
    }

    /// The number of what the open element says something of.
    fn level(&self) -> usize {
        match (&self.inside.source, &self.inside.item) {
            (Some(_), _) => 2,
            (None, Some(_)) => 1,
            (None, None) => 0,
        }
    }

    /// The start tag of the last element opened.
    pub(super) fn begin(&mut self) {
        let depth = self.stack.len();
        let Some(frame) = self.stack.last() else { return };
        let el = frame.el;
        match el {
            _ if el.holds_text() => self.begin_text(),
            El::Item => self.begin_item(),
            El::Frame => self.begin_feed(),
            El::Source if self.inside.source.is_none() && self.inside.item.is_some() => {
                let href = owned(&frame.attributes, "url");
                self.inside.source = Some((Box::new(Said { link: href, ..Said::default() }), depth));
                self.inside.depths[2] = super::Depths::default();
            }
            El::Picture => self.inside.image = self.inside.image.or(Some(depth)),
            El::TextInput => self.inside.text_input = self.inside.text_input.or(Some(depth)),
            El::Author | El::Contributor | El::DcContributor | El::Publisher | El::Owner => {
                self.begin_person(el)
            }
            El::Category => self.begin_category(),
            El::Link => self.begin_link(),
            El::Enclosure => self.enclosure(),
            El::GeneratorAgent => self.generator_agent(),
            El::ItunesImage => self.itunes_image(),
            El::MediaContent => self.media_content(),
            El::License => self.license(),
            _ => {}
        }
    }

    fn begin_item(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let (at, about) = (frame.at, owned(&frame.attributes, "rdf:about"));
        self.inside.item = Some(Box::new(Said { id: about, ..Said::default() }));
        self.inside.item_at = at;
        self.inside.depths[1] = super::Depths::default();
        (self.inside.image, self.inside.text_input, self.inside.source) = (None, None, None);
        self.item_elements = 0;
        self.cdf();
    }

    fn begin_feed(&mut self) {
        if self.inside.item.is_none() && self.out.feed.language.is_none() {
            self.out.feed.language = self.scope.language().map(|language| language.to_string());
        }
        self.cdf();
    }

    /// CDF says in attributes what others say in elements.
    fn cdf(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let (link, date) = (owned(&frame.attributes, "href"), owned(&frame.attributes, "lastmod"));
        if let Some(link) = link {
            let href = self.scope.resolve(&link);
            self.add_link(Link { href, rel: Some("alternate".to_owned()), ..Link::default() });
        }
        if let Some(date) = date {
            self.said().updated = Some(Date::read(&date));
        }
    }

    /// The end of an element: `frame` is no longer on the stack.
    pub(super) fn end(&mut self, frame: &mut Frame<'a>) {
        let depth = self.stack.len() + 1;
        let el = frame.el;
        if el.holds_text() {
            if let Some(text) = self.end_text(frame) {
                self.end_field(el, text, depth);
            }
            return;
        }
        match el {
            El::Item => self.end_item(),
            El::Picture => _ = self.inside.image.take_if(|open| *open == depth),
            El::TextInput => _ = self.inside.text_input.take_if(|open| *open == depth),
            El::Source => self.end_source(frame, depth),
            El::Author | El::Contributor | El::DcContributor | El::Publisher | El::Owner => {
                self.end_person(frame)
            }
            El::MediaThumbnail => self.media_thumbnail(frame),
            El::Frame | El::Other => {}
            _ => {
                let text = crate::charset::restored(std::mem::take(&mut frame.text));
                let text = text.trim();
                if !text.is_empty() {
                    self.end_word(el, text, frame);
                }
            }
        }
    }

    fn end_item(&mut self) {
        let depth = self.stack.len() + 1;
        if self.inside.source.as_ref().is_some_and(|(_, at)| *at >= depth) {
            self.inside.source = None;
        }
        (self.inside.image, self.inside.text_input, self.inside.person) = (None, None, None);
        if let Some(item) = self.inside.item.take() {
            self.out.items.push((*item, self.inside.item_at));
        }
        self.item_elements = 0;
    }

    fn end_source(&mut self, frame: &mut Frame<'a>, depth: usize) {
        let Some((mut source, _)) = self.inside.source.take_if(|(_, at)| *at == depth) else { return };
        let words = frame.text.trim();
        if source.title.is_none() && !words.is_empty() {
            let (language, base) = (self.scope.language(), self.scope.base());
            source.title =
                Some(Text { value: words.to_owned(), mime: "text/plain".into(), language, base, src: None });
        }
        self.said().source = Some(source);
    }

    /// Puts a text where it belongs.
    fn end_field(&mut self, el: El, text: Text, depth: usize) {
        if let Some(image) = self.open_image() {
            let value = Some(text.value);
            match el {
                El::Title => image.title = value,
                El::Description => image.description = value,
                _ => {}
            }
            return;
        }
        if self.inside.text_input.is_some() || self.inside.image.is_some() {
            return;
        }
        let level = self.level();
        let depths = self.inside.depths[level];
        // The first of those that stand highest.
        let first = |known: Option<usize>| known.is_none_or(|known| depth < known);
        // The last of those that stand highest.
        let last = |known: Option<usize>| known.is_none_or(|known| depth <= known);
        let in_media = self.stack.iter().any(|open| open.el == El::MediaContent);
        let said = self.said();
        let mut found = super::Depths::default();
        match el {
            El::Title if first(depths.title) => {
                said.title = Some(text);
                found.title = Some(depth);
            }
            El::MediaTitle | El::MediaDescription if in_media => {
                if let Some(media) = said.media_content.last_mut() {
                    media.title.get_or_insert(text.value);
                }
            }
            El::MediaTitle if said.title.is_none() => said.title = Some(text),
            El::Rights if last(depths.rights) => {
                said.rights = Some(text);
                found.rights = Some(depth);
            }
            El::Info => said.info = Some(text),
            El::Subtitle if last(depths.subtitle) => {
                said.subtitle = Some(text);
                found.subtitle = Some(depth);
            }
            El::Description | El::Abstract | El::MediaDescription | El::Summary if level != 1 => {
                if said.subtitle.is_none() || el == El::Description && depths.subtitle.is_none() {
                    said.subtitle = Some(text);
                    found.subtitle = (el == El::Description).then_some(depth);
                } else if el == El::Summary {
                    said.summary = Some(text);
                }
            }
            El::Description | El::Abstract | El::Summary => {
                if said.summary.is_none() || depths.summary.is_none() {
                    said.summary = Some(text);
                    found.summary = Some(depth);
                } else if said.content.is_none() {
                    said.content = Some(text);
                } else if last(depths.summary) {
                    said.summary = Some(text);
                }
            }
            El::MediaDescription if said.summary.is_none() => said.summary = Some(text),
            El::Content | El::Encoded | El::Body => push_content(said, text, el == El::Encoded),
            _ => {}
        }
        let kept = &mut self.inside.depths[level];
        kept.title = found.title.or(kept.title);
        kept.rights = found.rights.or(kept.rights);
        kept.subtitle = found.subtitle.or(kept.subtitle);
        kept.summary = found.summary.or(kept.summary);
    }

    /// Puts a word or two where they belong.
    fn end_word(&mut self, el: El, text: &str, frame: &Frame<'a>) {
        match el {
            El::Name | El::Email => _ = self.person_part(el, text),
            El::Uri => self.end_uri(text),
            El::Link => self.end_link(text, frame),
            El::Guid => self.end_guid(text, frame),
            El::Category => self.end_category(text),
            El::Keywords => self.keywords(text, frame),
            El::Generator => self.end_generator(text, frame),
            El::Width | El::Height => {
                let pixels = text.parse().ok();
                match self.open_image() {
                    Some(image) if el == El::Width => image.width = pixels,
                    Some(image) => image.height = pixels,
                    None => {}
                }
            }
            El::License => {
                let href = self.scope.resolve(text);
                self.add_link(Link { href, rel: Some("license".to_owned()), ..Link::default() });
            }
            El::Loc => {
                let href = self.scope.resolve(text);
                self.add_link(Link { href, rel: Some("alternate".to_owned()), ..Link::default() });
            }
            El::PictureLoc => {
                let url = self.scope.resolve(text);
                push(&mut self.said().media_content, Media { url, ..Media::default() });
            }
            El::NewsName => {
                let (language, base) = (self.scope.language(), self.scope.base());
                let mime = "text/plain".to_owned();
                let title = Text { value: text.to_owned(), mime, language, base, src: None };
                self.out.feed.title.get_or_insert(title);
            }
            El::Period => self.out.aside.period = period(text),
            El::Frequency => self.out.aside.frequency = text.parse().ok(),
            _ => self.end_plain(el, text),
        }
    }

    fn end_plain(&mut self, el: El, text: &str) {
        let comments = (el == El::Comments).then(|| self.scope.resolve(text));
        let said = self.said();
        match el {
            El::Published => said.published = Some(Date::read(text)),
            El::Updated => said.updated = Some(Date::read(text)),
            El::Created => said.created = Some(Date::read(text)),
            El::Expired => said.expired = Some(Date::read(text)),
            El::Language => said.language = Some(text.to_owned()),
            El::Ttl => said.ttl = text.parse().ok(),
            El::Comments => said.comments = comments,
            _ => {}
        }
    }

    /// The picture whose element is open, when it is one that is kept.
    fn open_image(&mut self) -> Option<&mut Image> {
        self.inside.image?;
        if self.inside.item.is_some() && self.inside.source.is_none() {
            return None;
        }
        Some(self.said().image.get_or_insert_default())
    }

    fn end_uri(&mut self, text: &str) {
        if self.person_part(El::Uri, text) {
            return;
        }
        if self.inside.image.is_some() {
            let href = self.scope.resolve(text);
            let image = self.said().image.get_or_insert_default();
            image.href = Some(href);
        }
    }

    fn begin_link(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let attributes = &frame.attributes;
        let href = ["href", "url", "uri"].iter().find_map(|key| owned(attributes, key));
        let Some(href) = href else { return };
        let link = Link {
            href: self.scope.resolve(&href),
            rel: Some(owned(attributes, "rel").unwrap_or_else(|| "alternate".to_owned())),
            mime: owned(attributes, "type"),
            title: owned(attributes, "title"),
            length: owned(attributes, "length"),
            hreflang: owned(attributes, "hreflang"),
        };
        self.add_link(link);
    }

    fn end_link(&mut self, text: &str, frame: &Frame<'a>) {
        if ["href", "url", "uri"].iter().any(|key| value(&frame.attributes, key).is_some()) {
            return;
        }
        let href = self.scope.resolve(text);
        if let Some(image) = self.open_image() {
            image.link = Some(href);
        } else {
            let rel = owned(&frame.attributes, "rel").unwrap_or_else(|| "alternate".to_owned());
            self.add_link(Link { href, rel: Some(rel), ..Link::default() });
        }
    }

    fn add_link(&mut self, link: Link) {
        if self.inside.text_input.is_some() || self.inside.image.is_some() {
            return;
        }
        let page = link.rel.as_deref() == Some("alternate")
            && link.mime.as_deref().is_none_or(|mime| mime.contains("html") || !mime.contains('/'));
        let said = self.said();
        if page {
            said.link = Some(link.href.clone());
        }
        push(&mut said.links, link);
    }

    fn end_guid(&mut self, text: &str, frame: &Frame<'a>) {
        let rss = frame.name.eq_ignore_ascii_case("guid");
        let permalink = value(&frame.attributes, "isPermaLink").is_none_or(|said| said == "true");
        let id = if permalink { self.scope.resolve(text) } else { text.to_owned() };
        let (depth, level) = (self.stack.len() + 1, self.level());
        if self.inside.depths[level].id.is_some_and(|known| known < depth) {
            return;
        }
        self.inside.depths[level].id = Some(depth);
        let said = self.said();
        if rss {
            said.guid_is_permalink = Some(permalink);
        }
        if said.link.is_none() && permalink && (rss || id.starts_with("http")) {
            said.link = Some(id.clone());
        }
        said.id = Some(if rss && permalink { text.to_owned() } else { id });
    }

    fn enclosure(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let attributes = &frame.attributes;
        let href = ["url", "href", "uri"].iter().find_map(|key| owned(attributes, key));
        let Some(href) = href else { return };
        let link = Link {
            href: self.scope.resolve(&href),
            rel: Some("enclosure".to_owned()),
            mime: owned(attributes, "type"),
            title: owned(attributes, "title"),
            length: owned(attributes, "length"),
            hreflang: None,
        };
        push(&mut self.said().links, link);
    }
}

/// Adds what fits; further ones of the same are no loss to anybody.
pub(super) fn push<T>(all: &mut Vec<T>, one: T) {
    if all.len() < MAX_EACH {
        all.push(one);
    }
}

/// The text of `content:encoded` is the content whatever stood before it.
fn push_content(said: &mut Said, text: Text, encoded: bool) {
    match &mut said.content {
        None => said.content = Some(text),
        Some(known) if encoded => {
            let before = std::mem::replace(known, text);
            push(&mut said.content_more, before);
        }
        Some(_) => push(&mut said.content_more, text),
    }
}

/// Minutes of a period of RSS's syndication module.
fn period(text: &str) -> Option<u32> {
    Some(match text {
        "hourly" => 60,
        "daily" => 60 * 24,
        "weekly" => 60 * 24 * 7,
        "monthly" => 60 * 24 * 30,
        "yearly" => 60 * 24 * 365,
        _ => return None,
    })
}

mod extras;
