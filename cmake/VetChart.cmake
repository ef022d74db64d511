# Flags, third-party libraries and the helpers that every folder's CMakeLists.txt uses.

set(VETCHART_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough)

# What GCC 12 guesses from optimized code: a std::string built and moved is "out of bounds" or not as the inliner chose,
# and a precompiled header changes what it chooses. Said, but no error: the sanitizers' build is the judge of these.
set(VETCHART_GUESSES)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    foreach(guess array-bounds stringop-overflow stringop-overread restrict maybe-uninitialized nonnull
            free-nonheap-object null-dereference use-after-free dangling-pointer mismatched-new-delete)
        list(APPEND VETCHART_GUESSES -Wno-error=${guess})
    endforeach()
endif()

# vetchart_find_libraries(): everything comes from Debian 12; the versions are fixed by it.
macro(vetchart_find_libraries)
    find_package(PkgConfig REQUIRED)
    find_package(Threads REQUIRED)
    find_package(OpenSSL REQUIRED)
    find_package(ZLIB REQUIRED)
    find_package(SQLite3 REQUIRED)
    find_package(SQLiteCpp REQUIRED)
    find_package(Boost 1.81 REQUIRED)
    find_package(nlohmann_json REQUIRED)
    find_package(spdlog REQUIRED)
    find_package(CLI11 REQUIRED)
    find_package(tomlplusplus REQUIRED)
    find_package(prometheus-cpp REQUIRED)
    if(VETCHART_TESTS)
        find_package(Catch2 2 REQUIRED)
    endif()
    pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET GLOBAL libpqxx)
    pkg_check_modules(sodium REQUIRED IMPORTED_TARGET GLOBAL libsodium)
    pkg_check_modules(icu REQUIRED IMPORTED_TARGET GLOBAL icu-i18n icu-uc)
    pkg_check_modules(httplib REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib)
endmacro()

# vetchart_flags(TARGET): warnings, sanitizers and the include root. Includes start at the repository root.
function(vetchart_flags target)
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_compile_options(${target} PRIVATE ${VETCHART_WARNINGS})
    # libpqxx was built as C++14: without this std::optional misreads NULL (docs/adr/0003).
    target_compile_definitions(${target} PUBLIC PQXX_HAVE_OPTIONAL=1 BOOST_ASIO_NO_DEPRECATED
        VETCHART_VERSION="${PROJECT_VERSION}")
    if(VETCHART_WERROR)
        target_compile_options(${target} PRIVATE -Werror ${VETCHART_GUESSES})
    endif()
    if(VETCHART_SANITIZE)
        target_compile_options(${target} PUBLIC -fsanitize=${VETCHART_SANITIZE} -fno-omit-frame-pointer
            -fno-sanitize-recover=all)
        target_link_options(${target} PUBLIC -fsanitize=${VETCHART_SANITIZE})
    endif()
endfunction()

# vetchart_precompiled(TARGET SET): TARGET's files begin with SET's header of cmake/precompiled, which a build reads once.
function(vetchart_precompiled target set)
    if(VETCHART_PRECOMPILED)
        target_precompile_headers(${target} REUSE_FROM vetchart_precompiled_${set})
        # The compiler names the precompiled file in what ccache looks at.
        target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
    endif()
endfunction()

