"""The exported page, Fixtures/exports/page.html, as a person sees it: wide and narrow, by day and by night.

What is compared with the golden (Fixtures/exports/page.layout.json):
- where each box begins and ends from left to right, and which box follows which: on every machine;
- how high each box is, and the picture, scaled down to tiles: only where text is as wide as where the golden was made, since other
  fonts break lines elsewhere. Which of the two was done is said at the end.
Without a golden it is also judged: nothing is wider than the screen, no two messages overlap, own ones stand at the right and the
others at the left, text can be told from what is behind it, and day and night have colours of their own.

TIDEMARK_WRITE_GOLDEN=1 writes the golden anew; look at the pictures then.
"""

import json
import os
from pathlib import Path

import browser

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "Fixtures/exports/page.html"
GOLDEN = ROOT / "Fixtures/exports/page.layout.json"
SCREENS = [("wide", 1280, 900), ("narrow", 360, 740)]
# Points: rounding, and the widths of letters within a line.
TOLERANCE = 3
TILE = 40
# Of 255, in the mean of a tile; and how many tiles of a hundred may be off by more, as where letters are smoothed otherwise.
TILE_TOLERANCE, TILES_OFF = 12, 2

# Boxes whose edges the page decides, in the order of the document. A message is as wide as its text: of those only the edge that
# it is laid against is the page's.
BOXES = """(() => [...document.querySelectorAll('main, h1, h2, .people, .message, .note, .quote, .files li, footer')].map((node) => {
  const box = node.getBoundingClientRect();
  return {name: [node.tagName.toLowerCase(), ...node.classList].join('.'), left: Math.round(box.left), right: Math.round(box.right),
    top: Math.round(box.top + scrollY), bottom: Math.round(box.bottom + scrollY)};
}))()"""
# How wide a sentence is tells which fonts there are.
FONT = """(() => {
  const probe = document.createElement('span');
  probe.style.cssText = 'position: absolute; white-space: nowrap';
  probe.textContent = 'The quick brown fox jumps over 1234567890 lazy dogs; äöü “—” 明日 שלום.';
  document.body.append(probe);
  const width = probe.getBoundingClientRect().width;
  probe.remove();
  return Math.round(width * 100) / 100;
})()"""
COLOURS = """['body', '.message:not(.own):not(.event)', '.own', '.meta']
  .map((each) => document.querySelector(each)).map((node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color])"""


def look(chromium, check, faint, pictures):
    """Looks at the page on each screen; returns a sentence that says what was compared."""
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    writes = os.environ.get("TIDEMARK_WRITE_GOLDEN") == "1"
    seen, compared = {}, set()
    for screen, width, height in SCREENS:
        colours = []
        for dark in (False, True):
            name = f"{screen}-{'dark' if dark else 'light'}"
            page = chromium.page(width, height, dark)
            page.open(PAGE.as_uri())
            check(f"export {name}: it is there", page.wait("document.readyState === 'complete' && document.querySelector('footer')", 30))
            boxes = page.value(BOXES)
            judge(name, width, boxes, page, check, faint)
            colours.append(page.value(COLOURS))
            picture = page.picture(os.path.join(pictures, f"export-{name}.png"))
            seen[name] = {"font": page.value(FONT), "boxes": boxes, "tiles": tiles(picture, TILE)}
            if not writes:
                compared.add(compare(name, seen[name], golden.get(name), check))
            check(f"export {name}: the console is silent", not page.complaints(), "; ".join(page.complaints()))
            addresses = [each for each in page.addresses() if each not in ("about:blank", PAGE.as_uri())]
            check(f"export {name}: nothing is loaded", not addresses, ", ".join(addresses))
            page.close()
        check(f"export {screen}: night has its own colours", all(a != b for a, b in zip(*colours)), str(colours))
    if writes:
        GOLDEN.write_text(json.dumps(seen, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
    return f"the exported page: {' and '.join(sorted(compared)) or 'written anew'}"


def judge(name, width, boxes, page, check, faint):
    check(f"export {name}: it is as wide as the screen", page.value("document.documentElement.scrollWidth") <= width)
    wide = [each["name"] for each in boxes if each["left"] < -0.5 or each["right"] > width + 0.5]
    check(f"export {name}: every box is on the screen", not wide, ", ".join(wide))
    told = page.value(faint)
    check(f"export {name}: it can be read", not told, ", ".join(told))
    messages = [each for each in boxes if each["name"].startswith("article")]
    check(f"export {name}: there are messages", len(messages) > 8, str(len(messages)))
    over = [b["name"] for a, b in zip(messages, messages[1:]) if b["top"] < a["bottom"] - 0.5]
    check(f"export {name}: no message lies over another", not over, ", ".join(over))
    main = next(each for each in boxes if each["name"] == "main")
    for each in messages:
        kinds = each["name"].split(".")
        if "event" in kinds:
            continue
        room = (each["left"] - main["left"], main["right"] - each["right"])
        check(f"export {name}: {each['name']} stands on its side", (room[0] > room[1]) == ("own" in kinds), str(room))


def compare(name, now, then, check):
    check(f"export {name}: there is a golden", then is not None)
    if then is None:
        return "not compared"
    check(f"export {name}: the same boxes in the same order", [b["name"] for b in now["boxes"]] == [b["name"] for b in then["boxes"]])
    alike = abs(now["font"] - then["font"]) < 0.5
    for a, b in zip(now["boxes"], then["boxes"]):
        off = [edge for edge in edges(a["name"], alike) if abs(a[edge] - b[edge]) > TOLERANCE]
        check(f"export {name}: {a['name']} is where it was", not off, ", ".join(f"{e} {a[e]:.0f} for {b[e]:.0f}" for e in off))
    if not alike:
        return "left and right edges compared (other fonts than the golden's)"
    pairs = list(zip(sum(now["tiles"], []), sum(then["tiles"], [])))
    off = sum(any(abs(x - y) > TILE_TOLERANCE for x, y in zip(a, b)) for a, b in pairs)
    check(f"export {name}: it looks as it did", off * 100 <= TILES_OFF * len(pairs), f"{off} of {len(pairs)} tiles")
    return "edges, heights and pictures compared"


def edges(name, alike):
    if alike:
        return ("left", "right", "top", "bottom")
    if name.startswith("article") and "event" not in name:
        return ("right",) if "own" in name.split(".") else ("left",)
    return () if name.split(".")[0] in ("a", "li") or "event" in name else ("left", "right")


def tiles(png, size):
    """The mean colour of each tile of a picture."""
    width, height, depth, rows = browser.pixels(png)
    result = []
    for top in range(0, height - size + 1, size):
        line = []
        for left in range(0, width - size + 1, size):
            sums = [0, 0, 0]
            # Every fourth point of every second line is enough for a mean.
            for y in range(top, top + size, 2):
                row = rows[y]
                for x in range(left, left + size, 4):
                    place = x * depth
                    for channel in range(3):
                        sums[channel] += row[place + channel]
            line.append([each * 8 // (size * size) for each in sums])
        result.append(line)
    return result
