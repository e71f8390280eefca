//! Which public method sends which operation, read from a crate's sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Lit, Meta, Visibility};

use crate::failure::{Failure, Outcome};

/// A public method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// E.g. `Vms::stop`.
    pub(crate) name: String,
    /// Whether its documentation has a code block that is compiled.
    pub(crate) has_example: bool,
}

/// The public method of each operation, by the operation's name.
pub(crate) fn methods(sources: &Path) -> Outcome<BTreeMap<String, Method>> {
    let mut reader = Reader::default();
    for path in files(sources)? {
        let mend = "cargo check --workspace";
        let text = fs::read_to_string(&path)
            .map_err(|error| Failure::new(format_args!("{}: {error}", path.display()), mend))?;
        let file = syn::parse_file(&text)
            .map_err(|error| Failure::new(format_args!("{}: {error}", path.display()), mend))?;
        reader.file = path;
        reader.visit_file(&file);
    }
    Ok(reader.methods())
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let failure = |error| Failure::new(format_args!("{}: {error}", folder.display()), "git status");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What the sources of one crate hold.
#[derive(Default)]
struct Reader {
    file: PathBuf,
    owner: Option<String>,
    constants: Vec<Constant>,
    functions: Vec<Function>,
}

/// `const STOP: Operation = Operation::post("vm.stop", ..)`
struct Constant {
    file: PathBuf,
    ident: String,
    operation: String,
}

struct Function {
    file: PathBuf,
    owner: Option<String>,
    ident: String,
    is_public: bool,
    has_example: bool,
    /// Every path in the body, as the last two of its parts.
    paths: BTreeSet<(Option<String>, String)>,
    /// Every function and method that is called.
    calls: BTreeSet<String>,
}

impl Reader {
    fn methods(&self) -> BTreeMap<String, Method> {
        self.constants
            .iter()
            .filter_map(|constant| Some((constant.operation.clone(), self.method(constant)?)))
            .collect()
    }

    /// The public method that names the constant, or that calls a private function which does.
    fn method(&self, constant: &Constant) -> Option<Method> {
        let mut users: Vec<&Function> =
            self.functions.iter().filter(|function| self.names(function, constant)).collect();
        for _ in 0..3 {
            if let Some(&used) = users.iter().find(|function| function.is_public) {
                let found = self.namesake(used, constant).unwrap_or(used);
                let owner = found.owner.as_ref().map_or(String::new(), |owner| format!("{owner}::"));
                let name = format!("{owner}{}", found.ident);
                return Some(Method { name, has_example: found.has_example });
            }
            users = self
                .functions
                .iter()
                .filter(|function| {
                    users
                        .iter()
                        .any(|used| used.file == function.file && function.calls.contains(&used.ident))
                })
                .collect();
        }
        None
    }

    /// `list` where the constant is named in `list_filtered`, which `list` calls.
    fn namesake(&self, used: &Function, constant: &Constant) -> Option<&Function> {
        let (_, deed) = constant.operation.rsplit_once('.')?;
        self.functions.iter().find(|function| {
            function.is_public
                && function.ident == deed
                && (&function.file, &function.owner) == (&used.file, &used.owner)
                && function.calls.contains(&used.ident)
        })
    }

    fn names(&self, function: &Function, constant: &Constant) -> bool {
        function.paths.iter().filter(|(_, ident)| *ident == constant.ident).any(|(module, ident)| {
            let named = |other: &&Constant| match module.as_deref() {
                None | Some("self" | "Self") => other.file == function.file,
                Some("super" | "crate") => false,
                Some(module) => module_of(&other.file) == module,
            };
            let namesakes = || self.constants.iter().filter(|other| other.ident == *ident);
            let beside = |other: &&Constant| other.file.parent() == function.file.parent();
            let meant =
                namesakes().find(named).or_else(|| namesakes().find(beside)).or_else(|| namesakes().next());
            meant.is_some_and(|meant| meant.operation == constant.operation)
        })
    }

    fn function(&mut self, ident: String, is_public: bool, attributes: &[Attribute], body: &syn::Block) {
        let mut uses = Uses::default();
        uses.visit_block(body);
        self.functions.push(Function {
            file: self.file.clone(),
            owner: self.owner.clone(),
            ident,
            is_public,
            has_example: has_example(attributes),
            paths: uses.paths,
            calls: uses.calls,
        });
    }

    fn constant(&mut self, ident: String, kind: &syn::Type, value: &Expr) {
        let syn::Type::Path(kind) = kind else { return };
        if kind.path.segments.last().is_none_or(|part| part.ident != "Operation") {
            return;
        }
        let mut literal = FirstText(None);
        literal.visit_expr(value);
        if let Some(operation) = literal.0 {
            self.constants.push(Constant { file: self.file.clone(), ident, operation });
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        let is_test = |attribute: &Attribute| match &attribute.meta {
            Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
            _ => false,
        };
        if !module.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, block: &'a syn::ItemImpl) {
        if let syn::Type::Path(owner) = &*block.self_ty {
            self.owner = owner.path.segments.last().map(|part| part.ident.to_string());
        }
        visit::visit_item_impl(self, block);
        self.owner = None;
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.constant(item.ident.to_string(), &item.ty, &item.expr);
    }

    fn visit_impl_item_const(&mut self, item: &'a syn::ImplItemConst) {
        self.constant(item.ident.to_string(), &item.ty, &item.expr);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        let is_public = matches!(item.vis, Visibility::Public(_));
        self.function(item.sig.ident.to_string(), is_public, &item.attrs, &item.block);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        let is_public = matches!(item.vis, Visibility::Public(_));
        self.function(item.sig.ident.to_string(), is_public, &item.attrs, &item.block);
    }
}

/// What a body names and calls.
#[derive(Default)]
struct Uses {
    paths: BTreeSet<(Option<String>, String)>,
    calls: BTreeSet<String>,
}

impl<'a> Visit<'a> for Uses {
    fn visit_path(&mut self, path: &'a syn::Path) {
        let mut parts = path.segments.iter().rev().map(|part| part.ident.to_string());
        if let Some(last) = parts.next() {
            self.calls.insert(last.clone());
            self.paths.insert((parts.next(), last));
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.calls.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }
}

struct FirstText(Option<String>);

impl<'a> Visit<'a> for FirstText {
    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.0.get_or_insert_with(|| text.value());
    }
}

/// The name of the module that a file is.
fn module_of(file: &Path) -> &str {
    let path = if file.ends_with("mod.rs") { file.parent().unwrap_or(file) } else { file };
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

fn has_example(attributes: &[Attribute]) -> bool {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    // Every other fence closes a block.
    let mut opening = text.lines().filter_map(|line| line.trim().strip_prefix("```")).step_by(2);
    opening.any(|info| {
        let compiled = ["", "rust", "no_run", "should_panic", "edition2021", "edition2024"];
        info.split([',', ' ']).all(|word| compiled.contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, files: &[(&str, &str)]) -> BTreeMap<String, Method> {
        let folder = std::env::temp_dir().join(format!("hostkit-sources-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let methods = methods(&folder).unwrap();
        fs::remove_dir_all(folder).unwrap();
        methods
    }

    fn method(name: &str, has_example: bool) -> Method {
        Method { name: name.to_owned(), has_example }
    }

    const VMS: &str = r#"
        pub(crate) const GET: Operation = Operation::get("vm.get", "/vm");
        pub(crate) const STOP: Operation = Operation::post("vm.stop", "/vm/stop").idempotent();
        pub struct Vms;
        impl Vms {
            /// One.
            ///
            /// ```
            /// one();
            /// ```
            pub fn get(&self) -> Call<Vm> { self.client.call(&GET).json() }
            /// ```text
            /// not compiled
            /// ```
            pub fn stop(&self) -> Call<Vm> { self.act(&STOP) }
        }
        #[cfg(test)]
        mod tests { impl Other { pub fn fake(&self) { call(&super::STOP) } } }
    "#;

    #[test]
    fn a_method_is_found_by_the_constant_that_it_names() {
        let found = found("direct", &[("vms.rs", VMS)]);
        assert_eq!(found["vm.get"], method("Vms::get", true));
        assert_eq!(found["vm.stop"], method("Vms::stop", false));
    }

    #[test]
    fn namesakes_in_other_files_are_told_apart() {
        let disks = r#"
            const GET: Operation = Operation::get("disk.get", "/disk");
            impl Disks {
                pub fn vm_of(&self) { self.call(&crate::vms::GET) }
                pub fn get(&self) { self.call(&GET) }
            }
        "#;
        let found = found("namesakes", &[("disks/mod.rs", disks), ("vms.rs", VMS)]);
        assert_eq!(found["disk.get"].name, "Disks::get");
    }

    #[test]
    fn a_private_function_leads_to_the_public_one_that_calls_it() {
        let auth = r#"
            const SIGN_IN: Operation = Operation::post("auth.sign_in", "/signin");
            impl Auth { pub fn sign_in(&self) { sign_in(&self.0) } }
            pub(crate) fn sign_in(t: &T) { t.call(&SIGN_IN) }
        "#;
        assert_eq!(found("private", &[("auth.rs", auth)])["auth.sign_in"].name, "Auth::sign_in");
    }

    #[test]
    fn the_method_of_the_operations_own_name_is_preferred() {
        let text = r#"
            const LIST: Operation = Operation::get("ip.list", "/ips");
            impl Ips {
                pub fn list(&self) { self.list_filtered(&Filter::default()) }
                pub fn list_filtered(&self, filter: &Filter) { self.call(&LIST) }
            }
        "#;
        assert_eq!(found("own-name", &[("ips.rs", text)])["ip.list"].name, "Ips::list");
    }

    #[test]
    fn an_operation_that_no_public_method_sends_is_not_found() {
        let text = r#"const GET: Operation = Operation::get("a.get", "/a"); fn hidden() { call(&GET) }"#;
        assert_eq!(found("hidden", &[("a.rs", text)]), BTreeMap::new());
    }
}
