#!/bin/sh
# Installs what building and running Tuban needs and this machine lacks. Safe to repeat; asks for nothing where all is there.
#   a C++ compiler, CMake, SQLite's command (PROJ is built from source), a Rust toolchain,
#   and on Linux the libraries that a window is opened with, with a software renderer for machines without a GPU.
set -eu

RUST_VERSION=1.95

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else echo "setup.sh: this needs root: $*" >&2; exit 1
  fi
}

# A library counts as there when the dynamic linker knows it.
has_library() { { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -q "$1"; }

has_vulkan_driver() {
  for folder in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d; do
    ls "$folder"/*.json >/dev/null 2>&1 && return 0
  done
  return 1
}

# need CONDITION… -- PACKAGE: adds PACKAGE to the list where the condition fails.
missing=
need() {
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}

linux_needs() { # compiler make cmake sqlite pkgconf curl certificates xkb xkb-x11 wayland x11 xcursor gl egl vulkan-loader vulkan-driver
  need "$1" have c++
  need "$2" have make
  need "$3" have cmake
  need "$4" have sqlite3
  need "$5" have pkg-config
  have cargo || need "$6" have curl
  need "$7" has_library 'libxkbcommon\.so'
  need "$8" has_library 'libxkbcommon-x11\.so'
  need "$9" has_library 'libwayland-client\.so'
  shift 9
  need "$1" has_library 'libX11\.so'
  need "$2" has_library 'libXcursor\.so'
  need "$3" has_library 'libXi\.so'
  need "$4" has_library 'libGL\.so'
  need "$5" has_library 'libEGL\.so'
  need "$6" has_library 'libvulkan\.so'
  need "$7" has_vulkan_driver
}

case $(uname -s) in
Linux)
  if have apt-get; then
    linux_needs g++ make cmake sqlite3 pkg-config curl libxkbcommon0 libxkbcommon-x11-0 libwayland-client0 \
      libx11-6 libxcursor1 libxi6 libgl1 libegl1 libvulkan1 mesa-vulkan-drivers
    if [ -n "$missing" ]; then
      echo "setup.sh: installing$missing"
      as_root apt-get update -qq
      # Word splitting makes the list of packages.
      # shellcheck disable=SC2086
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates $missing
    fi
  elif have dnf; then
    linux_needs gcc-c++ make cmake sqlite pkgconf-pkg-config curl libxkbcommon libxkbcommon-x11 libwayland-client \
      libX11 libXcursor libXi mesa-libGL mesa-libEGL vulkan-loader mesa-vulkan-drivers
    # shellcheck disable=SC2086
    [ -z "$missing" ] || as_root dnf install -y $missing
  elif have pacman; then
    linux_needs gcc make cmake sqlite pkgconf curl libxkbcommon libxkbcommon-x11 wayland \
      libx11 libxcursor libxi libglvnd libglvnd vulkan-icd-loader vulkan-swrast
    # shellcheck disable=SC2086
    [ -z "$missing" ] || as_root pacman -S --needed --noconfirm $missing
  else
    echo "setup.sh: no apt-get, dnf or pacman here; please install: a C++ compiler, make, cmake, sqlite3, pkg-config, curl," >&2
    echo "  libxkbcommon(-x11), libwayland-client, libX11, libXcursor, libXi, libGL, libEGL, the Vulkan loader and a driver" >&2
  fi
  ;;
Darwin)
  have c++ || { xcode-select --install || true; echo "setup.sh: finish the installation of the command line tools, then run this again" >&2; exit 1; }
  need cmake have cmake
  need sqlite have sqlite3
  need pkgconf have pkg-config
  if [ -n "$missing" ]; then
    have brew || { echo "setup.sh: please install Homebrew (https://brew.sh), then run this again; missing:$missing" >&2; exit 1; }
    # shellcheck disable=SC2086
    brew install $missing
  fi
  ;;
*)
  echo "setup.sh: for $(uname -s) see 'Building on Windows' in README.md" >&2
  ;;
esac

# Rust: whatever is there when it is new enough, else rustup's.
rust_is_new_enough() {
  have cargo || return 1
  found=$(rustc --version 2>/dev/null | sed 's/^rustc \([0-9]*\)\.\([0-9]*\).*/\1 \2/')
  # shellcheck disable=SC2086
  set -- $found
  [ "${1:-0}" -gt 1 ] || { [ "${1:-0}" -eq 1 ] && [ "${2:-0}" -ge "${RUST_VERSION#*.}" ]; }
}
if ! rust_is_new_enough; then
  if have rustup; then
    rustup toolchain install "$RUST_VERSION" --profile minimal --component clippy --component rustfmt
    rustup default "$RUST_VERSION"
  else
    echo "setup.sh: installing Rust $RUST_VERSION with rustup"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y --profile minimal --component clippy --component rustfmt --default-toolchain "$RUST_VERSION" >/dev/null
    # The shell that called this script keeps its PATH: make cargo reachable from it.
    if [ "$(id -u)" -eq 0 ] || have sudo; then
      for tool in cargo rustc rustup rustdoc rustfmt cargo-fmt cargo-clippy clippy-driver; do
        [ -e "/usr/local/bin/$tool" ] || as_root ln -s "$HOME/.cargo/bin/$tool" "/usr/local/bin/$tool"
      done
    else
      echo "setup.sh: open a new shell, or run: . \"\$HOME/.cargo/env\""
    fi
  fi
fi
echo "setup.sh: all there"
