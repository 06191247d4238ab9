"""The README's request to the webhook, run as it stands there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from commandline.assembly import WEBHOOK_SECRET
from commandline.control import Control
from tests.worlds import eni

from .processes import Up

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_example_in_the_readme_signs_a_request_that_is_done(cloud: Up) -> None:
    (example,) = re.findall(r"```sh\n(secret=.*?)```", README, re.DOTALL)
    assert WEBHOOK_SECRET in example
    script = example.replace("http://127.0.0.1:4280", cloud.endpoint).replace(
        "eni-j6c000000000003091", eni(1)
    )

    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    answer = json.loads(ran.stdout)
    assert [one["network_interface_id"] for one in answer["requests"]] == [eni(1)]
    with Control(cloud.endpoint) as control:
        assert control.wait_until_idle(30)["idle"]
        (outcome,) = control.outcomes()
    assert (outcome["outcome"], outcome["cause"]["id"]) == ("mirrored", answer["webhook_id"])
