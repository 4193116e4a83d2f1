"""Sameness beside its peers, in one run: labelled sets made from news texts with a seed, wireroom's filter,
datasketch's MinHash-LSH, SimHash, and plain TF-IDF centroids for stories. Prints Markdown tables.

The texts come from --data and go nowhere but under the target directory.
"""

import argparse
import gzip
import json
import math
import random
import re
import resource
import subprocess
import time
from collections import Counter, defaultdict
from pathlib import Path

WORD = re.compile(r"\w+")
TYPES = ["fmt", "head", "tail", "edit", "insert", "lead", "rev", "live", "abridge", "trunc", "heavy", "summary"]


def words(text):
    return [word.lower() for word in WORD.findall(text)]


# ---------------------------------------------------------------- texts

def detokenised(tokens):
    text = " ".join(tokens)
    text = re.sub(r" ([.,;:!?%)])", r"\1", text)
    text = re.sub(r"([(]) ", r"\1", text)
    return re.sub(r" ('s|n't|'re|'ve|'ll|'d)\b", r"\1", text)


def bases(data, half):
    """Titles and sentences: every other text, so that what is tuned on one half is reported on the other."""
    found = []
    with gzip.open(data / "ner" / "gmb.json.gz") as file:
        for document in json.load(file):
            sentences = [detokenised(tokens) for tokens, _ in document]
            found += [sentences[:10], sentences[10:]]
    with gzip.open(data / "corpora" / "ecb-dev.jsonl.gz", "rt") as file:
        found += [[row["title"], *row["text"].split("\n\n")] for row in map(json.loads, file)]
    found = [sentences for sentences in found if 90 <= sum(len(s.split()) for s in sentences)]
    return [sentences for place, sentences in enumerate(found) if place % 2 == half]


