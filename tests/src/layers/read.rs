//! Reads the files of a crate into a [`Tree`], from its roots along the `mod` lines.
//!
//! `syn` parses; this notes what each module defines, imports and names. Items of tests are left out, and so
//! is what a path cannot be imported by: visibilities, attributes, methods. Macros are read as the words they
//! are made of.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, UseTree, Visibility};

use super::attributes::{is_for_tests, other_path};
use super::tree::{Binding, File, Import, Kind, ModuleId, Tree};

impl Tree {
    /// Reads the module trees of these roots below `source`.
    pub(super) fn read(source: &Path, roots: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for root in roots {
            let children = Path::new(root).parent().unwrap_or(Path::new("")).to_path_buf();
            read_file(&mut tree, source, Path::new(root), &children, None);
        }
        tree
    }
}

/// Reads one file as the root of a tree or as the child of a module; `children` is the folder of its own.
fn read_file(
    tree: &mut Tree,
    source: &Path,
    path: &Path,
    children: &Path,
    parent: Option<ModuleId>,
) -> Option<ModuleId> {
    let file = tree.files.len();
    tree.files.push(File { path: path.to_path_buf() });
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let parsed = match fs::read_to_string(source.join(path)) {
        Ok(text) => syn::parse_file(&text).map_err(|error| named(&error)),
        Err(error) => Err(named(&error)),
    };
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(sentence) => {
            tree.unread.push(format!("{sentence}, a file of Rust is expected"));
            return None;
        }
    };
    let module = tree.add_module(file, parent);
    let mut reader = Reader { tree, source, children: children.to_path_buf(), module };
    reader.visit_file(&parsed);
    Some(module)
}

struct Reader<'a> {
    tree: &'a mut Tree,
    source: &'a Path,
    /// Where the files of the modules declared here are.
    children: PathBuf,
    module: ModuleId,
}

