#!/usr/bin/python3
"""Makes the image pairs of the kanji example: printed characters against brush calligraphy of them.

    make_pairs.py OUT [--faces gyosho|all] [--epochs N] [--variants N] [--seed N]

writes 64 x 64 grey JPEGs and the lists that twotower reads, each line `path label`, path relative to OUT:

    OUT/train_printed.txt    OUT/train_brush.txt    characters of JIS level 1, randomly distorted
    OUT/matches_printed.txt  OUT/matches_brush.txt  the same, matching pairs only
    OUT/test_printed.txt     OUT/test_brush.txt     characters of JIS level 2, as the fonts draw them

Line i of the two lists of a phase is one pair: label 1 if both show the same character, else 0. No test character is
ever trained on. Half of the pairs of train and test match. An epoch of train shows each character in one matching and one
non-matching pair, an epoch of matches in one matching pair; both lists hold several epochs one after the other, so that a
character meets another stranger, and another picture of itself, each time.

The brush is Kouzan's gyosho. With `--faces all` each training pair takes one of four brush faces: gyosho, sosho and kaisho
of Kouzan, and Aoyagi's, as far as a face has the character. The test lists stay what they are, and

    OUT/test_all_printed.txt  OUT/test_all_brush.txt

have the same pairs in each face that has both characters.

Everything follows from the seed. A second run with the same settings finds its work done and ends at once.
Needs Debian's python3-pil, python3-fonttools, fonts-ipaexfont-gothic, fonts-kouzan-mouhitsu and fonts-aoyagi-kouzan-t.
"""
import argparse
import collections
import hashlib
import json
import math
import multiprocessing
import pathlib
import random
import sys

from fontTools.ttLib import TTFont
from PIL import Image, ImageFont

PRINTED = "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"
KOUZAN = "/usr/share/fonts/truetype/kouzan-mouhitsu"
# A face is a folder of images; "brush" is gyosho, with which it all began.
BRUSHES = {
    "brush": f"{KOUZAN}/kouzan-mouhitsu-gyosho.ttf",
    "sosho": f"{KOUZAN}/KouzanBrushFontSousyo.ttf",
    "kaisho": f"{KOUZAN}/kouzan-mouhitsu.ttf",
    "aoyagi": "/usr/share/fonts/truetype/aoyagi-kouzan-t/AoyagiKouzanT.ttf",
}
FACES = {"printed": PRINTED, **BRUSHES}
SIDES = ("printed", "brush")  # the two lists of a phase

SIZE = 64  # pixels of an image's side
SPREAD = 13.5  # pixels of the ink's standard deviation, across and down
STRETCH = 2  # how much more one of the two may be stretched than the other
DRAWN = 128  # pixels per em at which a glyph is drawn before it is scaled


def main():
    options = parse_arguments()
    out = options.out
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    settings = {"faces": options.faces, "epochs": options.epochs, "variants": options.variants, "seed": options.seed,
                "script": script}
    done = out / "pairs.json"  # written last: where it is, everything is
    if done.exists() and json.loads(done.read_text()) == settings:
        print(f"pairs are already in {out}")
        return
    done.unlink(missing_ok=True)

    characters = usable_characters(SIDES)
    train = [c for c in characters if is_level_1(c)]
    test = [c for c in characters if not is_level_1(c)]
    brushes = {"brush": set(characters)}
    if options.faces == "all":
        brushes |= {face: set(usable_characters((face,))) & set(characters) for face in BRUSHES if face != "brush"}
    render(out, train, test, brushes, options)

    write_lists(out, "train", training_pairs(train, brushes, match_and_mismatch, "pairs", options))
    write_lists(out, "matches", training_pairs(train, brushes, matches_only, "matches", options))
    write_lists(out, "test", test_pairs(test, ["brush"], brushes, options))
    if options.faces == "all":
        write_lists(out, "test_all", test_pairs(test, brushes, brushes, options))
    done.write_text(json.dumps(settings))
    print(f"{len(train)} characters to train and {len(test)} to test, in {out}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write into")
    parser.add_argument("--faces", choices=["gyosho", "all"], default="gyosho", help="brush faces to train on (gyosho)")
    parser.add_argument("--epochs", type=int, default=32, help="epochs in the training list (32)")
    parser.add_argument("--variants", type=int, default=8, help="training images per character and face (8)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (1)")
    options = parser.parse_args()
    if options.epochs < 1 or options.variants < 1:
        parser.error("--epochs and --variants must be at least 1")
    for face in FACES.values() if options.faces == "all" else [FACES[side] for side in SIDES]:
        if not pathlib.Path(face).exists():
            sys.exit(f"make_pairs.py: the font {face} is not there; install it with: deploy/install --examples")
    return options


