import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/drift.md"


def test_the_code_of_the_page_does_what_it_says():
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names = {}
    exec(code, names)
    shift = names["share_shift"](names["current"], names["reference"])
    assert shift.value == pytest.approx(0.15, abs=0.01)
    assert shift.value > names["share_shift_noise"](names["current"], names["reference"])
    [event] = names["share_alarms"]([names["shares"](names["reference"])] * 8 + [names["shares"](names["current"])])
    assert (event.step_index, event.cells) == (8, (0,))
