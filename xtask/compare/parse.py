"""Reading feeds: wireroom beside feedparser, in one run.

1. feedparser's own suite: each test's `Expect:` expression is evaluated over `wireroom parse --raw`, told in
   feedparser's model, and over feedparser itself. Scored are the tests of fields that a news model has.
2. Mutants of those feeds: is a title or an entry still recovered?
3. Hostile input: processor time and memory, against an empty feed's.
4. Speed on feeds of real size.
"""
import argparse, collections, datetime, glob, json, os, random, re, shutil, subprocess, sys, tempfile, time, urllib.parse, warnings

import feedparser
from feedparser.util import FeedParserDict

warnings.simplefilter("ignore")

TEXTS = ["title", "subtitle", "summary", "rights", "info"]
DATES = ["published", "updated", "created", "expired"]
# Fields of a news model, in feedparser's words and in those that it maps to them.
FIELDS = set(
    "title title_detail link links id guid guidislink updated updated_parsed published published_parsed created "
    "created_parsed expired expired_parsed modified modified_parsed issued issued_parsed date date_parsed author "
    "author_detail authors contributors publisher publisher_detail summary summary_detail description "
    "description_detail content rights rights_detail copyright copyright_detail generator generator_detail image "
    "tags category categories enclosures media_thumbnail media_content comments language subtitle subtitle_detail "
    "tagline tagline_detail info info_detail ttl license".split()
)
DESCRIPTION = re.compile(r"Description:\s*(.*?)\s*Expect:\s*(.*)\s*-->")
FIELD = re.compile(r"(?:feed|entries\[\d+\])(?:\[['\"](\w+)['\"]\]|\.(\w+))")
HEADER = re.compile(rb"^Header:\s+([^:]+):\s*(.+?)\s*$", re.MULTILINE)


