"""Checks LibMona.csproj where there is no .NET SDK: well-formed, the version of the interface, files that exist."""

import json
import pathlib
import sys
import xml.etree.ElementTree

_HERE = pathlib.Path(__file__).resolve().parents[1]


def main() -> None:
    """Checks and says what is wrong."""
    project = xml.etree.ElementTree.parse(_HERE / "src" / "LibMona.csproj").getroot()
    values = {one.tag: one.text for group in project.iter("PropertyGroup") for one in group}
    version = json.loads((_HERE.parent / "interface.json").read_text(encoding="utf-8"))["version"]
    faults = []
    if project.attrib.get("Sdk") != "Microsoft.NET.Sdk":
        faults.append("it is no project in the style of the SDK")
    if values.get("Version") != version:
        faults.append(f"its version is {values.get('Version')}, that of the interface is {version}")
    if values.get("TargetFrameworks", "").split(";") != ["netstandard2.0", "net8.0"]:
        faults.append(f"its frameworks are {values.get('TargetFrameworks')}")
    for one in project.iter("None"):
        include = one.attrib["Include"]
        if "*" not in include and not (_HERE / "src" / include).is_file():
            faults.append(f"{include} is not there")
    if faults:
        sys.exit("LibMona.csproj: " + "; ".join(faults))


if __name__ == "__main__":
    main()
