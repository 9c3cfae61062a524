/*
 * Fields in place (C99, and C++ of any standard). A key is text that ends in NUL, and so are the texts
 * of MONA_STR and MONA_JSON. Each argument is evaluated once.
 *
 *   mona_field fields[] = { MONA_F64("confidence", 0.97), MONA_BOOL("correct", 1) };
 *   mona_status status = mona_context_export_fields(context, fields, 2, MONA_NOW);
 *
 * MONA_EXPORT (C99, C++11) makes the array and sends it with the time of now; MONA_CURRENT does so in the
 * context of the calling thread:
 *
 *   status = MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_STR("label", "cat"));
 *   status = MONA_CURRENT(MONA_F32("score", 0.97f), MONA_U64("tokens", 512));
 *
 * From C11 and C++11 on they take a value only if every value of its type arrives as it is, or if it is an
 * integer constant that does. Anything else is an error when compiling, MONA_I64("a", 3.7) and
 * MONA_U64("n", -1) among it. A cast says that it is meant.
 *
 *   MONA_I64   whole numbers but uint64_t and what is as wide; of those, constants up to INT64_MAX
 *   MONA_U64   unsigned whole numbers; of signed ones, constants that are not negative
 *   MONA_F64   double, float, whole numbers of at most 32 bits
 *   MONA_F32   float, whole numbers of at most 16 bits
 *   MONA_BOOL  whole numbers: 0 is false, any other true
 *   MONA_STR   text of char, in C of unsigned char too; NULL is null
 *   MONA_JSON  the same
 *
 * Whole numbers are also bool, char and enumerations, each with its number; char counts as signed. Not so long
 * double and 128 bits, which would be cut. A bit-field is taken as the int that it becomes; where it is not to be
 * one (for MONA_U64, or wider than int) it is cast, as compilers do not agree on its type. In C++ a signed variable
 * for MONA_U64, or an unsigned one of 64 bits for MONA_I64, is with GCC a warning that is on by default
 * (-Wnarrowing; with clang-cl one to ask for), and literal 0 passes for text. MONA_NO_TYPE_CHECKS, defined before
 * this header is included, leaves all of it out.
 */

#if defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L)

/* The length of a key that is known when compiling is not counted again in each call. */
#if defined(__GNUC__)
#define MONA_LEN_(text) \
  (__builtin_constant_p(__builtin_strlen(text)) ? __builtin_strlen(text) : MONA_NTS)
#else
#define MONA_LEN_(text) MONA_NTS
#endif

#ifdef __cplusplus
/** Stands before the functions below. */
#define MONA_INLINE_ inline
#else
/** Stands before the functions below. */
#define MONA_INLINE_ static inline
#endif

/*
 * Functions and not initialisers: an initialiser that names one member of the union makes a compiler clear the
 * whole array first, which takes longer than to fill it.
 */

/** The field without its value, for the functions below. */
MONA_INLINE_ mona_field mona_field_of_(const char *key, size_t key_len, int32_t kind) {
  mona_field field;
  field.key = key;
  field.key_len = key_len;
  field.kind = kind;
  field.reserved = 0;
  return field;
}

/** What MONA_BOOL makes. */
MONA_INLINE_ mona_field mona_field_bool_(const char *key, size_t key_len, int32_t value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_BOOL);
  field.value.boolean = value;
  return field;
}

/** What MONA_I64 makes. */
MONA_INLINE_ mona_field mona_field_i64_(const char *key, size_t key_len, int64_t value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_I64);
  field.value.i64 = value;
  return field;
}

/** What MONA_U64 and MONA_NULL make. */
MONA_INLINE_ mona_field mona_field_u64_(const char *key, size_t key_len, int32_t kind, uint64_t value) {
  mona_field field = mona_field_of_(key, key_len, kind);
  field.value.u64 = value;
  return field;
}

/** What MONA_F64 makes. */
MONA_INLINE_ mona_field mona_field_f64_(const char *key, size_t key_len, double value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_F64);
  field.value.f64 = value;
  return field;
}

/** What MONA_F32 makes. */
MONA_INLINE_ mona_field mona_field_f32_(const char *key, size_t key_len, float value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_F32);
  field.value.f32 = value;
  return field;
}