def tests(suite):
    """(category, path, expression, headers) of each test that says something of a news model's fields."""
    roots = [("wellformed", None), ("entities", "entities"), ("encoding", "encoding"), ("illformed", "illformed"), ("http", "http")]
    for folder, category in roots:
        for path in sorted(glob.glob(f"{suite}/*/tests/{folder}/**/*.xml", recursive=True)):
            name = category or os.path.basename(os.path.dirname(path))
            # Legacy code pages, one generated file each; EBCDIC and DOS code pages are not on the web.
            if name == "sanitize" or os.path.basename(path).startswith("x80_"):
                continue
            body = open(path, "rb").read()
            found = None
            for charset in ["utf-8", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"]:
                found = DESCRIPTION.search(body.decode(charset, "replace"))
                if found:
                    break
            if not found:
                continue
            expression = found.group(2)
            fields = {a or b for a, b in FIELD.findall(expression)}
            if fields and fields <= FIELDS:
                headers = {k.decode().strip().lower(): v.decode() for k, v in HEADER.findall(body)}
                yield name, path, expression, headers


def told(node, entry):
    """What wireroom says, in feedparser's model."""
    out = FeedParserDict()
    for field in TEXTS:
        text = node.get(field)
        if text:
            out[field] = text["value"]
            out[field + "_detail"] = detail(text)
    for field in DATES:
        if node.get(field + "_raw"):
            out[field] = node[field + "_raw"]
            out[field + "_parsed"] = parsed(node.get(field))
    contents = [node["content"]] if node.get("content") else []
    contents += node.get("content_more") or []
    if contents:
        out["content"] = [detail(text) for text in contents]
        # feedparser gives a content for the summary where there is no other.
        if entry and "summary" not in out:
            out["summary"] = contents[0]["value"]
    for field in ["link", "id", "language", "comments"]:
        if node.get(field) is not None:
            out[field] = node[field]
    if node.get("ttl") is not None:
        out["ttl"] = str(node["ttl"])
    if node.get("guid_is_permalink") is not None:
        alternates = [l for l in node["links"] if l["rel"] == "alternate"]
        out["guidislink"] = node["guid_is_permalink"] and not alternates
    if node.get("links"):
        out["links"] = [link(one) for one in node["links"]]
    people(out, "author", node.get("authors"))
    if node.get("contributors"):
        out["contributors"] = [person(one) for one in node["contributors"]]
    if node.get("publisher"):
        people(out, "publisher", [node["publisher"]])
        del out["publishers"]
    if node.get("tags"):
        out["tags"] = [FeedParserDict(tag) for tag in node["tags"]]
    if node.get("generator"):
        out["generator"] = node["generator"]["name"] or node["generator"]["href"]
        out["generator_detail"] = known(node["generator"])
    if node.get("image"):
        out["image"] = known(node["image"])
    for field in ["media_content", "media_thumbnail"]:
        if node.get(field):
            out[field] = [{k: v for k, v in one.items() if v is not None} for one in node[field]]
    return out


def known(node):
    return FeedParserDict({k: v for k, v in node.items() if v is not None})


def detail(text):
    out = FeedParserDict(type=text["type"], language=text["language"], base=text["base"] or "", value=text["value"])
    if text["src"]:
        out["src"] = text["src"]
    return out


def person(one):
    names = {"name": "name", "email": "email", "uri": "href"}
    return FeedParserDict({names[k]: v for k, v in one.items() if v is not None})


def people(out, field, persons):
    if not persons:
        return
    out[field + "s"] = [person(one) for one in persons]
    last = out[field + "s"][-1]
    out[field + "_detail"] = last
    name, email = last.get("name"), last.get("email")
    line = f"{name} ({email})" if name and email else name or email
    if line:
        out[field] = line


def link(one):
    out = known(one)
    out.setdefault("rel", "alternate")
    if out["rel"] == "self":
        out.setdefault("type", "application/atom+xml")
    elif out["rel"] == "alternate":
        out.setdefault("type", "text/html")
    return out


def parsed(instant):
    if not instant:
        return None
    moment = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return moment.utctimetuple()


REASONS = [
    (
        "feedparser's sanitiser writes HTML anew (order of attributes, quotes, `<br />`); wireroom hands it on as it is",
        r"namespace/|atom10/(missing_quote|qna|quote_in|tag_in)|description_br|not_a_doctype|charref_upper|demoronize-3",
    ),
    ("an HTTP header that says the language is not evidence", r"http_content_language"),
    ("a redirect that a server would have to answer", r"tests/wellformed/http/|tests/http/"),
    ("HTML 5 gives the name another character than HTML 4", r"entities/(lang|rang)\.xml"),
    ("an address is written as RFC 3986 has it: percent signs, IDNA", r"base/(feed_link_xml_base_iri|rel_uri_with_unicode)"),
    ("an entity of a document type is never expanded", r"entity_in_doctype"),
    ("an element without text is null, not an empty text", r"shorttag"),
    ("line noise in no encoding: another guess", r"linenoise"),
]


def reason(path):
    return next((why for why, pattern in REASONS if re.search(pattern, path)), "**not known**")


def holds(expression, feed, entries, bozo):
    scope = {"feed": feed, "entries": entries, "bozo": bozo, "version": "", "encoding": "", "headers": {}}
    try:
        return bool(eval(expression, {"feedparser": feedparser}, scope))
    except Exception:
        return False


def wireroom(binary, paths, *options):
    """One raw line of each file."""
    lines = []
    for start in range(0, len(paths), 500):
        batch = paths[start : start + 500]
        run = subprocess.run([binary, "parse", "--raw", *options, *batch], capture_output=True)
        told = run.stdout.decode().splitlines()
        if len(told) != len(batch):
            sys.exit(f"{len(batch)} files, {len(told)} lines:\n{run.stderr.decode()[-2000:]}")
        lines += [json.loads(line) for line in told]
    return lines


def peer(body, headers):
    try:
        return feedparser.parse(body, response_headers=headers)
    except Exception:
        return None


def conformance(arguments):
    suite = list(tests(arguments.suite))
    groups = collections.defaultdict(list)
    for name, path, expression, headers in suite:
        options = []
        # feedparser's suite serves these over HTTP: their address is a part of them.
        if os.path.basename(path).startswith("http_"):
            address = "http://127.0.0.1:8097/tests/" + path.split("/tests/")[1]
            headers["content-location"] = urllib.parse.urljoin(address, headers.get("content-location", ""))
        if headers.get("content-location", "").startswith("http"):
            options += ["--url", headers["content-location"]]
        if "content-type" in headers:
            options += ["--content-type", headers["content-type"]]
        groups[tuple(options)].append(path)
    raws = {}
    for options, paths in groups.items():
        raws.update(zip(paths, wireroom(arguments.wireroom, paths, *options)))
    score = collections.defaultdict(collections.Counter)
    failures = []
    for name, path, expression, headers in suite:
        body = open(path, "rb").read()
        # Whether a feed is called broken is a matter of taste; what is read of it is not.
        expression = re.sub(r"^(not )?bozo( and )?", "", expression) or "True"
        theirs = peer(body, headers)
        ours = raws[path]
        score[name]["tests"] += 1
        score[name]["feedparser"] += bool(theirs) and holds(expression, theirs.feed, theirs.entries, theirs.bozo)
        good = "error" not in ours and holds(
            expression, told(ours["feed"], False), [told(entry, True) for entry in ours["entries"]], 0
        )
        score[name]["wireroom"] += good
        if not good:
            failures.append((path, expression, ours))
    print("| category | tests | feedparser | wireroom |\n|---|---|---|---|")
    total = collections.Counter()
    for name in sorted(score, key=lambda name: -score[name]["tests"]):
        total += score[name]
        print(f"| {name} | {score[name]['tests']} | {score[name]['feedparser']} | {score[name]['wireroom']} |")
    share = 100 * total["wireroom"] / total["tests"]
    print(f"| **all** | **{total['tests']}** | **{total['feedparser']}** | **{total['wireroom']}** ({share:.1f} %) |\n")
    reasons = collections.Counter(reason(path) for path, *_ in failures)
    print("| why not | tests |\n|---|---|")
    for why, count in reasons.most_common():
        print(f"| {why} | {count} |")
    print()
    if arguments.verbose:
        for path, expression, ours in failures:
            print(path.split("/tests/")[1], expression, sep="\n  ")
            print("  " + json.dumps(brief(ours), ensure_ascii=False)[:600])
    return [path for _, path, *_ in suite]


def brief(node):
    """A raw line without what is empty."""
    if isinstance(node, dict):
        return {k: brief(v) for k, v in node.items() if v not in (None, [], {}) and k != "flaws"}
    return [brief(one) for one in node] if isinstance(node, list) else node


STILL = re.compile(rb"<(\w+:)?(title|item|entry)[\s>/]", re.IGNORECASE)


def mutant(body, chance):
    """The body with one to eight wounds: bytes changed, lost or added, a piece cut out, doubled, or the end gone."""
    body = bytearray(body)
    for _ in range(chance.choice([1, 2, 4, 8])):
        if not body:
            break
        at = chance.randrange(len(body))
        size = chance.choice([1, 2, 8, 40])
        wound = chance.randrange(7)
        if wound == 0:
            body[at] = chance.randrange(256)
        elif wound == 1:
            del body[at : at + size]
        elif wound == 2:
            body[at:at] = chance.choice([b"<", b">", b"&", b'"', b"]]>", b"<![CDATA[", b"<!--", b"</", b"\0", b"\xff"])
        elif wound == 3:
            body[at:at] = body[at : at + size]
        elif wound == 4:
            body[at] ^= 1 << chance.randrange(8)
        elif wound == 5:
            other = chance.randrange(len(body))
            body[at : at + size], body[other : other + size] = body[other : other + size], body[at : at + size]
        elif chance.random() < 0.3:
            del body[at:]
    return bytes(body)


def mutants(arguments, paths):
    chance = random.Random(20261124)
    ours = theirs = count = 0
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for path in paths:
            body = open(path, "rb").read()
            for _ in range(arguments.mutants):
                wounded = mutant(body, chance)
                if not STILL.search(wounded):
                    continue
                files.append(f"{folder}/{len(files)}.xml")
                open(files[-1], "wb").write(wounded)
        for path, raw in zip(files, wireroom(arguments.wireroom, files)):
            count += 1
            ours += "error" not in raw and bool(raw["entries"] or raw["feed"]["title"])
            result = peer(open(path, "rb").read(), {})
            theirs += bool(result) and bool(result.entries or result.feed.get("title"))
    if count:
        print(f"mutants that still hold a title or an item's start: {count}; a title or an entry is recovered by")
        print(f"  feedparser {100 * theirs / count:.1f} %, wireroom {100 * ours / count:.1f} %\n")


def hostile():
    """Bodies that are made to exhaust a reader."""
    rss = '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
    item = rss + "<item><title>"
    nest = lambda tag, n: f"<{tag}>" * n + f"</{tag.split()[0]}>" * n
    laughs = "".join(f'<!ENTITY lol{n} "' + f"&lol{n - 1};" * 10 + '">' for n in range(1, 10))
    yield "billion laughs", f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol0 "lol">{laughs}]>{item}&lol9;</title></item></channel></rss>'
    yield "external entity", f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{item}&x;</title></item></channel></rss>'
    yield "quadratic entity", f'<!DOCTYPE a [<!ENTITY x "{"A" * 100_000}">]>{item}{"&x;" * 30_000}</title></item></channel></rss>'
    yield "100,000 unknown elements, nested", item + nest("x", 100_000)
    yield "100,000 media:group, nested", rss + "<item>" + nest("media:group", 100_000)
    yield "100,000 media:content, nested", rss + "<item>" + nest('media:content url="http://a.example/"', 100_000)
    yield "100,000 itunes:category, nested", rss + nest('itunes:category text="a"', 100_000)
    yield "100,000 attributes", rss + "<item" + "".join(f' a{n}=""' for n in range(100_000)) + "><title>t</title></item>"
    yield "100,000 items", rss + "<item><title>t</title><guid>1</guid></item>" * 100_000
    yield "1 MB of &a;", item + "&a;" * 350_000
    yield "195 KB of &a;", item + "&a;" * 65_000
    yield "600 KB of '< '", item + "< " * 300_000
    yield "400 KB of '<!'", item + "<!" * 200_000
    yield "1 MB of '<![CDATA['", item + "<![CDATA[" * 110_000
    yield "1 MB of '<a b='", item + "<a b='" * 170_000
    yield "20,000 div, nested, in a text", item + "t</title><description><![CDATA[" + nest("div", 20_000) + "]]></description>"
    yield "xml:base, nested and long", rss + "<item>" + f'<a xml:base="http://a.example/{"b" * 1000}/">' * 1_000
    yield "1,500 bytes of xml:base, 100,000 links", f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/{"b" * 1500}/">' + ('<entry><id>1</id>' + '<link href="x"/>' * 100 + "</entry>") * 1_000
    yield "50,000 namespaces", rss + "<item" + "".join(f' xmlns:a{n}="u"' for n in range(50_000)) + ">"
    yield "JSON, 100,000 brackets", '{"version":"https://jsonfeed.org/version/1","title":' + "[" * 100_000
    yield "JSON, 200,000 items", '{"version":"https://jsonfeed.org/version/1","title":"","items":[' + '{"id":"1"},' * 200_000 + "0]}"


