"""The stages of one training step, forward and back, and the units that are followed through it."""

from dataclasses import dataclass
from enum import StrEnum

from model.explain.backpropagation import TrainingStep
from ui.reading.unit_names import unit_name


class Kind(StrEnum):
    """What happens in a stage."""

    PICTURE = "picture"
    FORWARD = "forward"
    SOFTMAX = "softmax"
    LOSS = "loss"
    ERROR = "error"
    BACK = "back"
    GRADIENT = "gradient"
    UPDATE = "update"
    AFTER = "after"


@dataclass(frozen=True)
class Stage:
    """``layer`` is where it happens; 0 are the pixels."""

    kind: Kind
    layer: int

    @property
    def is_backward(self) -> bool:
        return self.kind in {Kind.ERROR, Kind.BACK, Kind.GRADIENT, Kind.UPDATE}


@dataclass(frozen=True)
class Followed:
    """A training step, and the unit of each layer that is followed through it, the pixel first."""

    step: TrainingStep
    path: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.step.network.layer_sizes

    def name(self, layer: int) -> str:
        return unit_name(layer, self.path[layer], self.sizes)


def stages(sizes: tuple[int, ...]) -> list[Stage]:
    """The stages for a network with ``sizes`` units per layer, in the order in which they are computed."""
    last = len(sizes) - 1
    return [
        Stage(Kind.PICTURE, 0),
        *(Stage(Kind.FORWARD, layer) for layer in range(1, last + 1)),
        Stage(Kind.SOFTMAX, last),
        Stage(Kind.LOSS, last),
        Stage(Kind.ERROR, last),
        *(Stage(Kind.BACK, layer) for layer in range(last - 1, 0, -1)),
        Stage(Kind.GRADIENT, 0),
        Stage(Kind.UPDATE, 0),
        Stage(Kind.AFTER, last),
    ]
