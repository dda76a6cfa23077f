"""Writes what the release binary is made of to standard output: a software bill of materials in
CycloneDX's JSON.

    deploy/sbom/make.py TARGET

TARGET is the platform the binary is for, for example x86_64-unknown-linux-musl. Named is each crate
whose code is in the binary or wrote some of it (procedural macros); what only builds and tests is
not. The same Cargo.lock gives the same bill: its date is SOURCE_DATE_EPOCH, or that of the commit.
It needs what requirements.txt names, and Cargo.
"""

import json
import os
import subprocess
import sys
import tomllib
from datetime import datetime, timezone
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[2]


def said_by(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def built(target):
    """The crates that are built for the binary, as name and version.

    `cargo metadata` names more: it also follows what no feature that is on asks for.
    """
    command = ["cargo", "tree", "--locked", "--package=vcc-exporter", "--edges=normal"]
    command += ["--prefix=none", "--target", target]
    lines = said_by(*command).decode().splitlines()
    words = (line.split() for line in lines if line)
    return {(name, version.removeprefix("v")) for name, version, *_ in words}


def resolved(target):
    """The packages of the binary by id, the exporter's own id, and which needs which."""
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--filter-platform", target]
    metadata = json.loads(said_by(*command))
    in_it = built(target)
    packages = {
        package["id"]: package
        for package in metadata["packages"]
        if (package["name"], package["version"]) in in_it
    }
    needs = {
        node["id"]: [
            needed["pkg"]
            for needed in node["deps"]
            if needed["pkg"] in packages and any(kind["kind"] is None for kind in needed["dep_kinds"])
        ]
        for node in metadata["resolve"]["nodes"]
        if node["id"] in packages
    }
    return packages, metadata["resolve"]["root"], needs


def checksums():
    """The checksums of Cargo.lock, by name and version."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {
        (package["name"], package["version"]): package["checksum"]
        for package in lock["package"]
        if "checksum" in package
    }


def component(package, checksum, kind=ComponentType.LIBRARY):
    name, version = package["name"], package["version"]
    # An older way to write OR.
    licence = package["license"].replace(" / ", "/").replace("/", " OR ")
    purl = PackageURL("cargo", None, name, version)
    source = package["repository"]
    return Component(
        type=kind,
        name=name,
        version=version,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(source))]
        if source
        else [],
    )


def dated():
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or said_by("git", "log", "-1", "--format=%ct")
    return datetime.fromtimestamp(int(seconds), timezone.utc)


def bill(target):
    packages, root, needs = resolved(target)
    checked = checksums()
    components = {
        id: component(
            packages[id],
            checked.get((packages[id]["name"], packages[id]["version"])),
            ComponentType.APPLICATION if id == root else ComponentType.LIBRARY,
        )
        for id in packages
    }
    bom = Bom()
    bom.metadata.component = components[root]
    bom.metadata.timestamp = dated()
    # Another bill has another number, and the same bill the same.
    named = " ".join(sorted(one.bom_ref.value for one in components.values()))
    bom.serial_number = uuid5(NAMESPACE_URL, f"{target} {named}")
    for id, one in components.items():
        if id != root:
            bom.components.add(one)
        bom.register_dependency(one, [components[needed] for needed in needs[id]])
    return JsonV1Dot6(bom).output_as_string(indent=2)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = bill(sys.argv[1])
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        sys.exit(f"not valid: {wrong}")
    print(text)


main()