# ---- characters

def usable_characters(faces):
    """The kanji of JIS X 0208 that all of these faces have and truly draw, in the order of the standard."""
    known = [TTFont(FACES[face], lazy=True).getBestCmap() for face in faces]
    characters = [c for c in kanji_of_jis() if all(ord(c) in codes for codes in known)]
    for face in faces:
        characters = without_placeholders(characters, FACES[face])
    return characters


def kanji_of_jis():
    """All two-byte codes of EUC-JP from the first kanji on that stand for a character."""
    for lead in range(0xB0, 0xF5):
        for trail in range(0xA1, 0xFF):
            try:
                yield bytes([lead, trail]).decode("euc_jp")
            except UnicodeDecodeError:
                pass


def is_level_1(character):
    """The 2965 common kanji come first in EUC-JP, by sound; the 3390 of level 2 follow from 0xD0 on, by radical."""
    return character.encode("euc_jp")[0] < 0xD0


def without_placeholders(characters, face):
    """Drops what the face draws alike for more than two characters, or not at all: it has no such glyph."""
    font = ImageFont.truetype(face, SIZE)
    drawn = {c: font.getmask(c) for c in characters}
    looks = {c: (mask.size, bytes(mask)) for c, mask in drawn.items()}
    count = collections.Counter(looks.values())
    return [c for c in characters if drawn[c].getbbox() and count[looks[c]] <= 2]


# ---- pairs: (printed image, brush image, label)

def training_pairs(characters, brushes, pairs_of_epoch, purpose, options):
    """Epoch after epoch, each in its own order, with its own strangers and its own choice of variants and faces."""
    pairs = []
    for epoch in range(options.epochs):
        draw = random.Random(f"{options.seed} {purpose} {epoch}")
        some = lambda character: variant_name(character, draw.randrange(options.variants))
        epoch_pairs = [("printed/" + some(a), brush_of(b, brushes, draw) + "/" + some(b), label)
                       for a, b, label in pairs_of_epoch(characters, draw)]
        draw.shuffle(epoch_pairs)
        pairs += epoch_pairs
    return [(f"train/{a}", f"train/{b}", label) for a, b, label in pairs]


def brush_of(character, brushes, draw):
    """One of the faces that have it; nothing is drawn where there is no choice."""
    faces = [face for face, has in brushes.items() if character in has]
    return faces[0] if len(faces) == 1 else draw.choice(faces)


def test_pairs(characters, faces, brushes, options):
    draw = random.Random(f"{options.seed} test pairs")
    pairs = list(match_and_mismatch(characters, draw))
    return [(f"test/printed/{name(a)}", f"test/{face}/{name(b)}", label)
            for face in faces for a, b, label in pairs if b in brushes[face]]


def matches_only(characters, draw):
    return ((character, character, 1) for character in characters)


def match_and_mismatch(characters, draw):
    """Each character with itself, and with a stranger; each is a stranger once."""
    strangers = list(characters)
    draw.shuffle(strangers)
    follower = dict(zip(strangers, strangers[1:] + strangers[:1]))  # one cycle, so nobody meets itself
    for character in characters:
        yield character, character, 1
        yield character, follower[character], 0


def name(character):
    return f"{ord(character):04x}.jpg"


def variant_name(character, variant):
    return f"{ord(character):04x}_{variant}.jpg"


def write_lists(out, phase, pairs):
    for side, name in enumerate(SIDES):
        lines = (f"{pair[side]} {pair[2]}\n" for pair in pairs)
        (out / f"{phase}_{name}.txt").write_text("".join(lines))


