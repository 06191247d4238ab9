"""Credentials say what kind they are and never what they are."""

from __future__ import annotations

from evermirror.aliyun.credentials import Credentials


def test_credentials_never_spell_out_what_is_secret() -> None:
    credentials = Credentials("LTAI-the-whole-id", "the-secret", "the-token")

    for shown in (repr(credentials), str(credentials), f"{credentials}", f"{[credentials]}"):
        assert "the-secret" not in shown
        assert "the-token" not in shown
        assert "LTAI-the-whole-id" not in shown


def test_credentials_say_whether_they_are_temporary() -> None:
    assert "temporary" in repr(Credentials("LTAI", "s", "t"))
    assert "permanent" in repr(Credentials("LTAI", "s"))
