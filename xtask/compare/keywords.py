"""Keywords beside YAKE!'s own implementation, on the same articles.

Usage: keywords.py ARTICLES.tsv ENRICH_LINES
"""

import json
import subprocess
import sys
import time

import yake

COUNT = 200


def articles(table):
    for line in open(table, encoding="utf-8"):
        _, _, title, text = line.rstrip("\n").split("\t")
        if len(text) > 1000:
            yield title, text


def folded(phrase):
    return " ".join(word.removesuffix("s") for word in phrase.lower().replace("-", " ").split())


def main(table, enrich_lines):
    rows = [row for at, row in enumerate(articles(table)) if at % 10 == 0][:COUNT]
    everything = "\n".join(json.dumps({"title": title, "text": text, "language": "en"}) for title, text in rows)
    out = subprocess.run([enrich_lines], input=everything, capture_output=True, text=True, check=True)
    ours = [json.loads(line)["keywords"] for line in out.stdout.splitlines()]
    print(out.stderr.strip(), "(whole enrichment)")
    extractor = yake.KeywordExtractor(lan="en", n=3, top=10)
    start = time.process_time()
    theirs = [[phrase for phrase, _ in extractor.extract_keywords(f"{title}.\n\n{text}")] for title, text in rows]
    spent = (time.process_time() - start) * 1e3 / len(rows)
    print(f"yake {yake.__version__}: {spent:.1f} ms of CPU an article")
    shared, top = [], []
    for mine, other in zip(ours, theirs):
        mine, other = [folded(phrase) for phrase in mine], [folded(phrase) for phrase in other]
        shared.append(len(set(mine) & set(other)) / max(1, len(other)))
        words = set(" ".join(mine).split())
        top.append(sum(any(word in words for word in phrase.split()) for phrase in other[:5]) / max(1, len(other[:5])))
    print(f"{len(rows)} articles: of YAKE!'s ten phrases ours share {sum(shared) / len(shared):.2f} exactly;"
          f" of its first five {sum(top) / len(top):.2f} have a word in ours")


main(*sys.argv[1:])