# ---- images

def render(out, train, test, brushes, options):
    """Draws all images, one process a core. Each image's distortion depends on its own name alone."""
    faces = {"printed": {*train, *test}, **brushes}
    for phase in ("train", "test"):
        for face in faces:
            (out / phase / face).mkdir(parents=True, exist_ok=True)
    jobs = [(out, face, c, options.variants if phase == "train" else 0, options.seed)
            for phase, characters in (("train", train), ("test", test)) for face in faces for c in characters
            if c in faces[face]]
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(render_character, jobs, chunksize=100):
            pass


def render_character(job):
    """All images of a character in a face: `variants` distorted ones to train on, or, if 0, the plain one to test."""
    out, face, character, variants, seed = job
    glyph = draw_ink(character, face)
    frame = centre_and_scales(glyph)
    if variants == 0:
        save(place(glyph, frame, IDENTITY), out / "test" / face / name(character))
    for variant in range(variants):
        draw = random.Random(f"{seed} {face} {character} {variant}")
        save(place(glyph, frame, distortion(draw)), out / "train" / face / variant_name(character, variant))


IDENTITY = (1, 0, 0, 1, 0, 0)
FONTS = {}  # of this process: a font is opened once


def draw_ink(character, face):
    """The glyph in white on black."""
    if face not in FONTS:
        FONTS[face] = ImageFont.truetype(FACES[face], DRAWN)
    mask = FONTS[face].getmask(character)
    return Image.frombytes("L", mask.size, bytes(mask))


def centre_and_scales(glyph):
    """Where the glyph's middle is, and what to stretch it by across and down.

    A printed character fills its square; a written one leans, and swells where the brush went. Moved to the ink's
    centre of gravity and stretched to the same spread of ink across and down (but a bar stays a bar: STRETCH), the two
    lie on each other as well as two pictures can.
    """
    ink = glyph.convert("F")
    columns = ink.resize((glyph.width, 1), Image.Resampling.BOX).getdata()
    rows = ink.resize((1, glyph.height), Image.Resampling.BOX).getdata()
    (x, across), (y, down) = mean_and_deviation(columns), mean_and_deviation(rows)
    least = max(across, down) / STRETCH
    return (x, y), (SPREAD / max(across, least), SPREAD / max(down, least))


def mean_and_deviation(weights):
    total = sum(weights)
    mean = sum(w * (i + 0.5) for i, w in enumerate(weights)) / total
    return mean, math.sqrt(sum(w * (i + 0.5 - mean) ** 2 for i, w in enumerate(weights)) / total)


def distortion(draw):
    """A small random rotation, slant, stretch and shift: (a, b, c, d) of a matrix, then the shift in pixels."""
    turn, slant = draw.gauss(0, 0.05), draw.gauss(0, 0.06)
    wide, high = math.exp(draw.gauss(-0.03, 0.06)), math.exp(draw.gauss(-0.03, 0.06))
    cos, sin = math.cos(turn), math.sin(turn)
    return (cos * wide, (cos * slant - sin) * high, sin * wide, (sin * slant + cos) * high,
            draw.gauss(0, 1.2), draw.gauss(0, 1.2))


def place(glyph, frame, transform):
    """The glyph in black on a white image, centred and scaled by the frame, then transformed about the middle."""
    (middle_x, middle_y), (across, high) = frame
    a, b, c, d, right, down = transform
    a, b, c, d = a * across, b * high, c * across, d * high
    # Pillow asks the other way round: where in the glyph does a pixel of the image come from?
    determinant = a * d - b * c
    a, b, c, d = d / determinant, -b / determinant, -c / determinant, a / determinant
    x, y = SIZE / 2 + right, SIZE / 2 + down
    inverse = (a, b, middle_x - a * x - b * y, c, d, middle_y - c * x - d * y)
    ink = glyph.transform((SIZE, SIZE), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR)
    return ink.point(lambda level: 255 - level)


def save(image, path):
    image.save(path, quality=90)


if __name__ == "__main__":
    main()
