"""Builds and runs hello.c and quick_start.cpp with the package, as a project with CMake would."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout


class MonaTestConan(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain", "VirtualRunEnv"
    test_type = "explicit"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def test(self):
        if can_run(self):
            for name in ("hello", "quick_start"):
                program = os.path.join(self.cpp.build.bindir, name)
                self.run(f'MONA_ENDPOINT=stdout: "{program}"', env="conanrun")
