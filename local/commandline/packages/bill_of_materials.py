"""A CycloneDX bill of materials: who must know what a layer holds need not unpack it.

Version 1.6, as JSON. It carries no time and no serial number, so that the same packages make the
same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """A package in a layer: its own metadata, and the published file it came as."""

    metadata: Message
    published: Path

    @property
    def name(self) -> str:
        return str(self.metadata["Name"])

    @property
    def version(self) -> str:
        return str(self.metadata["Version"])

    @property
    def purl(self) -> str:
        """Package URL: PyPI names are in lower case there, with dashes."""
        return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{self.version}"


def bill_of_materials(layer: str, version: str, packages: Sequence[Package]) -> bytes:
    """The bill of a layer of this version of Evermirror."""
    ordered = sorted(packages, key=lambda package: package.purl)
    whole = f"pkg:generic/evermirror/{layer}@{version}"
    return _json(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "application",
                    "bom-ref": whole,
                    "name": layer,
                    "version": version,
                    "purl": whole,
                }
            },
            "components": [_component(package) for package in ordered],
            "dependencies": [{"ref": whole, "dependsOn": [package.purl for package in ordered]}],
        }
    )


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _component(package: Package) -> dict[str, object]:
    digest = hashlib.sha256(package.published.read_bytes()).hexdigest()
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        # Of the file that was fetched, which is what the lock file pins.
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "properties": [{"name": "evermirror:file", "value": package.published.name}],
    }
    licences = _licences(package.metadata)
    return {**component, "licenses": licences} if licences else component


def _licences(metadata: Message) -> list[dict[str, object]]:
    """As far as the package says: an SPDX expression, else its classifiers, else its own words."""
    if metadata["License-Expression"]:
        return [{"expression": str(metadata["License-Expression"])}]
    classified = [
        str(one).rpartition(" :: ")[2]
        for one in metadata.get_all("Classifier", [])
        if str(one).startswith("License :: ") and " :: " in str(one).removeprefix("License :: ")
    ]
    named = classified or ([str(metadata["License"])] if metadata["License"] else [])
    return [{"license": {"name": one.splitlines()[0]}} for one in named]
