# Packs tuban.exe as a zip that needs no administrator; `portable.toml` beside the program keeps the settings there.
$ErrorActionPreference = 'Stop'
$version = (cargo metadata --no-deps --format-version 1 | ConvertFrom-Json).packages[0].version
New-Item -ItemType Directory -Force target/dist, target/pack/tuban | Out-Null
Copy-Item target/release/tuban.exe, README.md target/pack/tuban/
Copy-Item .ci/windows/associate.cmd target/pack/tuban/
Compress-Archive -Force -Path target/pack/tuban -DestinationPath "target/dist/tuban-$version-windows-x64.zip"
