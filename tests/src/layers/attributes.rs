//! What attributes say of an item: whether only tests see it, and which other file stands in for a module.
//!
//! Asked by [`super::read`].

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, MetaList, MetaNameValue, Token};

/// `#[test]`, or a `#[cfg]` that only tests meet.
pub(super) fn is_for_tests(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => list.parse_args().is_ok_and(|cfg| needs_test(&cfg)),
        _ => false,
    }
}

/// The file of `#[cfg_attr(condition, path = "file")]`.
pub(super) fn other_path(attribute: &Attribute) -> Option<String> {
    let Meta::List(list) = &attribute.meta else { return None };
    let parts = if list.path.is_ident("cfg_attr") { parts(list) } else { Vec::new() };
    parts.into_iter().find_map(|part| match part {
        Meta::NameValue(MetaNameValue {
            path,
            value: Expr::Lit(ExprLit { lit: Lit::Str(file), .. }),
            ..
        }) if path.is_ident("path") => Some(file.value()),
        _ => None,
    })
}

/// What is between the brackets of an attribute.
fn parts(list: &MetaList) -> Vec<Meta> {
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    parts.map_or(Vec::new(), |parts| parts.into_iter().collect())
}

fn needs_test(cfg: &Meta) -> bool {
    match cfg {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => parts(list).iter().any(needs_test),
        Meta::List(list) if list.path.is_ident("any") => {
            let parts = parts(list);
            !parts.is_empty() && parts.iter().all(needs_test)
        }
        _ => false,
    }
}
