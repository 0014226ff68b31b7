//! `build` and `serve`: the pages.

use super::args;
use super::context::{Context, clock};
use super::out::{Exit, Failure, answer, answer_json, talk};
use super::progress::Progress;
use crate::agent;
use crate::store::{Workspace, publish};
use std::net::SocketAddr;

/// Renders the site.
pub fn build(context: &Context, args: &args::Build) -> Result<Exit, Failure> {
    let (ws, register) = context.load()?;
    let out = args.out.clone().unwrap_or_else(|| ws.path("site/public"));
    let progress = Progress::start("Rendering the pages");
    let published = publish(&ws, &register, &out, &|| progress.another("written"))?;
    drop(progress);
    if context.json() {
        answer_json(&published);
    } else {
        answer(&format!(
            "{}: {} files, {} rendered, {} written, {} removed\n",
            out.display(),
            published.files,
            published.rendered,
            published.written,
            published.removed
        ));
    }
    let problems = register.packages.values().filter(|d| d.diagnostics.has_errors()).count();
    if problems > 0 {
        talk(&format!(
            "{problems} package(s) have problems; their pages say so. `countersign check` lists them.\n"
        ));
    }
    if let Some(found) = register.ledger.breaks.first() {
        talk(&format!(
            "The pages say INVALID: {}: {}. Run `countersign verify`.\n",
            found.path, found.message
        ));
    }
    // The program ends here; giving back a large register piece by piece would only take time.
    std::mem::forget(register);
    Ok(Exit::Yes)
}

/// Serves the site and keeps it current.
pub fn serve(context: &Context, args: &args::Serve) -> Result<Exit, Failure> {
    let ws = context.workspace()?;
    serve_workspace(context, ws, args.port, args.open)
}

/// Serves a workspace until the process is stopped.
pub fn serve_workspace(context: &Context, ws: Workspace, port: u16, open: bool) -> Result<Exit, Failure> {
    // A fixed instant (for tests) stays fixed; otherwise each rebuild judges as of its own moment.
    let fixed = context.fixed.then_some(context.now);
    let ready = |address: SocketAddr| {
        let url = format!("http://{address}/");
        answer(&format!("Pages: {url}\nSaved files appear by themselves. Stop with Ctrl-C.\n"));
        if open {
            browse(&url);
        }
    };
    agent::serve(ws, port, move || fixed.unwrap_or_else(clock), ready, talk)
        .map_err(|e| Failure::cannot(e.to_string()).help("another port: --port 0 takes a free one"))?;
    Ok(Exit::Yes)
}

pub fn browse(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    if std::process::Command::new(program).arg(url).spawn().is_err() {
        talk("The browser could not be opened; copy the address.\n");
    }
}
