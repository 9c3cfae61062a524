"""Conan 2 recipe of libmona: builds it from the source tarball, with the machine's cargo and without a network."""

import os

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, get, rm, rmdir, save
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


# ruff: noqa: RUF012 - Conan reads and copies what is written in the class


class MonaConan(ConanFile):
    name = "mona"
    description = "Native client for Mona, which monitors algorithms in production"
    license = "Apache-2.0 OR MIT"
    homepage = "https://www.monalabs.io"
    topics = ("monitoring", "telemetry", "machine-learning", "fluentd", "opentelemetry")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "tls": [True, False], "http": [True, False], "tools": [True, False]}
    # cargo builds in a folder of its own.
    no_copy_source = True
    default_options = {"shared": True, "tls": True, "http": True, "tools": True}

    def configure(self):
        # The interface is C, and what is C++ is in headers.
        self.settings.rm_safe("compiler.cppstd")
        self.settings.rm_safe("compiler.libcxx")
        if not self.options.shared:
            # They are programs that load the shared library.
            self.options.rm_safe("tools")

    def package_id(self):
        # Rust's optimiser is always on, and no compiler of the user's takes part but for mona-doctor and mona-spool.
        del self.info.settings.build_type
        del self.info.settings.compiler

    def validate(self):
        if str(self.settings.os) not in ("Linux", "Macos"):
            raise ConanInvalidConfiguration(f"os={self.settings.os}: Linux or Macos is expected")
        if hasattr(self, "settings_build") and (
            self.settings.os != self.settings_build.os or self.settings.arch != self.settings_build.arch
        ):
            raise ConanInvalidConfiguration("libmona is built on the system that it is for")

    def layout(self):
        basic_layout(self, src_folder="src")

    def source(self):
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    @property
    def _target(self):
        return os.environ.get("CARGO_TARGET_DIR", os.path.join(self.build_folder, "cargo"))

    def build(self):
        features = " ".join(name for name in ("http", "tls") if self.options.get_safe(name))
        script = os.path.join(self.source_folder, "bindings", "c", "install", "build.sh")
        self.run(
            f'MONA_COLLECTOR=no MONA_REMAP=yes sh "{script}" "{self._target}" --features "{features}"',
            cwd=self.source_folder,
        )

    def package(self):
        script = os.path.join(self.source_folder, "bindings", "c", "install", "install.sh")
        tools = "yes" if self.options.get_safe("tools") else "no"
        release = os.path.join(self._target, "release")
        self.run(f'MONA_COLLECTOR=no MONA_TOOLS={tools} sh "{script}" "{release}" "{self.package_folder}"')
        for pattern in ("LICENSE-*", "THIRD-PARTY.txt"):
            copy(self, pattern, self.source_folder, os.path.join(self.package_folder, "licenses"))
        # Conan writes files for CMake and pkg-config itself, and keeps documents out of packages.
        for folder in ("share", "lib/cmake", "lib/pkgconfig"):
            rmdir(self, os.path.join(self.package_folder, folder))
        save(
            self,
            os.path.join(self.package_folder, self._module),
            f"target_compile_features({self._target_of('cpp')} INTERFACE cxx_std_17)\n",
        )
        rm(
            self,
            "libmona.a" if self.options.shared else "libmona.*[!a]",
            os.path.join(self.package_folder, "lib"),
        )

    # What Conan has no word for: that mona.hpp is C++17. Read at the end of find_package.
    _module = os.path.join("lib", "cmake", "mona-cpp-features.cmake")

    def _target_of(self, name):
        """The name that the same has where libmona is installed without Conan."""
        return f"mona::{name}" if self.options.shared else f"mona::{name}_static"

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "mona")
        self.cpp_info.set_property("cmake_build_modules", [self._module])
        # Of all components together; by other names than theirs, which are those that documents give.
        self.cpp_info.set_property("cmake_target_name", "mona::all")
        self.cpp_info.set_property("pkg_config_name", "mona-all")

        library = self.cpp_info.components["mona"]
        library.set_property("cmake_target_name", self._target_of("mona"))
        library.set_property("pkg_config_name", "mona")
        library.libs = ["mona"]

        headers = self.cpp_info.components["cpp"]
        headers.set_property("cmake_target_name", self._target_of("cpp"))
        headers.set_property("pkg_config_name", "mona-cpp")
        headers.requires = ["mona"]
        headers.libdirs = []
        headers.bindirs = []

        if self.options.shared:
            return
        if self.settings.os == "Linux":
            library.system_libs = ["util", "rt", "pthread", "m", "dl"]
        else:
            library.system_libs = ["iconv"]
            library.frameworks = ["Security", "CoreFoundation"]