/** What MONA_STR and MONA_JSON make. The length of a text that is known is found here, where NULL may be asked for. */
MONA_INLINE_ mona_field mona_field_text_(const char *key, size_t key_len, int32_t kind, const char *text) {
  mona_field field = mona_field_of_(key, key_len, kind);
  field.value.text.ptr = text;
  field.value.text.len = MONA_NTS;
#if defined(__GNUC__)
  if (text && __builtin_constant_p(__builtin_strlen(text))) field.value.text.len = __builtin_strlen(text);
#endif
  return field;
}

#if defined(MONA_NO_TYPE_CHECKS)
/* Nothing is looked at below. */
#elif !defined(__cplusplus) && __STDC_VERSION__ >= 201112L && (!defined(__GNUC__) || defined(__clang__) || __GNUC__ >= 5)

/* Clang warns of effects that an operand which is only looked at does not have, and of __func__ inside a struct. */
#if defined(__clang__)
#define MONA_QUIET_ \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wunevaluated-expression\"") \
  _Pragma("clang diagnostic ignored \"-Wpredefined-identifier-outside-function\"")
#define MONA_LOUD_ _Pragma("clang diagnostic pop")
#else
#define MONA_QUIET_
#define MONA_LOUD_
#endif
/* 0, or the message of an error. */
#define MONA_ASSERT_(condition, message) \
  (MONA_QUIET_ __extension__ sizeof(struct { int is_true; _Static_assert(condition, message); }) * 0 MONA_LOUD_)
/* Whole numbers become the widest one of their sign, bit-fields too: 1 for these, `wide` for unsigned ones of 64 bits. */
#define MONA_WHOLE_(x, narrow, wide) _Generic((x) + 0LL, long long: narrow, unsigned long long: wide, default: 0)
/* A constant that is not negative, below 2^63: with one, the shift is a null pointer constant. */
#define MONA_CONSTANT_(x) \
  _Generic(1 ? (void *)(size_t)((unsigned long long)(x) >> 63) : (int *)0, int *: 1, default: 0)
#define MONA_IS_I64_(x) MONA_WHOLE_(x, 1, MONA_CONSTANT_(x))
#define MONA_IS_U64_(x) \
  _Generic((x), _Bool: 1, unsigned char: 1, unsigned short: 1, unsigned int: 1, unsigned long: 1, \
    unsigned long long: 1, default: MONA_WHOLE_(x, MONA_CONSTANT_(x), MONA_CONSTANT_(x)))
#define MONA_IS_F64_(x) \
  _Generic((x), double: 1, float: 1, default: MONA_WHOLE_(x, sizeof((x) + 0) <= 4, sizeof((x) + 0) <= 4))
#define MONA_IS_F32_(x) \
  _Generic((x), float: 1, _Bool: 1, char: 1, signed char: 1, unsigned char: 1, short: 1, unsigned short: 1, default: 0)
#if __STDC_VERSION__ >= 202311L
#define MONA_IS_NULLPTR_ typeof(nullptr): 1,
#else
#define MONA_IS_NULLPTR_
#endif
#define MONA_IS_KEY_(x) \
  _Generic((x), char *: 1, const char *: 1, unsigned char *: 1, const unsigned char *: 1, default: 0)
#define MONA_IS_TEXT_(x) \
  _Generic((x), char *: 1, const char *: 1, unsigned char *: 1, const unsigned char *: 1, void *: 1, const void *: 1, \
    MONA_IS_NULLPTR_ default: 0)

#define MONA_KEY_(key) \
  (const char *)(key), MONA_LEN_((const char *)(key)) + MONA_ASSERT_(MONA_IS_KEY_(key), "the key of a field is text")
#define MONA_TYPED_(is_right, message) + MONA_ASSERT_(is_right, message)
#define MONA_TO_F64_(x) (double)(x)
#define MONA_TO_TEXT_(x) (const char *)(x)

#elif (defined(__cplusplus) && __cplusplus >= 201103L) || (defined(_MSVC_LANG) && _MSVC_LANG >= 201103L)

