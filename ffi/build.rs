//! Gives the shared object its name and keeps it loaded for good.

#[path = "src/abi.rs"]
pub mod abi;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/abi.rs");
    let number = abi::MONA_ABI_VERSION;
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libmona.{number}.dylib");
        }
        Ok("linux") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libmona.so.{number}");
            // The sender thread and the fork handler may run at any time: their code must never go away.
            println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
        _ => {}
    }
}
