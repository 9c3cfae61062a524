# The programs of somebody who has the targets of libmona, wherever they came from: with the shared library and with the static
# one. PROGRAM is in C; CPP_PROGRAM in C++, where there is a compiler for it.
foreach(kind mona mona_static)
  add_executable(with_${kind} "${PROGRAM}")
  target_link_libraries(with_${kind} PRIVATE mona::${kind})
  set_target_properties(with_${kind} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
endforeach()
if(CPP_PROGRAM)
  enable_language(CXX)
  foreach(kind cpp cpp_static)
    add_executable(with_${kind} "${CPP_PROGRAM}")
    target_link_libraries(with_${kind} PRIVATE mona::${kind})
  endforeach()
endif()
