"""Friendly names for seats: an animal and the number of the seat."""

from model.messages import N_

# Message ids; the number tells two of a kind apart.
ANIMALS = (
    N_("Badger"), N_("Bear"), N_("Beaver"), N_("Bison"), N_("Camel"), N_("Cheetah"), N_("Crane"),
    N_("Dolphin"), N_("Eagle"), N_("Falcon"), N_("Finch"), N_("Fox"), N_("Gecko"), N_("Giraffe"),
    N_("Hedgehog"), N_("Heron"), N_("Ibex"), N_("Jaguar"), N_("Kangaroo"), N_("Koala"), N_("Lemur"),
    N_("Leopard"), N_("Lynx"), N_("Marten"), N_("Moose"), N_("Newt"), N_("Otter"), N_("Owl"), N_("Panda"),
    N_("Penguin"), N_("Puffin"), N_("Rabbit"), N_("Raven"), N_("Robin"), N_("Salmon"), N_("Seal"),
    N_("Squirrel"), N_("Swan"), N_("Tiger"), N_("Turtle"), N_("Walrus"), N_("Wolf"), N_("Wombat"),
    N_("Zebra"),
)  # fmt: skip


def animal(number: int) -> str:
    """The animal of a seat, the same for the same ``number``; neighbours in number are none in the
    alphabet."""
    return ANIMALS[17 * number % len(ANIMALS)]