class Maker:
    """Makes the set: articles, each with the cluster it belongs to and the way it was made."""

    def __init__(self, texts, seed):
        self.random = random.Random(seed)
        self.random.shuffle(texts)
        # What is put into other texts is from texts that are not in the set: else it would repeat them.
        self.texts, spare = texts[len(texts) // 6:], texts[:len(texts) // 6]
        pool = [sentence for text in spare for sentence in text if 8 <= len(sentence.split()) <= 30]
        self.pool = pool
        self.outlets = [f"outlet{n}.example" for n in range(60)]
        pick = lambda: self.random.choice(pool)
        self.heads = {o: [f"{o.split('.')[0].title()} brings you the news. {pick()}"] for o in self.outlets}
        self.tails = {o: [f"Subscribe to {o}. {pick()} {pick()}", f"{pick()} {pick()} Copyright {o}."] for o in self.outlets}
        self.rows = []
        self.start = 1_795_000_000

    def add(self, cluster, kind, title, paragraphs, outlet=None, at=None, url=None):
        outlet = outlet or self.random.choice(self.outlets)
        at = at if at is not None else self.start + self.random.randrange(40 * 3600)
        number = len(self.rows)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        line = {
            "url": url or f"https://www.{outlet}/news/{number}",
            "feed": {"id": outlet},
            "title": title,
            "text": "\n\n".join(paragraphs),
            "published_at": stamp,
        }
        self.rows.append({"cluster": cluster, "kind": kind, "at": at, "line": line})
        return number

    def dressed(self, outlet, paragraphs):
        head = self.heads[outlet] if self.random.random() < 0.3 else []
        return head + paragraphs + self.tails[outlet]

    def paragraphs(self, sentences):
        out, place = [], 0
        while place < len(sentences):
            take = self.random.randint(1, 3)
            out.append(" ".join(sentences[place:place + take]))
            place += take
        return out

    def synonym(self, sentence, share):
        tokens = sentence.split()
        for place in range(len(tokens)):
            if self.random.random() < share:
                tokens[place] = self.random.choice(self.random.choice(self.pool).split())
        return " ".join(tokens)

    def edited(self, kind, title, sentences):
        body = sentences[:]
        if kind == "fmt":
            body = [s.replace("'", "\u2019").replace(" - ", " \u2014 ") for s in body]
        elif kind == "head":
            title = self.synonym(title, 0.5)
        elif kind == "edit":
            body = [self.synonym(s, 0.03) for s in body]
        elif kind == "insert":
            for _ in range(max(1, len(body) // 6)):
                body.insert(self.random.randrange(len(body) + 1), self.random.choice(self.pool))
        elif kind == "lead":
            body[0] = f"{self.random.choice(['LONDON', 'PARIS', 'WASHINGTON'])} (Wire) - {self.synonym(body[0], 0.6)}"
        elif kind == "rev":
            digits = lambda s: re.sub(r"\d+", lambda m: str(int(m[0][:9]) + 1) if self.random.random() < 0.2 else m[0], s)
            body = [digits(self.synonym(s, 0.06)) for s in body]
            body[self.random.randrange(len(body))] = self.random.choice(self.pool)
        elif kind == "live":
            body = [self.random.choice(self.pool) for _ in range(max(1, len(body) // 3))] + body
        elif kind == "abridge":
            body = [s for s in body if self.random.random() < 0.6] or body[:2]
        elif kind == "trunc":
            body = body[:max(3, int(len(body) * 0.45))]
        elif kind == "heavy":
            body = [self.synonym(s, 0.12) for s in body if self.random.random() < 0.85] or body
        elif kind == "summary":
            text = " ".join(body)
            body = [text[:text.rfind(" ", 0, 220)] + " ..."]
        return title, body

    def clusters(self, count):
        for cluster in range(count):
            sentences = self.texts[cluster]
            title, body = sentences[0], sentences[1:]
            outlets = self.random.sample(self.outlets, 6)
            at = self.start + self.random.randrange(24 * 3600)
            self.add(cluster, "original", title, self.dressed(outlets[0], self.paragraphs(body)), outlets[0], at)
            for outlet in outlets[1:1 + self.random.randint(1, 4)]:
                kind = self.random.choice(TYPES)
                new_title, new_body = self.edited(kind, title, body)
                paragraphs = new_body if kind == "summary" else self.dressed(outlet, self.paragraphs(new_body))
                self.add(cluster, kind, new_title, paragraphs, outlet, at + self.random.randrange(1, 20 * 3600))

    def singles(self, first, count):
        for place in range(first, first + count):
            outlet = self.random.choice(self.outlets)
            sentences = self.texts[place]
            self.add(f"single{place}", "single", sentences[0], self.dressed(outlet, self.paragraphs(sentences[1:])), outlet)

    def briefings(self, count):
        """A column with one title and one frame, and each day's own items in it."""
        for number in range(count):
            outlet = self.outlets[number % 10]
            items = [self.random.choice(self.pool) for _ in range(6)]
            body = ["Good morning. Here is what you need to know today.", *items, "That is all for this morning."]
            self.add(f"briefing{number}", "briefing", "Morning briefing", body + self.tails[outlet], outlet)

    def shorts(self, count):
        """Few words of one's own above a long tail of the outlet's."""
        for number in range(count):
            outlet = self.random.choice(self.outlets)
            body = [self.random.choice(self.pool), self.random.choice(self.pool)]
            self.add(f"short{number}", "short", self.random.choice(self.pool), body + self.tails[outlet], outlet)

    def templates(self, count):
        """The same text about other figures, as market and weather reports are; in pairs."""
        made = 0
        for sentences in self.texts[2 * (len(self.texts) // 3):]:
            body = [s for s in sentences[1:]]
            numbers = re.findall(r"\d+", " ".join(body))
            if len(set(numbers)) < 4:
                continue
            outlet = self.random.choice(self.outlets)
            other = [re.sub(r"\d+", lambda m: str(self.random.randrange(1, 10 ** min(len(m[0]), 6))), s) for s in body]
            self.add(f"template{made}a", f"template{made}", sentences[0], self.paragraphs(body), outlet)
            self.add(f"template{made}b", f"template{made}", sentences[0] + " (2)", self.paragraphs(other), self.random.choice(self.outlets))
            made += 1
            if made == count:
                return

    def finish(self):
        self.rows.sort(key=lambda row: row["at"])
        return self.rows


def labelled(data, half, seed):
    texts = bases(data, half)
    maker = Maker(texts, seed)
    clusters = len(maker.texts) // 3
    maker.clusters(clusters)
    maker.singles(clusters, clusters)
    maker.briefings(300)
    maker.shorts(600)
    maker.templates(240)
    return maker.finish()


# ---------------------------------------------------------------- judging

class Union:
    def __init__(self):
        self.parent = {}

    def find(self, x):
        while self.parent.setdefault(x, x) != x:
            self.parent[x] = self.parent[self.parent[x]]
            x = self.parent[x]
        return x

    def join(self, a, b):
        self.parent[self.find(a)] = self.find(b)


def pairwise(gold, found):
    both, golds, founds = Counter(zip(gold, found)), Counter(gold), Counter(found)
    pairs = lambda counter: sum(n * (n - 1) // 2 for n in counter.values())
    hit, all_gold, all_found = pairs(both), pairs(golds), pairs(founds)
    precision, recall = hit / max(all_found, 1), hit / max(all_gold, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def judge(name, rows, found):
    gold = [row["cluster"] for row in rows]
    precision, recall, f1 = pairwise(gold, found)
    template = defaultdict(list)
    for row, cluster in zip(rows, found):
        if row["kind"].startswith("template"):
            template[row["kind"]].append(cluster)
    apart = sum(a != b for a, b in template.values()) / max(len(template), 1)
    print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {100 * apart:.1f} % |", flush=True)
    return f1


def by_type(rows, found):
    original = {row["cluster"]: cluster for row, cluster in zip(rows, found) if row["kind"] == "original"}
    hit, all_ = Counter(), Counter()
    for row, cluster in zip(rows, found):
        if row["kind"] in TYPES:
            all_[row["kind"]] += 1
            hit[row["kind"]] += cluster == original[row["cluster"]]
    return ", ".join(f"{kind} {hit[kind] / max(all_[kind], 1):.2f}" for kind in TYPES)


def wrong(rows, found):
    members = defaultdict(list)
    for row, cluster in zip(rows, found):
        members[cluster].append(row)
    kinds = Counter()
    for group in members.values():
        for a in range(len(group)):
            for b in range(a):
                if group[a]["cluster"] != group[b]["cluster"]:
                    kinds[tuple(sorted(re.sub(r"\d+", "", g["kind"]) for g in (group[a], group[b])))] += 1
    return kinds.most_common(6)


def cpu(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def wireroom(binary, lines):
    before, text = cpu(resource.RUSAGE_CHILDREN), "".join(json.dumps(line) + "\n" for line in lines)
    out = subprocess.run([binary, "dedup"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(lines), f"{len(lines)} lines in, {len(answers)} out"
    return answers, cpu(resource.RUSAGE_CHILDREN) - before


def roots(answers):
    union = Union()
    for answer in answers:
        if answer["duplicate"]:
            union.join(answer["id"], answer["duplicate"]["of"])
    return [union.find(answer["id"]) for answer in answers]


# ---------------------------------------------------------------- peers

def shingles(text, size=3):
    tokens = words(text)
    return {" ".join(tokens[i:i + size]).encode() for i in range(max(1, len(tokens) - size + 1))}


def datasketch_clusters(rows, threshold):
    from datasketch import MinHash, MinHashLSH
    lsh, union = MinHashLSH(threshold=threshold, num_perm=128), Union()
    begun = cpu(resource.RUSAGE_SELF)
    hashes = []
    for row in rows:
        one = MinHash(num_perm=128)
        one.update_batch(shingles(row["line"]["text"]))
        hashes.append(one)
    signatures = cpu(resource.RUSAGE_SELF) - begun
    for number, one in enumerate(hashes):
        for other in lsh.query(one):
            if threshold <= one.jaccard(hashes[other]):
                union.join(number, other)
        lsh.insert(number, one)
    return [union.find(number) for number in range(len(rows))], signatures


def simhash_clusters(rows, bits):
    from simhash import Simhash, SimhashIndex
    index, union = SimhashIndex([], k=bits), Union()
    for number, row in enumerate(rows):
        one = Simhash([shingle.decode() for shingle in shingles(row["line"]["text"], 2)])
        for other in index.get_near_dups(one):
            union.join(str(number), other)
        index.add(str(number), one)
    return [union.find(str(number)) for number in range(len(rows))]


# ---------------------------------------------------------------- stories

def b_cubed(gold, found, counted):
    both, golds, founds = Counter(zip(gold, found)), Counter(gold), Counter(found)
    pairs = [(g, f) for g, f in zip(gold, found) if counted(g)]
    precision = sum(both[p] / founds[p[1]] for p in pairs) / len(pairs)
    recall = sum(both[p] / golds[p[0]] for p in pairs) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def centroids(texts, threshold):
    """Online TF-IDF centroids with cosine; rarities from the very texts that are grouped."""
    tokens = [Counter(words(text)) for text in texts]
    frequency = Counter(word for counts in tokens for word in counts)
    groups, norms, postings, out = [], [], defaultdict(list), []
    for counts in tokens:
        vector = {w: n * math.log(len(texts) / frequency[w]) for w, n in counts.items()}
        length = math.sqrt(sum(x * x for x in vector.values())) or 1
        scores = defaultdict(float)
        for word, weight in vector.items():
            if weight:
                for group in postings[word]:
                    scores[group] += weight / length * groups[group][word]
        best = max(scores, key=lambda g: scores[g] / norms[g], default=None)
        if best is None or scores[best] / norms[best] < threshold:
            best = len(groups)
            groups.append({})
            norms.append(1)
        group = groups[best]
        for word, weight in vector.items():
            if weight and word not in group:
                postings[word].append(best)
                group[word] = 0
            if weight:
                group[word] += weight / length
        norms[best] = math.sqrt(sum(x * x for x in group.values())) or 1
        out.append(best)
    return out


def stories(data, binary, seeds):
    print("\n| stories among 1,000 other articles | set | B³ precision | recall | F1 |\n|---|---|---|---|---|")
    with gzip.open(data / "corpora" / "ecb-dev.jsonl.gz", "rt") as file:
        told = [(row["story"], row["title"], row["text"]) for row in map(json.loads, file)]
    with gzip.open(data / "ner" / "gmb.json.gz") as file:
        others = [[" ".join(tokens) for tokens, _ in document[:9]] for document in json.load(file)]
    random.Random(5).shuffle(others)
    told += [(f"other{n}", text[0], "\n\n".join(text[1:])) for n, text in enumerate(others[:1000])]
    number = lambda story: int(re.match(r"\d+", story)[0]) if story[0].isdigit() else -1
    sets = {"tuned on": lambda s: number(s) % 4 == 1, "held out": lambda s: number(s) % 4 == 3,
            "all stories": lambda s: 0 <= number(s), "with the others": lambda s: True}
    total = defaultdict(list)
    for seed in seeds:
        order = told[:]
        random.Random(seed).shuffle(order)
        gold = [story for story, _, _ in order]
        lines = [{"title": title, "text": text, "url": f"https://o{n}.example/{n}", "feed": {"id": f"o{n}"},
                  "published_at": "2026-11-19T12:00:00Z"} for n, (_, title, text) in enumerate(order)]
        answers, _ = wireroom(binary, lines)
        runs = {"wireroom": [answer["story_id"] for answer in answers]}
        for threshold in (0.15, 0.2, 0.25, 0.3):
            runs[f"centroids {threshold}"] = centroids([f"{t} {x}" for _, t, x in order], threshold)
        for name, found in runs.items():
            for which, counted in sets.items():
                total[name, which].append(b_cubed(gold, found, counted))
    for (name, which), results in total.items():
        precision, recall, f1 = (sum(column) / len(results) for column in zip(*results))
        print(f"| {name} | {which} | {precision:.3f} | {recall:.3f} | {f1:.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wireroom", required=True)
    parser.add_argument("--signatures", help="the example of that name, built")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", type=int, default=1, help="0: what thresholds were tuned on")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", choices=["near", "stories"])
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    if options.only != "stories":
        rows = labelled(options.data, options.half, options.seed)
        if options.out:
            options.out.write_text("".join(json.dumps(row) + "\n" for row in rows))
        pairs = sum(n * (n - 1) // 2 for n in Counter(row["cluster"] for row in rows).values())
        print(f"{len(rows)} articles, {pairs} pairs, half {options.half}, seed {options.seed}\n")
        print("| method | precision | recall | F1 | templates apart |\n|---|---|---|---|---|")
        answers, seconds = wireroom(options.wireroom, [row["line"] for row in rows])
        found = roots(answers)
        judge("wireroom dedup", rows, found)
        if not options.no_peers:
            for threshold in (0.3, 0.5, 0.7):
                clusters, signatures = datasketch_clusters(rows, threshold)
                judge(f"datasketch MinHash-LSH {threshold}", rows, clusters)
            for bits in (3, 6):
                judge(f"SimHash, {bits} bits", rows, simhash_clusters(rows, bits))
            print(f"\ndatasketch: {len(rows) / signatures:,.0f} signatures/s of CPU")
            lines = "".join(json.dumps(row["line"]) + "\n" for row in rows).encode()
            ours = subprocess.run([options.signatures], input=lines, stdout=subprocess.PIPE, check=True).stdout
            print(f"wireroom: {ours.decode().strip()}")
        print(f"\nwireroom dedup, everything: {len(rows) / seconds:,.0f} articles/s of CPU")
        print(f"recall by edit: {by_type(rows, found)}")
        print(f"wrong pairs by kind: {wrong(rows, found)}")
    if options.only != "near":
        stories(options.data, options.wireroom, (1, 2))


main()
