# shellcheck shell=sh
# Finds the Java on this machine, for test.sh and bench/run.sh. Sourced.

# The number of a java or javac: 17, 25.
java_version() {
    "$1" -version 2>&1 | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p' | head -n 1
}

# The home of a JDK of 22 or later: MONA_JDK22, else the latest where systems keep theirs. Empty: there is none.
later_jdk() {
    found=
    highest=21
    for home in "${MONA_JDK22:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/jdk* "${HOME:-}"/.sdkman/candidates/java/*; do
        if [ -x "$home/bin/javac" ]; then
            version=$(java_version "$home/bin/javac")
            if [ "${version:-0}" -gt "$highest" ]; then
                highest=$version
                found=$home
            fi
        fi
    done
    echo "$found"
}
