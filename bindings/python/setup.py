"""Builds the distribution: the packages, libmona.so.0 beside them, and the extension where this Python takes it.

The Rust sources are in ``native`` (in an sdist) or two folders up (in the repository). Environment, for those who make
the wheels:

- ``MONA_FLAVOUR``: ``extension`` or ``fallback``; else the extension on CPython 3.10 and later with a GIL.
- ``MONA_LIBRARY_FOLDER``: where libmona.so is already; else cargo builds it.
- ``MONA_PLATFORM``: the platform in the wheel's name; else that of this machine.
- ``CC``, ``LDSHARED``: the compiler and the linker of the extension.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Distribution, Extension, find_namespace_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
NATIVE = HERE / "native" if (HERE / "native").is_dir() else HERE.parents[1]
OLDEST = (3, 10)


def version():
    text = (NATIVE / "Cargo.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.+)"$', text, re.MULTILINE).group(1)


def with_extension():
    flavour = os.environ.get("MONA_FLAVOUR")
    if flavour:
        return {"extension": True, "fallback": False}[flavour]
    gil = not sysconfig.get_config_var("Py_GIL_DISABLED")
    return platform.python_implementation() == "CPython" and sys.version_info >= OLDEST and gil


def library():
    """The folder of libmona.so, built if it has to be."""
    ready = os.environ.get("MONA_LIBRARY_FOLDER")
    if ready:
        return Path(ready)
    command = ["cargo", "build", "--release", "--locked", "-p", "mona-ffi"]
    try:
        subprocess.run(command, cwd=NATIVE, check=True)
    except FileNotFoundError:
        sys.exit(
            "libmona: cargo is not found; building from source takes a Rust toolchain (https://rustup.rs)"
        )
    return Path(os.environ.get("CARGO_TARGET_DIR") or NATIVE / "target") / "release"


class Build(build_py):
    """Puts the library beside the packages."""

    def run(self):
        super().run()
        to = Path(self.build_lib) / "mona" / "_native"
        to.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library() / "libmona.so", to / "libmona.so.0")


class BuildExtension(build_ext):
    """Links the extension with that library."""

    def build_extension(self, ext):
        built = Path(self.get_finalized_command("build_py").build_lib) / "mona" / "_native" / "libmona.so.0"
        ext.extra_objects = [str(built)]
        super().build_extension(ext)


class Wheel(bdist_wheel):
    """Names what the wheel runs on: the fallback suits every Python 3."""

    def get_tag(self):
        python, abi, tag = super().get_tag()
        if not with_extension():
            python, abi = "py3", "none"
        return python, abi, os.environ.get("MONA_PLATFORM") or tag


class Native(Distribution):
    """Has a shared object, whatever its flavour."""

    def has_ext_modules(self):
        return True


def extensions():
    if not with_extension():
        return []
    folder = Path("src/mona/_native/extension")
    return [
        Extension(
            "mona._native._extension",
            sources=sorted(str(path) for path in folder.glob("*.c")),
            depends=[str(path) for path in folder.glob("*.h")],
            include_dirs=[str(NATIVE / "include")],
            define_macros=[("Py_LIMITED_API", "0x{:02x}{:02x}0000".format(*OLDEST))],
            py_limited_api=True,
            extra_compile_args=["-std=c11", "-O2", "-g0", "-fvisibility=hidden"],
            extra_link_args=["-Wl,-rpath,$ORIGIN"],
        )
    ]


setup(
    version=version(),
    license="Apache-2.0 OR MIT",
    license_files=["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.txt"],
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    package_dir={"": "src"},
    packages=find_namespace_packages("src", include=["mona", "mona.*", "mona_client", "mona_client.*"]),
    package_data={"": ["py.typed", "*.pyi", "*.json", "*.pem"]},
    exclude_package_data={"": ["*.c", "*.h"]},
    include_package_data=False,
    ext_modules=extensions(),
    distclass=Native,
    zip_safe=False,
    cmdclass={"build_py": Build, "build_ext": BuildExtension, "bdist_wheel": Wheel},
    options={"bdist_wheel": {"py_limited_api": "cp{}{}".format(*OLDEST)}} if with_extension() else {},
)
