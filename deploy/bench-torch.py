#!/usr/bin/env python3
"""Times the training step of the reference net (deploy/examples/siamese-imagenet) in PyTorch, for deploy/bench.

Random pairs lie in memory. Written the way that was fastest of all that was tried on two cores (PyTorch 2.13): each
tower on a thread and cores of its own, channels last, max pooling before ReLU, gradients zeroed in place, the fused SGD,
an LRN without powers, and an allocator that gives no memory back.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import threading
import time

# malloc reads these when a process starts. By default it returns every large tensor and faults its pages in again.
ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 34),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
    "MALLOC_TOP_PAD_": str(64 << 20),
}
if not ALLOCATOR.keys() <= os.environ.keys():
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ALLOCATOR)

import torch
from torch import nn

EMBEDDING = 200
MARGIN = 1.0


class AcrossChannels(torch.autograd.Function):
    """Caffe's LRN over 5 channels: y = x s^-0.75, where s = 1 + alpha/5 times the sum of squares around a channel."""

    ALPHA, BETA, REACH = 1e-4, 0.75, 2

    @classmethod
    def window(cls, x):
        """The sum of each channel and its neighbours."""
        total = x.clone()
        for k in range(1, cls.REACH + 1):
            total[:, k:] += x[:, :-k]
            total[:, :-k] += x[:, k:]
        return total

    @classmethod
    def forward(cls, context, x):
        s = cls.window(x * x).mul_(cls.ALPHA / (2 * cls.REACH + 1)).add_(1)
        root = s.rsqrt()
        power = root.sqrt().mul_(root)  # s^-0.75
        y = x * power
        context.save_for_backward(x, s, power, y)
        return y

    @classmethod
    def backward(cls, context, dy):
        x, s, power, y = context.saved_tensors
        around = cls.window((dy * y).div_(s))
        return torch.addcmul(dy * power, x, around, value=-2 * cls.BETA * cls.ALPHA / (2 * cls.REACH + 1))


class LRN(nn.Module):
    def forward(self, x):
        return AcrossChannels.apply(x)


def with_start(layer, deviation, bias):
    """The layer with the net's fillers."""
    nn.init.normal_(layer.weight, std=deviation)
    nn.init.constant_(layer.bias, bias)
    return layer


def tower():
    def convolution(inputs, outputs, kernel, bias, **shape):
        return with_start(nn.Conv2d(inputs, outputs, kernel, **shape), 0.01, bias)

    def pooled():
        return nn.MaxPool2d(3, 2, ceil_mode=True), nn.ReLU(inplace=True)

    return nn.Sequential(
        convolution(3, 96, 11, 0, stride=4), *pooled(), LRN(),
        convolution(96, 256, 5, 1, padding=2, groups=2), *pooled(), LRN(),
        convolution(256, 384, 3, 0, padding=1), nn.ReLU(inplace=True),
        convolution(384, 384, 3, 1, padding=1, groups=2), nn.ReLU(inplace=True),
        convolution(384, 256, 3, 1, padding=1, groups=2), *pooled(), nn.Flatten(),
        with_start(nn.Linear(256 * 7 * 7, 4096), 0.005, 1), nn.ReLU(inplace=True), nn.Dropout(0.5),
        with_start(nn.Linear(4096, EMBEDDING), 0.0005, 0),
    ).to(memory_format=torch.channels_last)


def sgd(net, rate=1e-6):
    """Momentum and decay as in the net's solver: biases learn twice as fast and do not decay."""
    weights = [p for name, p in net.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in net.named_parameters() if name.endswith("bias")]
    groups = [{"params": weights, "weight_decay": 5e-4}, {"params": biases, "lr": 2 * rate}]
    try:
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, fused=True)
    except (TypeError, RuntimeError):  # before PyTorch 2.4 there was none for processors
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, foreach=True)


def contrastive_loss(a, b, similar):
    squared = (a - b).square().sum(1)
    beyond = (MARGIN - (squared + 1e-12).sqrt()).clamp(min=0).square()
    return (similar * squared + (1 - similar) * beyond).sum() / (2 * len(similar))


class TwoThreads:
    """Both towers, each with a thread and a half of the cores for its forward, backward and update."""

    def __init__(self, cores):
        half = max(1, len(cores) // 2)
        self.meet = threading.Barrier(3)
        self.images, self.embeddings, self.gradients = [None] * 2, [None] * 2, [None] * 2
        for side in range(2):
            mine = cores[side * half:(side + 1) * half] or cores
            threading.Thread(target=self.work, args=(side, mine), daemon=True).start()

    def work(self, side, cores):
        try:
            self.steps(side, cores)
        except BaseException:
            self.meet.abort()  # or the others would wait for ever
            raise

    def steps(self, side, cores):
        os.sched_setaffinity(threading.get_native_id(), cores)
        torch.set_num_threads(len(cores))
        net = tower()
        optimizer = sgd(net)
        while True:
            self.meet.wait()  # images are there
            optimizer.zero_grad(set_to_none=False)
            self.embeddings[side] = net(self.images[side])
            self.meet.wait()  # embeddings are there
            self.meet.wait()  # and their gradients
            self.embeddings[side].backward(self.gradients[side])
            optimizer.step()
            self.meet.wait()  # updated

    def step(self, a, b, similar):
        self.images[:] = a, b
        self.meet.wait()
        self.meet.wait()
        leaves = [e.detach().requires_grad_() for e in self.embeddings]
        self.gradients[:] = torch.autograd.grad(contrastive_loss(*leaves, similar), leaves)
        self.meet.wait()
        self.meet.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=10, help="steps to time, after two to warm up")
    parser.add_argument("--batch", type=int, default=32, help="pairs a step")
    parser.add_argument("--json", metavar="FILE", help="where the result goes")
    options = parser.parse_args()

    torch.manual_seed(1)
    torch.set_flush_denormal(True)
    cores = sorted(os.sched_getaffinity(0))
    pairs = TwoThreads(cores)
    a, b = (torch.rand(options.batch, 3, 256, 256).mul_(255).sub_(120).contiguous(memory_format=torch.channels_last)
            for _ in range(2))
    similar = torch.randint(0, 2, (options.batch,)).float()
    seconds = []
    for _ in range(2 + options.iterations):
        start = time.perf_counter()
        pairs.step(a, b, similar)
        seconds.append(time.perf_counter() - start)
    seconds = seconds[2:]
    result = {
        "version": torch.__version__,
        "step_seconds": statistics.median(seconds),
        "step_seconds_all": seconds,
        "threads": len(cores),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file)
    print(f"PyTorch {torch.__version__}: step {result['step_seconds']:.3f} s on {len(cores)} cores")


if __name__ == "__main__":
    main()
