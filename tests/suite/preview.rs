//! The preview: what a save shows at once is what a build from nothing would show.

use crate::desk::Desk;
use countersign::agent::{self, Live, Reach};
use countersign::store::Workspace;
use std::collections::BTreeSet;

fn start(desk: &Desk) -> (agent::Desk, Live) {
    agent::Desk::new(Workspace::at(&desk.root()).unwrap(), desk.now().parse().unwrap()).unwrap()
}

#[test]
fn a_save_is_shown_at_once_and_ends_as_a_fresh_build_would() {
    for desk in [Desk::bank(), Desk::submitted(), Desk::certified()] {
        let (mut from, mut live) = start(&desk);
        let first = live.version();
        desk.edit("packages/scorecard/package.toml", "Desk scorecard", "Renamed scorecard");
        let prose = desk.read("packages/scorecard/limitations.md") + "\nSaved just now.\n";
        desk.write("packages/scorecard/limitations.md", &prose);
        let changed = ["packages/scorecard/package.toml", "packages/scorecard/limitations.md"];
        let reach = from.read(&BTreeSet::from(changed.map(str::to_owned))).unwrap();
        assert_eq!(reach, Reach::Package("scorecard".parse().unwrap()));
        live.put(from.first(&"scorecard".parse().unwrap()));
        assert!(live.version() > first);
        let (_, fresh) = start(&desk);
        for page in ["index.html", "packages/scorecard/index.html", "packages/scorecard/history.html"] {
            assert_eq!(live.page(page), fresh.page(page), "{page}");
        }
        live.put_all(from.whole(desk.now().parse().unwrap()).unwrap());
        for page in fresh.names() {
            assert_eq!(live.page(page), fresh.page(page), "{page}");
        }
        assert_eq!(live.names().count(), fresh.names().count());
    }
}

#[test]
fn where_something_is_broken_the_whole_is_derived() {
    let desk = Desk::certified();
    desk.edit("packages/scorecard/revisions/1/limitations.md", "the", "teh");
    let (mut from, _) = start(&desk);
    desk.edit("packages/scorecard/package.toml", "Desk scorecard", "Renamed scorecard");
    from.read(&BTreeSet::from(["packages/scorecard/package.toml".to_owned()])).unwrap();
    assert!(from.first(&"scorecard".parse().unwrap()).is_empty());
}
