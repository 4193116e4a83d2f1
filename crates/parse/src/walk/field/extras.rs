//! Categories, media, pictures, licences, programs.

use super::{ITUNES, MEDIA, push};
use crate::dialect::{El, Ns};
use crate::lex::prefix;
use crate::raw::{Generator, Image, Link, Media, Tag};
use crate::walk::{Frame, Walk, owned, value};

impl<'a> Walk<'a> {
    pub(super) fn begin_category(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let attributes = &frame.attributes;
        let usual = match self.scope.namespace(prefix(frame.name)) {
            Some(Ns::Itunes) => Some(ITUNES),
            Some(Ns::Media) => Some(MEDIA),
            _ => None,
        };
        let tag = Tag {
            term: owned(attributes, "term").or_else(|| owned(attributes, "text")),
            scheme: owned(attributes, "scheme")
                .or_else(|| owned(attributes, "domain"))
                .or_else(|| usual.map(str::to_owned)),
            label: owned(attributes, "label"),
        };
        // A tag without a term yet takes the one that the element's text gives.
        if tag != Tag::default() {
            push_tag(&mut self.said().tags, tag);
        }
    }

    pub(super) fn end_category(&mut self, text: &str) {
        let tags = &mut self.said().tags;
        match tags.last_mut() {
            Some(last) if last.term.is_none() => last.term = Some(text.to_owned()),
            _ => push_tag(tags, Tag { term: Some(text.to_owned()), ..Tag::default() }),
        }
    }

    pub(super) fn keywords(&mut self, text: &str, frame: &Frame<'a>) {
        let itunes = self.scope.namespace(prefix(frame.name)) == Some(Ns::Itunes);
        let tags = &mut self.said().tags;
        for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
            let scheme = itunes.then(|| ITUNES.to_owned());
            push_tag(tags, Tag { term: Some(term.to_owned()), scheme, label: None });
        }
    }

    pub(super) fn end_generator(&mut self, text: &str, frame: &Frame<'a>) {
        let attributes = &frame.attributes;
        let href = ["uri", "url", "href"].iter().find_map(|key| value(attributes, key));
        let href = href.map(|href| self.scope.resolve(href));
        let (name, version) = (Some(text.to_owned()), owned(attributes, "version"));
        self.said().generator = Some(Generator { name, href, version });
    }

    pub(super) fn generator_agent(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let href = owned(&frame.attributes, "rdf:resource");
        if href.is_some() {
            self.said().generator = Some(Generator { name: href.clone(), href, version: None });
        }
    }

    pub(super) fn itunes_image(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let Some(href) = value(&frame.attributes, "href").or(value(&frame.attributes, "url")) else { return };
        let href = Some(href.to_owned());
        let said = self.said();
        said.image.get_or_insert_with(|| Image { href, ..Image::default() });
    }

    pub(super) fn media_content(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let attributes = &frame.attributes;
        let Some(url) = value(attributes, "url") else { return };
        let media = Media {
            url: self.scope.resolve(url),
            mime: owned(attributes, "type"),
            medium: owned(attributes, "medium"),
            title: None,
            width: owned(attributes, "width"),
            height: owned(attributes, "height"),
            length: owned(attributes, "fileSize"),
        };
        push(&mut self.said().media_content, media);
    }

    pub(super) fn media_thumbnail(&mut self, frame: &Frame<'a>) {
        let attributes = &frame.attributes;
        let url = value(attributes, "url").unwrap_or(frame.text.trim());
        if url.is_empty() {
            return;
        }
        let media = Media {
            url: self.scope.resolve(url),
            width: owned(attributes, "width"),
            height: owned(attributes, "height"),
            ..Media::default()
        };
        push(&mut self.said().media_thumbnail, media);
    }

    /// `cc:license rdf:resource`, and what a licence says in words is read at its end.
    pub(super) fn license(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        debug_assert_eq!(frame.el, El::License);
        if let Some(href) = owned(&frame.attributes, "rdf:resource") {
            push(&mut self.said().links, Link { href, rel: Some("license".to_owned()), ..Link::default() });
        }
    }
}

fn push_tag(tags: &mut Vec<Tag>, tag: Tag) {
    if !tags.contains(&tag) {
        push(tags, tag);
    }
}
