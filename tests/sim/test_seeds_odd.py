"""A pager in virtual time, with every fault at will: no seed of these breaks an invariant. (As beside, with others.)"""

from __future__ import annotations

import pytest

from quarterdeck.sim.memory import Memory
from support.seeds import BATCHES, batch, broken


@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", range(1, BATCHES, 2))
def test_no_fault_of_these_breaks_what_paging_promises(n: int, memory: Memory) -> None:
    assert not broken(batch(n), memory)
