"""Topics beside a majority baseline and TF-IDF with logistic regression.

Usage: topics.py EVENTS.json.gz PREDICTIONS.tsv ARTICLES.tsv ENRICH_LINES

Two measurements. By time: trained on the older of Wikipedia's Current Events, measured on every second of the
newer. On other news: the articles of two outlets of News Articles (Dai, CC0) that no model here has seen, whose
publishers' sections in the URL are the truth; the URLs are not shown. Once whole, once title and beginning alone. Accuracy
and macro-F1 are of the best top topic.
"""

import collections
import gzip
import json
import subprocess
import sys

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

KEPT_BACK = {"bbc.co.uk", "cnn.com"}
ABROAD = "02,03,11,16"
WORLD = {"11", "16"}
FIVE = ["01", "04", "11", "13", "15"]
THREE = ["world", "04", "15"]
BEGINNING = 220


def articles(table):
    for line in open(table, encoding="utf-8"):
        outlet, topics, title, text = line.rstrip("\n").split("\t")
        if topics != "-" and len(text) > 100:
            yield outlet, topics, title, text


def report(name, truth, found, topics):
    def right(wanted, best):
        return best in WORLD if wanted == "world" else best == wanted

    pairs = [(wanted, best) for wanted, best in zip(truth, found) if wanted in topics]
    recalls = []
    for topic in topics:
        mine = [right(wanted, best) for wanted, best in pairs if wanted == topic]
        recalls.append(sum(mine) / len(mine))
    accuracy = sum(right(wanted, best) for wanted, best in pairs) / len(pairs)
    names = [wanted if right(wanted, best) else best for wanted, best in pairs]
    macro = f1_score([wanted for wanted, _ in pairs], names, labels=topics, average="macro", zero_division=0)
    recalls_shown = " ".join(f"{topic} {recall:.2f}" for topic, recall in zip(topics, recalls))
    print(f"  {name:28} accuracy {accuracy:.3f}  macro-F1 {macro:.3f}  mean recall {sum(recalls) / len(recalls):.3f}  ({recalls_shown})")


def main(events, predictions, table, enrich_lines):
    older, newer = json.load(gzip.open(events, "rt", encoding="utf-8"))
    number = lambda topic: topic.removeprefix("medtop:")[:2]
    train_texts, train_topics = [row[1] for row in older], [number(row[2]) for row in older]
    vectors, model = regression(train_texts, train_topics)
    majority = collections.Counter(train_topics).most_common(1)[0][0]

    lines = [line.split("\t") for line in open(predictions, encoding="utf-8")]
    truth = [line[1].zfill(2) for line in lines]
    print(f"by time: trained on {len(older)} texts, measured on {len(truth)} newer ones")
    texts = [newer[int(line[0])][1] for line in lines]
    topics = sorted(set(truth))
    report("majority", truth, [majority] * len(truth), topics)
    report("TF-IDF + logistic regression", truth, list(model.predict(vectors.transform(texts))), topics)
    report("wireroom, older texts only", truth, [line[2].zfill(2) for line in lines], topics)

    rows = list(articles(table))
    kept_back = [row for row in rows if row[0] in KEPT_BACK]
    truth = ["world" if topics == ABROAD else topics for _, topics, _, _ in kept_back]
    both = {
        "whole": [(title, text) for _, _, title, text in kept_back],
        f"title and {BEGINNING} characters": [(title, text[:BEGINNING]) for _, _, title, text in kept_back],
    }
    # The regressions get all of the notes, as the model in the crate did; the second one its articles, too.
    notes = train_texts + [row[1] for row in newer], train_topics + [number(row[2]) for row in newer]
    seen = [row for row in rows if row[0] not in KEPT_BACK and "," not in row[1]]
    more = [f"{title}. {text}" for _, _, title, text in seen], [topics for _, topics, _, _ in seen]
    regressions = [
        ("TF-IDF + LR on the notes", *regression(*notes)),
        ("the same and the articles", *regression(notes[0] + more[0], notes[1] + more[1])),
    ]
    for length, shown in both.items():
        ours = wireroom(enrich_lines, shown)
        for name, topics in (("five sections", FIVE), ("world, sport, business", THREE)):
            print(f"other news, {length}, {name}: {sum(wanted in topics for wanted in truth)} articles")
            report("majority", truth, [majority] * len(truth), topics)
            for peer, vectors, model in regressions:
                theirs = list(model.predict(vectors.transform([f"{title}. {text}" for title, text in shown])))
                report(peer, truth, theirs, topics)
            report("wireroom", truth, ours, topics)


def regression(texts, topics):
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), max_features=200_000)
    model = LogisticRegression(C=10, max_iter=100).fit(vectors.fit_transform(texts), topics)
    return vectors, model


def wireroom(enrich_lines, articles):
    everything = "\n".join(json.dumps({"title": title, "text": text}) for title, text in articles)
    out = subprocess.run([enrich_lines], input=everything, capture_output=True, text=True, check=True)
    print(out.stderr.strip())
    found = []
    for line in out.stdout.splitlines():
        tops = [topic["id"] for topic in json.loads(line)["topics"] if topic["id"].endswith("000000")]
        found.append(tops[0].removeprefix("medtop:")[:2] if tops else "none")
    return found


main(*sys.argv[1:])
