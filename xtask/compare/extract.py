"""Scores `wireroom extract` and Python's trafilatura on labelled pages, in one run.

Two measures, each its set's own:
* scrapinghub's article-extraction-benchmark: words in overlapping runs of four; true and false ones are counted
  per page, set against the page's union, and precision and recall averaged over the pages.
* trafilatura's evaluation set: segments that must be in the text and segments that must not.

Time is the user CPU time of each program over all pages, one worker, start-up included for wireroom.
"""

import argparse
import gzip
import json
import re
import resource
import subprocess
import tarfile
import unicodedata
from collections import Counter
from pathlib import Path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wireroom", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--kept", type=Path, help="the example that keeps boilerplate")
    parser.add_argument("--speed", type=Path, help="the example that measures HTML to text")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    sets = [s for s in (Shingles.read(options), Segments.read(options)) if s]
    if not sets:
        raise SystemExit(f"{options.data}: neither scrapinghub.tar.gz nor pages-dev.tar.gz")
    print("| set | program | F1 | precision | recall | pages/s of user CPU |")
    print("|---|---|---|---|---|---|")
    for labelled in sets:
        for name, extract in (("trafilatura 2.3.1", by_trafilatura), ("wireroom extract", by_wireroom)):
            texts, seconds = extract(options, labelled.pages)
            f1, precision, recall, worst = labelled.score(texts)
            speed = len(labelled.pages) / seconds
            print(f"| {labelled.name} | {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} | {speed:.1f} |", flush=True)
            if options.verbose and extract is by_wireroom:
                for line in worst[:40]:
                    print(f"    {line}")
        if options.kept:
            texts, _ = with_boilerplate(options, labelled.pages)
            f1, precision, recall, _ = labelled.score(texts)
            print(f"| {labelled.name} | wireroom, boilerplate kept | {f1:.4f} | {precision:.4f} | {recall:.4f} | |")
    if options.speed and isinstance(sets[0], Shingles):
        bodies = sets[0].bodies(options.work / "bodies")
        subprocess.run([options.speed, *bodies], check=True)


def by_trafilatura(_options, pages):
    from trafilatura import extract

    texts, before = {}, user(resource.RUSAGE_SELF)
    for page in pages:
        body = page.read_bytes()
        try:
            body = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        texts[page.name] = extract(body, include_comments=False, include_tables=True) or ""
    return texts, user(resource.RUSAGE_SELF) - before


def by_wireroom(options, pages):
    before = user(resource.RUSAGE_CHILDREN)
    command = ["taskset", "--cpu-list", "0", options.wireroom, "extract", *pages]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    seconds = user(resource.RUSAGE_CHILDREN) - before
    lines = done.stdout.decode().splitlines()
    if len(lines) != len(pages):
        raise SystemExit(f"wireroom extract gave {len(lines)} lines for {len(pages)} pages")
    return {page.name: json.loads(line).get("text") or "" for page, line in zip(pages, lines)}, seconds


def with_boilerplate(options, pages):
    done = subprocess.run([options.kept, *pages], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    lines = map(json.loads, done.stdout.decode().splitlines())
    return {line["file"]: line["text"] or "" for line in lines}, None


def user(who):
    return resource.getrusage(who).ru_utime


def unpack(options, name):
    archive = options.data / f"{name}.tar.gz"
    if not archive.exists():
        return None
    with tarfile.open(archive) as tar:
        tar.extractall(options.work, filter="data")
    home = options.work / name
    for packed in home.glob("html/*.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    return home


class Shingles:
    name = "scrapinghub"

    @classmethod
    def read(cls, options):
        home = unpack(options, "scrapinghub")
        if not home:
            return None
        self = cls()
        self.truth = json.loads((home / "ground-truth.json").read_text())
        self.pages = [home / "html" / f"{key}.html" for key in self.truth]
        return self

    def score(self, texts):
        rows = []
        for key, truth in self.truth.items():
            true, found = shingles(truth.get("articleBody")), shingles(texts[f"{key}.html"])
            both = sum((true & found).values())
            union = sum((true | found).values()) or 1
            rows.append((both / union, sum((found - true).values()) / union, sum((true - found).values()) / union, key))
        precision = mean(share(hit, extra) for hit, extra, _, _ in rows if hit + extra > 0)
        recall = mean(share(hit, missed) for hit, _, missed, _ in rows if hit + missed > 0)
        worst = [f"{key[:12]} extra {extra:.2f} missed {missed:.2f}" for _, extra, missed, key in sorted(rows)]
        return f_measure(precision, recall), precision, recall, worst


    def bodies(self, folder):
        """The smallest element of each page that holds its article, as it stands in the page."""
        import lxml.html

        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for page, truth in zip(self.pages, self.truth.values()):
            wanted = 0.8 * len("".join((truth.get("articleBody") or "").split()))
            markup = page.read_bytes().decode("utf-8", "replace").encode("utf-8")
            node = lxml.html.document_fromstring(markup, parser=lxml.html.HTMLParser(encoding="utf-8")).find("body")
            while node is not None and wanted:
                below = [child for child in node if isinstance(child.tag, str) and child.tag not in ("script", "style")]
                below = [child for child in below if len("".join(child.text_content().split())) >= wanted]
                if not below:
                    files.append(folder / page.name)
                    files[-1].write_bytes(lxml.html.tostring(node, encoding="utf-8"))
                    break
                node = below[0]
        return files


def shingles(text):
    words = re.findall(r"\w+", text or "")
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)) if words)


class Segments:
    name = "trafilatura's own"

    @classmethod
    def read(cls, options):
        home = unpack(options, "pages-dev")
        if not home:
            return None
        self = cls()
        self.cases = list(json.loads((home / "evaldata.json").read_text()).values())
        self.pages = [home / "html" / case["file"] for case in self.cases]
        return self

    def score(self, texts):
        hits = missed = extra = 0
        worst = []
        for case in self.cases:
            text = plain(texts[case["file"]])
            lost = [segment for segment in case["with"] if plain(segment) not in text]
            junk = [segment for segment in case["without"] if plain(segment) in text]
            hits += len(case["with"]) - len(lost)
            missed += len(lost)
            extra += len(junk)
            worst += [f"{case['file'][:40]} lost: {segment[:100]}" for segment in lost]
            worst += [f"{case['file'][:40]} junk: {segment[:100]}" for segment in junk]
        precision, recall = share(hits, extra), share(hits, missed)
        return f_measure(precision, recall), precision, recall, worst


def plain(text):
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))


def share(hits, others):
    return hits / (hits + others)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def f_measure(precision, recall):
    return 2 * precision * recall / (precision + recall)


if __name__ == "__main__":
    main()
