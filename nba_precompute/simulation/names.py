"""Invented player names as lookups: lower-case letters and digits only."""

from __future__ import annotations

import numpy as np

_FIRST = (
    *(
        "aaron",
        "adem",
        "andre",
        "anton",
        "bastien",
        "ben",
        "caleb",
        "carlos",
        "cedric",
        "cole",
        "damian",
        "darius",
    ),
    *(
        "devon",
        "elias",
        "emil",
        "eric",
        "fabian",
        "felix",
        "gabe",
        "goran",
        "hugo",
        "isaac",
        "ivan",
        "jalen",
        "jamal",
    ),
    *(
        "jose",
        "julian",
        "kai",
        "keon",
        "lamar",
        "leo",
        "luka",
        "malik",
        "marco",
        "marcus",
        "matteo",
        "miles",
        "nico",
    ),
    *(
        "noah",
        "omar",
        "oscar",
        "pascal",
        "quincy",
        "rashad",
        "reggie",
        "rio",
        "samir",
        "terrell",
        "theo",
        "victor",
    ),
    *("xavier", "zeke", "aj", "dj", "kj", "tj"),
)
# Made-up surnames: an ordinary surname with an ordinary first name could be a real player's.
_LAST = (
    *(
        "abendale",
        "achterwyn",
        "albrisco",
        "amberlund",
        "barrowick",
        "bellistane",
        "birchmarr",
        "brannoway",
        "calderic",
    ),
    *(
        "castellorn",
        "corvindale",
        "crestmoore",
        "dalvanni",
        "davenlock",
        "delacroft",
        "drummerick",
        "eastermann",
    ),
    *(
        "elderwyck",
        "fairholden",
        "farrowmont",
        "fenwicka",
        "galdamore",
        "garrickson",
        "grantholm",
        "halvarren",
    ),
    *(
        "hartigard",
        "hollowen",
        "ironsby",
        "jadovic",
        "jestermann",
        "kallistrom",
        "karvonides",
        "kettlewen",
        "kovarell",
    ),
    *(
        "langmarch",
        "lindavere",
        "lockridden",
        "malverano",
        "marchetane",
        "merridock",
        "montavar",
        "nakaverde",
        "northam",
    ),
    *(
        "obrenwell",
        "okonvale",
        "ostrander",
        "pallavine",
        "petrovane",
        "quarlesby",
        "ravensholt",
        "redmoor",
        "rostavan",
    ),
    *(
        "sandervik",
        "silvermarr",
        "stonebrook",
        "tavernier",
        "thornwick",
        "umberfield",
        "valdorane",
        "veldane",
    ),
    *("wexlerby", "whitlander", "yardleyson", "zamborane", "zellweger"),
)
_SUFFIXES = ("jr", "ii", "iii", "iv")
_SUFFIX_SHARE = 0.05
_NAMESAKES = 4


def draw_lookups(rng: np.random.Generator, count: int) -> list[str]:
    """Draw `count` distinct lookups, some with a suffix; a few pairs differ only by the suffix (father and son).

    Raises:
        ValueError: `count` is more than the number of names.
    """
    combinations = len(_FIRST) * len(_LAST)
    if count > combinations:
        raise ValueError(f"{count} players requested, but there are only {combinations} names")
    drawn = rng.choice(combinations, size=count, replace=False)
    plain = [_FIRST[i // len(_LAST)] + _LAST[i % len(_LAST)] for i in drawn]
    suffixes = rng.choice(_SUFFIXES, size=count)
    wears_one = rng.random(count) < _SUFFIX_SHARE
    lookups = [name + suffix if worn else name for name, suffix, worn in zip(plain, suffixes, wears_one, strict=True)]
    for i in range(_NAMESAKES):
        lookups[2 * i], lookups[2 * i + 1] = plain[2 * i], plain[2 * i] + "jr"
    return lookups
