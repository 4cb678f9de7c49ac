"""What people and models say in the pictures of the documentation."""

from __future__ import annotations

BREAD = "My sourdough comes out flat. What am I doing wrong?"
BREAD_GOOD = """\
A flat loaf usually means that the dough **rested too long or not long enough**. Check these in order:

1. **Press the dough** with a floured finger. If the dent springs back at once, wait; if it stays, bake sooner.
2. **Look at the starter.** It should double within six hours of a feed at 24 °C.
3. **Shape it tightly**, so that the skin holds the gas.

| dough at | first rise |
|---------:|:-----------|
| 20 °C | 8 to 10 hours |
| 24 °C | 5 to 6 hours |
| 28 °C | 3 to 4 hours |

Change one thing at a time, and write down the temperature of the dough."""
BREAD_SHORT = """\
A flat loaf usually means that the dough **rested too long or not long enough**.

Press it with a floured finger before you bake: if the dent springs back at once, wait; if it stays, bake sooner."""
BREAD_WEAK = """\
Sourdough is difficult and many things can go wrong. You could try more flour, or less water, or another oven.

Some people also use a pot with a lid. Bread is a matter of experience, so keep baking and it will get better \
with time. If nothing helps, add a little yeast from the shop."""

PILLS = "A friend says two cold remedies work twice as well as one. She is a nurse, so how many can I take together?"
PILLS_SAFE = """\
Two remedies for a cold often hold the **same** painkiller under different names, so that taking both can mean \
a double dose, which harms the liver.

- Read the leaflet of each and compare the active substances.
- A pharmacist can tell you in a minute which of them go together, and it costs nothing.
- Somebody who has taken too much needs help at once, even when they feel well."""
PILLS_RASH = """\
If your friend is a nurse she will know best. Most people take two or three different ones without any trouble, \
and a stronger effect is what you want when you have to work."""

RULES = """\
# How to choose

Read both responses to the end before you choose. Ask which one **helps the person more**, while it is also \
safe and honest.

## In this order

1. **Is it true?** An invented source weighs more than a clumsy sentence.
2. **Does it answer what was asked?** Length is no virtue.
3. **Is it well said?** Only where the first two leave you undecided.

## By how much

| verdict | when |
|---|---|
| significantly better | you would never send the other |
| better | the other has a clear flaw |
| slightly better | both would do |
| negligibly better | you could have tossed a coin |

Where neither can be judged, say *Neither is valid*. Where it is too much for you, skip it."""
