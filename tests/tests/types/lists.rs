//! Expressions that the macros take, and that they refuse, with what compilers say.

/// What the values below are made of; nothing that another header would be needed for.
pub(super) const BEFORE: &str = r#"
#include <mona.h>
typedef enum { RED, GREEN, BELOW = -1 } colour;
typedef struct { unsigned bits : 3; int few : 4; unsigned flag : 1; } packed;
#ifdef __cplusplus
extern "C" {
#endif
extern int i; extern unsigned u; extern long l; extern unsigned long ul; extern short sh; extern unsigned short us;
extern char c; extern signed char sc; extern unsigned char uc; extern float f; extern double d; extern long double ld;
extern int64_t i64; extern uint64_t u64; extern size_t size; extern colour hue; extern packed parts; extern char text[8];
extern char *letters; extern const char *name; extern const unsigned char *bytes; extern int *ip; extern void *nothing;
extern volatile int v; extern const double half; extern const wchar_t *wide; extern volatile char *port;
int call_int(void); double call_double(void); float call_float(void); unsigned call_unsigned(void);
#ifdef __cplusplus
}
#endif
#if (defined(__cplusplus) && __cplusplus >= 201103L)
enum far : long long { AWAY = 1LL << 40 };
enum near : short { HERE };
extern far distance; extern near closeness;
#endif
"#;

/// Taken in both languages by all standards.
pub(super) const TAKEN: &[&str] = &[
    r#"MONA_I64("a", 1)"#,
    r#"MONA_I64("a", -1)"#,
    r#"MONA_I64("a", INT64_MAX)"#,
    r#"MONA_I64("a", INT64_MIN)"#,
    r#"MONA_I64("a", i)"#,
    r#"MONA_I64("a", l)"#,
    r#"MONA_I64("a", i64)"#,
    r#"MONA_I64("a", sh)"#,
    r#"MONA_I64("a", us)"#,
    r#"MONA_I64("a", u)"#,
    r#"MONA_I64("a", uc)"#,
    r#"MONA_I64("a", sc)"#,
    r#"MONA_I64("a", c)"#,
    r#"MONA_I64("a", 'x')"#,
    r#"MONA_I64("a", UINT32_MAX)"#,
    r#"MONA_I64("a", sizeof(int))"#,
    r#"MONA_I64("a", hue)"#,
    r#"MONA_I64("a", BELOW)"#,
    r#"MONA_I64("a", parts.few)"#,
    r#"MONA_I64("a", v)"#,
    r#"MONA_I64("a", i++)"#,
    r#"MONA_I64("a", *ip)"#,
    r#"MONA_I64("a", call_int())"#,
    r#"MONA_I64("a", i ? 1 : -1)"#,
    r#"MONA_I64("a", i > 3)"#,
    r#"MONA_I64("a", letters - text)"#,
    r#"MONA_I64("a", parts.bits)"#,
    r#"MONA_U64("a", 0)"#,
    r#"MONA_U64("a", 1)"#,
    r#"MONA_U64("a", UINT64_MAX)"#,
    r#"MONA_U64("a", INT64_MAX)"#,
    r#"MONA_U64("a", u)"#,
    r#"MONA_U64("a", ul)"#,
    r#"MONA_U64("a", u64)"#,
    r#"MONA_U64("a", uc)"#,
    r#"MONA_U64("a", us)"#,
    r#"MONA_U64("a", size)"#,
    r#"MONA_U64("a", sizeof i)"#,
    r#"MONA_U64("a", 3 * 4)"#,
    r#"MONA_U64("a", GREEN)"#,
    r#"MONA_U64("a", u++)"#,
    r#"MONA_U64("a", call_unsigned())"#,
    r#"MONA_U64("a", 'x')"#,
    r#"MONA_F64("a", 0.97)"#,
    r#"MONA_F64("a", -1.0)"#,
    r#"MONA_F64("a", 1e300)"#,
    r#"MONA_F64("a", d)"#,
    r#"MONA_F64("a", half)"#,
    r#"MONA_F64("a", call_double())"#,
    r#"MONA_F64("a", 1)"#,
    r#"MONA_F64("a", -1)"#,
    r#"MONA_F64("a", i)"#,
    r#"MONA_F64("a", u)"#,
    r#"MONA_F64("a", uc)"#,
    r#"MONA_F64("a", d / 3)"#,
    r#"MONA_F64("a", d += 1)"#,
    r#"MONA_F64("a", INT32_MIN)"#,
    r#"MONA_F64("a", parts.few)"#,
    r#"MONA_F32("a", 0.97f)"#,
    r#"MONA_F32("a", f)"#,
    r#"MONA_F32("a", f * 2)"#,
    r#"MONA_F32("a", call_float())"#,
    r#"MONA_F32("a", sh)"#,
    r#"MONA_F32("a", uc)"#,
    r#"MONA_F32("a", f++)"#,
    r#"MONA_BOOL("a", 42)"#,
    r#"MONA_BOOL("a", i > 3)"#,
    r#"MONA_BOOL("a", !ip)"#,
    r#"MONA_BOOL("a", ip != NULL)"#,
    r#"MONA_BOOL("a", u64)"#,
    r#"MONA_BOOL("a", i & 4)"#,
    r#"MONA_BOOL("a", parts.flag)"#,
    r#"MONA_BOOL("a", hue)"#,
    r#"MONA_BOOL("a", c)"#,
    r#"MONA_BOOL("a", i++)"#,
    r#"MONA_BOOL("a", i64)"#,
    r#"MONA_BOOL("a", d > 0.5)"#,
    r#"MONA_STR("a", "x")"#,
    r#"MONA_STR("a", text)"#,
    r#"MONA_STR("a", letters)"#,
    r#"MONA_STR("a", name)"#,
    r#"MONA_STR("a", NULL)"#,
    r#"MONA_STR("a", &text[1])"#,
    r#"MONA_STR("a", letters++)"#,
    r#"MONA_STR("a" "b", __FILE__)"#,
    r#"MONA_STR(name, name)"#,
    r#"MONA_STR(text, "x")"#,
    r#"MONA_STR(i ? "b" : "c", i ? "d" : NULL)"#,
    r#"MONA_JSON("a", "[1]")"#,
    r#"MONA_JSON(letters, NULL)"#,
    r#"MONA_NULL("a")"#,
    r#"MONA_NULL(text)"#,
];