/* The kinds of types that a macro may refuse. */
enum mona_kind_of_type_ {
  mona_float_ = 1, mona_double_ = 2, mona_more_ = 4, mona_32_bits_ = 8, mona_64_bits_ = 16, mona_pointer_ = 32, mona_128_bits_ = 64
};

/* The kind of a type; 0 for small ones, and for classes, which become one or the other. */
template <class T> struct mona_kind_of_ {
  static const int kind = !__is_enum(T) || sizeof(T) < 4 ? 0 : sizeof(T) > 4 ? +mona_64_bits_ : +mona_32_bits_;
};
template <> struct mona_kind_of_<float> { static const int kind = mona_float_; };
template <> struct mona_kind_of_<double> { static const int kind = mona_double_; };
template <> struct mona_kind_of_<long double> { static const int kind = mona_more_; };
template <> struct mona_kind_of_<int> { static const int kind = mona_32_bits_; };
template <> struct mona_kind_of_<unsigned int> { static const int kind = mona_32_bits_; };
template <> struct mona_kind_of_<long> { static const int kind = sizeof(long) > 4 ? mona_64_bits_ : mona_32_bits_; };
template <> struct mona_kind_of_<unsigned long> { static const int kind = sizeof(long) > 4 ? mona_64_bits_ : mona_32_bits_; };
template <> struct mona_kind_of_<long long> { static const int kind = mona_64_bits_; };
template <> struct mona_kind_of_<unsigned long long> { static const int kind = mona_64_bits_; };
template <class T> struct mona_kind_of_<T *> { static const int kind = mona_pointer_; };
template <class T, class C> struct mona_kind_of_<T C::*> { static const int kind = mona_pointer_; };
#if defined(__SIZEOF_INT128__)
__extension__ template <> struct mona_kind_of_<__int128> { static const int kind = mona_128_bits_; };
__extension__ template <> struct mona_kind_of_<unsigned __int128> { static const int kind = mona_128_bits_; };
#endif

/* Has a type if the condition holds. */
template <bool condition> struct mona_if_ {};
template <> struct mona_if_<true> { typedef int type; };

/* A value for a macro that refuses some kinds of types. Between braces, what does not fit is refused too. */
template <class Value, int refused> struct mona_taken_ {
  Value value;
  mona_taken_(Value taken) : value(taken) {}
  template <class T> mona_taken_(T, typename mona_if_<(mona_kind_of_<T>::kind & refused) != 0>::type = 0) = delete;
};

#define MONA_NO_DOUBLE_ (mona_more_ | mona_64_bits_ | mona_pointer_ | mona_128_bits_)
#define MONA_NO_WHOLE_ (mona_float_ | mona_double_ | mona_more_ | mona_pointer_)

/* The same of MONA_F64, which takes whole numbers that braces do not. */
struct mona_taken_f64_ {
  double value;
  mona_taken_f64_(double taken) : value(taken) {}
  template <class T>
  mona_taken_f64_(T taken, typename mona_if_<mona_kind_of_<T>::kind == mona_float_>::type = 0)
    : value(static_cast<double>(taken)) {}
  template <class T>
  mona_taken_f64_(T, typename mona_if_<(mona_kind_of_<T>::kind & MONA_NO_DOUBLE_) != 0>::type = 0)
    = delete;
};

#define MONA_TO_I64_(x) mona_taken_<int64_t, MONA_NO_WHOLE_ | mona_128_bits_>{x}.value
#define MONA_TO_U64_(x) mona_taken_<uint64_t, MONA_NO_WHOLE_ | mona_128_bits_>{x}.value
#define MONA_TO_BOOL_(x) mona_taken_<bool, MONA_NO_WHOLE_>(x).value
#define MONA_TO_F64_(x) mona_taken_f64_(x).value
#define MONA_TO_F32_(x) \
  mona_taken_<float, mona_double_ | mona_32_bits_ | MONA_NO_DOUBLE_>(x).value

#endif

#if !defined(MONA_KEY_)
#define MONA_KEY_(key) (key), MONA_LEN_(key)
#define MONA_TYPED_(is_right, message)
#define MONA_TO_TEXT_(x) (x)
#endif
#if !defined(MONA_TO_F64_)
#define MONA_TO_F64_(x) (x)
#endif
#if !defined(MONA_TO_I64_)
#define MONA_TO_I64_(x) (x)
#define MONA_TO_U64_(x) (x)
#define MONA_TO_BOOL_(x) (x)
#define MONA_TO_F32_(x) (x)
#endif

