"""The language of headlines and of beginnings of articles: wireroom, whichlang, whatlang and lingua in one run.

A page's label is what it claims of itself (`<html lang>`), which is wrong for one or two in a hundred; headlines are
`og:title`, else the first heading; beginnings are 300 characters of the article. No detector is told the claim.
"""
import argparse, collections, gzip, json, pathlib, subprocess, tarfile, time

import lingua
import lxml.html

LETTERS = 300
THREE = {
    "eng": "en", "deu": "de", "spa": "es", "fra": "fr", "pol": "pl", "ita": "it", "por": "pt", "rus": "ru", "nld": "nl",
    "tur": "tr", "ell": "el", "ara": "ar", "cmn": "zh", "zho": "zh", "jpn": "ja", "kor": "ko", "ukr": "uk", "swe": "sv",
    "nob": "no", "dan": "da", "fin": "fi", "ces": "cs", "hun": "hu", "ron": "ro", "bul": "bg", "hrv": "hr", "srp": "hr",
    "slv": "sl", "slk": "sk", "lit": "lt", "lav": "lv", "est": "et", "heb": "he", "hin": "hi", "ind": "id", "vie": "vi",
    "pes": "fa", "urd": "ur", "tha": "th", "cat": "ca", "bel": "be", "mkd": "mk",
}
ALIKE = {"nb": "no", "nn": "no", "sr": "hr", "bs": "hr"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wireroom", required=True)
    parser.add_argument("--ask", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    sets = read(options)
    detector = lingua.LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build()
    for name, rows in sets.items():
        told = options.work / f"{name}.tsv"
        told.write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
        labels = [label for label, _ in rows]
        print(f"{name}: {len(rows)}: " + ", ".join(f"{k} {v}" for k, v in collections.Counter(labels).most_common()))
        print("| detector | right | µs a text |\n|---|---|---|")
        run = subprocess.run([options.ask, "score", told], capture_output=True, check=True)
        answers = [line.split("\t") for line in run.stdout.decode().splitlines()]
        answers.append(["lingua 2.1.1, 75 languages", *by_lingua(detector, [text for _, text in rows])])
        for peer, spent, found in answers:
            found = found.split(" ") if isinstance(found, str) else found
            found = [THREE.get(code, ALIKE.get(code, code)) for code in found]
            right = sum(a == b for a, b in zip(found, labels))
            print(f"| {peer} | {100 * right / len(rows):.1f} % | {float(spent):.1f} |")
            if options.verbose and peer == "wireroom":
                wrong = [f"  {b} taken for {a}: {text[:110]}" for a, b, (_, text) in zip(found, labels, rows) if a != b]
        if options.verbose:
            print("\n".join(wrong))
        print()


def by_lingua(detector, texts):
    found = []
    begun = time.process_time()
    for text in texts:
        language = detector.detect_language_of(text)
        found.append(language.iso_code_639_1.name.lower() if language else "-")
    return 1e6 * (time.process_time() - begun) / len(texts), found


def read(options):
    """Labelled headlines and beginnings."""
    options.work.mkdir(parents=True, exist_ok=True)
    for archive in sorted(options.data.glob("*.tar.gz")):
        with tarfile.open(archive) as tar:
            tar.extractall(options.work, filter="data")
    for packed in options.work.glob("*/html/*.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    pages = sorted(options.work.glob("*/html/*.html"))
    run = subprocess.run([options.wireroom, "extract", *pages], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lines = run.stdout.decode().splitlines()
    if len(lines) != len(pages):
        raise SystemExit(f"{len(pages)} pages, {len(lines)} lines")
    sets = {"headlines": [], "beginnings": []}
    for page, line in zip(pages, lines):
        label, title = claims(page)
        text = " ".join((json.loads(line).get("text") or "").split())[:LETTERS]
        if label and title:
            sets["headlines"].append((label, title))
        if label and len(text) >= 100:
            sets["beginnings"].append((label, text))
    return sets


def claims(page):
    """The language that a page claims, and its headline."""
    try:
        body = page.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        body = page.read_bytes().decode("cp1252", "replace")
    try:
        tree = lxml.html.document_fromstring(body.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except Exception:
        return None, None
    label = (tree.xpath("//html/@lang") or [""])[0].replace("_", "-").split("-")[0].lower()
    titles = tree.xpath("//meta[@property='og:title']/@content") + [h.text_content() for h in tree.xpath("//h1")]
    title = next((" ".join(title.split()) for title in titles if title.strip()), None)
    return ALIKE.get(label, label) if len(label) == 2 else None, title


if __name__ == "__main__":
    main()
