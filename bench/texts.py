"""What the seeded prompts and responses say: Markdown as models write it, one to two thousand characters each."""

from __future__ import annotations

PROMPTS = (
    "How do I keep a sourdough starter alive in a cold kitchen? Mine is from jar {number} and rises slowly.",
    "Write a Python function that merges overlapping intervals, and say how fast it is for {number} of them.",
    "I invest {number} a month at four percent a year. What will I have after ten years, and by which formula?",
    "Compare three ways to heat a house of {number} square metres that was built in 1970.",
    "My neighbour's tree hangs over my fence at number {number}. What may I do, and what should I do first?",
    "Plan a day in a town by the sea for a family of four with a budget of {number}.",
)

_STARTER = """\
A starter slows down when it is cold; it is rarely dead. The aim is a **steady temperature near 24 °C** and flour that
feeds it.

1. **Find the warm place.** The top of the fridge, or an oven that is off with only its lamp on, is often five degrees
   warmer than the worktop. Measure it before you trust it.
2. **Feed by weight, not by eye.** One part starter, two parts flour, two parts water. For a small jar that is 20 g,
   40 g and 40 g.
3. **Use some whole grain.** Rye brings more of the yeasts and minerals that a tired starter lacks; ten percent is
   enough.
4. **Wait for the peak.** Mark the jar with a rubber band. When the top is domed and has at least doubled, feed it again
   or bake with it.

> If it smells of acetone it is hungry, not spoiled. Feed it twice a day for three days.

| What you see | What it means | What to do |
| --- | --- | --- |
| Grey liquid on top | It is hungry | Pour it off or stir it in, then feed |
| No bubbles after a day | It is too cold | Move it, use water at 30 °C |
| Pink or orange streaks | It is spoiled | Throw it away and start anew |

Keep a spoonful dried on baking paper as a reserve: crumbled into water it wakes up within three days. And do not worry
about a week in the fridge; most starters forgive it after two feeds.
"""
_INTERVALS = """\
Sort the intervals by where they begin; then each one either overlaps the last that you kept or begins a new one.

```python
def merged(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    \"\"\"The union of the intervals, in order and without overlaps.\"\"\"
    kept: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
        else:
            kept.append((start, end))
    return kept
```

Sorting takes \\(O(n \\log n)\\) steps and the loop another \\(O(n)\\), so the sorting decides. A few things to notice:

- Intervals that only *touch*, such as `(1, 3)` and `(3, 5)`, are merged here. Write `<` instead of `<=` to keep them
  apart.
- `max` is needed because an interval may lie **inside** the one before it.
- The list that you pass in stays as it was: `sorted` makes a new one.

```python
assert merged([(8, 10), (1, 3), (2, 6)]) == [(1, 6), (8, 10)]
assert merged([]) == []
assert merged([(1, 9), (2, 3)]) == [(1, 9)]
```

If the intervals arrive one after the other and you need the union at any moment, keep them in a sorted container and
look for the neighbours of each new one by bisection.
"""
_SAVINGS = """\
With a payment of \\(p\\) at the end of each month, a monthly rate \\(r\\) and \\(n\\) payments you end up with

$$
S = p \\cdot \\frac{(1 + r)^n - 1}{r}
$$

Four percent a year is \\(r = 0.04 / 12 \\approx 0.00333\\) a month, and ten years are \\(n = 120\\) payments. The
fraction is then about \\(147.25\\), so multiply what you pay each month by that number.

| Paid each month | Paid in all | At the end | Of that, interest |
| ---: | ---: | ---: | ---: |
| 100 | 12,000 | 14,725 | 2,725 |
| 250 | 30,000 | 36,812 | 6,812 |
| 400 | 48,000 | 58,900 | 10,900 |

Three things change the figure:

1. **When you pay.** Paying at the *beginning* of the month multiplies the result by \\(1 + r\\).
2. **Costs.** A yearly fee of half a percent leaves you an effective 3.5 percent, and the factor falls to 143.4.
3. **Prices.** At two percent inflation, the same money buys in ten years what \\(S / 1.02^{10} \\approx 0.82 \\, S\\)
   buys today.

Nobody can promise four percent, and the order of good and bad years matters while you pay in. Treat the result as a
middle case, and work out two and six percent beside it.
"""
_HEATING = """\
It depends on how well the house is insulated, so start there: a house of that age loses most of its heat through the
roof and the windows.

### Heat pump

Works well **if the water in the radiators may stay below 55 °C**. Ask for the seasonal performance factor: at 3.5, one
unit of electricity gives three and a half of heat. The outdoor unit needs a place where its sound disturbs nobody.

### Wood pellets

Cheap to run and independent of the grid, but you need a dry store of some eight cubic metres, and somebody who empties
the ash every few weeks. The chimney is swept more often, too.

### District heat

The simplest, **where the pipe passes your street**. There is nothing to maintain; in return there is one seller and one
price, so read for how long the contract binds you.

| | To buy | To run | Work for you |
| --- | --- | --- | --- |
| Heat pump | high | low | very little |
| Pellets | middle | low | some |
| District heat | low | middle | none |

Before you sign anything, have the heat load of each room worked out. It costs a few hundred, and it is the number that
every later decision rests on. Insulating the top ceiling first often pays for itself within ten years and lets you buy
a smaller machine.
"""
_TREE = """\
Talk first. Most of these cases end at the garden gate, and what you may do by law is slower, dearer and lasts longer
than one conversation.

**What usually holds** (the details differ from place to place, so look at the rules of your own town):

- You may ask your neighbour to cut back what hangs over, and must give them *reasonable time*, often some weeks and not
  in the nesting season.
- Only when that time has passed may you cut it yourself, up to the boundary and no further.
- Branches that do no harm have to be borne. Shade and leaves alone are rarely harm; a branch on your roof is.
- Fruit belongs to whoever owns the tree until it falls.

**What I would do, in this order**

1. Take two photographs with a date, one from your side and one from the street.
2. Ask over a cup of coffee what they plan with the tree. Offer to share the cost of a gardener.
3. If nothing comes of it, write a short and friendly letter that names the branches and a date.
4. Then, and only then, ask the arbitration office. Many towns demand it before any court.

Do not cut into the crown or the roots so that the tree suffers: whoever does pays for it, and an old tree is worth
thousands. I am not a lawyer; where much is at stake, spend an hour with one.
"""
_DAY = """\
Here is a day with short ways and two free hours, because children need them more than sights.

**Morning.** Take the first boat along the coast; it is quiet until ten, and children under six often travel free. Sit
on the side away from the sun. You are back by eleven.

**Noon.** Buy bread, tomatoes and cheese at the market, and eat on the wall of the old harbour. That costs a third of a
restaurant, and nobody has to sit still.

**Afternoon.** The beach behind the lighthouse is shallow for fifty metres. There is shade from three o'clock on. When
the wind turns, the small aquarium is five minutes away.

**Evening.** Fish for two and pasta for two in the second row of streets, not the first.

| | For four |
| --- | ---: |
| Boat | 36 |
| Market | 18 |
| Aquarium | 28 |
| Supper | 54 |
| Ice cream, twice | 16 |
| **Together** | **152** |

If it rains, swap the beach for the covered market hall and the aquarium, and begin an hour later. If the budget is
tighter, leave out the boat: the path along the cliffs has the same view, takes forty minutes, and costs nothing. Bring
water, hats, and one more towel than you think.
"""
RESPONSES = (_STARTER, _INTERVALS, _SAVINGS, _HEATING, _TREE, _DAY)


def prompt(number: int) -> str:
    return PROMPTS[number % len(PROMPTS)].format(number=number)


def response(number: int, *, second: bool) -> str:
    """Two different texts to the prompt of this number, each unlike every other by its last line."""
    text = RESPONSES[(number + second) % len(RESPONSES)]
    return f"{text}\n*This is {'another' if second else 'one'} way to see question {number}.*\n"