/** A field that is null. */
#define MONA_NULL(key) (mona_field_u64_(MONA_KEY_(key), MONA_FIELD_NULL, 0))
/** A field that is true or false. */
#define MONA_BOOL(key, x) \
  (mona_field_bool_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_WHOLE_(x, 1, 1), "MONA_BOOL takes a whole number or a comparison, 0 is false"), \
    MONA_TO_BOOL_(x) ? 1 : 0))
/** A field with a signed whole number. */
#define MONA_I64(key, x) \
  (mona_field_i64_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_I64_(x), "MONA_I64 takes a whole number that int64_t can hold, or a cast to it"), \
    MONA_TO_I64_(x)))
/** A field with an unsigned whole number. */
#define MONA_U64(key, x) \
  (mona_field_u64_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_U64_(x), "MONA_U64 takes an unsigned whole number, a constant that is not negative, or a cast"), \
    MONA_FIELD_U64, MONA_TO_U64_(x)))
/** A field with a floating-point number. */
#define MONA_F64(key, x) \
  (mona_field_f64_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_F64_(x), "MONA_F64 takes a double, a float, a whole number of 32 bits, or a cast to double"), \
    MONA_TO_F64_(x)))
/** A field with a float, which every receiver shows by its shortest text: 0.97f is 0.97. */
#define MONA_F32(key, x) \
  (mona_field_f32_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_F32_(x), "MONA_F32 takes a float, or a cast to it; a double is for MONA_F64"), MONA_TO_F32_(x)))
/** A field with text that ends in NUL; null where the text is NULL. */
#define MONA_STR(key, x) \
  (mona_field_text_(MONA_KEY_(key) MONA_TYPED_(MONA_IS_TEXT_(x), "MONA_STR takes text that ends in NUL, or NULL"), \
    MONA_FIELD_STR, MONA_TO_TEXT_(x)))
/** A field with one JSON value, as text that ends in NUL; null where the text is NULL. */
#define MONA_JSON(key, x) \
  (mona_field_text_(MONA_KEY_(key) MONA_TYPED_(MONA_IS_TEXT_(x), "MONA_JSON takes JSON text that ends in NUL, or NULL"), \
    MONA_FIELD_JSON, MONA_TO_TEXT_(x)))

#ifndef __cplusplus

/** Sends the fields as one event of the context, with the time of now; gives the status. */
#define MONA_EXPORT(context, ...) \
  (mona_context_export_fields((context), (const mona_field[]){ __VA_ARGS__ }, \
    sizeof((const mona_field[]){ __VA_ARGS__ }) / sizeof(mona_field), MONA_NOW))

/** Sends the fields as one event of the calling thread's context, with the time of now; gives the status. */
#define MONA_CURRENT(...) \
  (mona_current_export_fields((const mona_field[]){ __VA_ARGS__ }, \
    sizeof((const mona_field[]){ __VA_ARGS__ }) / sizeof(mona_field), MONA_NOW))

#elif __cplusplus >= 201103L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201103L)

/** What MONA_EXPORT calls. */
template <typename... Fields>
inline mona_status mona_context_export_all_(const mona_context *context, const Fields &...fields) {
  const mona_field list[] = {fields...};
  return mona_context_export_fields(context, list, sizeof...(fields), MONA_NOW);
}

/** What MONA_CURRENT calls. */
template <typename... Fields>
inline mona_status mona_current_export_all_(const Fields &...fields) {
  const mona_field list[] = {fields...};
  return mona_current_export_fields(list, sizeof...(fields), MONA_NOW);
}

/** Sends the fields as one event of the context, with the time of now; gives the status. */
#define MONA_EXPORT(context, ...) (mona_context_export_all_((context), __VA_ARGS__))

/** Sends the fields as one event of the calling thread's context, with the time of now; gives the status. */
#define MONA_CURRENT(...) (mona_current_export_all_(__VA_ARGS__))

#endif
#endif
