"""Says what is wrong with a vcpkg.json, by the rules of vcpkg's documentation; its own program is in no registry.

    manifest.py VCPKG_JSON
"""

import json
import pathlib
import re
import sys

# In the order in which `vcpkg format-manifest` writes them.
FIELDS = ["name", "version-semver", "port-version", "description", "homepage", "documentation", "license", "supports"]
FIELDS += ["dependencies", "default-features", "features"]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def faults(text):
    manifest = json.loads(text)
    if text != json.dumps(manifest, indent=2, ensure_ascii=False) + "\n":
        yield "not laid out with two blanks, an item a line"
    unknown = [field for field in manifest if field not in FIELDS]
    if unknown:
        yield f"unknown fields {unknown}"
    elif list(manifest) != sorted(manifest, key=FIELDS.index):
        yield f"the order of fields is {list(manifest)}"
    for field in ("name", "version-semver", "description", "license", "supports"):
        if not isinstance(manifest.get(field), str) or not manifest[field]:
            yield f"no {field}"
    if not NAME.fullmatch(manifest.get("name", "")):
        yield f"the name {manifest.get('name')}"
    if not re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", manifest.get("version-semver", "")):
        yield f"version-semver {manifest.get('version-semver')}"
    features = manifest.get("features", {})
    for name, feature in features.items():
        if not NAME.fullmatch(name) or name in ("core", "default"):
            yield f"the name of the feature {name}"
        if not set(feature) <= {"description", "dependencies", "supports"} or not feature.get("description"):
            yield f"the feature {name}"
    if list(features) != sorted(features):
        yield "features are not in alphabetical order"
    for name in manifest.get("default-features", []):
        if name not in features:
            yield f"the default feature {name} is none"
    dependencies = [item if isinstance(item, str) else item["name"] for item in manifest.get("dependencies", [])]
    if dependencies != sorted(dependencies):
        yield "dependencies are not in alphabetical order"
    for item in manifest.get("dependencies", []):
        known = {"name", "host", "features", "default-features", "platform", "version>="}
        if not isinstance(item, str) and not set(item) <= known:
            yield f"the dependency {item}"
        # Tools of the build are those of the machine that builds.
        if not isinstance(item, str) and item["name"].startswith("vcpkg-") and item.get("host") is not True:
            yield f"{item['name']} is not a host dependency"


found = list(faults(pathlib.Path(sys.argv[1]).read_text()))
for fault in found:
    print(f"{sys.argv[1]}: {fault}")
sys.exit(bool(found))