impl Reader<'_> {
    fn define(&mut self, name: &Ident) {
        self.tree.bind(self.module, &name.to_string(), Binding::Item);
    }

    /// A path in code. Its first part may be a name that a `use` brought.
    fn path(&mut self, path: Vec<String>, line: usize) {
        let Some(first) = path.first() else { return };
        if let Some(module) = self.tree.modules.get_mut(self.module) {
            module.words.entry(first.clone()).or_insert(line);
        }
        if path.len() > 1 {
            self.tree.imports.push(Import { module: self.module, line, path, kind: Kind::Import });
        }
    }

    /// All names that a `use` brings.
    fn import(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let with = |name: &Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &with(&path.ident), public),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, before, public));
            }
            UseTree::Name(name) if name.ident == "self" => {
                let as_name = before.last().cloned().unwrap_or_default();
                self.bring(before.to_vec(), as_name, &name.ident, public);
            }
            UseTree::Name(name) => self.bring(with(&name.ident), name.ident.to_string(), &name.ident, public),
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.bring(before.to_vec(), rename.rename.to_string(), &rename.ident, public);
            }
            UseTree::Rename(rename) => {
                self.bring(with(&rename.ident), rename.rename.to_string(), &rename.ident, public);
            }
            UseTree::Glob(glob) => {
                let (module, path) = (self.module, before.to_vec());
                let line = glob.star_token.span.start().line;
                if let Some(module) = self.tree.modules.get_mut(module) {
                    module.globs.push(path.clone());
                }
                self.tree.imports.push(Import { module, line, path, kind: Kind::Import });
            }
        }
    }

    fn bring(&mut self, path: Vec<String>, name: String, at: &Ident, public: bool) {
        let line = at.span().start().line;
        self.tree.bind(self.module, &name, Binding::Use(path.clone()));
        let kind = if public { Kind::Reexport(name) } else { Kind::Import };
        self.tree.imports.push(Import { module: self.module, line, path, kind });
    }

    /// `mod name;` or `mod name { ... }`.
    fn declare(&mut self, item: &syn::ItemMod) {
        let name = item.ident.to_string();
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
            let line = item.ident.span().start().line;
            let at = format!("{}:{line}", self.own_path().display());
            let sentence = format!("{at}: found `mod {name}` with #[path], a file of that name is expected");
            self.tree.unread.push(sentence);
            return;
        }
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_use")) {
            let at = format!("{}:{}", self.own_path().display(), item.ident.span().start().line);
            let sentence =
                format!("{at}: found `mod {name}` with #[macro_use], a `use` of each macro is expected");
            self.tree.unread.push(sentence);
        }
        let folder = self.children.join(&name);
        let mut children = Vec::new();
        if let Some((_, items)) = &item.content {
            let Some(file) = self.tree.file_of(self.module) else { return };
            let child = self.tree.add_module(file, Some(self.module));
            let mut reader = Reader { tree: self.tree, source: self.source, children: folder, module: child };
            items.iter().for_each(|item| reader.visit_item(item));
            children.push(Some(child));
        } else {
            let own = folder.with_extension("rs");
            let own = if self.source.join(&own).is_file() { own } else { folder.join("mod.rs") };
            children.push(read_file(self.tree, self.source, &own, &folder, Some(self.module)));
            // What stands in for it elsewhere has the same names.
            for other in item.attrs.iter().filter_map(other_path) {
                let other = self.own_path().with_file_name(other);
                let below = other.with_file_name("");
                children.push(read_file(self.tree, self.source, &other, &below, Some(self.module)));
            }
        }
        for child in children.into_iter().flatten() {
            self.tree.bind(self.module, &name, Binding::Module(child));
        }
    }

    /// The file that is being read.
    fn own_path(&self) -> PathBuf {
        self.tree.file_of(self.module).map(|file| self.tree.path(file).to_path_buf()).unwrap_or_default()
    }

    /// A macro that a module around this one defined before it; no `use` says so.
    fn macro_from_above(&mut self, name: &Ident) {
        let line = name.span().start().line;
        let name = macro_name(name);
        let mut path = Vec::new();
        let mut around = Some(self.module);
        while let Some(module) = around.and_then(|id| self.tree.modules.get(id)) {
            if module.names.contains_key(&name) {
                path.push(name);
                return self.path(path, line);
            }
            path.push("super".to_owned());
            around = module.parent;
        }
    }

    /// The words of a macro: `a::b`, `crate::a`, `$crate::a` and single names.
    fn words(&mut self, tokens: TokenStream) {
        let (mut path, mut line) = (Vec::new(), 0);
        let mut before = String::new();
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if before != "::" {
                        self.path(std::mem::take(&mut path), line);
                        line = word.span().start().line;
                    }
                    // Behind a dot stands a field or a method.
                    if before != "." {
                        path.push(word.to_string());
                    }
                    before.clear();
                }
                TokenTree::Punct(punct) => {
                    if before != ":" && before != "." {
                        before.clear();
                    }
                    before.push(punct.as_char());
                }
                TokenTree::Group(group) => {
                    before.clear();
                    self.words(group.stream());
                }
                TokenTree::Literal(_) => before.clear(),
            }
        }
        self.path(path, line);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = facts(item);
        if attributes.iter().any(is_for_tests) {
            if let Item::Mod(module) = item {
                let folder = self.children.join(module.ident.to_string());
                self.tree.tests.extend([folder.with_extension("rs"), folder]);
            }
            return;
        }
        if let Some(name) = name {
            self.define(name);
        }
        if let (Item::Macro(_), Some(name)) = (item, name) {
            self.tree.bind(self.module, &macro_name(name), Binding::Item);
        }
        match item {
            Item::Mod(module) => self.declare(module),
            Item::Use(line) if line.leading_colon.is_none() => {
                let public = !matches!(line.vis, Visibility::Inherited);
                self.import(&line.tree, &[], public);
            }
            Item::Use(_) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !field.attrs.iter().any(is_for_tests) {
            visit::visit_field(self, field);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !local.attrs.iter().any(is_for_tests) {
            visit::visit_local(self, local);
        }
    }

    fn visit_expr_block(&mut self, block: &'ast syn::ExprBlock) {
        if !block.attrs.iter().any(is_for_tests) {
            visit::visit_expr_block(self, block);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            let line = first.ident.span().start().line;
            self.path(path.segments.iter().map(|part| part.ident.to_string()).collect(), line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        if let Some(name) = call.path.get_ident() {
            self.macro_from_above(name);
        }
        self.words(call.tokens.clone());
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// What a macro is called where no function of its name is meant.
fn macro_name(name: &Ident) -> String {
    format!("{name}!")
}

/// The attributes of an item, and its name where other modules can import it.
fn facts(item: &Item) -> (&[Attribute], Option<&Ident>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::TraitAlias(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::ExternCrate(item) => (&item.attrs, None),
        Item::ForeignMod(item) => (&item.attrs, None),
        Item::Impl(item) => (&item.attrs, None),
        Item::Mod(item) => (&item.attrs, None),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}