# vetchart_join(TARGET FILE...): files of TARGET are compiled several at a time (VETCHART_JOINED), as cmake/join.awk finds
# that they can be.
function(vetchart_join target)
    if(NOT VETCHART_JOINED)
        return()
    endif()
    execute_process(COMMAND awk -v lines_max=${VETCHART_JOINED} -f "${PROJECT_SOURCE_DIR}/cmake/join.awk" ${ARGN}
        OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" ";" lines "${lines}")
    foreach(line IN LISTS lines)
        string(REGEX MATCH "^([0-9]+) (.*)$" matched "${line}")
        set_source_files_properties("${CMAKE_MATCH_2}" PROPERTIES UNITY_GROUP "${CMAKE_MATCH_1}")
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    # A .cpp that a unit includes looks to GCC like a header, whose types must not be made of unnamed ones.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

# vetchart_library(NAME [libraries it uses ...]): every .cpp beside the CMakeLists.txt, as one static library.
function(vetchart_library name)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    if(NOT sources)
        file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/empty.cpp" "")
        set(sources "${CMAKE_CURRENT_BINARY_DIR}/empty.cpp")
    endif()
    add_library(${name} STATIC ${sources})
    vetchart_flags(${name})
    vetchart_join(${name} ${sources})
    target_link_libraries(${name} PUBLIC ${ARGN})
    set_property(GLOBAL APPEND PROPERTY VETCHART_ROOMS ${name})
    file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
    if(folder MATCHES "^(sync|edge|central)/")
        vetchart_precompiled(${name} ${CMAKE_MATCH_1})
    endif()
endfunction()

# vetchart_folders_of(TARGET OUT): the folders of a target of this tree and of all that it links, by their names in
# includes.
function(vetchart_folders_of target out)
    set(open ${target})
    set(seen "")
    set(folders "")
    while(open)
        list(POP_FRONT open next)
        if(NOT TARGET ${next} OR next IN_LIST seen)
            continue()
        endif()
        list(APPEND seen ${next})
        get_target_property(imported ${next} IMPORTED)
        if(imported)
            continue()
        endif()
        get_target_property(folder ${next} SOURCE_DIR)
        file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${folder}")
        list(APPEND folders "${folder}")
        foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
            get_target_property(linked ${next} ${property})
            if(linked)
                list(APPEND open ${linked})
            endif()
        endforeach()
    endwhile()
    list(REMOVE_DUPLICATES folders)
    set(${out} "${folders}" PARENT_SCOPE)
endfunction()

# vetchart_enforce_arrows(TARGET...): building a target fails when a file beside its CMakeLists.txt includes a folder
# that the target does not link. Called when all targets are known.
function(vetchart_enforce_arrows)
    foreach(target IN LISTS ARGN)
        get_target_property(directory ${target} SOURCE_DIR)
        file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${directory}")
        file(GLOB files CONFIGURE_DEPENDS "${directory}/*.h" "${directory}/*.cpp")
        vetchart_folders_of(${target} allowed)
        set(stamp "${PROJECT_BINARY_DIR}/arrows/${target}")
        add_custom_command(OUTPUT "${stamp}"
            COMMAND ${CMAKE_COMMAND} "-DROOT=${PROJECT_SOURCE_DIR}" "-DFOLDER=${folder}" "-DALLOWED=${allowed}"
                    "-DFILES=${files}" "-DSTAMP=${stamp}" -P "${PROJECT_SOURCE_DIR}/cmake/CheckArrows.cmake"
            DEPENDS ${files} "${PROJECT_SOURCE_DIR}/cmake/CheckArrows.cmake" VERBATIM
            COMMENT "Arrows of ${folder}")
        add_custom_target(arrows.${target} DEPENDS "${stamp}")
        add_dependencies(${target} arrows.${target})
    endforeach()
endfunction()

# vetchart_tests(NAME [libraries ...]): every .cpp in the folder of the CMakeLists.txt and below, as one Catch2 program.
function(vetchart_tests name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
    add_executable(${name} ${sources})
    vetchart_flags(${name})
    vetchart_join(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${ARGN} vetchart_test_main)
    vetchart_precompiled(${name} tests)
endfunction()

# vetchart_register(TARGET TIMEOUT_S [SANITIZED]): the program as one test of ctest. In a build with sanitizers only
# SANITIZED programs take part (named asan.TARGET); the others run in the release build alone.
function(vetchart_register target timeout)
    if(NOT TARGET ${target} OR (VETCHART_SANITIZE AND NOT "SANITIZED" IN_LIST ARGN))
        return()
    endif()
    set(name ${target})
    set(label release)
    if(VETCHART_SANITIZE)
        set(name asan.${target})
        set(label asan)
        math(EXPR timeout "${timeout} * 2")
    endif()
    add_test(NAME ${name} COMMAND ${target})
    add_dependencies(checks ${target})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS ${label} ENVIRONMENT
        "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()
