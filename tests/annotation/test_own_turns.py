from __future__ import annotations

import pytest

from annotation import queue
from tests.annotation.helpers import claimed, forgotten, new_annotator, new_comparison, open_campaign

pytestmark = pytest.mark.django_db


def test_it_keeps_a_live_turn_for_its_author_for_a_while() -> None:
    campaign = open_campaign()
    own = new_comparison(campaign, author=new_annotator(campaign))
    bob = new_annotator(campaign)

    assert queue.claim(campaign=campaign, by=bob) is None
    forgotten(own)
    assert claimed(campaign, bob).comparison == own
