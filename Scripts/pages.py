"""Pages of docs/ whose tables name tests: what check-promises and check-parity have in common."""

import re
import sys

# A check leaves nothing behind.
sys.dont_write_bytecode = True

NOTHING = {"", "-", "–", "—", "…", "...", "?", "tbd", "todo", "none", "n/a"}
FUNCTION = re.compile(r"\bfunc\s+(?:`([^`\n]+)`|(\w+))\s*[(<]")
NAMES = re.compile(r"`([^`]+)`")


class Page:
    """One page, and what is wrong with it."""

    def __init__(self, root, name, header):
        self.name, self.header = name, header
        self.offences = []
        self.rows = []
        path = root / "docs" / name
        if path.is_file():
            self.rows = self.table(path.read_text(encoding="utf-8").splitlines())
            self.tests = test_functions(root / "Tests")
        else:
            self.offences.append(f"{name}: missing")

    def table(self, lines):
        """The rows of every table whose header is the page's, as (line number, cells)."""
        rows, inside, seen = [], False, False
        for number, line in enumerate(lines, 1):
            if not line.lstrip().startswith("|"):
                inside = False
                continue
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
            if [cell.lower() for cell in cells] == self.header:
                inside = seen = True
            elif not inside or all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                continue
            elif len(cells) != len(self.header):
                self.say(number, f"{len(cells)} cells; a row has {len(self.header)} (write a bar as \\|)")
            else:
                rows.append((number, cells))
        if not seen:
            self.offences.append(f"{self.name}: no table with the header | " + " | ".join(self.header) + " |")
        return rows

    def say(self, number, what):
        self.offences.append(f"{self.name}:{number}: {what}")

    def check_cells(self, number, cells):
        for title, cell in zip(self.header, cells):
            if cell.strip("`* ").lower() in NOTHING:
                self.say(number, f"`{title}` is empty")

    def check_tests(self, number, cell):
        names = NAMES.findall(cell)
        if not names:
            self.say(number, "no test is named (in backticks)")
        for name in names:
            if name not in self.tests:
                self.say(number, f"no test is called `{name}`")

    def report(self, check, good):
        for offence in self.offences:
            print(offence)
        if self.offences:
            print(f"{check}: {len(self.offences)} gaps", file=sys.stderr)
            return 1
        print(f"{check}: {len(self.rows)} rows, {good}")
        return 0


def test_functions(folder):
    """The names of the functions in Tests/ that stand under `@Test`."""
    names = set()
    for path in folder.rglob("*.swift"):
        text = path.read_text(encoding="utf-8")
        for match in FUNCTION.finditer(text):
            if follows_test_attribute(text[: match.start()]):
                names.add(match.group(1) or match.group(2))
    return names


def follows_test_attribute(before):
    at = before.rfind("@Test")
    # Nothing but the attribute's arguments and modifiers may stand between.
    return at >= 0 and not re.search(r"\bfunc\b|\}\s*$|\bstruct\b", before[at:])
