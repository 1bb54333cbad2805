@echo off
rem Lets a double click on *.tuban.toml and *.geojson offer Tuban, for this user alone: no administrator is asked for.
set "program=%~dp0tuban.exe"
reg add "HKCU\Software\Classes\Tuban.Project" /ve /d "Tuban project" /f >nul
reg add "HKCU\Software\Classes\Tuban.Project\DefaultIcon" /ve /d "\"%program%\",0" /f >nul
reg add "HKCU\Software\Classes\Tuban.Project\shell\open\command" /ve /d "\"%program%\" \"%%1\"" /f >nul
reg add "HKCU\Software\Classes\Applications\tuban.exe\shell\open\command" /ve /d "\"%program%\" \"%%1\"" /f >nul
for %%e in (.tuban .geojson .gpkg .shp .kml .ovkml .dxf .dwg) do reg add "HKCU\Software\Classes\%%e\OpenWithProgids" /v Tuban.Project /d "" /f >nul
echo Tuban is offered for project files, GeoJSON, GeoPackage, shapefiles, KML and drawings.