def cost(binary, path):
    """Processor milliseconds and peak memory in KiB of reading a file."""
    with open(os.devnull, "wb") as nowhere:
        child = subprocess.Popen([binary, "parse", "--raw", path], stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return 1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss, status


def attacks(arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/feed.xml"
        open(path, "w").write('<rss version="2.0"><channel></channel></rss>')
        runs = [cost(arguments.wireroom, path) for _ in range(5)]
        start, floor = min(run[0] for run in runs), min(run[1] for run in runs)
        print(f"hostile input, processor time and memory above an empty feed's ({start:.0f} ms, {floor / 1024:.1f} MiB):")
        print("| input | size | CPU ms | MiB |\n|---|---|---|---|")
        for name, body in hostile():
            open(path, "w").write(body)
            runs = [cost(arguments.wireroom, path) for _ in range(3)]
            if any(os.WIFSIGNALED(status) for *_, status in runs):
                sys.exit(f"{name}: the process died")
            spent, held, _ = min(runs)
            print(f"| {name} | {len(body):,} | {max(0, spent - start):.0f} | {max(0, held - floor) / 1024:.1f} |")
        print()


def speed(arguments):
    """Megabytes of body a second, one thread, best of several rounds."""
    if not arguments.speed:
        return
    told = subprocess.run([arguments.speed, "--write", arguments.feeds], capture_output=True, check=True)
    head, *lines = told.stdout.decode().splitlines()
    print("MB/s, one thread, best of several rounds:")
    print("| feed | KB | feedparser | " + " | ".join(head.split("\t")[2:]) + " |")
    print("|---" * (len(head.split("\t")) + 1) + "|")
    for line in lines:
        name, path, *figures = line.split("\t")
        body = open(path, "rb").read()
        kind = "application/feed+json" if path.endswith(".json") else "application/xml"
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            result = feedparser.parse(body, response_headers={"content-type": kind})
            best = min(best, time.process_time() - begun)
        theirs = f"{len(body) / 1e6 / best:.2f}" if result.entries else "not read"
        print(f"| {name} | {len(body) // 1000} | {theirs} | " + " | ".join(figures) + " |")
    print()


def instructions(arguments):
    """Instructions of one reading, by item and by byte: they do not depend on what else the machine does."""
    if not arguments.speed or not shutil.which("valgrind"):
        print("instructions are not counted: valgrind is missing\n")
        return

    def count(times, name):
        tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        run = subprocess.run([*tool, arguments.speed, "--repeat", str(times), name], capture_output=True, check=True)
        return int(re.search(rb"Collected : (\d+)", run.stderr).group(1)), int(run.stdout)

    print("| feed | items | instructions an item | a byte |\n|---|---|---|---|")
    for path in sorted(glob.glob(f"{arguments.feeds}/*")):
        name = os.path.basename(path)
        (once, items), (twice, _) = count(1, name), count(2, name)
        spent = twice - once
        print(f"| {name} | {items} | {spent // items:,} | {spent / os.path.getsize(path):.1f} |")
    print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wireroom", required=True)
    parser.add_argument("--suite", required=True)
    parser.add_argument("--mutants", type=int, default=2)
    parser.add_argument("--speed")
    parser.add_argument("--feeds")
    parser.add_argument("--only")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    print(f"feedparser {feedparser.__version__}\n")
    paths = conformance(arguments)
    if arguments.only == "suite":
        return
    mutants(arguments, paths)
    attacks(arguments)
    speed(arguments)
    instructions(arguments)


main()
