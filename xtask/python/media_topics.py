"""Writes IPTC's Media Topics, as its own spreadsheet in many languages has them, as two tables.

Usage: media_topics.py SPREADSHEET LABELS DEFINITIONS

LABELS: id, language (BCP 47) or `broader`, label or the broader topic's id; retired topics left out; sorted.
DEFINITIONS: id of the top topic, id, English label and definition: what the training reads.
"""

import sys
import warnings

import openpyxl

LANGUAGES = {
    "ar": "ar", "de": "de", "dk": "da", "en-GB": "en", "en-US": "en-US", "es": "es", "fr": "fr", "no-NB": "nb",
    "no-NN": "nn", "pt-PT": "pt", "pt-BR": "pt-BR", "se": "sv", "zh-Hans": "zh",
}


def clean(text):
    return " ".join(str(text).split()) if text else ""


def main(spreadsheet, labels_path, definitions_path):
    warnings.simplefilter("ignore")
    rows = list(openpyxl.load_workbook(spreadsheet).active.iter_rows(values_only=True))
    head = list(rows[1])
    column = {name: head.index(name) for name in head if name}
    levels = [column[f"Level{level}/NewsCode"] for level in range(1, 7)]
    path, labels, definitions = [], [], []
    for row in rows[2:]:
        if not row[0]:
            continue
        level = next(at for at, cell in enumerate(levels) if row[cell])
        code = row[levels[level]].removeprefix("medtop:")
        path[level:] = [code]
        if row[column["RetiredDate"]]:
            continue
        if level:
            labels.append((code, "broader", path[level - 1]))
        seen = set()
        for name, language in LANGUAGES.items():
            label = clean(row[column[f"Name ({name})"]])
            # A variety that says nothing of its own needs no line.
            if label and (language.split("-")[0], label) not in seen:
                seen.add((language.split("-")[0], label))
                labels.append((code, language, label))
        english = clean(row[column["Name (en-GB)"]])
        definitions.append((path[0], code, english, clean(row[column["Definition (en-GB)"]])))
    for target, table in ((labels_path, sorted(labels)), (definitions_path, sorted(definitions))):
        with open(target, "w", encoding="utf-8", newline="\n") as file:
            file.writelines("\t".join(row) + "\n" for row in table)


main(*sys.argv[1:])
