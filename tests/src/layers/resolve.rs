//! From a path in a module to the modules that define what it names.
//!
//! Follows `crate`, `self`, `super`, names brought by `use`, re-exports and globs, as the compiler does, as far
//! as modules go: `chunk::Mode::Http` ends at `Mode`. What leads out of the crate leads to nothing.

use super::tree::{Binding, ModuleId, Tree};

/// Re-exports of re-exports; more is a circle of names, which does not compile.
const MAX_STEPS: usize = 32;

/// Where a path leads.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// Modules in which something of that name is defined.
    pub defined_in: Vec<ModuleId>,
    /// Modules that the path names or passes, up to the definition.
    pub through: Vec<ModuleId>,
}

#[derive(Debug, Clone, Copy)]
enum Target {
    Module(ModuleId),
    DefinedIn(ModuleId),
}

impl Tree {
    /// Where `path` leads from `module`.
    pub(super) fn lead(&self, module: ModuleId, path: &[String]) -> Lead {
        let mut lead = Lead::default();
        for target in self.follow(module, path, MAX_STEPS, Some(&mut lead.through)) {
            match target {
                Target::Module(module) => lead.through.push(module),
                Target::DefinedIn(module) => lead.defined_in.push(module),
            }
        }
        lead
    }

    fn follow(
        &self,
        from: ModuleId,
        path: &[String],
        steps: usize,
        mut through: Option<&mut Vec<ModuleId>>,
    ) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let Some(steps) = steps.checked_sub(1) else { return Vec::new() };
        let mut here = match self.relative(from, first) {
            Some(module) => vec![Target::Module(module)],
            None => self.look_up(from, first, steps),
        };
        for part in rest {
            let mut next = Vec::new();
            for target in here {
                match target {
                    // A variant or an associated function: the type is what was imported.
                    Target::DefinedIn(_) => next.push(target),
                    Target::Module(module) => {
                        if let Some(through) = through.as_deref_mut() {
                            through.push(module);
                        }
                        match self.relative(module, part) {
                            Some(module) => next.push(Target::Module(module)),
                            None => next.extend(self.look_up(module, part, steps)),
                        }
                    }
                }
            }
            here = next;
        }
        here
    }

    fn relative(&self, module: ModuleId, part: &str) -> Option<ModuleId> {
        let module_here = self.modules.get(module)?;
        match part {
            "crate" => Some(module_here.root),
            "self" => Some(module),
            "super" => module_here.parent,
            _ => None,
        }
    }

    fn look_up(&self, module: ModuleId, name: &str, steps: usize) -> Vec<Target> {
        let Some(steps) = steps.checked_sub(1) else { return Vec::new() };
        let Some(here) = self.modules.get(module) else { return Vec::new() };
        if let Some(bindings) = here.names.get(name) {
            let targets = bindings.iter().flat_map(|binding| match binding {
                Binding::Module(id) => vec![Target::Module(*id)],
                Binding::Item => vec![Target::DefinedIn(module)],
                // `use log::log` means the module of that name here, and without one another crate.
                Binding::Use(path) if path.first().is_some_and(|first| first == name) => {
                    let rest = path.get(1..).unwrap_or_default();
                    let own = bindings.iter().find_map(|binding| match binding {
                        Binding::Module(id) => Some(*id),
                        _ => None,
                    });
                    own.map_or(Vec::new(), |own| self.follow(own, rest, steps, None))
                }
                Binding::Use(path) => self.follow(module, path, steps, None),
            });
            return targets.collect();
        }
        let globs = here.globs.iter().flat_map(|path| self.follow(module, path, steps, None));
        let within = globs.flat_map(|target| match target {
            Target::Module(of_glob) if of_glob != module => self.look_up(of_glob, name, steps),
            _ => Vec::new(),
        });
        within.collect()
    }
}
