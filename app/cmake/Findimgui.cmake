# Dear ImGui as Debian and Ubuntu package it: one static library that holds the core, every backend and the
# FreeType font builder, without a CMake config. Defines imgui::imgui.
find_package(PkgConfig QUIET)
pkg_check_modules(PC_IMGUI QUIET imgui)
find_path(imgui_INCLUDE_DIR imgui.h HINTS ${PC_IMGUI_INCLUDEDIR} PATH_SUFFIXES imgui)
find_library(imgui_LIBRARY NAMES imgui HINTS ${PC_IMGUI_LIBDIR})
find_library(imgui_STB_LIBRARY NAMES stb)
if(imgui_INCLUDE_DIR AND EXISTS "${imgui_INCLUDE_DIR}/imgui.h")
  file(STRINGS "${imgui_INCLUDE_DIR}/imgui.h" imgui_VERSION_LINE REGEX "^#define IMGUI_VERSION +\"")
  string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" imgui_VERSION "${imgui_VERSION_LINE}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(imgui REQUIRED_VARS imgui_LIBRARY imgui_INCLUDE_DIR
                                  VERSION_VAR imgui_VERSION)
if(imgui_FOUND AND NOT TARGET imgui::imgui)
  add_library(imgui::imgui STATIC IMPORTED)
  set_target_properties(imgui::imgui PROPERTIES
    IMPORTED_LOCATION "${imgui_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${imgui_INCLUDE_DIR};${imgui_INCLUDE_DIR}/backends")
  set(imgui_OWN_PARTS glfw Freetype::Freetype)
  if(imgui_STB_LIBRARY)
    list(APPEND imgui_OWN_PARTS "${imgui_STB_LIBRARY}")
  endif()
  target_link_libraries(imgui::imgui INTERFACE ${imgui_OWN_PARTS} ${CMAKE_DL_LIBS} m)
endif()