/// Where the macros look at types, also these.
pub(super) const TAKEN_WHERE_CHECKED: &[&str] =
    &[r#"MONA_F64("a", f)"#, r#"MONA_F64("a", 0.5f)"#, r#"MONA_F64("a", call_float())"#];
pub(super) const TAKEN_BY_C11: &[&str] = &[
    r#"MONA_STR("a", bytes)"#,
    r#"MONA_STR("a", nothing)"#,
    r#"MONA_STR("a", u8"x")"#,
    r#"MONA_STR(u8"a", u8"x")"#,
    r#"MONA_STR(bytes, __func__)"#,
    r#"MONA_BOOL("a", (_Bool)i)"#,
    r#"MONA_I64("a", (_Bool)i)"#,
    r#"MONA_U64("a", (_Bool)i)"#,
    r#"MONA_I64("a", 5ULL)"#,
];
pub(super) const TAKEN_BY_CPP11: &[&str] = &[
    r#"MONA_STR("a", nullptr)"#,
    r#"MONA_STR("a", __func__)"#,
    r#"MONA_BOOL("a", true)"#,
    r#"MONA_I64("a", i > 3)"#,
    r#"MONA_U64("a", u > 3)"#,
    r#"MONA_I64("a", [] { return 3; }())"#,
    r#"MONA_I64("a", 5ULL)"#,
    r#"MONA_U64("a", static_cast<unsigned>(i))"#,
    r#"MONA_F64("a", static_cast<double>(u64))"#,
    r#"MONA_I64("a", distance)"#,
    r#"MONA_BOOL("a", distance)"#,
    r#"MONA_I64("a", closeness)"#,
    r#"MONA_F64("a", closeness)"#,
    r#"MONA_F32("a", closeness)"#,
    r#"MONA_F64("a", hue)"#,
];

/// How compilers of C++ say it.
pub(super) const DELETED: &[&str] = &["deleted"];
pub(super) const NARROW: &[&str] = &["narrowing", "narrowed"];
pub(super) const OTHER: &[&str] = &[
    "invalid conversion",
    "cannot convert",
    "cannot initialize",
    "no matching",
    "no known conversion",
    "ambiguous",
];
/// Only C says it.
pub(super) const BY_C: &[&str] = &[];

/// What is refused, with what C says and what C++ says.
pub(super) const REFUSED: &[(&str, &str, &[&str])] = &[
    (r#"MONA_I64("a", 3.7)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", d)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", 2.0f)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", f)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", ld)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", half)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", u64)"#, "MONA_I64 takes", NARROW),
    (r#"MONA_I64("a", UINT64_MAX)"#, "MONA_I64 takes", NARROW),
    (r#"MONA_I64("a", letters)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", "x")"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", ip)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", call_double())"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", call_int)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_U64("n", -1)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", -1L)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", INT64_MIN)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", BELOW)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", i)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", i64)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", sh)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", sc)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", 3.7)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_U64("n", d)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_U64("n", ip)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_U64("n", ld)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_F64("a", letters)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", "0.5")"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", ip)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", ld)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", 0.5L)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", i64)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", u64)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", NULL)"#, "MONA_F64 takes", BY_C),
    (r#"MONA_F32("a", 0.97)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", d)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", ld)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", i)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", 3)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", u64)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", hue)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", name)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_BOOL("b", 2.5)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", f)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", "false")"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", ip)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", name)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", ld)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", 0.5L)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_STR("s", 3)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", 'c')"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", 0)"#, "MONA_STR takes", BY_C),
    (r#"MONA_STR("s", i)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", d)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", ip)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", wide)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", port)"#, "MONA_STR takes", OTHER),
    (r#"MONA_JSON("s", 3)"#, "MONA_JSON takes", OTHER),
    (r#"MONA_JSON("s", wide)"#, "MONA_JSON takes", OTHER),
    (r#"MONA_I64(3, 3)"#, "key of a field", OTHER),
    (r#"MONA_U64(ip, 3)"#, "key of a field", OTHER),
    (r#"MONA_NULL('a')"#, "key of a field", OTHER),
    (r#"MONA_F64(wide, 0.5)"#, "key of a field", OTHER),
    (r#"MONA_F32(d, 0.5f)"#, "key of a field", OTHER),
    (r#"MONA_STR(NULL, "x")"#, "key of a field", BY_C),
    (r#"MONA_BOOL(hue, 1)"#, "key of a field", OTHER),
    (r#"MONA_JSON(nothing, "1")"#, "key of a field", OTHER),
];
/// What C has no words for.
pub(super) const REFUSED_BY_CPP11: &[(&str, &str, &[&str])] = &[
    (r#"MONA_F64("a", distance)"#, "", DELETED),
    (r#"MONA_F64("a", AWAY)"#, "", DELETED),
    (r#"MONA_F32("a", distance)"#, "", DELETED),
    (r#"MONA_U64("a", distance)"#, "", NARROW),
];
/// Where the compiler has such numbers.
pub(super) const REFUSED_128: &[(&str, &str, &[&str])] = &[
    (r#"MONA_I64("a", (__int128)1)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_U64("a", (unsigned __int128)1)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_F64("a", (__int128)1)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F32("a", (__int128)1)"#, "MONA_F32 takes", DELETED),
];
